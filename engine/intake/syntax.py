"""Text to a tree of JSON values that keeps every literal, with the limits looked at beforehand."""

from __future__ import annotations

import json
import re
from typing import Final

from engine.errors import InputRefused
from engine.intake.limits import MAX_DEPTH, MAX_VALUES

_STRING: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
# Possessive, and an open string runs to the end: linear in any text.
_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.?)*+(?:"|\Z)|[\[\]{},]', re.DOTALL)


class Number(str):
    """A number as the record writes it («2.40» stays «2.40»)."""

    __slots__ = ()


class Constant(str):
    """NaN, Infinity or -Infinity; refused once its place is known."""

    __slots__ = ()


class Repeated(dict[str, object]):
    """An object in which `key` stands twice; refused once its place is known."""

    def __init__(self, pairs: list[tuple[str, object]], key: str) -> None:
        super().__init__(pairs)
        self.key = key


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    seen: set[str] = set()
    repeated = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # add gives None
    return Repeated(pairs, repeated)


# Line breaks inside a string are put up with here; other control characters are refused with their place.
_DECODER: Final = json.JSONDecoder(
    strict=False, parse_int=Number, parse_float=Number, parse_constant=Constant, object_pairs_hook=_object
)


def load(text: str, *, depth: int = 0, pointer: str = "") -> object:
    """One JSON value; `depth` levels are already open above it.

    Raises InputRefused: too_deep, too_many_values, json_syntax, json_truncated, trailing_text.
    """
    _scan(text, depth, pointer)
    start = len(text) - len(text.lstrip(" \t\r\n"))
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise _syntax_error(text, error.pos, pointer) from None
    rest = text[end:].lstrip(" \t\r\n")
    if rest:
        raise InputRefused("trailing_text", pointer=pointer, **_place(text, len(text) - len(rest)))
    return value


def _scan(text: str, depth: int, pointer: str) -> None:
    """Depth and count without recursion, before the parser sees the text."""
    values = 1
    for match in _TOKEN.finditer(text):
        mark = match[0]
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise InputRefused("too_deep", pointer=pointer, limit=MAX_DEPTH)
        elif mark in "]}":
            depth -= 1
        elif mark == ",":
            values += 1
            if values > MAX_VALUES:
                raise InputRefused("too_many_values", pointer=pointer, limit=MAX_VALUES)


def _syntax_error(text: str, position: int, pointer: str) -> InputRefused:
    at_end = position >= len(text.rstrip()) or _open_string(text, position)
    code = "json_truncated" if at_end else "json_syntax"
    return InputRefused(code, pointer=pointer, **_place(text, position))


def _open_string(text: str, position: int) -> bool:
    """True where a string begins there and never ends."""
    return text[position] == '"' and _STRING.match(text, position) is None


def _place(text: str, position: int) -> dict[str, int]:
    before = text[:position]
    return {"line": before.count("\n") + 1, "column": position - before.rfind("\n")}
