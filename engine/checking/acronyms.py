"""Acronyms that no list has: «IRA» in the record is «insuficiencia renal aguda» in the text, by its initials.

Three letters at least: two fit too many phrases by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from engine.checking.lexicon import lexicon
from engine.checking.units import flat
from engine.checking.words import Token

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

    def joined(self, found: list[Token]) -> list[Token]:
        """The tokens; a phrase that an acronym of the record stands for is one, and so the reverse."""
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

    def _at(self, found: list[Token], i: int) -> tuple[int, list[Token]]:
        token = found[i]
        measured = self.figured.get(flat(token.text), ()) if token.text.isupper() else ()
        if measured and i + 1 < len(found) and found[i + 1].sort == "number":  # «PN 1346 g», «TO 2 sem»
            return 1, [replace(token, key=k) for k in measured]
        if _is_acronym(token) and token.key not in self.short and token.key in self.long:
            return 1, [replace(token, key=k) for k in self.long[token.key]]
        specialty = self._field(token)
        if specialty:
            return 1, [replace(token, key=specialty)]
        spelled = _spelled(found, i, self.short) if self.short else None
        if spelled:
            key, size = spelled
            return size, [Token(token.start, found[i + size - 1].end, token.text, token.folded, "word", key)]
        return 1, [token]

    def _field(self, token: Token) -> str | None:
        """«Trauma» is «traumatología», «psiq» «psiquiatría», where the record has that specialty."""
        if not self.fields or token.sort != "word" or len(token.folded) < _CLIPPED or token.key in self.fields:
            return None
        return next((f for f in self.fields if f.startswith(token.folded) and len(f) > len(token.folded) + 2), None)


def _is_acronym(token: Token) -> bool:
    return token.sort == "word" and token.text.isupper() and len(token.text) in _LETTERS and token.key == token.folded


def _spelled(found: list[Token], i: int, acronyms: frozenset[str]) -> tuple[str, int] | None:
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
    short: set[str] = set()
    long: dict[str, tuple[str, ...]] = {}
    fields: set[str] = set()
    figured: dict[str, tuple[str, ...]] = {}
    for found in phrases:
        figured.update(_before_figures(found))
        fields.update(t.key for t in found if _FIELD.search(t.key))
        short.update(t.key for t in found if _is_acronym(t))
        for words in _phrases(found):
            long.setdefault("".join(w.folded[0] for w in words), tuple(w.key for w in words))
    return Acronyms(frozenset(short - long.keys()), long, frozenset(fields), figured)


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
