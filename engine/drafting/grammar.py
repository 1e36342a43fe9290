"""The set of texts that a record allows, as a tree; one tree serves the model, the template and training.

The model decodes under `lark(node)` (llguidance's Lark dialect); the template drafter takes `preferred(node)`;
`sample(node, pick)` gives any other text of the same language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.evidence.language import enclitic

CHUNK = 3  # items of a list whose order is free among themselves; more would cost 2^n rules


@dataclass(frozen=True, slots=True)
class Alt:
    """A choice; the first option is what the template writes. `style` names choices that a text makes alike."""

    options: tuple[Node, ...]
    style: str = ""


@dataclass(frozen=True, slots=True)
class Seq:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Each item exactly once: `a, b y c`. The first `fixed` items keep their place, the rest is free in chunks."""

    items: tuple[Node, ...]
    between: str = ", "
    last: str = " y "
    fixed: int = 0


Node = str | Alt | Seq | Series
Pick = Callable[[Sequence[Node], str], int]  # (options, style) → index of one


def seq(*parts: Node) -> Seq:
    return Seq(parts)


def alt(*options: Node, style: str = "") -> Node:
    """A choice without repeated options."""
    unique = tuple(dict.fromkeys(options))
    return unique[0] if len(unique) == 1 else Alt(unique, style)


def preferred(node: Node) -> str:
    return sample(node, lambda _options, _style: 0)


def sample(node: Node, pick: Pick) -> str:
    """One text of the language, by the choices of `pick`."""
    if isinstance(node, str):
        return node
    if isinstance(node, Alt):
        return sample(node.options[pick(node.options, node.style)], pick)
    if isinstance(node, Seq):
        return "".join(sample(part, pick) for part in node.parts)
    return "".join(_sample_series(node, pick))


def _sample_series(node: Series, pick: Pick) -> Iterator[str]:
    left = list(node.items)
    for chunk in _chunks(node):
        pending = list(chunk)
        while pending:
            item = pending.pop(pick(pending, "order") if len(pending) > 1 else 0)
            is_first, is_last = len(left) == len(node.items), len(left) == 1
            left.remove(item)
            yield sample(item if is_first else led(node.last if is_last else node.between, item), pick)


def _chunks(node: Series) -> Iterator[tuple[Node, ...]]:
    for item in node.items[: node.fixed]:
        yield (item,)
    for start in range(node.fixed, len(node.items), CHUNK):
        yield node.items[start : start + CHUNK]


def led(separator: str, node: Node) -> Node:
    """The node after a separator whose «y» or «o» agrees with each word that may follow: «e hipertensión», «y HTA»."""
    if not re.search(r" [yo] $", separator):
        return seq(separator, node)
    if isinstance(node, str):
        return f"{separator[:-2]}{enclitic(separator[-2], node)} {node}"
    if isinstance(node, Alt):
        return Alt(tuple(led(separator, option) for option in node.options), node.style)
    if isinstance(node, Seq):
        first, *rest = (part for part in node.parts if part != "")
        return Seq((led(separator, first), *rest))
    return seq(f"{separator[:-2]}{enclitic(separator[-2], preferred(node))} ", node)


def without(node: Node, forbidden: frozenset[str]) -> Node:
    """The tree less the options whose text holds a forbidden phrase, where another option remains."""
    if isinstance(node, str):
        return node
    if isinstance(node, Alt):
        kept = [o for o in node.options if not any(f in preferred(o) for f in forbidden)] or list(node.options)
        return alt(*(without(o, forbidden) for o in kept), style=node.style)
    if isinstance(node, Seq):
        return Seq(tuple(without(p, forbidden) for p in node.parts))
    return Series(tuple(without(i, forbidden) for i in node.items), node.between, node.last, node.fixed)


def lark(node: Node) -> str:
    """The tree as an llguidance Lark grammar; record text enters only as escaped string literals."""
    writer = _Writer()
    start = writer.rule(node)
    return "\n".join([f"start: {start}", *writer.lines])


@dataclass
class _Writer:
    lines: list[str] = field(default_factory=list)
    known: dict[object, str] = field(default_factory=dict)

    def rule(self, node: Node) -> str:
        """The name or literal that stands for a node."""
        if isinstance(node, str):
            return json.dumps(node, ensure_ascii=False)
        if node not in self.known:
            self.known[node] = self._define(node)
        return self.known[node]

    def _define(self, node: Alt | Seq | Series) -> str:
        if isinstance(node, Alt):
            return self._line([self.rule(option) for option in _factored(node.options)])
        if isinstance(node, Seq):
            return self._line([" ".join(self.rule(part) for part in _joined(node))])
        return self._series(node)

    def _line(self, options: list[str]) -> str:
        name = f"r{len(self.lines)}"
        self.lines.append(f"{name}: {' | '.join(options)}")
        return name

    def _series(self, node: Series) -> str:
        chunks = list(_chunks(node))
        rest: str | None = None
        for index in range(len(chunks) - 1, -1, -1):
            rest = self._lattice(node, chunks[index], rest, is_first=index == 0)
        return rest or '""'

    def _lattice(self, node: Series, chunk: tuple[Node, ...], rest: str | None, *, is_first: bool) -> str:
        """Rules for each non-empty subset of the chunk still to be written; `rest` follows when it is done."""
        names: dict[int, str] = {}
        full = (1 << len(chunk)) - 1
        for subset in sorted(range(1, full + 1), key=int.bit_count):
            options = []
            for i, item in enumerate(chunk):
                if subset >> i & 1:
                    remaining = subset & ~(1 << i)
                    is_last = remaining == 0 and rest is None
                    opens = is_first and subset == full
                    told = item if opens else led(node.last if is_last else node.between, item)
                    tail = names[remaining] if remaining else rest or ""
                    options.append(f"{self.rule(told)} {tail}".strip())
            names[subset] = self._line(options)
        return names[full]


def _factored(options: tuple[Node, ...]) -> Iterator[Node]:
    """Where one option begins another («; », «; además, »), their common beginning and then the rest.

    The lexer prefers the longer literal: after «; a» it would wait for «además» and refuse «; alta».
    """
    literals = [o for o in options if isinstance(o, str) and o]
    begun: set[str] = set()
    for option in options:
        if not isinstance(option, str) or not option:
            yield option
            continue
        first = min((o for o in literals if option.startswith(o)), key=len)
        if first not in begun:
            begun.add(first)
            rests = tuple(o[len(first) :] for o in literals if o.startswith(first))
            yield first if rests == ("",) else Seq((first, Alt(rests)))


def _joined(node: Seq) -> Iterator[Node]:
    """The parts with neighbouring literals put together, for fewer lexemes."""
    text = ""
    for part in _flat(node):
        if isinstance(part, str):
            text += part
            continue
        if text:
            yield text
        text = ""
        yield part
    if text:
        yield text


def _flat(node: Seq) -> Iterator[Node]:
    for part in node.parts:
        if isinstance(part, Seq):
            yield from _flat(part)
        else:
            yield part
