"""The engine counts code points, Qt counts UTF-16 units."""

from __future__ import annotations

from bisect import bisect_right


class Offsets:
    """Converts positions of one text."""

    def __init__(self, text: str) -> None:
        self._wide = [at for at, char in enumerate(text) if ord(char) > 0xFFFF]

    def to_qt(self, at: int) -> int:
        """UTF-16 position of a code point position."""
        return at + bisect_right(self._wide, at - 1)
