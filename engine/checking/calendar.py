"""Dates as they stand in a text, in any usual form."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from engine.checking.pieces import matches, pieces
from engine.checking.spelled import CARDINALS
from engine.checking.spelled import PATTERN as SPELLED
from engine.checking.units import flat
from engine.evidence.quantities import MONTHS


class Date(NamedTuple):
    """A date of a text; the year may be missing."""

    start: int
    end: int
    year: int | None
    month: int
    day: int
    is_relative: bool = False  # «al día siguiente»

    def fits(self, iso: str) -> bool:
        return iso[5:10] == f"{self.month:02}-{self.day:02}" and (self.year is None or iso[:4] == f"{self.year:04}")


_MONTH = "|".join((*MONTHS, "setiembre", *(m[:3] for m in MONTHS)))
_WORDS = {"primero": 1, "uno": 1, **CARDINALS}
_DAY = rf"(?:\d{{1,2}}|{SPELLED}|primero|uno)"
_YEAR = r"(?:(?: de| del| del ano|,|-|/|\.)? ?(?P<y>\d{4})\b|[-/.](?P<yy>\d{2})(?![\d/-]))?"
_DATES = (
    re.compile(r"(?<!\d)(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?!\d)"),
    re.compile(
        r"(?:(?<![\d/-])|(?<=/\d\d-)|(?<=/\d{4}-))(?P<d>\d{1,2})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<y>\d{4}|\d{2})(?!\d)"
    ),
    re.compile(rf"(?<![\d\w])(?P<d>{_DAY})[°º]?(?: de |-|/|\.| )?(?P<m>{_MONTH})(?![^\W\d_]){_YEAR}"),
    re.compile(
        r"(?:(?<=\bel )|(?<=\bdel )|(?<=\bal )|(?<=\bdesde )|(?<=\bhasta )|(?<=\bfecha )|(?<=\bdia ))"
        r"(?P<d>\d{1,2})[-/](?P<m>\d{1,2})(?![\d/-])"
    ),
)
# «del 23 al 28/07», «3, 4 y 5 de mayo»: the month, and the year, stand with the last.
_SHARED = re.compile(
    rf"(?<![\d\w/.,-])(?P<d>{_DAY})(?=(?:, {_DAY}){{0,4}} ?(?:y|e|al?|hasta|-|–|→)(?: el| al)?(?: dia)? ?"
    rf"{_DAY}(?: de (?P<m>{_MONTH})\b(?: del? (?P<y>\d{{4}}))?|"
    r"(?P<s>[-/.])(?P<n>\d{1,2})(?!\d)(?:(?P=s)(?P<z>\d{4}|\d{2})(?!\d))?))"
)
_BRIEF = re.compile(r"(?<![\d/.,-])(?P<d>\d{1,2})[-/](?P<m>\d{1,2})(?![\d/-]|[.,]\d)")
_DAYS = re.compile(
    r"(?<![\d/.,-])(?P<d>\d{1,2}) ?(?:-|–|—|→|->|>) ?(?P<e>\d{1,2})[/-](?P<n>\d{1,2})"
    r"(?:/(?P<y>\d{4}|\d{2}))?(?![\d/-]|[.,]\d)"
)
# «28/9-2/10», «28/9 al 2/10/23»: both with their month.
_RANGE = re.compile(
    r"(?<![\d/.,-])(?P<d>\d{1,2})/(?P<m>\d{1,2}) ?(?:-|–|—|→|->|>|a|al|hasta) ?(?:el )?"
    r"(?P<e>\d{1,2})/(?P<n>\d{1,2})(?:/(?P<y>\d{4}|\d{2}))?(?![\d/]|[.,]\d)"
)
# «el 17 presenta fiebre», «del 18 al 21»: not «al 21%», «el 2 por ciento», «al 5 día».
_ALONE = re.compile(
    r"\b(?:(?:el|del|desde el|hasta el|y el|los|ese|este|aquel|dicho)(?: mismo)?(?: dias?)?|al) "
    r"(?P<d>\d{1,2})(?![\d%°º/-]|:\d|[.,]\d| ?%)"
    r"(?! (?:de|por ciento|m?c?g|ml|cc|ui?|meq|h|hrs?|horas?|d|dias?|semanas?|sem|meses|mes|anos?|a|puff|comp\w*)\b"
    r"(?! lo\b))"
)
_NEXT = re.compile(r"(?:, | y | e )(?:el )?(?P<d>\d{1,2})(?![\d%/-]|[.,]\d)")
_STAY = re.compile(r"\bdesde el dia $")
_RELATIVE = re.compile(
    r"\b(?:(?P<same>(?:ese|este|el|del|al|aquel) mismo dia|(?:ese|dicho|aquel) dia|(?:la|esa|en igual)(?: misma)? "
    r"(?:fecha|jornada)|esa(?: misma)? (?:manana|tarde|noche)|(?:en )?igual fecha)|"
    r"(?P<next>(?:al|el|del) (?:dia siguiente|siguiente(?: dia)?|otro dia)|(?:a|en) la manana siguiente|"
    r"(?:un|1) dia (?:despues|mas tarde)|al dia despues)|"
    r"(?P<eve>(?:el|del) dia (?:previo|anterior|antes)|la vispera|(?:un|1) dia antes|la noche anterior)|"
    r"(?P<n>\d{1,2}|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez) dias (?:(?P<past>antes)|despues|mas tarde))\b"
)


@dataclass(frozen=True, slots=True)
class _Known:
    """The dates of the record (ISO)."""

    iso: frozenset[str]

    def fits(self, month: int, day: int) -> bool:
        return any(k[5:10] == f"{month:02}-{day:02}" for k in self.iso)

    def months(self, day: int) -> set[int]:
        return {int(k[5:7]) for k in self.iso if k[8:10].isdigit() and int(k[8:10]) == day}

    def resolved(self, found: Date) -> datetime.date | None:
        """A date of the text with its year, from the record where the text leaves it out."""
        iso = next((k for k in sorted(self.iso) if found.fits(k)), None)
        try:
            return datetime.date.fromisoformat(iso[:10]) if iso else None
        except ValueError:
            return None


def dates(text: str, known: frozenset[str] = frozenset(), days: frozenset[int] = frozenset()) -> list[Date]:
    """Every date of the text, in any usual form, in order.

    `known` are the record's dates (ISO): «17/01», or «el 17» alone, is a date only where it is one of them.
    `days` are the days of stay that the record names: «desde el día 7» is no date where it has that day.
    """
    return sorted(_dates(flat(text), known, days), key=lambda d: d.start)


def _dates(folded: str, known: frozenset[str], days: frozenset[int]) -> Iterator[Date]:
    record = _Known(known)
    taken: set[int] = set()
    found: list[Date] = []
    whole = (d._replace(start=d.start + at, end=d.end + at) for at, piece in pieces(folded) for d in _whole(piece))
    for date in chain(whole, _brief(folded, record)):
        if taken.isdisjoint(range(date.start, date.end)):
            taken.update(range(date.start, date.end))
            found.append(date)
    for m in chain.from_iterable(map(_listed, matches(_ALONE, folded))) if known else ():
        month = _month(record, found, m)
        named = int(m["d"]) in days and _STAY.search(folded[: m.start("d")]) is not None
        if month and not named and taken.isdisjoint(range(*m.span("d"))):
            taken.update(range(*m.span("d")))
            found.append(Date(m.start("d"), m.end("d"), None, month, int(m["d"])))
    yield from found
    yield from _relative(folded, found, record) if known else ()


def _listed(first: re.Match[str]) -> Iterator[re.Match[str]]:
    """«Los días 7, 14 y 16»: each of them."""
    yield first
    following = _NEXT.match(first.string, first.end()) if first[0].startswith("los ") else None
    while following:
        yield following
        following = _NEXT.match(first.string, following.end())


@lru_cache(maxsize=4096)
def _whole(folded: str) -> tuple[Date, ...]:
    """Dates that name their month; «del 3 al 5/7» names it once."""
    return tuple(d for pattern in (*_DATES, _SHARED) for m in pattern.finditer(folded) if (d := _date(m)))


def _brief(folded: str, record: _Known) -> Iterator[Date]:
    for m in matches(_DAYS, folded):  # «28-30/9»
        if record.fits(int(m["n"]), int(m["e"])) and record.fits(int(m["n"]), int(m["d"])):
            yield Date(m.start("d"), m.end("d"), None, int(m["n"]), int(m["d"]))
            yield Date(m.start("e"), m.end("n"), None, int(m["n"]), int(m["e"]))
    for m in matches(_RANGE, folded):
        first, last = (int(m["m"]), int(m["d"])), (int(m["n"]), int(m["e"]))
        if record.fits(*first) or record.fits(*last):
            yield Date(m.start("d"), m.end("m"), None, *first)
            yield Date(m.start("e"), m.end("n"), None, *last)
    for m in matches(_BRIEF, folded):
        if record.fits(int(m["m"]), int(m["d"])):
            yield Date(m.start(), m.end(), None, int(m["m"]), int(m["d"]))


def _month(record: _Known, found: list[Date], m: re.Match[str]) -> int | None:
    """The month of a day told alone: the only one that the record has for it, or that of the date before."""
    months = record.months(int(m["d"]))
    before = [d.month for d in sorted(found, key=lambda d: d.start) if d.end <= m.start()]
    return months.pop() if len(months) == 1 else next((x for x in reversed(before) if x in months), None)


def _relative(folded: str, found: list[Date], record: _Known) -> Iterator[Date]:
    """«Al día siguiente»: from the date before it, where the record has the day so reached."""
    told = list(found)
    for m in matches(_RELATIVE, folded):
        before = max((d for d in told if d.end <= m.start()), key=lambda d: d.start, default=None)
        base = record.resolved(before) if before else None
        if base:
            day = base + datetime.timedelta(days=_passed(m))
            if day.isoformat() in {k[:10] for k in record.iso}:
                told.append(Date(m.start(), m.end(), day.year, day.month, day.day, is_relative=True))
                yield told[-1]


def _passed(m: re.Match[str]) -> int:
    """The days between a date and one told by it: «dos días después» are two, «la víspera» is minus one."""
    if m["n"]:
        days = int(m["n"]) if m["n"].isdigit() else CARDINALS[m["n"]]
        return -days if m["past"] else days
    return 0 if m["same"] else 1 if m["next"] else -1


def _date(m: re.Match[str]) -> Date | None:
    parts = m.groupdict()
    name, year = parts.get("m") or parts.get("n") or "", parts.get("y") or parts.get("yy") or parts.get("z")
    month = (
        int(name) if name.isdigit() else [n[:3] for n in MONTHS].index(name.replace("setiembre", "septiembre")[:3]) + 1
    )
    day = int(m["d"]) if m["d"].isdigit() else _WORDS[m["d"]]
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    leads = "y" in parts and bool(m["y"]) and m.start("y") < m.start("d")
    number = int(year) if year else None
    return Date(
        m.start("y") if leads else m.start("d"),
        m.end(),
        number + 2000 if number is not None and number < 100 else number,
        month,
        day,
    )
