"""Before a model is loaded: each thing that may stand in its way is looked at by one small function.

What it finds is told as a refusal with what to do about it. A check that has nothing to look at, because an earlier one
failed, is not made.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from engine.cancellation import CancelToken
from engine.computer import free_memory, lacking
from engine.errors import ModelRefused, RuntimeDied
from engine.inference import gguf, models, onnx_folder, supervisor
from engine.inference.catalog import ModelEntry
from engine.paths import user_heads, user_models, user_states, user_store

Name = Literal["path", "file", "header", "hash", "runtime", "processor", "memory", "disk", "folders", "draft"]

LEAST_DISK: Final = 256 << 20  # bytes free where the program writes: a copy, an export, a database that grows
_RUNTIME: Final = 250_000_000  # bytes that a runtime takes beside the model's file, where nobody has measured it
_LONGEST_PATH: Final = 259  # characters; what Windows' older interfaces take, which libraries still use
# ggml's names of what a library was built for, and Linux's of what a processor has.
_PROCESSOR: Final = {
    "SSE3": "pni", "SSSE3": "ssse3", "AVX": "avx", "AVX_VNNI": "avx_vnni", "AVX2": "avx2", "F16C": "f16c",
    "FMA": "fma", "BMI2": "bmi2", "AVX512": "avx512f", "AVX512_VBMI": "avx512vbmi", "AVX512_VNNI": "avx512_vnni",
    "AVX512_BF16": "avx512_bf16", "AMX_INT8": "amx_int8", "NEON": "asimd", "DOTPROD": "asimddp", "SVE": "sve",
    "MATMUL_INT8": "i8mm",
}  # fmt: skip
_USUAL: Final = ("AVX", "AVX2", "F16C", "FMA", "BMI2")  # what libraries are mostly built for
_ILLEGAL: Final = ("SIGILL", "0xc000001d")  # how a process ends at an instruction that its processor has not


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `problem` says what is wrong with it and what to do, None where nothing is."""

    name: Name
    problem: ModelRefused | None = None


def preflight(entry: ModelEntry, cancel: CancelToken) -> Iterator[Check]:
    """Each check of a model on this computer, as it is made. Raises Cancelled."""
    sound = True
    for name, look in _OF_THE_MODEL:
        if sound:
            problem = _refusal(look, entry, cancel)
            sound = problem is None
            yield Check(name, problem)
    yield from library(entry.backend, cancel)
    if sound:
        yield Check("memory", memory_problem(needed_memory(entry)))
    yield Check("disk", disk_problem(LEAST_DISK))
    yield Check("folders", folder_problem())


def needed_memory(entry: ModelEntry) -> int:
    """Bytes that the model takes while it drafts: as the catalogue says, else its files and what a runtime adds."""
    return entry.memory * 10**6 or sum(path.stat().st_size for path in _files(entry)) + _RUNTIME


def memory_problem(needed: int) -> ModelRefused | None:
    """Whether so many bytes are free."""
    free = free_memory()
    if free >= needed:
        return None
    return ModelRefused("memory_low", free=free // 10**6, needed=needed // 10**6)


def disk_problem(least: int) -> ModelRefused | None:
    """Whether so many bytes are free on the disk of each folder that the program writes to."""
    for folder in _folders():
        free = shutil.disk_usage(folder).free
        if free < least:
            return ModelRefused("disk_low", folder=str(folder), free=free // 10**6, needed=least // 10**6)
    return None


def folder_problem() -> ModelRefused | None:
    """Whether the program can write to its folders; nothing is left there."""
    for folder in _folders():
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            return ModelRefused("folder_unwritable", folder=str(folder), reason=error.strerror or "?")
    return None


def library(backend: str, cancel: CancelToken) -> Iterator[Check]:
    """Whether the runtime's library loads, and the processor has what it was built for. Raises Cancelled."""
    try:
        seen = supervisor.look(backend, cancel)
    except RuntimeDied as failure:
        illegal = failure.facts.get("reason") in _ILLEGAL
        yield Check("runtime", None if illegal else failure)
        if illegal:
            yield Check("processor", _lacks(lacking(_PROCESSOR[name] for name in _USUAL)))
    except ModelRefused as refusal:
        yield Check("runtime", refusal)
    else:
        yield Check("runtime")
        yield Check("processor", processor_problem(seen.features))


def processor_problem(features: tuple[str, ...]) -> ModelRefused | None:
    """Whether the processor has what a library was built for, in ggml's names; other options of a build pass."""
    missing = lacking(_PROCESSOR[name] for name in features if name in _PROCESSOR)
    return _lacks(missing) if missing else None


def _lacks(flags: tuple[str, ...]) -> ModelRefused:
    names = {flag: name for name, flag in _PROCESSOR.items()}
    return ModelRefused("processor_lacks", features=", ".join(names[flag] for flag in flags) or "?")


def _refusal(
    look: Callable[[ModelEntry, CancelToken], None], entry: ModelEntry, cancel: CancelToken
) -> ModelRefused | None:
    try:
        look(entry, cancel)
    except ModelRefused as refusal:
        return refusal
    return None


def _path(entry: ModelEntry, _cancel: CancelToken) -> None:
    """Accents and spaces are well; a name that is no text, as an old disk may bring, is not, nor one too long."""
    path = str(entry.path)
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        raise ModelRefused("path_unreadable", model=entry.id) from None
    if sys.platform == "win32" and len(path) > _LONGEST_PATH:
        raise ModelRefused("path_long", model=entry.id, most=_LONGEST_PATH)


def _file(entry: ModelEntry, _cancel: CancelToken) -> None:
    """There, and open to this program: an antivirus or another user's rights may hold it."""
    if not entry.file:
        raise ModelRefused("model_missing", model=entry.id)
    try:
        for path in _files(entry):
            with path.open("rb") as stream:
                stream.read(1)
    except FileNotFoundError:
        raise ModelRefused("model_missing", model=entry.id) from None
    except OSError as error:
        raise ModelRefused("model_locked", model=entry.id, reason=error.strerror or "?") from None


def _header(entry: ModelEntry, _cancel: CancelToken) -> None:
    (onnx_folder.inspect if entry.backend == "onnx" else gguf.inspect)(entry.path)


def _hash(entry: ModelEntry, cancel: CancelToken) -> None:
    models.verified(entry, cancel)


_OF_THE_MODEL: Final[tuple[tuple[Name, Callable[[ModelEntry, CancelToken], None]], ...]] = (
    ("path", _path),
    ("file", _file),
    ("header", _header),
    ("hash", _hash),
)


def _files(entry: ModelEntry) -> list[Path]:
    path = entry.path
    return sorted(p for p in path.rglob("*") if p.is_file()) if os.path.isdir(path) else [path]


def _folders() -> list[Path]:
    """Where the program writes, or what there is of the way to it: a folder is made when it is first used."""
    wanted = (user_models(), user_store(), user_heads(), user_states())
    ways = ([folder, *folder.parents] for folder in wanted)
    return list(dict.fromkeys(next(part for part in way if os.path.isdir(part)) for way in ways))
