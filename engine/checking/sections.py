"""In which of the five parts each word of a text stands.

No cue decides alone: cues, verbs, and the items of the record that one part holds vote for the stretch in which they
stand, and the likeliest order of parts wins. A misplaced item does not move its part; a part begun in other words is
found by what it tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from engine.checking.lexicon import lexicon
from engine.checking.pieces import pieces
from engine.checking.words import Token
from engine.evidence import Section

CUE, _LEAN, _WEAK, _GOES_ON = 4.0, 1.5, 1.3, 0.01
_ORDER = tuple(Section)
_FORWARD, _FIRST = -1.0, (0.0, -0.3, -1.5, -2.5, -4.0)
# What it costs to go back from a part (row) to an earlier one.
_BACK = {
    Section.STAY: (-1.5,),
    Section.COURSE: (-2.0, -0.7),
    Section.DISCHARGE: (-2.5, -3.0, -2.0),
    Section.PLAN: (-3.5, -3.5, -3.0, -1.5),
}
_FUTURE = re.compile(r"\w{2,}[aei]rán?\b|\w{2,}[aei]rá(?:n|se)?\b")


class Hint(NamedTuple):
    """A vote for a part at a place of the text; where `cuts`, a new stretch begins there."""

    start: int
    section: Section
    weight: float
    cuts: bool = True


def cues(
    text: str, folded: str, stated: Sequence[tuple[int, int, Section]], silent: Sequence[tuple[int, int]]
) -> Iterator[Hint]:
    """What the words of the text say of the part. No cue counts within a statement of another part, nor in `silent`."""
    for at, piece in pieces(folded):
        for start, end, section, weight in _heard(piece):
            inside = any(s <= start + at and end + at <= e and part != section for s, e, part in stated)
            if not inside and not any(s <= start + at < e for s, e in silent):
                yield Hint(start + at, section, weight)
    for m in _FUTURE.finditer(text):
        yield Hint(m.start(), Section.PLAN, _LEAN, cuts=False)


@lru_cache(maxsize=4096)
def _heard(folded: str) -> tuple[tuple[int, int, Section, float], ...]:
    """Start, end, part and weight of every cue of a piece."""
    told = ((section, weight, m) for section, weight, pattern in _votings() for m in pattern.finditer(folded))
    return tuple((*m.span(), section, weight) for section, weight, m in told)


@lru_cache(maxsize=1)
def _votings() -> tuple[tuple[Section, float, re.Pattern[str]], ...]:
    """For each cue its part and its weight."""
    out: list[tuple[Section, float, re.Pattern[str]]] = []
    for name, pattern in lexicon().cues:
        section = Section(name.removesuffix("_after").removesuffix("_lean"))
        out.append((section, CUE if name == section else _WEAK if name.endswith("_after") else _LEAN, pattern))
    return tuple(out)


def assign(found: Sequence[Token], clauses: Sequence[int], hints: Iterable[Hint]) -> list[Section]:
    """The part of each token."""
    ordered = sorted(hints, key=lambda h: h.start)
    bounds = _stretches(found, clauses, [h.start for h in ordered if h.cuts])
    votes = _votes(found, bounds, ordered)
    out: list[Section] = []
    path = _path(tuple(tuple(vote.items()) for vote in votes))
    for (start, end), section in zip(bounds, path, strict=True):
        out.extend([section] * (end - start))
    return out


def _stretches(found: Sequence[Token], clauses: Sequence[int], cuts: Sequence[int]) -> list[tuple[int, int]]:
    """Ranges of tokens between the ends of clauses and the cues."""
    starts = [0] if found else []
    cut = 0
    for i in range(1, len(found)):
        passed = cut
        while cut < len(cuts) and cuts[cut] <= found[i].start:
            cut += 1
        if clauses[i] != clauses[i - 1] or (cut > passed and cuts[cut - 1] > found[i - 1].start):
            starts.append(i)
    return list(zip(starts, [*starts[1:], len(found)], strict=True)) if found else []


def _votes(
    found: Sequence[Token], bounds: Sequence[tuple[int, int]], hints: Sequence[Hint]
) -> list[dict[Section, float]]:
    """For each stretch the strongest cue of each part and all that its items say."""
    told: list[dict[Section, float]] = [{} for _ in bounds]
    cued: list[dict[Section, float]] = [{} for _ in bounds]
    i = 0
    for hint in hints if bounds else ():
        while i + 1 < len(bounds) and found[bounds[i + 1][0]].start <= hint.start:
            i += 1
        if hint.cuts:
            cued[i][hint.section] = max(cued[i].get(hint.section, 0.0), hint.weight)
        else:
            told[i][hint.section] = told[i].get(hint.section, 0.0) + hint.weight
    _head(found, bounds, cued)
    return _kept([{s: t.get(s, 0.0) + c.get(s, 0.0) for s in t | c} for t, c in zip(told, cued, strict=True)])


def _kept(votes: list[dict[Section, float]]) -> list[dict[Section, float]]:
    """Where nothing votes, all else being equal, the part last told goes on."""
    last: Section | None = None
    out: list[dict[Section, float]] = []
    for vote in votes:
        out.append(vote or ({last: _GOES_ON} if last else {}))
        last = max(vote, key=lambda s: vote[s]) if vote else last
    return out


def _head(found: Sequence[Token], bounds: Sequence[tuple[int, int]], cued: Sequence[dict[Section, float]]) -> None:
    """«Dx de ingreso:» speaks of what follows it too: the cue of a heading is that of the stretch after the colon."""
    heading: dict[Section, float] = {}
    for i, (_start, end) in enumerate(bounds[:-1]):
        heading |= {s: w for s, w in cued[i].items() if w == CUE}
        if found[end - 1].text == ":":
            cued[i + 1].update(heading | cued[i + 1])
        if found[end - 1].text in ",;:.":
            heading = {}


@lru_cache(maxsize=256)
def _path(stretches: tuple[tuple[tuple[Section, float], ...], ...]) -> tuple[Section, ...]:
    """The best sequence of parts (Viterbi)."""
    votes = [dict(stretch) for stretch in stretches]
    if not votes:
        return ()
    scores = [_FIRST[i] + votes[0].get(s, 0.0) for i, s in enumerate(_ORDER)]
    came: list[list[int]] = []
    for vote in votes[1:]:
        reached = [[score + turn for score, turn in zip(scores, into, strict=True)] for into in _INTO]
        tops = [max(one) for one in reached]
        best = [one.index(top) for one, top in zip(reached, tops, strict=True)]
        scores = [top + vote.get(section, 0.0) for top, section in zip(tops, _ORDER, strict=True)]
        came.append(best)
    at = max(range(5), key=lambda i: scores[i])
    path = [at]
    for best in reversed(came):
        at = best[at]
        path.append(at)
    return tuple(_ORDER[i] for i in reversed(path))


# For each part what it costs to get there from each other.
_INTO = [[0.0 if i == j else _FORWARD if j > i else _BACK[_ORDER[i]][j] for i in range(5)] for j in range(5)]
