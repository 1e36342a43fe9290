"""What passes between the program and the model's process: JSON behind its length, read back as plain checked values.

No pickle: a process that a damaged model file has taken over can then send wrong words and nothing worse.
"""

from __future__ import annotations

import json
import os
import struct
import typing
from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import lru_cache
from types import UnionType
from typing import Any, Final, TypeVar

from engine.errors import ModelRefused
from engine.inference.protocol import Finished, Piece, PromptChosen, PromptRead, SegmentStarted, StreamEvent, Threads

Frame = dict[str, Any]  # as it came; nothing of it is used before `made` has looked at it
_Made = TypeVar("_Made")
_LENGTH: Final = struct.Struct("<I")
MOST: Final = 256 << 20  # bytes of a frame to the model's process
_EVENTS: Final[dict[str, type[StreamEvent]]] = {
    kind.__name__: kind for kind in (PromptChosen, PromptRead, SegmentStarted, Piece, Finished)
}


@dataclass(frozen=True, slots=True)
class Done:
    """What is told at the end of a job."""

    peak: int  # bytes: the most memory that the process has held
    threads: Threads


@dataclass(frozen=True, slots=True)
class Seen:
    """What is told of a runtime's library, once it is loaded."""

    features: tuple[str, ...]


class Garbled(Exception):
    """The other side does not speak as it should."""


def write(pipe: int, frame: Mapping[str, object]) -> None:
    """One frame into a pipe's descriptor, whole. Raises OSError where nobody reads it any more."""
    payload = json.dumps(frame, separators=(",", ":")).encode("ascii")
    data = memoryview(_LENGTH.pack(len(payload)) + payload)
    while data:
        data = data[os.write(pipe, data[: 1 << 20]) :]


def read(pipe: int, most: int) -> Frame | None:
    """The next frame, of at most so many bytes; None at the end. Raises Garbled."""
    head = _exactly(pipe, _LENGTH.size)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > most:
        raise Garbled
    payload = _exactly(pipe, length)
    if payload is None:
        return None
    try:
        frame = json.loads(payload)
    except (ValueError, RecursionError):
        raise Garbled from None
    if not isinstance(frame, dict):
        raise Garbled
    return frame


def _exactly(pipe: int, count: int) -> bytes | None:
    """None where the pipe ends first: its writer died."""
    parts = []
    while count:
        part = os.read(pipe, min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def told(event: StreamEvent) -> Frame:
    """An event as plain values."""
    return {"event": type(event).__name__, "values": asdict(event)}


def events_of(frame: Frame) -> tuple[StreamEvent, ...]:
    """Those of one frame. Raises Garbled."""
    events = frame.get("events")
    if not isinstance(events, list):
        raise Garbled
    return tuple(_event(event) for event in events)


def _event(told: object) -> StreamEvent:
    name = told.get("event") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(name, str) or name not in _EVENTS:
        raise Garbled
    return made(_EVENTS[name], told.get("values"))


def refusal_of(frame: Frame) -> ModelRefused:
    """The refusal that the model's process tells, if it is one that can be shown. Raises Garbled."""
    code, facts = frame.get("code"), frame.get("facts")
    if not isinstance(code, str) or not isinstance(facts, dict):
        raise Garbled
    if not all(type(fact) in (str, int) for fact in facts.values()):
        raise Garbled
    try:
        refusal = ModelRefused(code, **facts)
        for lang in ("es", "en"):
            refusal.message(lang)
            refusal.hint(lang)
    except (KeyError, TypeError):
        raise Garbled from None
    return refusal


def made(kind: type[_Made], values: object) -> _Made:
    """A dataclass of the protocol from its values, each of the declared type. Raises Garbled."""
    if not isinstance(values, dict) or values.keys() != {field.name for field in fields(kind)}:  # type: ignore[arg-type]  # a dataclass, as its callers know
        raise Garbled
    hints = _hints(typing.cast(Hashable, kind))
    return kind(**{name: _value(hint, values[name]) for name, hint in hints.items()})


@lru_cache(maxsize=32)
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _value(hint: Any, value: object) -> object:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if is_dataclass(hint):
        return made(typing.cast(type[object], hint), value)
    if origin is tuple and isinstance(value, list):
        return tuple(_value(inner[0], item) for item in value)
    if origin is typing.Literal and value in inner:
        return value
    if origin is UnionType and value is None and type(None) in inner:
        return None
    if origin is UnionType and value is not None:
        return _value(next(kind for kind in inner if kind is not type(None)), value)
    if type(value) is hint or (hint is float and type(value) is int):
        return value
    raise Garbled
