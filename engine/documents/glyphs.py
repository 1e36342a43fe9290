"""What the embedded faces can draw; the rest is named instead of lost.

PDF/A forbids a character without a glyph: one emoji in a note would refuse the whole document.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from engine.paths import resource

_LINE_BREAK = re.compile("\r\n|[\r\v\f\u0085\u2028\u2029]")


def legible(text: str) -> str:
    """`text` with each character that no face can draw as «[U+1F600]».

    Invisible characters (joiners, soft hyphens, variation selectors) are left out and every
    line break becomes a line feed; all else stays as it is.
    """
    text = _LINE_BREAK.sub("\n", text).replace("\t", " ")
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_drawn, text))


def _drawn(char: str) -> str:
    if char == "\n" or ord(char) in covered():
        return char
    return "" if _invisible(char) else f"[U+{ord(char):04X}]"


def _invisible(char: str) -> bool:
    return unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f"


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """Code points with a glyph in resources/fonts."""
    lines = resource("fonts/coverage.txt").read_text(encoding="ascii").splitlines()
    return frozenset(point for line in lines if not line.startswith("#") for point in _range(line))


def _range(line: str) -> range:
    first, last = line.split("-")
    return range(int(first, 16), int(last, 16) + 1)
