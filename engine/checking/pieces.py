"""A text cut where no pattern reaches across, so that an edit makes only its own piece be read again."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CUT = re.compile(r"(?:(?<=\w\w\w[.])|(?<=[)%][.])) (?=\S)")
_SHARED = 2  # the mark and the space between two pieces, which a pattern may ask for on either side


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """Where each piece begins, and its text: up to a full stop that no short word carries."""
    start = 0
    for cut in _CUT.finditer(text):
        yield start, text[start : cut.end()]
        start = cut.end() - _SHARED
    yield start, text[start:]
