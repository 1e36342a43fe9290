"""Writing a file whole or not at all."""

from __future__ import annotations

import re
from pathlib import Path

from engine.errors import EpicrisisError, InputRefused
from engine.files import replace

# Windows opens a device under these names whatever the extension, and forbids the characters.
# They are refused on every system: the file travels.
_DEVICE = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])\s*(?:\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f]')


def write_whole(path: Path, data: bytes) -> None:
    """Puts `data` (bytes, any length) at `path`, replacing an older file, private to this user.

    The bytes are written beside the target, flushed to disk and moved into place, so that a
    failure at any moment leaves the old file as it was. Raises InputRefused for a target that
    is not an ordinary file name, EpicrisisError where the disk or the permissions fail.
    """
    try:
        _refuse_odd_target(path)
        replace(path, data)
    except OSError as error:
        # The path may name a patient: only the system's reason goes on.
        raise EpicrisisError("write_failed", reason=error.strerror or "?") from None


def _refuse_odd_target(path: Path) -> None:
    name = path.name
    if not name or _DEVICE.fullmatch(name) or _FORBIDDEN.search(name) or name != name.rstrip(". "):
        raise InputRefused("target_name")
    if path.is_symlink():
        raise InputRefused("target_link")
    if path.is_dir():
        raise InputRefused("target_folder")
    if path.exists() and not path.is_file():
        raise InputRefused("target_special")
    if not path.parent.is_dir():
        raise InputRefused("target_folder_missing")
