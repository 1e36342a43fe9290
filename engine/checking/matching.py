"""Which field of the record tells the words of a clause.

The field that tells most of a clause takes its words, the rest goes to the next one; fields that tell the same words
equally well share them. A single word of many uses is only given to a field that something else in the sentence, a
date or the word's rarity speaks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from engine.checking import measures, modality
from engine.checking.alignment import Alignment
from engine.checking.calendar import Date
from engine.checking.fields import DETAILS, LISTED, Field, Fields, atoms, kin, verbs
from engine.checking.keeping import kept
from engine.checking.lexicon import lexicon
from engine.checking.measures import Norm
from engine.checking.modality import Modality
from engine.checking.reading import Word
from engine.checking.support import implying
from engine.evidence import Kind, Section

_EXACT, _PARTS, _KIN = 1.0, 0.9, 0.7  # the word itself; all the words of a phrase; one of its family
_DATED, _NEXT, _NEAR, _HERE = 0.5, 0.3, 0.15, 0.25  # for a field of the date, note, sentence, part that is being told
_WITH_UNIT = 1.2  # a number with its unit
_LOOSE = 0.5  # a clipped word, the parts of a name, something that implies the word
_SHORT = range(3, 7)  # letters of a clipped word
_FAR = 60  # words back in a sentence
_TELLING = 2  # digits of a number that may speak for itself
_EVEN = 0.01
_PLANNED = frozenset({Kind.FOLLOW_UP.value, Kind.CARE.value, Kind.ALARM_SIGN.value})
_LEAVING = frozenset({Section.DISCHARGE, Section.PLAN})
Hits = dict[int, float]  # field → how well it tells a word
Told = dict[int, tuple[float, int]]  # word → how well it is told, and by which field


class Matcher:
    """Looks the words of one text up in the record's fields."""

    def __init__(self, alignment: Alignment, fields: Fields) -> None:
        self._text, self._words = alignment.reading.text, alignment.reading.words
        self._fields = fields
        self._measures = {
            i: m
            for m in alignment.reading.measures
            if m.kind in ("duration", "frequency", "dose")
            for i in alignment.reading.starting(m.start, m.end)
        }
        self._known: dict[int, Hits] = {}
        self._moments = _moments(alignment)

    def in_one_measure(self, one: int, other: int) -> bool:
        """«3 litros»: a number and its unit."""
        return one in self._measures and self._measures[one] is self._measures.get(other)

    def agreed(self, first: int, fields: tuple[int, ...]) -> tuple[int, ...]:
        """Of fields that say the same, those of the date or day under which the word stands; else all."""
        dated = tuple(f for f in fields if self._moments[first] & self._fields.every[f].moments)
        return dated or fields

    def told(self, indexes: list[int], owners: list[tuple[int, ...]]) -> Iterator[tuple[list[int], tuple[int, ...]]]:
        """The words of a clause that have no owner yet, with the fields that tell them."""
        left = {i: hits for i in indexes if self._words[i].key and not owners[i] and (hits := self.hits(i))}
        used = self._used(indexes, owners) if left else {}
        while left:
            units = self._units(left)
            scores = {
                u: sum(w for w, _ in own.values()) + self._bonus(u, own, used)
                for u, own in units.items()
                if self._is_enough(u, own, indexes, used)
            }
            if not scores:
                return
            best = max(scores, key=scores.__getitem__)
            own = units[best]
            even = [units[u] for u in scores if scores[u] > scores[best] - _EVEN and units[u].keys() == own.keys()]
            yield from _parted(even, own)
            used[self._fields.every[best].passage] = _NEXT
            left = {i: hits for i, hits in left.items() if i not in own}

    def _units(self, left: dict[int, Hits]) -> dict[int, Told]:
        """By statement or item (the field of its name): the words that it tells, each with the field that does."""
        units: dict[int, Told] = {}
        for i, hits in left.items():
            for f, weight in hits.items():
                own = units.setdefault(self._fields.units[f], {})
                if i - 1 in own or i - 1 not in left or not self._words[i - 1].is_number:  # «7 kilos» is one
                    own[i] = max(own.get(i, (0.0, -1)), (weight, f))
        return {u: own for u, own in units.items() if own}

    def _bonus(self, u: int, own: Told, used: dict[str, float]) -> float:
        one, first = self._fields.every[u], next(iter(own))
        here = _HERE * _same_part(one.section, self._words[first].section)
        return used.get(one.passage, 0.0) + _DATED * bool(self._moments[first] & one.moments) + here

    def _is_enough(self, u: int, own: Told, indexes: list[int], used: dict[str, float]) -> bool:
        """The words speak for the statement or item, and not for any that happens to have one of them."""
        one = self._fields.every[u]
        if one.kind == Kind.PATIENT:  # sex and age open the text
            return self._words[next(iter(own))].sentence == 0
        words = [i for i, (_, f) in own.items() if not self._words[i].is_number]
        if one.kind in LISTED and not any(f == u for _, f in own.values()):
            return False
        if one.passage in used or len(words) > 1 or (words and len(own) > 1):
            return True
        content = [i for i in indexes if self._words[i].key]
        if (words and content == words) or any(self._is_plain(i, one, weight) for i, (weight, _) in own.items()):
            return True
        others = (f for i in content if i not in own and not self._words[i].is_number for f in self.hits(i))
        return any(self._fields.every[f].passage == one.passage for f in others)

    def _is_plain(self, i: int, one: Field, weight: float) -> bool:
        """A drug, a term of several words, or what the record, or this part of it, has only there or on that date."""
        word, hits = self._words[i], self.hits(i)
        is_vague = weight < _WITH_UNIT and (i in self._measures or len(word.key) < _TELLING)
        if word.is_number and (is_vague or day_of_stay(self._words, i)):
            return False
        key = "" if word.is_number else word.key
        fields = [f for f in map(self._fields.every.__getitem__, hits) if f.kind not in DETAILS]
        here = {f.passage for f in fields if _same_part(f.section, word.section)}
        alone = {f.passage for f in fields} == {one.passage} or here == {one.passage}
        return alone or key.startswith("®") or " " in key or bool(self._moments[i] & one.moments)

    def _used(self, indexes: list[int], owners: list[tuple[int, ...]]) -> dict[str, float]:
        """The notes and items told not long before in the sentence, the last one before the clause first."""
        words, out = self._words, dict[str, float]()
        sentence, i = words[indexes[0]].sentence, indexes[0] - 1
        while i >= max(0, indexes[0] - _FAR) and words[i].sentence == sentence:
            for f in owners[i]:
                out.setdefault(self._fields.every[f].passage, _NEAR if out else _NEXT)
            i -= 1
        for i in indexes:
            out.update((self._fields.every[f].passage, _NEXT) for f in owners[i])
        return out

    def hits(self, i: int) -> Hits:
        """The fields that hold the word."""
        if i not in self._known:
            word, measure = self._words[i], self._measures.get(i) if self._words[i].is_number else None
            said = self._text[word.token.start : word.token.end]
            asked = _Asked(
                said,
                word.token.folded,
                word.key,
                word.modality,
                word.section,
                bool(day_of_stay(self._words, i)),
                word.is_number,
                measure.norms if measure else frozenset(),
            )
            self._known[i] = _hits(self._fields, asked)
        return self._known[i]


class _Asked(NamedTuple):
    """All that is asked of the fields about a word, wherever it stands; `day` of a day of stay."""

    said: str
    folded: str
    key: str
    modality: Modality
    section: Section
    day: bool
    is_number: bool
    norms: frozenset[Norm]  # of the measure that the number belongs to


@kept
def _hits(fields: Fields, word: _Asked) -> Hits:
    found = _numbers(fields, word) if word.is_number else _same(fields, word) if word.key else {}
    return {f: w for f, w in found.items() if _may_tell(word, fields.every[f])}


def _may_tell(word: _Asked, one: Field) -> bool:
    """What is planned is told at the end; a day of the stay, in the notes."""
    if one.kind in _PLANNED:
        return word.section in _LEAVING and not word.day
    return one.kind == Kind.COURSE or not word.day


def _numbers(fields: Fields, word: _Asked) -> Hits:
    values = measures.values(word.folded) or measures.values(word.key)
    found = {f: _EXACT for n in values for f in fields.by_number.get(n, ())}
    return found | {f: _WITH_UNIT for n in sorted(word.norms, key=repr) for f in fields.by_norm.get(n, ())}


def _same(fields: Fields, word: _Asked) -> Hits:
    out: Hits = {}
    parts = atoms(word.said)
    for root in {kin(p) for p in parts} if len(parts) == 1 else ():
        out.update((f, _KIN) for f in fields.by_family.get(root, ()))
    if parts:
        sets = [set(fields.by_atom.get(p, ())) for p in parts]
        out.update((f, _PARTS) for f in set.intersection(*sets))
    out.update((f, _EXACT) for f in fields.by_key.get(word.key, ()))
    if not out:
        out.update((f, _LOOSE) for f in sorted(_otherwise(fields, word)))
    return {f: w for f, w in out.items() if _agrees(word, fields.every[f])}


def _otherwise(fields: Fields, word: _Asked) -> Iterator[int]:
    """Fields that hold it clipped («amb»), in another tense, by the parts of its name, or what implies it."""
    if len(word.folded) in _SHORT:
        longer = (a for a in fields.by_atom if len(a) > len(word.folded) + 1)
        yield from (f for a in longer if a.startswith(word.folded) for f in fields.by_atom[a])
    for verb in verbs(word.folded):
        yield from fields.by_verb.get(verb, ())
    for way in lexicon().ways.get(word.key, ()):
        yield from set.intersection(*(set(fields.by_family.get(kin(a), ())) for a in way)) if way else ()
    for specific in implying(word.key):
        yield from fields.by_key.get(specific, ())


def _same_part(one: Section, other: Section) -> bool:
    return one == other or {one, other} <= _LEAVING


def _parted(even: list[Told], own: Told) -> Iterator[tuple[list[int], tuple[int, ...]]]:
    """The words of each field; with those of other statements that tell the same words as well."""
    parts: dict[tuple[int, ...], list[int]] = {}
    for i in own:
        parts.setdefault(tuple(dict.fromkeys(told[i][1] for told in even)), []).append(i)
    for fields, words in parts.items():
        yield words, fields


def _agrees(word: _Asked, one: Field) -> bool:
    """The field does not say the contrary of the word."""
    said = one.keys.get(word.key) or frozenset(m for modes in one.keys.values() for m in modes)
    return not said or any(modality.agree(word.modality, m) for m in said)


def day_of_stay(words: tuple[Word, ...], i: int) -> str:
    """The day that a word tells: «día 3», «tercer día», «D3»; empty for any other word."""
    token = words[i].token
    if token.sort != "number":
        return ""
    after = i + 1 < len(words) and words[i + 1].token.folded == "dia" and not token.text.isdigit()
    before = i > 0 and words[i - 1].token.folded == "dia"
    return token.key if before or after else ""


def _moments(alignment: Alignment) -> list[frozenset[str]]:
    """For each word the date or the day of stay under which it is told, within its part of the text."""
    out: list[frozenset[str]] = []
    words, dates = alignment.reading.words, {d.start: d for d in alignment.reading.dates}
    current: frozenset[str] = frozenset()
    for i, word in enumerate(words):
        if i and word.section != words[i - 1].section:
            current = frozenset()
        if i in alignment.quoted:  # a statement's own date is not that under which it is told
            out.append(current)
            continue
        if word.token.start in dates:
            current = _on(alignment, dates[word.token.start])
        day = day_of_stay(words, i)
        if day:
            current = (current if word.special else frozenset()) | {day}
        out.append(current)
    return out


def _on(alignment: Alignment, date: Date) -> frozenset[str]:
    return frozenset(d for d in alignment.record.evidence.dates if date.fits(d))
