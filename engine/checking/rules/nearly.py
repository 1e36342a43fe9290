"""Statements told word for word but for a number, a side, a sign, a route, an ordinal day or a unit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.checking.alignment import Alignment
from engine.checking.measures import values
from engine.checking.record import root
from engine.checking.rules.common import violation
from engine.checking.units import flat
from engine.checking.variants import Gap, Variant, normal
from engine.checking.words import keys
from engine.domain import Violation, ViolationType
from engine.evidence import Kind

_TYPE: dict[Gap, ViolationType] = {
    "number": "number",
    "side": "laterality",
    "sign": "negation",
    "route": "route",
    "ordinal": "number",
    "unit": "lab",
}


def check(alignment: Alignment) -> Iterator[Violation]:
    folded = flat(alignment.reading.text)
    for variant in alignment.record.variants:
        if variant.start not in folded:
            continue
        for m in variant.pattern.finditer(folded):
            told = tuple(normal(g) for g in m.groups())
            if told not in variant.fillings and not _quoted(alignment, m) and _in_part(alignment, variant, m):
                yield from _altered(alignment, variant, m, told)


def _quoted(alignment: Alignment, m: re.Match[str]) -> bool:
    """Another statement tells it so, with more words around."""
    return any(q.start <= m.start() and m.end() <= q.end for q in alignment.quotes)


def _in_part(alignment: Alignment, variant: Variant, m: re.Match[str]) -> bool:
    inside = alignment.reading.inside(*m.span())
    return bool(inside) and alignment.reading.words[inside[0]].section == variant.section


def _altered(alignment: Alignment, variant: Variant, m: re.Match[str], told: tuple[str, ...]) -> Iterator[Violation]:
    """What differs from the recorded wording that is nearest."""
    nearest = min(range(len(variant.fillings)), key=lambda i: _distance(variant.fillings[i], told))
    entry = alignment.record.entries[variant.entries[nearest]]
    for i, (gap, recorded) in enumerate(zip(variant.gaps, variant.fillings[nearest], strict=True), 1):
        start, end = m.span(i)
        if told[i - 1] in ("", recorded) or (gap == "number" and _elsewhere(alignment, m, m[i])):
            continue
        kind = "lab" if entry.claim.kind is Kind.OBSERVATION and gap == "number" else _TYPE[gap]
        said = alignment.reading.text[start:end].strip()
        yield violation(
            kind, alignment, start, end, f"La ficha dice «{entry.label}», no «{said}».", entry.claim.pointers
        )


def _distance(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def _elsewhere(alignment: Alignment, m: re.Match[str], said: str) -> bool:
    """The record has the number in this part beside one of these words: the text may tell that."""
    told = {root(k) for k in keys(m[0]) if not k[:1].isdigit()}
    return any(
        not values(said).isdisjoint(a.values) and bool(told & {root(a.left), root(a.right)} - {""})
        for a in alignment.record.amounts
    )
