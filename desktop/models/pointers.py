"""JSON pointers that speak of the same thing."""

from __future__ import annotations

from collections.abc import Iterable


def related(first: str, second: str) -> bool:
    """True where one pointer is the other or stands inside it: «/a/0» and «/a/0/dosis», not «/a/01»."""
    short, long = sorted((first, second), key=len)
    return bool(short) and (long == short or long.startswith(short + "/"))


def any_related(first: Iterable[str], second: Iterable[str]) -> bool:
    """True where any pointer of one side is related to any of the other."""
    others = tuple(second)
    return any(related(one, other) for one in first for other in others)
