"""The user's model folder: what hospital IT added by file, and how each model did on this computer.

This module owns the folder. `added.json` lists the models, `verdicts.json` what their qualification found; both are
written whole or not at all, and so is each model.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from engine import files
from engine.cancellation import CancelToken
from engine.computer import Computer
from engine.errors import EpicrisisError, ModelRefused
from engine.inference import gguf, onnx_folder
from engine.inference.catalog import CHUNK, ModelEntry, catalog, digest, folder_digest
from engine.paths import user_models

_LIST, _VERDICTS = "added.json", "verdicts.json"
_FORMAT: Final = 1
_PARTIAL = ".agregando-"  # beginning of the name of a model that is being copied
_ABANDONED = 24 * 3600.0  # seconds after which such a copy is one that was killed
_SPARE = 64 << 20  # bytes left free on the disk
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_KEPT = ("id", "file", "sha256", "architecture", "chat_template", "prompt_profile", "licence", "backend", "context")
_FIELDS = (*_KEPT, "repeat_penalty", "size", "memory", "quantization", "name", "quality", "speed")


@dataclass(frozen=True, slots=True)
class Copied:
    """`done` of `total` bytes are in the model folder."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Added:
    entry: ModelEntry
    already: bool  # the same bytes had been added before


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the acceptance set found of one model on one computer. Shares from 0 to 1."""

    sha256: str
    version: str  # of the program
    computer: Computer
    at: str  # ISO 8601 with zone
    suitable: bool
    failed: tuple[str, ...]  # the thresholds that it missed, by name
    records: int
    coverage: float
    violations: float  # blocking ones of the first attempt, for each record
    fallback: float
    tokens_per_second: float
    seconds: float  # median of a draft
    slowest: float
    peak_memory: int  # MB of the program and its model's process


def added() -> tuple[ModelEntry, ...]:
    """The models of the user's folder, in the order in which they were added. Raises ModelRefused."""
    return tuple(_entry(item) for item in _read(_LIST, "models"))


def verdicts() -> tuple[Verdict, ...]:
    """Every verdict kept. Raises ModelRefused."""
    try:
        return tuple(_verdict(item) for item in _read(_VERDICTS, "verdicts"))
    except (TypeError, KeyError):
        raise ModelRefused("models_list_damaged") from None


def keep(verdict: Verdict) -> None:
    """Takes the place of an older verdict on the same bytes and computer. Raises EpicrisisError."""
    others = [v for v in verdicts() if (v.sha256, v.computer) != (verdict.sha256, verdict.computer)]
    _write(_VERDICTS, "verdicts", [asdict(v) for v in (*others, verdict)])


def add(source: Path, cancel: CancelToken) -> Iterator[Copied | Added]:
    """Checks, copies and lists a model; the last event is Added. Nothing stays of one that is refused or cancelled.

    Raises ModelRefused for a model that is unsound or unknown, EpicrisisError where the disk fails, Cancelled.
    """
    if source.is_symlink() or not (source.is_dir() or source.is_file()):
        code = "model_link" if source.is_symlink() or source.exists() else "file_missing"
        raise ModelRefused(code, file=source.name)
    found = _Import(source)
    before = added()  # a damaged list is told before a long copy
    folder = _folder()
    _sweep(folder)
    _require_room(folder, found)
    place = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=folder))
    try:
        sha256 = yield from found.copy(place, cancel)
        yield _settle(found.entry(sha256), place, before)
    except OSError as error:
        raise EpicrisisError("models_folder", reason=error.strerror or "?") from None
    finally:
        shutil.rmtree(place, ignore_errors=True)


class _Import:
    """A model on its way into the folder: one file, or the files of an ONNX folder."""

    def __init__(self, source: Path) -> None:
        self._source = source
        self._onnx = source.is_dir()
        self._facts = self._inspect(source)
        self.name = source.name
        self.size = self._facts.size if isinstance(self._facts, onnx_folder.Facts) else source.stat().st_size

    def _inspect(self, path: Path) -> gguf.Facts | onnx_folder.Facts:
        return onnx_folder.inspect(path) if self._onnx else gguf.inspect(path)

    def copy(self, place: Path, cancel: CancelToken) -> Generator[Copied, None, str]:
        """Copies into `place`/model, and looks at the copy as at the original; returns the SHA-256."""
        target, done = place / "model", 0
        facts = self._facts
        names = facts.files if isinstance(facts, onnx_folder.Facts) else ("",)
        for name in names:
            path = target / name if name else target
            path.parent.mkdir(parents=True, exist_ok=True)
            for step in _copy(self._source / name if name else self._source, path, cancel):
                yield Copied(done + step, self.size)
            done += path.stat().st_size
        work = folder_digest(target, names, cancel) if self._onnx else digest(target, cancel)
        sha256 = yield from _as_copied(work, self.size)
        if self._inspect(target) != facts or done != self.size:
            raise ModelRefused("model_changed", file=self.name)
        return sha256

    def entry(self, sha256: str) -> ModelEntry:
        """As the catalogue has it where it knows these bytes, else as the header says."""
        for known in catalog():
            if known.sha256 == sha256:
                return known
        if any(known.sha256 and known.file == self.name for known in catalog()):
            raise ModelRefused("model_unexpected", file=self.name)
        facts, stem = self._facts, self._source.name if self._onnx else self._source.stem
        return ModelEntry(
            id=_slug(stem),
            file="",
            sha256=sha256,
            architecture=facts.architecture,
            chat_template=facts.chat_template,
            prompt_profile=getattr(facts, "prompt_profile", "instruct"),
            licence=facts.licence,
            backend="onnx" if self._onnx else "llama",
            context=min(facts.context, 4096),
            size=self.size,
            quantization=facts.quantization,
            name=getattr(facts, "name", "") or stem,
        )


def _as_copied(work: Generator[int, None, str], total: int) -> Generator[Copied, None, str]:
    """Hashing what was written is the second reading; the count stays at the end meanwhile."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return str(end.value)
        yield Copied(total, total)


def _copy(source: Path, target: Path, cancel: CancelToken) -> Iterator[int]:
    """Yields the bytes copied so far; they are on the disk when it ends."""
    done = 0
    with source.open("rb") as reading, target.open("xb") as writing:
        while chunk := reading.read(CHUNK):
            cancel.check()
            writing.write(chunk)
            done += len(chunk)
            yield done
        writing.flush()
        os.fsync(writing.fileno())


def _settle(entry: ModelEntry, place: Path, before: tuple[ModelEntry, ...]) -> Added:
    """Moves the copy to its name and lists it; the same bytes are there once."""
    for known in (*(e for e in catalog() if e.bundled), *before):
        if known.sha256 == entry.sha256 and known.path.exists():
            return Added(known, already=True)
    others = tuple(e for e in before if e.sha256 != entry.sha256)
    name = _free({e.id for e in (*catalog(), *others)} - {entry.id if entry.repository else ""}, entry.id)
    file = name if entry.backend == "onnx" else f"{name}.gguf"
    values = {field: getattr(entry, field) for field in _FIELDS} | {"id": name, "file": file}
    target = user_models() / file
    if target.is_dir():  # left by a run that was killed before it was listed
        shutil.rmtree(target)
    (place / "model").replace(target)
    files.sync_folder(target.parent)
    _write(_LIST, "models", [*({f: getattr(e, f) for f in _FIELDS} for e in others), values])
    return Added(ModelEntry(**values), already=False)


def _free(taken: set[str], wanted: str) -> str:
    return next(name for n in range(1, len(taken) + 2) if (name := wanted if n == 1 else f"{wanted}-{n}") not in taken)


def _slug(stem: str) -> str:
    """A name for the command line and every file system: lower-case ASCII letters, digits, dot, dash, underscore."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", stem.lower().encode("ascii", "ignore").decode()).strip("-._")
    return plain[:64] or "modelo"


def _folder() -> Path:
    folder = user_models()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EpicrisisError("models_folder", reason=error.strerror or "?") from None
    return folder


def _sweep(folder: Path) -> None:
    """Takes away what a killed copy left."""
    for old in folder.glob(f"{_PARTIAL}*"):
        if time.time() - old.stat().st_mtime > _ABANDONED:
            shutil.rmtree(old, ignore_errors=True)


def _require_room(folder: Path, found: _Import) -> None:
    lacking = found.size + _SPARE - shutil.disk_usage(folder).free
    if lacking > 0:
        raise EpicrisisError("models_disk_full", file=found.name, megabytes=-(-lacking // 10**6))


def _read(name: str, key: str) -> list[dict[str, Any]]:
    path = user_models() / name
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, UnicodeDecodeError):
        raise ModelRefused("models_list_damaged") from None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ModelRefused("models_list_damaged") from None
    items = found.get(key) if isinstance(found, dict) and found.get("format") == _FORMAT else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ModelRefused("models_list_damaged")
    return items


def _write(name: str, key: str, items: list[dict[str, Any]]) -> None:
    data = json.dumps({"format": _FORMAT, key: items}, ensure_ascii=False, indent=1).encode()
    try:
        files.replace(_folder() / name, data)
    except OSError as error:
        raise EpicrisisError("models_folder", reason=error.strerror or "?") from None


def _entry(item: dict[str, Any]) -> ModelEntry:
    """The list stands where anybody may write: names must be plain, so that no path leads out of the folder."""
    types = {f.name: {"int": int, "float": float}.get(str(f.type), str) for f in fields(ModelEntry)}
    sound = set(item) == set(_FIELDS) and all(type(item[f]) is types[f] for f in _FIELDS)
    if not sound or not _ID.fullmatch(item["id"]) or item["file"] not in (item["id"], f"{item['id']}.gguf"):
        raise ModelRefused("models_list_damaged")
    return ModelEntry(**item)


def _verdict(item: dict[str, Any]) -> Verdict:
    return Verdict(**{**item, "computer": Computer(**item["computer"]), "failed": tuple(item["failed"])})
