"""Whether a file is still the one whose bytes were read: reading gigabytes again for each record would take seconds."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ModelRefused


@dataclass(frozen=True, slots=True)
class Part:
    """One file as the system knows it. A change of its bytes, or another file in its place, changes some of these."""

    name: str  # within the folder of a model; empty for a model of one file
    device: int
    inode: int
    size: int
    modified: int  # nanoseconds
    changed: int  # nanoseconds; where Windows is asked, when it was made


Identity = tuple[Part, ...]


def identity_of(model: Path | int) -> Identity:
    """Of a file, an open file, or every file of a folder. Raises ModelRefused where it cannot be looked at."""
    try:
        if isinstance(model, Path) and model.is_dir():
            files = sorted(path for path in model.rglob("*") if path.is_file())
            return tuple(_part(path.relative_to(model).as_posix(), path) for path in files)
        return (_part("", model),)
    except OSError:
        raise ModelRefused("model_unreadable", file=model.name if isinstance(model, Path) else "?") from None


def _part(name: str, file: Path | int) -> Part:
    found = os.stat(file)
    return Part(name, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
