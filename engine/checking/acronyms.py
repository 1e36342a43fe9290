"""Acronyms that no list has: «IRA» in the record is «insuficiencia renal aguda» in the text, by its initials.

Three letters at least: two fit too many phrases by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from engine.checking.clips import Clips
from engine.checking.families import family
from engine.checking.lexicon import DENIALS, lexicon
from engine.checking.units import flat
from engine.checking.words import Token, keys, tokens

_LETTERS = range(3, 6)
_BRIEF = 2  # words whose initials are known by the figure after them
_FIELD = re.compile(r"(?:logi|iatri|terapi)$")
_CLIPPED = 4  # letters that tell a specialty


@dataclass(frozen=True, slots=True)
class Acronyms:
    """What one record abbreviates and what it writes out."""

    short: frozenset[str]  # acronyms of the record, as keys
    long: dict[str, tuple[str, ...]]  # initials → keys of a phrase of the record
    fields: frozenset[str] = frozenset()  # specialties, by their keys
    figured: dict[str, tuple[str, ...]] = field(default_factory=dict)  # initials of what a figure follows → its keys
    read: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)  # abbreviation → words of its reading
    spelt: tuple[tuple[tuple[str, ...], str], ...] = ()  # families of a reading → the record's abbreviation
    known: frozenset[str] = frozenset()  # every key of the record
    clips: Clips = field(default_factory=Clips)

    def joined(self, found: list[Token], text: str) -> list[Token]:
        """The tokens; a phrase that an acronym of the record stands for is one, and so the reverse."""
        found = self.clips.written_out(found, text)
        out: list[Token] = []
        i = 0
        while i < len(found):
            if found[i].sort != "word":
                out.append(found[i])
                i += 1
                continue
            size, tokens = self._at(found, i)
            out.extend(tokens)
            i += size
        return out

    def _at(self, found: Sequence[Token], i: int) -> tuple[int, list[Token]]:
        token = found[i]
        measured = self.figured.get(flat(token.text), ()) if token.text.isupper() else ()
        if measured and i + 1 < len(found) and found[i + 1].sort == "number":  # «PN 1346 g», «TO 2 sem»
            return 1, [token._replace(key=k) for k in measured]
        if _is_acronym(token) and token.key not in self.short and token.key in self.long:
            return 1, [token._replace(key=k) for k in self.long[token.key]]
        if token.folded in self.read and token.key not in self.known and _is_short(token):
            return 1, [token._replace(folded=said, key=key) for said, key in self.read[token.folded]]
        specialty = self._field(token)
        if specialty:
            return 1, [token._replace(key=specialty)]
        spelled = (_spelled(found, i, self.short) if self.short else None) or self._written_out(found, i)
        if spelled:
            key, size = spelled
            return size, [Token(token.start, found[i + size - 1].end, token.text, token.folded, "word", key)]
        return 1, [token]

    def _written_out(self, found: Sequence[Token], i: int) -> tuple[str, int] | None:
        """The record's abbreviation of which the words from `i` are a reading."""
        for families, key in self.spelt:
            told, j = 0, i
            while found[i].key and j < len(found) and told < len(families) and found[j].sort == "word":
                if found[j].key and family(found[j].key) != families[told]:
                    break
                told += bool(found[j].key)
                j += 1
            if told == len(families):
                return key, j - i
        return None

    def _field(self, token: Token) -> str | None:
        """«Trauma» is «traumatología», «psiq» «psiquiatría», where the record has that specialty."""
        if not self.fields or len(token.folded) < _CLIPPED or token.key in self.fields:
            return None
        longer = (f for f in self.fields if f.startswith(token.folded) and len(f) > len(token.folded) + 2)
        return min(longer, default=None)


def _is_short(token: Token) -> bool:
    """One word, in capitals where it has but two letters."""
    return token.end - token.start == len(token.text) and (len(token.text) > 2 or token.text.isupper())


def _is_acronym(token: Token) -> bool:
    return token.sort == "word" and token.text.isupper() and len(token.text) in _LETTERS and token.key == token.folded


def _spelled(found: Sequence[Token], i: int, acronyms: frozenset[str]) -> tuple[str, int] | None:
    """The acronym that the words from `i` spell, and how many tokens they take; function words do not count."""
    initials = ""
    for j in range(i, min(len(found), i + 9)):
        token = found[j]
        if token.sort != "word":
            return None
        if token.folded in lexicon().function:
            continue
        initials += token.folded[0]
        if initials in acronyms and len(initials) >= min(_LETTERS):
            return initials, j - i + 1
        if not any(a.startswith(initials) for a in acronyms):
            return None
    return None


def gather(phrases: Iterable[list[Token]]) -> Acronyms:
    """The acronyms and the phrases of a record's item names."""
    every = list(phrases)
    long: dict[str, tuple[str, ...]] = {}
    figured: dict[str, tuple[str, ...]] = {}
    for found in every:
        figured.update(_before_figures(found))
        for words in _phrases(found):
            long.setdefault("".join(w.folded[0] for w in words), tuple(w.key for w in words))
    short = {t.key for found in every for t in found if _is_acronym(t)} - long.keys()
    known = frozenset(t.key for found in every for t in found if t.key)
    told = frozenset(t.folded for found in every for t in found)
    fields = frozenset(t.key for found in every for t in found if _FIELD.search(t.key))
    spelt = ((way, key) for key in sorted(told & lexicon().readings.keys()) for way in _families(key) if way)
    return Acronyms(frozenset(short), long, fields, figured, _read(every, told), tuple(_keyed(every, spelt)), known)


def _read(every: list[list[Token]], told: frozenset[str]) -> dict[str, tuple[tuple[str, str], ...]]:
    """The abbreviations of which one claim of the record has a reading, whole, and that the record does not use."""
    claims = [{family(t.key): t.key for t in found if t.key} for found in every]
    anywhere = frozenset(f for claim in claims for f in claim)
    out: dict[str, tuple[tuple[str, str], ...]] = {}
    for short in lexicon().readings.keys() - told:
        found: list[tuple[tuple[str, str], ...]] = []
        for way, reading in zip(_families(short), lexicon().readings[short], strict=True):
            claim = next((c for c in claims if all(f in c for f in way)), None) if anywhere.issuperset(way) else None
            if claim and way:
                found.append(tuple(_words(reading, claim)))
        drugs = {key for words in found for _, key in words if key[:1] == "®"}
        if found and len(drugs) <= 1:  # «CTX» names neither of two drugs that it may stand for
            out[short] = found[0]
    return out


def _words(reading: str, claim: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The words of a reading with the keys that the claim has for them; a «sin» or «no» denies what follows."""
    for token in tokens(reading):
        if token.key or token.folded in DENIALS:
            yield token.folded, claim[family(token.key)] if token.key else ""


def _keyed(
    every: list[list[Token]], spelt: Iterable[tuple[tuple[str, ...], str]]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each reading with the key under which the record has its abbreviation, if it states something."""
    keys = {t.folded: t.key for found in every for t in found if t.key and _is_short(t)}
    yield from ((way, keys[short]) for way, short in spelt if short in keys)


@lru_cache(maxsize=1024)
def _families(short: str) -> tuple[tuple[str, ...], ...]:
    """The readings of an abbreviation as families of words."""
    return tuple(tuple(map(family, keys(r))) for r in lexicon().readings[short])


def _before_figures(found: list[Token]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The initials of the two words that stand before a figure, or that are the whole name of a result."""
    words: list[Token] = []
    for token in (*found, None):
        if token is not None and token.sort == "word":
            words += [] if token.folded in lexicon().function else [token]
            continue
        first = [w for w in words if w.folded[:1]]
        if len(first) == _BRIEF and (token is None or token.sort == "number"):
            yield "".join(w.folded[0] for w in first), tuple(w.key for w in first if w.key)
        words = []


def _phrases(found: list[Token]) -> Iterator[list[Token]]:
    """Runs of words between marks; a whole phrase that has a group of its own is no part of one."""
    runs: list[list[Token]] = [[]]
    for token in found:
        is_word = token.sort == "word" and token.end - token.start == len(token.text) and token.key[:1] != "®"
        if is_word and token.key:
            runs[-1].append(token)
        elif not (token.sort == "word" and not token.key):
            runs.append([])
    for run in runs:
        for size in _LETTERS:
            yield from (run[i : i + size] for i in range(len(run) - size + 1))
