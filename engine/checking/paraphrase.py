"""Statements told in other words: «orina con sangre» tells «hematuria», «se ahoga» «dificultad para respirar».

A thesaurus of groups (resources/lexicon/paraphrases.toml) and the base of any word it does not have. It is asked only
of statements that the words themselves do not tell, and its yes can only take an omission away: what is said wrong is
found by other rules. Words that tell another statement word for word, or an item of the lists, tell nothing here.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from engine.checking.alignment import Alignment
from engine.checking.keeping import kept
from engine.checking.lexicon import lexicon
from engine.checking.modality import Modality, agree
from engine.checking.morphology import akin, base
from engine.checking.reading import Reading, Word
from engine.checking.record import LISTED, Entry, Record, number, root
from engine.checking.units import flat
from engine.evidence import Kind, Section
from engine.paths import resource

_WORD = re.compile(r"[^\W\d_]+\d*|\d+(?:[.,]\d+)*")
_REACH = 5  # words between two words of one way
_FIGURE = 0.5  # weight of a number
_KEPT_WORDS = frozenset("no ni sin con mas menos bien mal ya".split())
_DENYING = frozenset("no ni sin nada libre".split())
_DROPPED = frozenset(
    "a al de del desde e el en la las le les lo los me nos o para por que se su sus u un una y".split()
)
_PLANNED = frozenset({Kind.FOLLOW_UP, Kind.CARE, Kind.ALARM_SIGN})
_LEAVING = frozenset({Section.PLAN, Section.DISCHARGE})
_TURNED: dict[Modality, Modality] = {"affirmed": "negated", "negated": "affirmed"}
_WEAK = "modifiers"  # part of the thesaurus whose words alone tell nothing
_ENOUGH, _SAYS_ALL = 0.5, 0.75
_UNTOLD = (Kind.ALLERGY, Kind.HABITUAL, Kind.PATIENT)  # what may be said in no other words


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to say a group: its words in any order; `opposite` where it says the contrary («afebril» of «fiebre»)."""

    group: str
    words: tuple[str, ...]  # bases, or beginnings ended by «*»
    opposite: bool
    denies: bool  # holds a «no» of its own


@dataclass(frozen=True, slots=True)
class _Item:
    """A simple word of a text."""

    folded: str
    base: str
    word: Word
    index: int  # of the word that it is of
    piece: int  # counts sentences and semicolons
    place: int  # counts the words that are no function words
    root: str  # of its key, where it has one


@dataclass(frozen=True, slots=True)
class _Need:
    """What a statement says, by one or more of its words."""

    ways: tuple[_Way, ...]
    alone: str  # base of a word without a group
    mode: Modality
    figure: frozenset[float]
    weight: float
    is_weak: bool = False


class Retelling:
    """Looks for statements in one text, in other words."""

    def __init__(self, alignment: Alignment) -> None:
        self._alignment = alignment

    @cached_property
    def _items(self) -> tuple[_Item, ...]:
        taken = set(self._alignment.quoted)
        taken |= {i for m in self._alignment.mentions for i in range(m.run.first, m.run.last + 1)}
        found = _items(self._alignment.reading)
        return tuple(i for i in found if not i.word.special and (i.index not in taken or i.folded in _KEPT_WORDS))

    @cached_property
    def _parts(self) -> dict[bool, tuple[_Part, ...]]:
        """For what is planned and what is not: pairs of neighbouring pieces of the text."""
        return {planned: _paired([i for i in self._items if _fits(i.word, planned)]) for planned in (True, False)}

    def tells(self, entry: Entry) -> bool:
        """One place of the text tells the better half of a statement, and no words alone that colour it."""
        if entry.claim.kind in _UNTOLD:
            return False
        needs = _needed(self._alignment.record, entry.claim.id)
        parts = self._parts[entry.claim.kind in _PLANNED]
        return bool(needs) and any(self._told(entry, needs, part) for part in parts)

    def _told(self, entry: Entry, needs: tuple[_Need, ...], part: _Part) -> bool:
        """At least one of its words stands there in another way: what all its own words tell is for others to say."""
        how = [self._fulfilled(entry, need, part) for need in needs]
        strong = [n for n in needs if not n.is_weak and not n.figure]
        if 2 not in how:
            return False
        if not strong:
            return _share(needs, how) >= _SAYS_ALL
        fulfilled = [h for n, h in zip(needs, how, strict=True) if not n.is_weak and not n.figure]
        return _share(strong, fulfilled) >= _ENOUGH and _share(needs, how) >= _ENOUGH

    def _fulfilled(self, entry: Entry, need: _Need, part: _Part) -> int:
        """0 where it is not, 1 by words of the statement, 2 by others."""
        if need.figure:
            return int(any(i.word.is_number and number(i.word) & need.figure for i in part.items))
        best, own = 0, entry.roots
        for items, mode in _found(need, part):
            said = {i.root for i in items if i.root}
            if agree(mode, need.mode) and not (said - own and self._is_another(entry, said)):
                best = max(best, 1 if said and said <= own else 2)
        return best

    def _is_another(self, entry: Entry, said: set[str]) -> bool:
        """The words are those of another statement of the record."""
        every = _holders(self._alignment.record)
        holders = [every.get(r, set()) for r in said]
        return bool(holders) and bool(set.intersection(*holders) - {entry.claim.id})


@kept
def _holders(record: Record) -> dict[str, set[str]]:
    """The statements of the record that have a word, by its root."""
    out: dict[str, set[str]] = {}
    for entry in record.entries:
        for word in entry.roots if entry.claim.kind not in LISTED else ():
            out.setdefault(word, set()).add(entry.claim.id)
    return out


@kept
def _needed(record: Record, claim: str) -> tuple[_Need, ...]:
    return _needs(next(e.name for e in record.entries if e.claim.id == claim))


class _Part:
    """Some words of a text, with what is looked up in them kept."""

    def __init__(self, items: Sequence[_Item]) -> None:
        self.items = items
        self._sorted = sorted((item.folded, n) for n, item in enumerate(items))
        self._known: dict[str, list[int]] = {}

    def places(self, wanted: str) -> list[int]:
        if wanted not in self._known:
            self._known[wanted] = self._found(wanted)
        return self._known[wanted]

    def _found(self, wanted: str) -> list[int]:
        if not wanted.endswith("*"):
            return [n for n, item in enumerate(self.items) if item.folded == wanted or akin(item.base, wanted)]
        start = wanted[:-1]
        first = bisect_left(self._sorted, (start, -1))
        out = []
        for folded, n in self._sorted[first:]:
            if not folded.startswith(start):
                break
            out.append(n)
        return sorted(out)

    def matches(self, way: _Way) -> Iterable[tuple[int, ...]]:
        """Places where all the words of a way stand near each other, in any order."""
        lists = [self.places(w) for w in way.words]
        if not all(lists):
            return
        rare = min(range(len(lists)), key=lambda n: len(lists[n]))
        for at in lists[rare]:
            chosen = [at]
            for n, places in enumerate(lists):
                near = [p for p in places if p not in chosen and self._near(p, chosen)] if n != rare else [at]
                if not near:
                    break
                if n != rare:
                    chosen.append(min(near, key=lambda p: abs(p - at)))
            else:
                yield tuple(chosen)

    def _near(self, place: int, chosen: list[int]) -> bool:
        return any(
            abs(self.items[place].place - self.items[c].place) <= _REACH
            and self.items[place].piece == self.items[c].piece
            for c in chosen
        )


def _paired(items: Sequence[_Item]) -> tuple[_Part, ...]:
    pieces: dict[int, list[_Item]] = {}
    for item in items:
        pieces.setdefault(item.piece, []).append(item)
    return tuple(_Part([*pieces[p], *pieces.get(p + 1, ())]) for p in pieces)


def _fits(word: Word, planned: bool) -> bool:
    return word.section in _LEAVING if planned else word.section is not Section.PLAN


def _items(reading: Reading) -> Iterable[_Item]:
    piece = place = 0
    for n, word in enumerate(reading.words):
        if n and (word.sentence != reading.words[n - 1].sentence or word.token.text == ";"):
            piece += 1
        said = flat(reading.text[word.token.start : word.token.end])
        for part in _WORD.findall(said) or ([said] if said in ("+", "(+)") else []):
            place += part in _KEPT_WORDS or part not in lexicon().function
            yield _Item(part, base(part), word, n, piece, place, root(word.key) if word.key else "")


def _needs(reading: Reading) -> tuple[_Need, ...]:
    items = tuple(_items(reading))
    part, covered, out = _Part(items), set[int](), list[_Need]()
    every = ((way, places) for way in _ways_near(part) for places in part.matches(way))
    found = [(way, places) for way, places in every if any(items[n].word.key for n in places)]
    for size in sorted({len(p) for _, p in found}, reverse=True):
        fresh: dict[frozenset[int], list[_Way]] = {}
        for way, places in found:
            if len(places) == size and not covered & set(places):
                fresh.setdefault(frozenset(places), []).append(way)
        for told, ways in fresh.items():
            if not covered & told:
                out.append(_grouped([items[n] for n in sorted(told)], ways))
                covered |= told
    out += [n for i, item in enumerate(items) if i not in covered for n in _single(item)]
    return tuple(n for n in out if n.weight)


def _grouped(items: list[_Item], ways: list[_Way]) -> _Need:
    """A need that any way of the groups of these words fulfils."""
    mode = _mode(items, ways[0])
    groups = dict.fromkeys(w.group for w in ways)
    every = tuple(w for g in groups for w in _thesaurus()[g])
    weight = float(sum(bool(i.word.key) for i in items))
    return _Need(every, "", mode, frozenset(), weight, is_weak=all(g.startswith(_WEAK) for g in groups))


def _single(item: _Item) -> Iterable[_Need]:
    if item.word.is_number:
        yield _Need((), "", "open", number(item.word), _FIGURE)
    elif item.word.key and item.folded not in lexicon().function:
        yield _Need((), item.base, _plain_mode(item), frozenset(), 1.0)


def _plain_mode(item: _Item) -> Modality:
    """«Sin fiebre» is read as «afebril», which is affirmed."""
    is_afebrile = item.word.key == "=afebril" and item.folded[:4] == "fieb"
    return "negated" if is_afebrile else item.word.modality


def _mode(items: list[_Item], way: _Way) -> Modality:
    said = [_plain_mode(i) for i in items if i.word.key]
    mode: Modality = "affirmed" if way.denies or not said else "negated" if "negated" in said else said[0]
    return _TURNED.get(mode, mode) if way.opposite else mode


def _share(needs: Sequence[_Need], how: Sequence[int]) -> float:
    fulfilled = sum(n.weight for n, h in zip(needs, how, strict=True) if h)
    return fulfilled / sum(n.weight for n in needs)


def _found(need: _Need, part: _Part) -> Iterable[tuple[list[_Item], Modality]]:
    """Where a part has what a statement says, and how it says it."""
    if need.alone:
        found = [part.items[n] for n in part.places(need.alone)]
        yield from (([i], _plain_mode(i)) for i in found)
    for way in need.ways:
        for places in part.matches(way):
            items = [part.items[n] for n in places]
            yield items, _mode(items, way)


def _ways_near(part: _Part) -> list[_Way]:
    """The ways of which the part has a word, those of the whole thesaurus left aside."""
    said = {i.folded[:3] for i in part.items} | {i.base[:3] for i in part.items}
    return list(dict.fromkeys(w for s in said for w in _by_start().get(s, ())))


@lru_cache(maxsize=1)
def _by_start() -> dict[str, list[_Way]]:
    out: dict[str, list[_Way]] = {}
    for way in (w for ways in _thesaurus().values() for w in ways):
        out.setdefault(way.words[0][:3], []).append(way)
    return out


@lru_cache(maxsize=1)
def _thesaurus() -> dict[str, tuple[_Way, ...]]:
    data = tomllib.loads(resource("lexicon/paraphrases.toml").read_text(encoding="utf-8"))
    out: dict[str, tuple[_Way, ...]] = {}
    for part, table in data.items():
        if part == "roots":
            continue
        for line in table["groups"].strip().splitlines():
            same, _, contrary = line.partition("||")
            name = f"{part}:{same.partition('|')[0].strip()}"
            ways = [_way(name, w, opposite=False) for w in same.split("|")]
            ways += [_way(name, w, opposite=True) for w in contrary.split("|") if w.strip()]
            out[name] = (*out.get(name, ()), *(w for w in ways if w.words))
    return out


def _way(group: str, said: str, *, opposite: bool) -> _Way:
    words = [w for w in flat(said).split() if w not in _DROPPED]
    bases = tuple(w if w.endswith("*") or w in _KEPT_WORDS else base(w) for w in words)
    return _Way(group, bases, opposite, not _DENYING.isdisjoint(words))
