"""Acronyms that no list has: «IRA» in the record is «insuficiencia renal aguda» in the text, by its initials.

Three letters at least: two fit too many phrases by chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from engine.checking.lexicon import lexicon
from engine.checking.words import Token

_LETTERS = range(3, 6)


@dataclass(frozen=True, slots=True)
class Acronyms:
    """What one record abbreviates and what it writes out."""

    short: frozenset[str]  # acronyms of the record, as keys
    long: dict[str, tuple[str, ...]]  # initials → keys of a phrase of the record

    def joined(self, found: list[Token]) -> list[Token]:
        """The tokens; a phrase that an acronym of the record stands for is one, and so the reverse."""
        out: list[Token] = []
        i = 0
        while i < len(found):
            size, tokens = self._at(found, i)
            out.extend(tokens)
            i += size
        return out

    def _at(self, found: list[Token], i: int) -> tuple[int, list[Token]]:
        token = found[i]
        if _is_acronym(token) and token.key not in self.short and token.key in self.long:
            return 1, [replace(token, key=k) for k in self.long[token.key]]
        spelled = _spelled(found, i, self.short) if self.short else None
        if spelled:
            key, size = spelled
            return size, [Token(token.start, found[i + size - 1].end, token.text, token.folded, "word", key)]
        return 1, [token]


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
    for found in phrases:
        short.update(t.key for t in found if _is_acronym(t))
        for words in _phrases(found):
            long.setdefault("".join(w.folded[0] for w in words), tuple(w.key for w in words))
    return Acronyms(frozenset(short - long.keys()), long)


def _phrases(found: list[Token]) -> Iterator[list[Token]]:
    content = [t for t in found if t.sort == "word" and t.key and t.key[0] not in "=®"]
    for size in _LETTERS:
        for i in range(len(content) - size + 1):
            yield content[i : i + size]
