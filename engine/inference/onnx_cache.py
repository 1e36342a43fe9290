"""Where an ONNX graph keeps the keys and values of what it has read: in buffers bound to it, which no step copies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]


class Binding(Protocol):
    """ONNX Runtime's IOBinding: names and the memory behind them, which must live as long as the binding."""

    def bind_input(
        self, name: str, device: str, number: int, kind: Any, shape: tuple[int, ...], pointer: int
    ) -> None: ...

    def bind_output(
        self, name: str, device: str, number: int, kind: Any, shape: tuple[int, ...], pointer: int
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Slot:
    """Keys or values of one layer, [1, heads, length, size]."""

    past: str
    present: str
    heads: int
    size: int
    kind: type[np.generic] | None


class Cache(Protocol):
    def bind(self, binding: Binding, total: int) -> None:
        """For the next step, after which the cache has `total` tokens."""

    def keep(self, total: int) -> None:
        """The step was done; without it the cache is as before."""

    def trim(self, length: int) -> None:
        """Forgets all but the first `length` tokens."""


def bound(
    bind: Callable[[str, str, int, Any, tuple[int, ...], int], None], name: str, array: Numbers, shape: tuple[int, ...]
) -> None:
    """Binds the beginning of an array, read as this shape."""
    bind(name, "cpu", 0, array.dtype.type, shape, array.ctypes.data)


class InPlace:
    """One buffer a slot, as long as the context: the graph adds to what it reads (`onnx_folder.adds_in_place`)."""

    def __init__(self, slots: Sequence[Slot], context: int) -> None:
        self._buffers = {slot: np.zeros((1, slot.heads, context, slot.size), slot.kind) for slot in slots}
        self._bound: Binding | None = None

    def bind(self, binding: Binding, total: int) -> None:
        """The same for each step."""
        if binding is self._bound:
            return
        for slot, buffer in self._buffers.items():
            bound(binding.bind_input, slot.past, buffer, buffer.shape)
            bound(binding.bind_output, slot.present, buffer, buffer.shape)
        self._bound = binding

    def keep(self, total: int) -> None:
        """The graph takes the length from the attention mask."""

    def trim(self, length: int) -> None:
        """Likewise: what stands behind is written over."""


class Lengthened:
    """Two buffers a slot: the graph reads the cache from one and writes a longer one into the other."""

    def __init__(self, slots: Sequence[Slot], context: int) -> None:
        def buffers() -> dict[Slot, Numbers]:
            return {slot: np.zeros(slot.heads * context * slot.size, slot.kind) for slot in slots}

        self._read, self._written = buffers(), buffers()
        self._length = 0

    def bind(self, binding: Binding, total: int) -> None:
        for slot in self._read:
            bound(binding.bind_input, slot.past, self._read[slot], (1, slot.heads, self._length, slot.size))
            bound(binding.bind_output, slot.present, self._written[slot], (1, slot.heads, total, slot.size))

    def keep(self, total: int) -> None:
        self._read, self._written = self._written, self._read
        self._length = total

    def trim(self, length: int) -> None:
        """Each head's tokens stand together, so the heads move up."""
        for slot, buffer in self._read.items():
            for head in range(1, slot.heads):
                start = head * self._length * slot.size
                kept = buffer[start : start + length * slot.size].copy()
                buffer[head * length * slot.size :][: kept.size] = kept
        self._length = length
