"""The model folder: what the catalogue lists, where its files are, and whether they are what it says."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from engine.errors import ModelRefused
from engine.paths import resource, user_models

_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model of the catalogue, or a file given by hand (`sha256` computed)."""

    id: str
    file: str
    sha256: str
    architecture: str  # general.architecture of the GGUF: «qwen2», «llama»
    chat_template: str  # a key of engine.inference.chat.TEMPLATES
    prompt_profile: str  # a file of resources/prompts
    licence: str
    backend: str = "llama"
    context: int = 4096
    size: int = 0  # bytes
    name: str = ""
    bundled: bool = False

    @property
    def path(self) -> Path:
        """Beside the catalogue, or in the user's model folder."""
        own = resource("models") / self.file
        return own if own.exists() else user_models() / self.file


@lru_cache(maxsize=1)
def catalog() -> tuple[ModelEntry, ...]:
    """Every model of resources/models/catalog.toml; the first one is the default."""
    data = tomllib.loads((resource("models") / "catalog.toml").read_text(encoding="utf-8"))
    return tuple(ModelEntry(**entry) for entry in data.get("model", ()))


def find(model: str | None) -> ModelEntry:
    """By id, by file, or the default one. Raises ModelRefused where there is none."""
    for entry in catalog():
        if model in (None, entry.id):
            return entry
    path = Path(model or "")
    if not _is_file(path):
        raise ModelRefused("model_unknown", model=model or "")
    return _by_hand(path)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long for the system
        return False


def verified(entry: ModelEntry) -> Path:
    """The path of a model whose bytes are those of the catalogue. Raises ModelRefused."""
    if not entry.path.is_file():
        raise ModelRefused("model_missing", model=entry.id)
    if file_sha256(entry.path) != entry.sha256:
        raise ModelRefused("model_altered", model=entry.id)
    return entry.path


def file_sha256(path: Path) -> str:
    """Raises ModelRefused where the file cannot be read to its end."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        raise ModelRefused("model_unreadable", file=path.name) from None
    return digest.hexdigest()


def _by_hand(path: Path) -> ModelEntry:
    """A file that no catalogue knows: its hash is told in the result."""
    sha256 = file_sha256(path)
    with path.open("rb") as stream:
        if stream.read(4) != b"GGUF":
            raise ModelRefused("model_unreadable", file=path.name)
    return ModelEntry(
        id=path.stem,
        file=str(path.resolve()),
        sha256=sha256,
        architecture="",
        chat_template="chatml",
        prompt_profile="instruct",
        licence="",
        size=path.stat().st_size,
        name=path.stem,
    )
