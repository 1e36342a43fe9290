"""What the items of a record say of the part in which a stretch of text stands.

An item of one list alone votes for the part of that list; of two items with one code, the words or measures that only
one of them has; of two that are the same, the first place for the admission and the last for the discharge; the other
way round in a text that begins with the discharge.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.checking.measures import Measure, Norm
from engine.checking.sections import CUE, Hint
from engine.checking.units import places
from engine.checking.words import Token
from engine.evidence import Section

_ALONE, _TOLD_APART, _TURN, _STATED = 2.0, 1.5, 1.5, 0.5
_LONG = 12  # letters: a shorter statement may stand anywhere
_DETAILS = 60  # letters after a name without code that tell its dose


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list: its part, its code without the dot, its folded names, its words and measures."""

    section: Section
    code: str
    names: tuple[str, ...]
    keys: frozenset[str]
    norms: frozenset[Norm]


@dataclass(frozen=True, slots=True)
class _Site:
    """A place of the text that tells an item, and the stretch around it that tells its details."""

    start: int
    before: int
    end: int


class Guide:
    """The items of one record, by their code; those without one by their name."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._coded: dict[str, list[Item]] = defaultdict(list)
        self._named: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            if item.code:
                self._coded[item.code].append(item)
            for name in () if item.code else item.names:
                self._named[name].append(item)

    def hints(
        self,
        folded: str,
        found: Sequence[Token],
        codes: Sequence[tuple[str, int, int]],
        measures: Sequence[Measure],
        cues: Sequence[Hint] = (),
    ) -> Iterator[Hint]:
        """The votes of the items told in a text. `codes` are value, start and end; `cues` what its words say."""
        headings = sorted((h.start, h.section) for h in cues if h.weight == CUE or h.section is Section.DISCHARGE)
        words, marks = [t.start for t in found], [m.start for m in measures]
        for items, sites in self._sites(folded, codes):
            for site in sites:
                told = found[bisect_left(words, site.before) : bisect_left(words, site.start)]
                measured = measures[bisect_left(marks, site.before) : bisect_left(marks, site.end)]
                keys = frozenset(t.key for t in told if t.key)
                norms = frozenset(n for m in measured for n in m.norms)
                yield from _apart(items, site.start, keys, norms)
            yield from _in_turn(items, sites, headings)

    def _sites(self, folded: str, codes: Sequence[tuple[str, int, int]]) -> Iterator[tuple[list[Item], list[_Site]]]:
        sites: dict[str, list[_Site]] = defaultdict(list)
        last = 0
        for value, start, end in codes:
            sites[value.replace(".", "")].append(_Site(start, max(last, folded.rfind(". ", 0, start)), end))
            last = end
        yield from ((self._coded[code], found) for code, found in sites.items() if code in self._coded)
        for name, items in self._named.items():
            yield items, [_Site(s, s, e + _DETAILS) for s, e in places(folded, name)]


def _apart(items: Sequence[Item], start: int, keys: frozenset[str], norms: frozenset[Norm]) -> Iterator[Hint]:
    sections = {i.section for i in items}
    if len(sections) == 1:
        yield Hint(start, items[0].section, _ALONE, cuts=False)
    for item in items if len(sections) > 1 else ():
        others = [i for i in items if i.section != item.section]
        only = item.keys.difference(*(i.keys for i in others)) & keys
        measured = item.norms.difference(*(i.norms for i in others)) & norms
        if only or measured:
            yield Hint(start, item.section, _TOLD_APART, cuts=False)


def _in_turn(items: Sequence[Item], sites: Sequence[_Site], headings: Sequence[tuple[int, Section]]) -> Iterator[Hint]:
    sections = sorted({i.section for i in items}, key=list(Section).index)
    if len(sections) > 1 and len(sites) > 1:
        turns = (_heading(headings, sites[0].start), _heading(headings, sites[-1].start))
        if turns == (Section.DISCHARGE, Section.ADMISSION):  # a text that begins with the discharge
            sections.reverse()
        yield Hint(sites[0].start, sections[0], _TURN, cuts=False)
        yield Hint(sites[-1].start, sections[-1], _TURN, cuts=False)


def _heading(headings: Sequence[tuple[int, Section]], place: int) -> Section | None:
    """The part that the last cue before a place opens."""
    before = bisect_left(headings, (place,))
    return headings[before - 1][1] if before else None


def stated(quotes: Iterable[tuple[int, int, Section]]) -> Iterator[Hint]:
    """The votes of statements told word for word."""
    for start, end, section in quotes:
        if end - start >= _LONG:
            yield Hint(start, section, _STATED, cuts=False)
