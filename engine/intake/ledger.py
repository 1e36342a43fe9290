"""Reads leaves of the tree into values, and keeps account of what was read and what was repaired."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from engine.domain import Repair, Text
from engine.intake import codes
from engine.intake.codes import CodeSystem
from engine.intake.dates import to_iso
from engine.intake.syntax import Number
from engine.intake.tree import Node

_BULLET: Final = re.compile(r"\A[-•*–·]\s+")
# «1.000 mg»: a thousand in Chile, one in a system that writes decimals with a point.
_THOUSANDS: Final = re.compile(r"(?<![\d.,])[1-9]\d{0,2}[.,]\d{3}(?![\d.,]*\d)")


class Ledger:
    """Every leaf is read through here, so that what was never read is known in the end."""

    def __init__(self) -> None:
        self.repairs: list[Repair] = []
        self._read: set[str] = set()

    def notice(self, code: str, node: Node) -> None:
        self.repairs.append(Repair(code, node.pointer))

    def text(self, node: Node) -> Text | None:
        """One line of text, or None where the field is empty or no text."""
        whole = self.narrative(node)
        if whole is None or "\n" not in whole.value:
            return whole
        self.notice("notice_spaces", node)
        return Text(whole.value.replace("\n", " "), node.pointer)

    def narrative(self, node: Node) -> Text | None:
        """As `text`, with the record's line breaks."""
        if not isinstance(node.value, str) or not node.value:
            return None
        self._read.add(node.pointer)
        return Text(str(node.value), node.pointer)

    def lines(self, node: Node) -> tuple[Text, ...]:
        """One text for each line of the field, without bullets."""
        whole = self.narrative(node)
        parts = whole.value.split("\n") if whole else []
        return tuple(Text(_BULLET.sub("", part), node.pointer) for part in parts if _BULLET.sub("", part))

    def doubt_amount(self, node: Node) -> None:
        """Points out «1.000», which may be one or a thousand; a JSON number may not."""
        if isinstance(node.value, Number) or not isinstance(node.value, str):
            return
        if _THOUSANDS.search(node.value):
            self.notice("notice_dose_ambiguous", node)

    def date(self, node: Node) -> Text | None:
        """ISO 8601 where the text is a possible date, else the text as it was written."""
        found = self.text(node)
        if found is None:
            return None
        iso, code = to_iso(found.value)
        if code:
            self.notice(code, node)
        return Text(iso, node.pointer)

    def code(self, node: Node, system: CodeSystem) -> Text | None:
        """The normalised code; a text that is none («sin código») stays unread."""
        return self._coded(node, str(node.value), system) if isinstance(node.value, str) else None

    def name_and_code(self, node: Node, system: CodeSystem) -> tuple[Text | None, Text | None]:
        """A plain text with its code at the end, both with the pointer of the text."""
        whole = self.text(node)
        if whole is None:
            return None, None
        name, written = codes.split(whole.value, system)
        return Text(name, node.pointer), self._coded(node, written, system) if written else None

    def _coded(self, node: Node, written: str, system: CodeSystem) -> Text | None:
        code = codes.normalise(written, system)
        if not code:
            return None
        self._read.add(node.pointer)
        if code != written:
            self.notice("notice_code", node)
        return Text(code, node.pointer)

    def take(self, nodes: Iterable[Node]) -> None:
        """Marks leaves whose words were put into one text."""
        self._read.update(node.pointer for node in nodes)

    def unread(self, root: Node) -> tuple[Text, ...]:
        """Every leaf that is not empty and was never read, in the order of the record."""
        left = (leaf for leaf in leaves(root) if leaf.pointer not in self._read)
        return tuple(Text(_shown(leaf), leaf.pointer) for leaf in left)


def leaves(node: Node) -> Iterator[Node]:
    """The leaves that are not empty, in order."""
    if isinstance(node.value, dict):
        for value in node.value.values():
            yield from leaves(value)
    elif isinstance(node.value, list):
        for item in node.value:
            yield from leaves(item)
    elif not node.empty:
        yield node


def _shown(leaf: Node) -> str:
    if isinstance(leaf.value, bool):
        return "true" if leaf.value else "false"
    return str(leaf.value)
