"""What the catalogue says of each model, and the digest of a model's bytes."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from engine.cancellation import CancelToken
from engine.errors import ModelRefused
from engine.paths import resource, user_models

CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model of the catalogue or of the user's folder, or a file given by hand (`sha256` computed)."""

    id: str
    file: str  # a GGUF file, or the folder of an ONNX model; empty where `files` says it
    sha256: str  # of a folder: of its files' names and digests; empty where nobody published it
    architecture: str  # general.architecture of the GGUF, model_type of the ONNX folder
    chat_template: str  # a key of engine.inference.chat.TEMPLATES; empty for an embedding
    prompt_profile: str  # a file of resources/prompts; empty for an embedding
    licence: str
    backend: str = "llama"  # "llama" | "onnx"
    kind: Literal["llm", "embedding"] = "llm"
    context: int = 4096
    repeat_penalty: float = 1.0  # 1: none; it punishes the copying of codes
    size: int = 0  # bytes; 0 where nobody published it
    size_about: int = 0  # bytes, rounded by the publisher
    memory: int = 0  # MB while it drafts; 0 where not known
    quantization: str = ""
    name: str = ""
    quality: int = 0  # 1 low – 3 high; 0 where not known
    speed: int = 0
    bundled: bool = False
    twin: str = ""  # the id of the model with the same weights for the other runtime; a physician is offered that one
    recommended: bool = False
    repository: str = ""  # owner/name, of an upstream model
    revision: str = "main"
    files: tuple[dict[str, str | int], ...] = ()  # of several files: {file, size, sha256}

    @property
    def path(self) -> Path:
        """Beside the catalogue, or in the user's model folder."""
        own = resource("models") / self.file
        return own if os.path.exists(own) else user_models() / self.file

    @property
    def present(self) -> bool:
        """Whether it is there; False also where a folder on the way to it may not be entered."""
        return bool(self.file) and os.path.exists(self.path)


@lru_cache(maxsize=1)
def catalog() -> tuple[ModelEntry, ...]:
    """Every model of resources/models/catalog.toml; the first one is the default."""
    data = tomllib.loads((resource("models") / "catalog.toml").read_text(encoding="utf-8"))
    return tuple(_entry(entry) for entry in data["model"])


def _entry(table: dict[str, object]) -> ModelEntry:
    texts = dict.fromkeys(("file", "sha256", "chat_template", "prompt_profile"), "")
    return ModelEntry(**{**texts, **table, "files": tuple(table.get("files", ()))})  # type: ignore[arg-type]  # TOML


def system_text(profile: str) -> str:
    """What a model of this profile reads before any record; empty for an embedding, which has no profile."""
    return resource(f"prompts/{profile}.txt").read_text(encoding="utf-8").strip() if profile else ""


def digest(path: Path, cancel: CancelToken) -> Generator[int, None, str]:
    """Yields the bytes read so far, returns the SHA-256. Raises ModelRefused, Cancelled."""
    done, found = 0, hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                cancel.check()
                found.update(chunk)
                done += len(chunk)
                yield done
    except OSError:
        raise ModelRefused("model_unreadable", file=path.name) from None
    return found.hexdigest()


def folder_digest(folder: Path, files: tuple[str, ...], cancel: CancelToken) -> Generator[int, None, str]:
    """The same for these files of a folder, each under its name with «/». Raises ModelRefused, Cancelled."""
    before, lines = 0, []
    for name in sorted(files):
        done = 0
        one = digest(folder / name, cancel)
        while True:
            try:
                done = next(one)
            except StopIteration as end:
                lines.append(f"{end.value}  {name}\n")
                break
            yield before + done
        before += done
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """Raises ModelRefused where the file cannot be read to its end."""
    return drained(digest(path, CancelToken()))


def drained(work: Generator[object, None, str]) -> str:
    """What the work returns; what it yields on the way is of no interest."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return str(end.value)
