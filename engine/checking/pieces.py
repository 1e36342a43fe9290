"""A text cut where no pattern reaches across, so that an edit makes only its own piece be read again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from engine.checking.lexicon import lexicon
from engine.evidence.language import fold

# Words that carry a full stop before the sentence goes on: «la Dra. Soto».
_LONG = "dra sra srta dras sres prof lic aprox".split()
CARRIERS = (*_LONG, *map(str.capitalize, _LONG), *map(str.upper, _LONG))
_CARRIED = "".join(rf"(?<!\b{word}[.] )" for word in CARRIERS)
_STOP = rf"(?<=\w\w\w[.] ){_CARRIED}|(?<=[)%][.] )"
_CUT = re.compile(rf" (?=\S)(?:{_STOP}|(?<=[\w)]; )|(?<=[)], ))")
_STOPPED = re.compile(rf" (?=\S)(?:{_STOP})")
_LAST = re.compile(r"[^\W\d_]{3,6}$")
_LETTERS = 6  # of the longest clipped word
_SHARED = 2  # the mark and the space between two pieces, which a pattern may ask for on either side


@lru_cache(maxsize=256)
def pieces(text: str) -> tuple[tuple[int, str], ...]:
    """Where each piece begins, and its text: up to a semicolon, a comma after parentheses or the end of a sentence."""
    return tuple(_pieces(text, _CUT))


@lru_cache(maxsize=256)
def sentences(text: str) -> tuple[tuple[int, str], ...]:
    """Larger pieces: up to a full stop that no short word carries."""
    return tuple(_pieces(text, _STOPPED))


def _pieces(text: str, where: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    start = 0
    for cut in where.finditer(text):
        mark = cut.start() - 1
        if _carried(text[max(start, mark - _LETTERS) : mark]):
            continue
        yield start, text[start : cut.end()]
        start = cut.end() - _SHARED
    yield start, text[start:]


def _carried(said: str) -> bool:
    """The piece would end with a clipped word that never ends a sentence: «insuf.», «trast.»."""
    last = _LAST.search(said)
    return last is not None and fold(last[0]) in lexicon().clipped_heads


def matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """What a pattern of words matches in a text, looked for piece by piece."""
    for start, _ in found(pattern, text):
        match = pattern.match(text, start)
        if match:
            yield match


def found(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Where a pattern of words stands in a text, piece by piece."""
    spans = _finder(pattern)
    return [(start + at, end + at) for at, piece in pieces(text) for start, end in spans(piece)]


@lru_cache(maxsize=256)
def _finder(pattern: re.Pattern[str]) -> Callable[[str], tuple[tuple[int, int], ...]]:
    """Looks for the pattern in a piece; a memory for each pattern, whose hash takes long."""
    return lru_cache(maxsize=4096)(lambda piece: tuple(m.span() for m in pattern.finditer(piece)))
