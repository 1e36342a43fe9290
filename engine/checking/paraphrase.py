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
from typing import NamedTuple

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
_BEGIN = 3  # letters by which words are looked up
_FIGURE = 0.5  # weight of a number
_KEPT_WORDS = frozenset("no ni sin con mas menos bien mal ya".split())
_DENIALS = frozenset(("no", "ni", "sin", "nunca", "tampoco"))
_REFUSES = ("evit", "nada", "prohib", "suspen", "dej", "abandon", "absten", "abstin")  # «nada de esfuerzos»
_CEASES = ("ced", "remit", "desapar", "resolv", "resuelv", "mejor", "calm", "cesa", "regres")
_SEVERAL = 2
_BESIDE = 4  # words from such a verb
_BETWEEN = frozenset("se le les lo la los las ha han me nos hubo hay".split())  # «no se le infectó»
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
    denies: bool  # holds a «no» of its own, or a word like it


class _Item(NamedTuple):
    """A simple word of a text."""

    folded: str
    base: str
    word: Word
    at: int  # index of the word that it is of
    piece: int  # counts sentences and semicolons
    place: int  # counts the words that are no function words
    root: str  # of its key, where it has one
    is_denied: bool  # a «no» stands right before it
    mode: Modality


@dataclass(frozen=True, slots=True)
class _Need:
    """What a statement says, by one or more of its words."""

    ways: tuple[tuple[_Way, Modality], ...]  # with the modality that each must have
    alone: str  # base of a word without a group
    mode: Modality  # that such a word must have
    figure: frozenset[float]
    weight: float
    clause: int  # of the statement
    is_weak: bool = False


_Hits = list[tuple[list[_Item], int]]  # places, and whether they say it in other words
_Said = tuple[_Need, _Hits]


@kept
def retelling(alignment: Alignment) -> Retelling:
    """The search in one text, the same for every rule."""
    return Retelling(alignment)


class Retelling:
    """Looks for statements in one text, in other words."""

    def __init__(self, alignment: Alignment) -> None:
        # Not the alignment itself, which keeps this search: in a circle, neither would be let go at once.
        self._record, self._reading = alignment.record, alignment.reading
        self._mentions, self._quotes, self._quoted = alignment.mentions, alignment.quotes, alignment.quoted
        self._places: set[int] = set()

    def _part(self, kind: Kind) -> _Part:
        """The words that may tell a statement of this kind; the names of diagnoses may tell the history."""
        return self._planned if kind in _PLANNED else self._with_items if kind is Kind.HISTORY else self._told

    @cached_property
    def _with_items(self) -> _Part:
        free = (i for i in _items(self._reading) if not i.word.special)
        return _Part([i for i in free if i.at not in self._quoted or i.folded in _KEPT_WORDS])

    @cached_property
    def _told(self) -> _Part:
        listed = {i for m in self._mentions for i in range(m.run.first, m.run.last + 1)}
        return _Part([i for i in self._with_items.items if i.at not in listed or i.folded in _KEPT_WORDS])

    @cached_property
    def _planned(self) -> _Part:
        return _Part([i for i in self._told.items if i.word.section in _LEAVING])

    @cached_property
    def retold(self) -> frozenset[int]:
        """The words that tell a statement of the record in other words."""
        quoted = {i for q in self._quotes for i in q.entries}
        for i, entry in enumerate(self._record.entries):
            if i not in quoted and entry.claim.kind not in LISTED:
                self.tells(entry)
        return frozenset(self._places)

    def tells(self, entry: Entry) -> bool:
        """One place of the text tells the better half of a statement, and no words alone that colour it."""
        needs = () if entry.claim.kind in _UNTOLD else _needed(self._record, entry.claim.id)
        said = [(need, self._hits(entry, need)) for need in needs]
        clauses = [[pair for pair in said if pair[0].clause == c] for c in dict.fromkeys(n.clause for n in needs)]
        told = _places(said) or _spread(clauses)
        near = {p + step for p in told for step in (0, 1)}
        self._places.update(i.at for _, hits in said for items, _ in hits for i in items if i.piece in near)
        return bool(told)

    def _hits(self, entry: Entry, need: _Need) -> _Hits:
        """The places that say it: 1 by words of the statement, 2 by others."""
        own, out = entry.roots, []
        for items in _found(need, self._part(entry.claim.kind)):
            said = {i.root for i in items if i.root}
            if need.figure or not (said - own and self._is_another(entry, said)):
                out.append((items, 1 if need.figure or (said and said <= own) else 2))
        return out

    def _is_another(self, entry: Entry, said: set[str]) -> bool:
        """The words are those of another statement of the record."""
        every = _holders(self._record)
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
        self._known: dict[str, list[int]] = {}
        self._bases: dict[str, dict[str, list[int]]] = {}  # by their beginning
        self._exact: dict[str, list[int]] = {}
        for n, item in enumerate(items):
            self._bases.setdefault(item.base[:_BEGIN], {}).setdefault(item.base, []).append(n)
            self._exact.setdefault(item.folded, []).append(n)

    @cached_property
    def _sorted(self) -> list[tuple[str, int]]:
        return sorted((item.folded, n) for n, item in enumerate(self.items))

    def places(self, wanted: str) -> list[int]:
        if wanted not in self._known:
            self._known[wanted] = self._found(wanted)
        return self._known[wanted]

    def _found(self, wanted: str) -> list[int]:
        if not wanted.endswith("*"):
            alike = (places for said, places in self._bases.get(wanted[:_BEGIN], {}).items() if akin(said, wanted))
            return sorted({n for places in alike for n in places} | set(self._exact.get(wanted, ())))
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
            chosen = {rare: at}
            for n, places in enumerate(lists):
                near = [p for p in places if p not in chosen.values() and self._near(p, chosen.values())]
                if n != rare and near:
                    chosen[n] = min(near, key=lambda p: abs(p - at))
            if len(chosen) == len(lists) and _in_order(way, chosen):
                yield tuple(chosen.values())

    def _near(self, place: int, chosen: Iterable[int]) -> bool:
        return any(
            abs(self.items[place].place - self.items[c].place) <= _REACH
            and self.items[place].piece == self.items[c].piece
            for c in chosen
        )


def _in_order(way: _Way, places: dict[int, int]) -> bool:
    """A «no» stands before what it denies."""
    return all(places[n] < places[n + 1] for n, w in enumerate(way.words[:-1]) if w in _DENIALS)


def _items(reading: Reading) -> list[_Item]:
    """The simple words; what did not cease («la fiebre no cedió») is there."""
    out = list(_simple(reading))
    lasting = [n for n, i in enumerate(out) if i.is_denied and i.folded.startswith(_CEASES)]
    for n in lasting:
        for j in range(max(0, n - _BESIDE), min(len(out), n + _BESIDE)):
            if out[j].mode == "open" and out[j].piece == out[n].piece:
                out[j] = out[j]._replace(mode="affirmed")
    return out


def _simple(reading: Reading) -> Iterable[_Item]:
    piece = place = 0
    denied = False
    for n, word in enumerate(reading.words):
        if n and (word.sentence != reading.words[n - 1].sentence or word.token.text == ";"):
            piece += 1
        for part, based, counts in _parted(reading.text[word.token.start : word.token.end]):
            place += counts
            yield _Item(
                part, based, word, n, piece, place, root(word.key) if word.key else "", denied, _plain(word, part)
            )
            denied = part in _DENIALS or (denied and part in _BETWEEN)


@lru_cache(maxsize=8192)
def _parted(text: str) -> tuple[tuple[str, str, bool], ...]:
    """The simple words of a word or phrase, folded, with their bases; true for those that are no function words."""
    said = flat(text)
    parts = _WORD.findall(said) or ([said] if said in ("+", "(+)") else [])
    return tuple((p, base(p), p in _KEPT_WORDS or p not in lexicon().function) for p in parts)


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
    groups = {w.group: _mode(items, w) for w in reversed(ways)}
    every = tuple((w, mode) for g, mode in groups.items() for w in _thesaurus()[g])
    weight = float(sum(bool(i.word.key) for i in items))
    return _Need(every, "", "open", frozenset(), weight, items[0].word.clause, all(g.startswith(_WEAK) for g in groups))


def _single(item: _Item) -> Iterable[_Need]:
    if item.word.is_number:
        yield _Need((), "", "open", number(item.word), _FIGURE, item.word.clause)
    elif item.word.key and item.folded not in lexicon().function:
        yield _Need((), item.base, item.mode, frozenset(), 1.0, item.word.clause)


def _plain(word: Word, said: str) -> Modality:
    """«Sin fiebre» is read as «afebril», which is affirmed."""
    return "negated" if word.key == "=afebril" and said.startswith(("fieb", "febr")) else word.modality


def _mode(items: list[_Item], way: _Way) -> Modality:
    said: list[Modality] = [i.mode for i in items if i.word.key]
    said += ["negated" for i in items if i.is_denied]
    mode: Modality = "affirmed" if way.denies or not said else "negated" if "negated" in said else said[0]
    return _TURNED.get(mode, mode) if way.opposite else mode


def _places(said: list[_Said], *, anew: bool = True) -> set[int]:
    """The pieces of the text that, with the one after each, tell enough; `anew`: some of it in other words."""
    pieces = {i.piece for _, hits in said for items, _ in hits for i in items}
    needs = [need for need, _ in said]
    return {p for p in pieces if _is_told(needs, [_best(hits, p) for _, hits in said], anew=anew)}


def _spread(clauses: list[list[_Said]]) -> set[int]:
    """A statement of several clauses, each of which stands somewhere, one at least in other words."""
    found = [_places(said, anew=False) for said in clauses]
    if len(clauses) < _SEVERAL or not all(found) or not any(map(_places, clauses)):
        return set()
    return set.union(*found)


def _best(found: _Hits, piece: int) -> int:
    """How something is said in a piece of the text or the one after it; 0 where it is not."""
    return max((how for items, how in found if items[0].piece in (piece, piece + 1)), default=0)


def _is_told(needs: Sequence[_Need], how: Sequence[int], *, anew: bool) -> bool:
    """At least one thing is said in another way: what all its own words tell is for others to judge."""
    strong = [(n, h) for n, h in zip(needs, how, strict=True) if not n.is_weak and not n.figure]
    if anew and 2 not in how:
        return False
    if not strong:
        return _share(needs, how) >= _SAYS_ALL
    return min(_share([n for n, _ in strong], [h for _, h in strong]), _share(needs, how)) >= _ENOUGH


def _share(needs: Sequence[_Need], how: Sequence[int]) -> float:
    fulfilled = sum(n.weight for n, h in zip(needs, how, strict=True) if h)
    return fulfilled / sum(n.weight for n in needs)


def _found(need: _Need, part: _Part) -> Iterable[list[_Item]]:
    """Where a part says it, denied where it is denied."""
    if need.figure:
        yield from ([i] for i in part.items if i.word.is_number and number(i.word) & need.figure)
    if need.alone:
        found = [part.items[n] for n in part.places(need.alone)]
        yield from ([i] for i in found if agree(i.mode, need.mode))
    for way, wanted in need.ways:
        for places in part.matches(way):
            items = [part.items[n] for n in places]
            if agree(_mode(items, way), wanted):
                yield items


def _ways_near(part: _Part) -> list[_Way]:
    """The ways of which the part has a word, those of the whole thesaurus left aside."""
    said = dict.fromkeys(w[:_BEGIN] for i in part.items for w in (i.folded, i.base))
    return list(dict.fromkeys(w for s in said for w in _by_start().get(s, ())))


@lru_cache(maxsize=1)
def _by_start() -> dict[str, list[_Way]]:
    out: dict[str, list[_Way]] = {}
    for way in (w for ways in _thesaurus().values() for w in ways):
        out.setdefault(way.words[0][:_BEGIN], []).append(way)
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
    denies = not _DENIALS.isdisjoint(words) or any(w.startswith(_REFUSES) for w in words)
    return _Way(group, bases, opposite, denies)
