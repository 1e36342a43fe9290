"""Where the words of a search stand in a line, as the history finds them: the beginnings of words, without accents."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"\w+")


def searched(words: str) -> tuple[str, ...]:
    """The words, small and without accents."""
    return tuple(_plain(word) for word in _WORD.findall(words))


def places(text: str, words: tuple[str, ...]) -> list[tuple[int, int]]:
    """Start and length of each beginning of a word of the text that was searched for; [] without words."""
    found = []
    for match in _WORD.finditer(text) if words else ():
        long = max((len(word) for word in words if _plain(match[0]).startswith(word)), default=0)
        if long:
            found.append((match.start(), long))
    return found


def _plain(word: str) -> str:
    """As long as the word itself: one letter for each."""
    return "".join(unicodedata.normalize("NFD", letter.lower())[0] for letter in word)
