"""The clinical course: which clauses may be told, how they are grouped by day and joined.

The limits stand here and nowhere else. Every key clause and the state at discharge are always told; the rest
is told whole when the course is short, and is the model's choice when it is long.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from engine.drafting.grammar import Node, alt, seq
from engine.drafting.items import MISSING, item, written
from engine.evidence import Claim, Evidence, Kind
from engine.evidence.clauses import begins_with
from engine.evidence.language import capitalised, enclitic_and, fold, words
from engine.evidence.quantities import date_forms

# Words of the clauses and their dates, which with connectives gives at most 150; a shorter course is told whole.
MAX_WORDS = 130
MOMENT_WORDS = 2  # «día 3:»
MAX_PER_DAY = 6  # clauses offered for one note, the required ones aside

_STATES = frozenset(
    "favorable afebril febril estable inestable asintomatico asintomatica lucido lucida torpida torpido satisfactoria "
    "satisfactorio lenta estacionaria estacionario hipotenso hipotensa confuso confusa".split()
)
_NO_AND = ("se ", "el ", "la ", "lo ")


def build(evidence: Evidence) -> Node:
    """Course and relevant results, or «No consignado»."""
    notes = [list(group) for _, group in itertools.groupby(_candidates(evidence), key=lambda c: c.note)]
    results = [c for c in evidence.of(Kind.OBSERVATION) if c.required and not _told(c, evidence)]
    sentences = [s for s in (_narrative(notes, evidence), _results(results)) if s is not None]
    if not sentences:
        return f" Evolución: {MISSING}."
    if len(sentences) == 1:
        return sentences[0]
    return alt(seq(sentences[0], sentences[1]), seq(sentences[1], sentences[0]), style="results-first")


def _candidates(evidence: Evidence) -> list[Claim]:
    """The clauses that may be told, in order; over the limit the required ones and the first of each note."""
    course = list(evidence.of(Kind.COURSE))
    moments = MOMENT_WORDS * len(evidence.case.notes)
    if _size(course) + moments <= MAX_WORDS:
        return course
    budget = MAX_WORDS - moments - _size([c for c in course if _needed(c, evidence)])
    kept: list[Claim] = []
    for claim in course:
        size = len(words(claim.name))
        same_note = sum(k.note == claim.note for k in kept)
        if _needed(claim, evidence):
            kept.append(claim)
        elif size <= budget and same_note < MAX_PER_DAY:
            kept.append(claim)
            budget -= size
    return kept


def _size(claims: Sequence[Claim]) -> int:
    return sum(len(words(c.name)) for c in claims)


def _needed(claim: Claim, evidence: Evidence) -> bool:
    return claim.required or any(_states(claim, o) for o in evidence.of(Kind.OBSERVATION))


def _told(result: Claim, evidence: Evidence) -> bool:
    """True where a clause of the course already gives the result, so that it is not repeated."""
    return any(_states(c, result) for c in evidence.of(Kind.COURSE))


def _states(clause: Claim, result: Claim) -> bool:
    value = next((a.value for a in result.attributes if a.kind == "value"), None)
    same_day = result.date is None or clause.date is None or clause.date == result.date
    text = fold(clause.forms[-1])
    return bool(value) and same_day and fold(result.forms[-1]) in text and str(value) in text


def _narrative(notes: list[list[Claim]], evidence: Evidence) -> Node | None:
    if not notes:
        return None
    whole = len(list(evidence.of(Kind.COURSE))) == sum(map(len, notes))
    if len(notes) == 1 and not _moments(notes[0][0]):
        return seq(_lead(notes[0]), _clauses(notes[0], evidence, whole=whole), ".")
    parts: list[Node] = [alt(" Evolución: ", " En su evolución: ", " Evolución clínica: ", style="course")]
    for i, note in enumerate(notes):
        parts += [_day(note, first=i == 0), _clauses(note, evidence, whole=whole)]
    return seq(*parts, ".")


def _lead(note: list[Claim]) -> Node:
    """«Evoluciona» fits before a state of the patient; the neutral openings fit before anything."""
    first = words(note[0].name)[:1]
    if first and first[0] in _STATES:
        return alt(" Evoluciona ", " Evolución: ", " Durante la hospitalización evoluciona ", style="course")
    return alt(" Evolución: ", " En su evolución: ", " Durante la hospitalización: ", style="course")


def _day(note: list[Claim], *, first: bool) -> Node:
    """«el 15-01-2024, », «día 2: », after a semicolon or as a new sentence."""
    moments = _moments(note[0])
    if first:
        return alt(*moments, style="moment") if moments else ""
    if not moments:
        return "; "
    return alt(
        seq("; ", alt(*moments, style="moment")),
        seq(". ", alt(*map(capitalised, moments), style="moment")),
        style="days",
    )


def _moments(claim: Claim) -> tuple[str, ...]:
    if claim.date:
        first, *others = date_forms(claim.date)
        return (f"el {first}, ", f"{first}: ", f"el {others[0]}, ") if others else (f"{first}: ",)
    if claim.day is not None:
        return f"día {claim.day}: ", f"el día {claim.day}, ", f"al día {claim.day}, "
    return ()


def _clauses(note: list[Claim], evidence: Evidence, *, whole: bool) -> Node:
    """The clauses of one note in the record's order; the first is told, later ones may be left out when long."""
    parts: list[Node] = [_told_as(note[0])]
    for i, claim in enumerate(note[1:], 1):
        joined = seq(_joint(note[i - 1], claim, is_last=i == len(note) - 1), _told_as(claim))
        parts.append(joined if whole or _needed(claim, evidence) else alt(joined, "", style="tell"))
    return seq(*parts)


def _told_as(claim: Claim) -> Node:
    """The clause alone, or after a verb that adds nothing to it."""
    clause = alt(*written(claim), style="name")
    if claim.polarity != "affirmed" or ":" in claim.name:
        return clause
    verbs = {"finding": ("presenta ", "se registra "), "measure": ("se registra ", "se consigna "), "other": ()}
    return seq(alt("", *verbs[begins_with(claim.name)], style="told"), clause)


def _joint(before: Claim, claim: Claim, *, is_last: bool) -> Node:
    name = claim.name
    simple = is_last and not any("," in c.name or ":" in c.name or " y " in c.name for c in (before, claim))
    if simple and before.polarity == claim.polarity == "affirmed" and not name.startswith(_NO_AND):
        return alt(f" {enclitic_and(name)} ", ", ", "; ", style="last-joint")
    return alt(", ", "; ", "; además, ", style="joint")


def _results(results: Sequence[Claim]) -> Node | None:
    if not results:
        return None
    items: list[Node] = [item(c) for c in results]
    parts: list[Node] = [
        alt(" Exámenes relevantes: ", " Laboratorio: ", " Resultados de exámenes: ", style="results"),
        items[0],
    ]
    for following in items[1:]:
        parts += [alt("; ", ", ", style="between"), following]
    return seq(*parts, ".")
