"""The clinical course: its clauses in the record's order, told note by note as sentences.

Which clauses may be left out is decided in engine/evidence/selection.py; here stand the sentences.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.drafting.grammar import Node, alt, led, seq
from engine.drafting.items import MISSING, item, written
from engine.drafting.openings import LABEL, evolves, is_nominal, led_forms, part, shown_forms
from engine.evidence import Claim, Evidence, Kind, selection
from engine.evidence.clauses import is_finding
from engine.evidence.language import capitalised, words
from engine.evidence.quantities import date_forms

# Words after which a sentence of the course is better ended.
LONG_SENTENCE = 16
SHORT_REST = 5  # words that make no sentence of their own
SHORT_NOTE = 7
MANY_NOTES = 5
MANNERS = ("el día", "día")  # «el día 2, hipotensa», «día 2: hipotensa»

_NO_AND = ("se ", "el ", "la ", "lo ")


@dataclass(frozen=True, slots=True)
class _Scope:
    """What the sentences of one course share: by id, the clauses that may be left out, and the forms of each."""

    spare: frozenset[str]
    forms: dict[str, tuple[str, ...]]


def build(evidence: Evidence) -> Node:
    """Course and relevant results, or «No consignado»."""
    course = list(evidence.of(Kind.COURSE))
    told = selection.candidates(course)
    spare = frozenset(c.id for c in told if not c.required) if selection.is_long(course) else frozenset()
    notes = [list(group) for _, group in itertools.groupby(told, key=lambda c: c.note)]
    results = [c for c in evidence.of(Kind.OBSERVATION) if c.required]
    scope = _Scope(spare, _forms(told, evidence))
    sentences = [s for s in (_narrative(notes, scope), _results(results)) if s is not None]
    if not sentences:
        return f" Evolución: {MISSING}."
    if len(sentences) == 1:
        return sentences[0]
    return alt(seq(sentences[0], sentences[1]), seq(sentences[1], sentences[0]), style="results-first")


def _forms(course: Sequence[Claim], evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """A long term that the lists or an earlier clause have in full is abbreviated as in the record."""
    told = " ".join(c.name for c in evidence.of(Kind.ADMISSION_DIAGNOSIS, Kind.PROCEDURE))
    out: dict[str, tuple[str, ...]] = {}
    for claim in course:
        out[claim.id] = written(claim, told)
        told += f" {claim.name}"
    return out


def _narrative(notes: list[list[Claim]], scope: _Scope) -> Node | None:
    if not notes:
        return None
    if not _moments(notes[0][0]):
        return seq(*_undated(notes, scope), ".")
    if notes[0][0].date:
        return _dated(notes, scope, MANNERS[0])
    ordered = MANNERS if len(notes) <= MANY_NOTES else tuple(reversed(MANNERS))
    return alt(*(_dated(notes, scope, manner) for manner in ordered), style="moments")


def _undated(notes: list[list[Claim]], scope: _Scope) -> Iterator[Node]:
    yield seq(_led(notes[0][0], scope), *_rest(notes[0], scope))
    for note in notes[1:]:
        yield seq(". ", _clause(note[0], scope, capital=True, opens=True), *_rest(note, scope))


def _led(claim: Claim, scope: _Scope) -> Node:
    """The first clause: «Evoluciona» fits before a state of the patient, a colon before anything without a label."""
    ward = f" ({claim.heading})" if claim.heading else ""
    phrases = (f" En su evolución{ward}, ", f" Durante la hospitalización{ward}, ")
    if evolves(claim):
        leads = alt(f" Evoluciona{ward} ", f" Evolución{ward}: ", style="course")
        return seq(leads, _clause(claim, scope))
    leads = alt(*phrases if LABEL.match(claim.name) else (f" Evolución{ward}: ", *phrases), style="course")
    told = seq(leads, _clause(claim, scope, opens=True))
    return (
        alt(told, seq(f" Evoluciona{ward} con ", _clause(claim, scope)), style="evolves") if is_nominal(claim) else told
    )


def _dated(notes: list[list[Claim]], scope: _Scope, manner: str) -> Node:
    """«Evolución: el 14-01-2024, dolor torácico. El 15-01-2024, …»: a sentence for each note, short ones joined."""
    openers: tuple[str, ...] = (" Evolución: ", " Evolución clínica: ", " En su evolución: ")
    if " " not in manner:  # «día 1:» after another colon
        openers, manner = (" Evolución. ", " Evolución clínica. "), capitalised(manner)
    parts: list[Node] = [alt(*openers, style="course")]
    spell, brief = len(notes) <= MANY_NOTES, " " in manner and all(map(_is_short, notes))
    for i, note in enumerate(notes):
        joined = seq("; ", _moment(note[0], manner, spell=spell))
        ended = seq(". ", _moment(note[0], capitalised(manner), spell=spell))
        if not i:
            parts.append(_moment(note[0], manner, spell=spell))
        else:
            parts.append(alt(joined, ended, style="days") if brief else ended)
        parts += [_clause(note[0], scope, opens=True), *_rest(note, scope)]
    return seq(*parts, ".")


def _is_short(note: Sequence[Claim]) -> bool:
    return selection.size(note) - selection.MOMENT_WORDS <= SHORT_NOTE and not any(LABEL.match(c.name) for c in note)


def _moments(claim: Claim) -> bool:
    return claim.date is not None or claim.day is not None


def _moment(claim: Claim, manner: str, *, spell: bool) -> Node:
    """«el 15-01-2024 (UCI), », «el día 2, », «día 2: »; many dates are not spelt out."""
    ward = f" ({claim.heading})" if claim.heading else ""
    if claim.date:
        dates = date_forms(claim.date)[: 2 if spell else 1]
        return seq(f"{manner.partition(' ')[0]} ", alt(*dates, style="date"), f"{ward}, ")
    return f"{manner} {claim.day}{ward}{', ' if ' ' in manner else ': '}" if claim.day is not None else ""


def _rest(note: Sequence[Claim], scope: _Scope) -> Iterator[Node]:
    """What follows the first clause of a note, in the record's order; clauses of `spare` may be left out."""
    length = len(words(note[0].name))
    whole = not scope.spare.intersection(c.id for c in note)
    for i, claim in enumerate(note[1:], 1):
        rest = sum(len(words(c.name)) for c in note[i:])
        apart = any(LABEL.match(c.name) for c in note[i - 1 : i + 1])
        longest = LONG_SENTENCE * (
            2 if claim.name.startswith("sin ") else 1
        )  # «…, sin derrame» belongs to what it limits
        breaks = apart or length + min(rest, len(words(claim.name)) + SHORT_REST) > longest + SHORT_REST
        joined = _joined(note[i - 1], claim, scope, breaks=breaks, apart=apart, is_last=whole and i == len(note) - 1)
        yield alt(joined, "", style="tell") if claim.id in scope.spare else joined
        length = len(words(claim.name)) + (0 if breaks else length)


def _joined(before: Claim, claim: Claim, scope: _Scope, *, breaks: bool, apart: bool, is_last: bool) -> Node:
    """A clause after another: in a sentence of its own, after a semicolon beside a clause with a label, or joined."""
    new = seq(". ", _clause(claim, scope, capital=True, opens=True))
    if LABEL.match(before.name):  # what follows would read as part of what the label heads
        return new
    same = seq("; " if apart else ", ", _clause(claim, scope))
    if len(words(claim.name)) == 1:  # «Alta.» is no sentence, «Evoluciona afebril.» is
        verbs = led_forms(claim, scope.forms[claim.id], capital=True)
        ways: list[Node] = [same, *([seq(". ", alt(*verbs, style="state"))] if verbs else [])]
    else:
        ways = [new, same] if breaks else [same, new]
    simple = is_last and not apart and not any(re.search(",| y | e ", c.name) for c in (before, claim))
    alike = part(before) == part(claim) or claim.name.startswith("fallece")
    joins = simple and before.polarity == claim.polarity == "affirmed" and not claim.name.startswith(_NO_AND)
    if joins and alike:
        ways.insert(ways.index(same), led(" y ", _clause(claim, scope)))
    elif joins and (part(before), part(claim)) == ("state", "verb"):  # «afebril y tolera vía oral»
        ways.append(led(" y ", _clause(claim, scope)))
    if is_nominal(claim) and not apart:
        ways.append(seq(", con ", _clause(claim, scope)))
    return alt(*ways, style="break" if breaks else "joint")


def _clause(claim: Claim, scope: _Scope, *, capital: bool = False, opens: bool = False) -> Node:
    """The clause; one that opens a sentence may have a verb that adds nothing to a finding, a state or a result."""
    forms = scope.forms[claim.id]
    told = alt(*map(capitalised, forms) if capital else forms, style="name")
    if not opens:
        return told
    if claim.polarity == "affirmed" and ":" not in claim.name and is_finding(claim.name):
        return alt(seq("Presenta " if capital else "presenta ", alt(*forms, style="name")), told, style="told")
    shown = shown_forms(claim, forms, capital=capital)
    return alt(told, *led_forms(claim, forms, capital=capital), *shown, style="shown" if shown else "state")


def _results(results: Sequence[Claim]) -> Node | None:
    if not results:
        return None
    items: list[Node] = [item(c) for c in results]
    parts: list[Node] = [
        alt(" Exámenes relevantes: ", " Laboratorio: ", " Resultados de exámenes: ", style="results"),
        items[0],
    ]
    for following in items[1:]:
        parts += ["; ", following]
    return seq(*parts, ".")
