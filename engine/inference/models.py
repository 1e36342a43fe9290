"""The models of this computer: those that come with the program, those of the user's folder, a file by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.cancellation import CancelToken
from engine.errors import ModelRefused
from engine.inference import gguf, library, onnx_folder
from engine.inference.catalog import ModelEntry, catalog, digest, drained, file_sha256, folder_digest
from engine.inference.identity import Identity, identity_of

__all__ = ["ModelEntry", "catalog", "checked", "file_sha256", "find", "installed", "verified"]

_read: dict[Identity, str] = {}  # the SHA-256 of the models whose bytes this program has read and found sound
_given: dict[tuple[Path, Identity], ModelEntry] = {}  # by hand


def installed() -> tuple[ModelEntry, ...]:
    """The bundled models, then the added ones. Raises ModelRefused where the list of these is damaged."""
    return (*(e for e in catalog() if e.bundled), *library.added())


def find(model: str | None, backend: str | None = None, cancel: CancelToken | None = None) -> ModelEntry:
    """By id, by file, or the default one; of one runtime where it is named. Raises ModelRefused where there is none.

    A file is read whole the first time, which may be cancelled. Raises Cancelled then.
    """
    if model is None and backend not in (None, catalog()[0].backend):
        found = next((e for e in installed() if e.backend == backend), None)
        if found is None:
            raise ModelRefused("model_none_of_backend", backend=backend)
        return found
    entry = catalog()[0] if model is None else _named(model, cancel or CancelToken())
    if backend not in (None, entry.backend):
        raise ModelRefused("model_other_backend", model=entry.id, backend=entry.backend)
    return entry


def _named(model: str, cancel: CancelToken) -> ModelEntry:
    bundled = next((e for e in catalog() if e.bundled and e.id == model), None)
    if bundled:  # also where the list of the others cannot be read
        return bundled
    path = Path(model)
    try:
        listed = library.added()
    except ModelRefused:
        if not _is_there(path):
            raise
        listed = ()
    entry = next((e for e in (*listed, *catalog()) if e.id == model), None)
    if entry:
        return entry
    if _is_there(path):
        return _by_hand(path.resolve(), cancel)
    raise ModelRefused("model_unknown", model=model)


def _is_there(path: Path) -> bool:
    """A file, or the folder of an ONNX model."""
    try:
        return path.is_file() or (path / "config.json").is_file()
    except OSError:  # a name too long for the system
        return False


def verified(entry: ModelEntry, cancel: CancelToken | None = None) -> Identity:
    """A model whose bytes are those listed and whose header is sound; they are read again only if a file changed.

    Raises ModelRefused, Cancelled.
    """
    _require(entry)
    identity = identity_of(entry.path)
    if _read.get(identity) != entry.sha256:
        for _ in checked(entry, cancel or CancelToken()):
            pass
        if identity_of(entry.path) != identity:
            raise ModelRefused("model_replaced", model=entry.id)
        _read[identity] = entry.sha256
    return identity


def _require(entry: ModelEntry) -> None:
    if not entry.present:
        raise ModelRefused("model_missing", model=entry.id)


def checked(entry: ModelEntry, cancel: CancelToken) -> Iterator[int]:
    """Yields the bytes read so far. Raises ModelRefused where the model is missing, altered or unsound, Cancelled."""
    path = entry.path
    _require(entry)
    if entry.backend == "onnx":
        found = yield from folder_digest(path, onnx_folder.inspect(path).files, cancel)
    else:
        found = yield from digest(path, cancel)
    if found != entry.sha256:
        raise ModelRefused("model_altered", model=entry.id)
    if entry.backend == "llama":
        gguf.inspect(path)


def _by_hand(path: Path, cancel: CancelToken) -> ModelEntry:
    """A file that no list knows: its hash is told in the result. What is wrong with it is told when it is loaded."""
    identity = identity_of(path)
    if (path, identity) not in _given:  # a batch asks for each record, and hashing takes seconds
        look = _folder_by_hand if path.is_dir() else _file_by_hand
        _given[path, identity] = look(path, identity, cancel)
    return _given[path, identity]


def _folder_by_hand(path: Path, identity: Identity, cancel: CancelToken) -> ModelEntry:
    """Which files of a folder are the model is only known of a sound one: another has no hash."""
    try:
        facts = onnx_folder.inspect(path)
    except ModelRefused:
        return ModelEntry(path.name, str(path), "", "", "chatml", "instruct", "", backend="onnx", name=path.name)
    sha256 = drained(folder_digest(path, facts.files, cancel))
    if identity_of(path) == identity:
        _read[identity] = sha256
    return ModelEntry(
        id=path.name,
        file=str(path),
        sha256=sha256,
        architecture=facts.architecture,
        chat_template=facts.chat_template,
        prompt_profile=facts.prompt_profile,
        licence=facts.licence,
        backend="onnx",
        size=facts.size,
        quantization=facts.quantization,
        name=path.name,
    )


def _file_by_hand(path: Path, identity: Identity, cancel: CancelToken) -> ModelEntry:
    try:
        facts: gguf.Facts | None = gguf.inspect(path)
    except ModelRefused:
        facts = None
    sha256 = drained(digest(path, cancel))
    if facts and identity_of(path) == identity:
        _read[identity] = sha256
    return ModelEntry(
        id=path.stem,
        file=str(path),
        sha256=sha256,
        architecture=facts.architecture if facts else "",
        chat_template=facts.chat_template if facts else "chatml",
        prompt_profile=facts.prompt_profile if facts else "instruct",
        licence=facts.licence if facts else "",
        size=path.stat().st_size,
        name=path.stem,
    )
