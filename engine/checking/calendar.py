"""Dates as they stand in a text, in any usual form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.checking.units import flat
from engine.evidence.quantities import MONTHS


@dataclass(frozen=True, slots=True)
class Date:
    """A date of a text; the year may be missing."""

    start: int
    end: int
    year: int | None
    month: int
    day: int

    def fits(self, iso: str) -> bool:
        return iso[5:10] == f"{self.month:02}-{self.day:02}" and (self.year is None or iso[:4] == f"{self.year:04}")


_MONTH = "|".join((*MONTHS, "setiembre", *(m[:3] for m in MONTHS)))
_DATES = (
    re.compile(r"(?<!\d)(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?!\d)"),
    re.compile(r"(?<![\d/-])(?P<d>\d{1,2})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<y>\d{4}|\d{2})(?!\d)"),
    re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})[°º]?(?: de |-| )(?P<m>{_MONTH})\b(?:(?: de| del|,|-)? ?(?P<y>\d{{4}})\b)?"),
    re.compile(
        r"(?:(?<=\bel )|(?<=\bdel )|(?<=\bal )|(?<=\bdesde )|(?<=\bhasta )|(?<=\bfecha )|(?<=\bdia ))"
        r"(?P<d>\d{1,2})[-/](?P<m>\d{1,2})(?![\d/-])"
    ),
)
_SHARED = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})(?= (?:y|al?|hasta)(?: el)?(?: dia)? "
    rf"\d{{1,2}} de (?P<m>{_MONTH})\b(?: de(?:l)? (?P<y>\d{{4}}))?)"
)


_BRIEF = re.compile(r"(?<![\d/.,-])(?P<d>\d{1,2})[-/](?P<m>\d{1,2})(?![\d/-]|[.,]\d)")
_ALONE = re.compile(
    r"\b(?:el|al|del|desde el|hasta el)(?: dia)? (?P<d>\d{1,2})"
    r"(?=[,;.:) ]*(?:$|[,;.:()]|y\b|hasta|con\b|de lo|se\b|no\b|el\b|consta))"
)


def dates(text: str, known: frozenset[str] = frozenset()) -> list[Date]:
    """Every date of the text, in any usual form, in order.

    `known` are the record's dates (ISO): «17/01», or «el 17» alone, is a date only where it is one of them.
    """
    return sorted(_dates(flat(text), known), key=lambda d: d.start)


def _dates(folded: str, known: frozenset[str]) -> Iterator[Date]:
    taken: set[int] = set()
    whole: list[Date] = []
    for pattern in (*_DATES, _SHARED):
        for m in pattern.finditer(folded):
            date = _date(m)
            if date and taken.isdisjoint(range(date.start, date.end)):
                taken.update(range(date.start, date.end))
                whole.append(date)
    yield from whole
    for m in _BRIEF.finditer(folded):
        if f"{int(m['m']):02}-{int(m['d']):02}" in {k[5:10] for k in known} and taken.isdisjoint(range(*m.span())):
            taken.update(range(*m.span()))
            yield Date(m.start(), m.end(), None, int(m["m"]), int(m["d"]))
    for m in _ALONE.finditer(folded):
        months = {int(k[5:7]) for k in known if k[8:10].isdigit() and int(k[8:10]) == int(m["d"])}
        if len(months) == 1 and taken.isdisjoint(range(*m.span("d"))):
            yield Date(m.start("d"), m.end("d"), None, months.pop(), int(m["d"]))


def _date(m: re.Match[str]) -> Date | None:
    month = (
        int(m["m"])
        if m["m"].isdigit()
        else [n[:3] for n in MONTHS].index(m["m"].replace("setiembre", "septiembre")[:3]) + 1
    )
    year = m.groupdict().get("y")
    if not 1 <= month <= 12 or not 1 <= int(m["d"]) <= 31:
        return None
    return Date(
        m.start("d") if not year or m.start("y") > m.start("d") else m.start("y"),
        m.end(),
        (2000 if len(year) == 2 else 0) + int(year) if year else None,
        month,
        int(m["d"]),
    )
