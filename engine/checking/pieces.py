"""A text cut where no pattern reaches across, so that an edit makes only its own piece be read again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from engine.checking.lexicon import lexicon
from engine.evidence.language import fold

# Words that carry a full stop before the sentence goes on: «la Dra. Soto».
_LONG = "dra sra srta dras sres prof lic aprox".split()
CARRIERS = (*_LONG, *map(str.capitalize, _LONG), *map(str.upper, _LONG))
_CARRIED = "".join(rf"(?<!\b{word}[.])" for word in CARRIERS)
_CUT = re.compile(rf"(?:(?<=\w\w\w[.]){_CARRIED}|(?<=[)%][.])) (?=\S)")
_LAST = re.compile(r"[^\W\d_]{3,6}$")
_SHARED = 2  # the mark and the space between two pieces, which a pattern may ask for on either side


@lru_cache(maxsize=256)
def pieces(text: str) -> tuple[tuple[int, str], ...]:
    """Where each piece begins, and its text: up to a full stop that no short word carries."""
    return tuple(_pieces(text))


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for cut in _CUT.finditer(text):
        if _carried(text[start : cut.start() - 1]):
            continue
        yield start, text[start : cut.end()]
        start = cut.end() - _SHARED
    yield start, text[start:]


def _carried(said: str) -> bool:
    """The piece would end with a clipped word that never ends a sentence: «insuf.», «trast.»."""
    last = _LAST.search(said)
    return last is not None and fold(last[0]) in lexicon().clipped_heads


def found(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Where a pattern of words stands in a text, piece by piece."""
    return [(start + at, end + at) for at, piece in pieces(text) for start, end in _spans(pattern, piece)]


@lru_cache(maxsize=16384)
def _spans(pattern: re.Pattern[str], piece: str) -> tuple[tuple[int, int], ...]:
    return tuple(m.span() for m in pattern.finditer(piece))
