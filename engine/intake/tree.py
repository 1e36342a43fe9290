"""The record as a tree of nodes, each with its JSON pointer, clean text and decoded string-lists."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from engine.domain import Repair
from engine.errors import InputRefused
from engine.intake.characters import clean, refuse
from engine.intake.limits import MAX_DIGITS, MAX_ITEMS, MAX_KEY, MAX_VALUES
from engine.intake.syntax import Constant, Number, Repeated, load

_HELD_JSON: Final = re.compile(r'\s*(?:\[\s*["{\[\]]|\{\s*["}]|null\s*\Z)')


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the record: text, number literal, bool, None, list of nodes or nodes by key."""

    pointer: str
    value: str | bool | list[Node] | dict[str, Node] | None

    def get(self, key: str) -> Node:
        """The field, or an empty node."""
        return self.value.get(key, NOTHING) if isinstance(self.value, dict) else NOTHING

    @property
    def items(self) -> list[Node]:
        """The items of a list; a lone value counts as a list of one."""
        if isinstance(self.value, list):
            return self.value
        return [] if self.empty else [self]

    @property
    def fields(self) -> dict[str, Node]:
        return self.value if isinstance(self.value, dict) else {}

    @property
    def empty(self) -> bool:
        """True for null, «», [] and {}."""
        return self.value is None or (not isinstance(self.value, bool) and len(self.value) == 0)

    @property
    def scalar(self) -> bool:
        return not isinstance(self.value, (list, dict))


NOTHING: Final = Node("", None)


def grow(raw: object, repairs: list[Repair]) -> Node:
    """The tree of a parsed record; repairs are appended in the order of the record. Raises InputRefused."""
    return _Grower(repairs).node(raw, "", 0)


def child(pointer: str, key: str | int) -> str:
    """The pointer one level down (RFC 6901)."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


class _Grower:
    def __init__(self, repairs: list[Repair]) -> None:
        self._repairs = repairs
        self._values = 0

    def node(self, raw: object, pointer: str, depth: int) -> Node:
        if isinstance(raw, dict):
            return self._object(raw, pointer, depth + 1)
        if isinstance(raw, list):
            _limit(len(raw), pointer)
            items = enumerate(raw)
            return Node(pointer, [self.node(item, child(pointer, index), depth + 1) for index, item in items])
        self._count(pointer)
        if isinstance(raw, str):
            return self._string(raw, pointer, depth)
        return Node(pointer, raw if isinstance(raw, bool) else None)

    def _object(self, raw: dict[str, object], pointer: str, depth: int) -> Node:
        _limit(len(raw), pointer)
        for key in raw:
            _check_key(key, pointer)
        if isinstance(raw, Repeated):
            raise InputRefused("duplicate_key", pointer=child(pointer, raw.key))
        fields = {key: self.node(value, child(pointer, key), depth) for key, value in raw.items()}
        return Node(pointer, fields)

    def _string(self, raw: str, pointer: str, depth: int) -> Node:
        if isinstance(raw, Number):
            return Node(pointer, _checked_number(raw, pointer))
        if isinstance(raw, Constant):
            raise InputRefused("not_a_number", pointer=pointer)
        if _HELD_JSON.match(raw):
            held = _held(raw, pointer, depth)
            if not isinstance(held, str):
                self._repairs.append(Repair("notice_list_in_string", pointer))
                return self.node(held, pointer, depth)
        return Node(pointer, clean(raw, pointer, lambda code: self._repairs.append(Repair(code, pointer))))

    def _count(self, pointer: str) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            raise InputRefused("too_many_values", pointer=pointer, limit=MAX_VALUES)


def _held(text: str, pointer: str, depth: int) -> object:
    """The list, object or null that a string holds, or the string where it only looks like one.

    Depth and size are refused here too; broken JSON is left as text and the field's type decides.
    """
    try:
        return load(text.strip(), depth=depth, pointer=pointer)
    except InputRefused as refusal:
        if refusal.code in ("json_syntax", "json_truncated", "trailing_text"):
            return text
        raise


def _limit(count: int, pointer: str) -> None:
    if count > MAX_ITEMS:
        raise InputRefused("too_many_items", pointer=pointer, limit=MAX_ITEMS)


def _check_key(key: str, parent: str) -> None:
    """Keys stand in pointers and messages, so the error carries the pointer of their object."""
    if len(key) > MAX_KEY:
        raise InputRefused("key_too_long", pointer=parent, limit=MAX_KEY)
    refuse(key, parent)
    if re.search(r"[\n\r\t]", key):
        raise InputRefused("control_character", pointer=parent, point="U+000A")


def _checked_number(literal: Number, pointer: str) -> Number:
    digits = sum(character.isdigit() for character in literal)
    if digits > MAX_DIGITS:
        raise InputRefused("integer_too_long", pointer=pointer, limit=MAX_DIGITS)
    if not math.isfinite(float(literal)):
        raise InputRefused("number_out_of_range", pointer=pointer)
    return literal
