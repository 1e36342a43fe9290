"""The model's state after the constant part of every prompt, kept on disk: it is computed once per model.

The constant part is the system text of the program and the markers of the chat format before the record. It is
evaluated and saved while the model opens, before any record is there; nothing is saved at any other moment. A file
that is damaged, cut, of another model or that cannot be read or written costs the time of computing it, no draft.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from engine import files
from engine.cancellation import CancelToken
from engine.inference.backends import ModelSpec
from engine.inference.decoding import CHUNK, Backend, shared
from engine.inference.protocol import Message, Prompt

# Tokens below which nothing is kept: the bundled model computes so many in the 2–10 ms that reading a file takes; its
# own constant part has 15 (tests/benchmarks/saved_state.py).
LEAST: Final = 64
MOST: Final = 128 << 20  # bytes of one file
KEPT: Final = 8  # files, of several models and versions of the program
_MOST_OF_ALL: Final = 256 << 20  # bytes
_FORMAT: Final = b"epicrisis state 1\n"
_HEAD: Final = struct.Struct(f"<{len(_FORMAT)}s32s32sI")  # format, digest of what follows, key, number of tokens


class Stateful(Backend, Protocol):
    """A runtime whose cache can be taken out and put back."""

    version: str  # of the runtime and of whatever its states depend on

    def state(self) -> bytes:
        """What the cache holds; empty where that cannot be told."""

    def restore(self, tokens: Sequence[int], state: bytes) -> bool:
        """Puts back the state after these tokens; where it is none of this model, the cache is empty and this False."""


def prepare(runtime: Stateful, spec: ModelSpec, cancel: CancelToken) -> None:
    """Fills the cache with the constant part, from disk where it was kept. Raises Cancelled, ModelRefused."""
    tokens = constant(runtime, spec.system)
    if len(tokens) < LEAST:
        return
    key = _key(runtime, spec, tokens)
    path = Path(spec.states) / f"{key.hex()}.state"
    if spec.states and _restored(runtime, path, key, tokens):
        return
    for start in range(runtime.reuse(tokens), len(tokens), CHUNK):
        runtime.evaluate(tokens[start : start + CHUNK], cancel)
    if spec.states:
        _keep(path, key, tokens, runtime.state())


def constant(runtime: Backend, system: str) -> list[int]:
    """The tokens that every prompt with this system text begins with; none without such a text."""
    if not system:
        return []
    one, other = (runtime.encode(Prompt((Message("system", system), Message("user", text)))) for text in ("A", "I"))
    return one[: shared(one, other)]


def _key(runtime: Stateful, spec: ModelSpec, tokens: Sequence[int]) -> bytes:
    told = f"{spec.sha256}\n{runtime.version}\n{runtime.context}\n".encode()
    return hashlib.sha256(_FORMAT + told + _packed(tokens)).digest()


def _packed(tokens: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(tokens)}i", *tokens)


def _restored(runtime: Stateful, path: Path, key: bytes, tokens: Sequence[int]) -> bool:
    state = _state_in(_read(path), key, tokens)
    if state is None or not runtime.restore(tokens, state):
        return False
    with suppress(OSError):
        os.utime(path)  # what is used last is removed last
    return True


def _read(path: Path) -> bytes:
    """Empty where there is no such file of a reasonable size."""
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > MOST:
            return b""
        with path.open("rb") as file:
            return file.read(MOST)
    except OSError:
        return b""


def _state_in(data: bytes, key: bytes, tokens: Sequence[int]) -> bytes | None:
    """None unless every byte is as it was written: the runtime itself does not survive each damaged state."""
    if len(data) < _HEAD.size:
        return None
    written, digest, of, count = _HEAD.unpack_from(data)
    body = memoryview(data)[_HEAD.size :]
    if (written, of, count) != (_FORMAT, key, len(tokens)) or hashlib.sha256(body).digest() != digest:
        return None
    known = _packed(tokens)
    return bytes(body[len(known) :]) if body[: len(known)] == known else None


def _keep(path: Path, key: bytes, tokens: Sequence[int], state: bytes) -> None:
    body = _packed(tokens) + state
    if not state or _HEAD.size + len(body) > MOST:
        return
    head = _HEAD.pack(_FORMAT, hashlib.sha256(body).digest(), key, len(tokens))
    with suppress(OSError):  # a full disk; the next start computes it again
        files.replace(path, head + body)
        _tidy(path.parent)


def _tidy(folder: Path) -> None:
    """Removes the oldest, also what a process that was ended left half written. Raises OSError."""
    found = [path for path in folder.iterdir() if path.suffix in (".state", ".tmp") and path.is_file()]
    left = _MOST_OF_ALL
    for number, path in enumerate(sorted(found, key=lambda p: p.stat().st_mtime_ns, reverse=True)):
        left -= path.stat().st_size
        if number >= KEPT or left < 0:
            path.unlink()
