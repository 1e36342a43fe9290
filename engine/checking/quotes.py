"""Statements of the record that the text tells word for word, found before any word is judged by itself.

A statement told whole, in its own part and under no other negation, supports every word in it: its numbers, sides,
negations and dates need no further comparison.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from engine.checking.modality import NEGATION, changes_after, changes_before, denies
from engine.checking.reading import Reading
from engine.checking.units import flat, places
from engine.evidence import Claim, Kind, Section

_APART = frozenset(
    {
        Kind.ADMISSION_DIAGNOSIS,
        Kind.DISCHARGE_DIAGNOSIS,
        Kind.PROCEDURE,
        Kind.TREATMENT,
        Kind.PRESCRIPTION,
        Kind.PATIENT,
    }
)
_LEAVING = frozenset({Section.DISCHARGE, Section.PLAN})


@dataclass(frozen=True, slots=True)
class Literal:
    """A folded form, and the statements of one part of the record that have it."""

    form: str
    section: Section
    entries: tuple[int, ...]


class Quote(NamedTuple):
    """Words `first`–`last` of the text tell one of `entries` word for word."""

    start: int
    end: int
    section: Section
    entries: tuple[int, ...]
    first: int = -1
    last: int = -1


def literals(claims: Iterable[Claim]) -> tuple[Literal, ...]:
    """The forms of every statement, the longest first; a result is its name and its value."""
    found: dict[tuple[str, Section], list[int]] = {}
    for i, claim in enumerate(claims):
        for form in dict.fromkeys(map(_bare, _forms(claim))):
            if form:
                found.setdefault((form, claim.section), []).append(i)
    out = [Literal(form, section, tuple(entries)) for (form, section), entries in found.items()]
    return tuple(sorted(out, key=lambda x: -len(x.form)))


def stripped(known: Iterable[Literal]) -> tuple[Literal, ...]:
    """The same statements without one of their negations; a single word only where it was the whole statement."""
    out = (
        Literal(f"{x.form[: m.start()]}{x.form[m.end() :]}", x.section, x.entries)
        for x in known
        for m in NEGATION.finditer(x.form)
    )
    return tuple(x for x in out if x.form)


def _forms(claim: Claim) -> Iterator[str]:
    if claim.kind is Kind.OBSERVATION:
        values = [f for a in claim.attributes if a.kind == "value" for f in a.forms]
        yield from (f"{name} {value}" for name in claim.forms for value in values)
    elif claim.kind not in _APART:
        yield from claim.forms


def _bare(form: str) -> str:
    return flat(form).strip(" .,;")


def quotes(text: str, known: Iterable[Literal]) -> list[Quote]:
    """Every statement found word for word, wherever it stands, in the order of the text."""
    folded = flat(text)
    found = [Quote(s, e, x.section, x.entries) for x in known for s, e in places(folded, x.form)]
    return sorted(found, key=lambda q: (q.start, -q.end))


def told(reading: Reading, found: Iterable[Quote]) -> tuple[tuple[Quote, ...], tuple[Quote, ...]]:
    """Those in their own part, of overlapping ones the longest; then, of them, those that a word outside turns."""
    kept: list[Quote] = []
    covered: set[int] = set()
    for quote in sorted(found, key=lambda q: (q.start - q.end, q.start)):
        inside = reading.inside(quote.start, quote.end)
        if not inside or not covered.isdisjoint(inside):
            continue
        placed = Quote(quote.start, quote.end, quote.section, quote.entries, inside[0], inside[-1])
        if _in_its_part(reading, placed):
            kept.append(placed)
            covered.update(inside)
    ends = {q.last for q in kept}
    ordered = sorted(kept, key=lambda q: q.first)
    intact = tuple(q for q in ordered if _intact(reading, q, ends))
    return intact, tuple(q for q in ordered if q.first and denies(reading.words[q.first - 1].token))


def _in_its_part(reading: Reading, quote: Quote) -> bool:
    """The state at discharge, told last in the course, may stand with the discharge too."""
    part = reading.words[quote.first].section
    late = {part, quote.section} <= _LEAVING or (part, quote.section) == (Section.DISCHARGE, Section.COURSE)
    return part == quote.section or late


def _intact(reading: Reading, quote: Quote, ends: set[int]) -> bool:
    """Nothing before or after the quote turns it."""
    words = reading.words
    for i in range(quote.first - 1, max(-1, quote.first - 4), -1):
        if words[i].token.sort == "mark" or i in ends:
            break
        if changes_before(words[i].token, words[i + 1].token):
            return False
    return not changes_after([w.token for w in words[quote.last + 1 : quote.last + 3]])
