"""Where the program's own files and the user's files live."""

from __future__ import annotations

import sys
from pathlib import Path

from platformdirs import PlatformDirs

_DIRS = PlatformDirs("epicrisis", appauthor=False)


def resource(name: str) -> Path:
    """A read-only file or folder of `resources/`, also inside a frozen build."""
    root = Path(getattr(sys, "_MEIPASS", Path(__file__).resolve().parent.parent))
    return root / "resources" / name


def user_models() -> Path:
    """Models that hospital IT added by file; the folder need not exist."""
    return Path(_DIRS.user_data_dir) / "models"


def user_states() -> Path:
    """What models computed of their constant texts, to start faster; no text of a patient. It may be removed at any
    time; the folder need not exist."""
    return Path(_DIRS.user_cache_dir) / "states"


def user_folders() -> tuple[Path, ...]:
    """The program's folders of this user: all others lie in them. They need not exist."""
    return tuple(map(Path, (_DIRS.user_data_dir, _DIRS.user_cache_dir, _DIRS.user_state_dir)))


def user_temporary() -> Path:
    """Temporary files of libraries; the window empties it when it opens. The folder need not exist."""
    return Path(_DIRS.user_cache_dir) / "tmp"


def user_lock() -> Path:
    """Held by the window of this user while it is open; the folder need not exist."""
    return Path(_DIRS.user_state_dir) / "window.lock"


def user_store() -> Path:
    """The encrypted history of this user of the computer; the folder need not exist."""
    return Path(_DIRS.user_data_dir) / "store"


def user_heads() -> Path:
    """Where the last entry of the audit log is kept, apart from the log itself; the folder need not exist."""
    return Path(_DIRS.user_state_dir) / "audit"
