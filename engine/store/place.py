"""The files of one store.

`current` names the folder in use, so that a restored store takes the place of another in one rename:

    store/current          the name of the generation in use
    store/attempts.json    wrong pass-phrases
    store/GENERATION/      history.db (encrypted), keys.json
    heads/GENERATION.json  the last entry of its audit log
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from engine import files
from engine.errors import StoreRefused

_NAME = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Generation:
    """One database with its keys and its head."""

    name: str
    folder: Path
    head: Path

    @property
    def database(self) -> Path:
        return self.folder / "history.db"

    @property
    def keys(self) -> Path:
        return self.folder / "keys.json"


@dataclass(frozen=True, slots=True)
class Place:
    """`folder` holds the store, `heads` what is remembered apart from it."""

    folder: Path
    heads: Path

    @property
    def attempts(self) -> Path:
        return self.folder / "attempts.json"

    def exists(self) -> bool:
        """Whether anybody ever made a store here: a lost database, or a lost name of it, is no first start.

        The key file is the last that is written of a generation, so one that a kill left unfinished does not count.
        """
        return self._current.exists() or any(self.folder.glob("*/keys.json"))

    def current(self) -> Generation:
        """Raises StoreRefused: `store_missing`."""
        try:
            name = self._current.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise StoreRefused("store_missing") from None
        if not _NAME.fullmatch(name):
            raise StoreRefused("store_missing")
        return self._generation(name)

    def new_generation(self) -> Generation:
        """A private, empty folder that is not in use yet. Raises OSError."""
        files.private_folder(self.folder)
        files.private_folder(self.heads)
        made = self._generation(secrets.token_hex(8))
        files.private_folder(made.folder)
        return made

    def use(self, generation: Generation) -> None:
        """From now on this one is the store, whole or not at all. Raises OSError."""
        files.sync_folder(generation.folder)
        files.replace(self._current, generation.name.encode("ascii"))

    @property
    def _current(self) -> Path:
        return self.folder / "current"

    def _generation(self, name: str) -> Generation:
        return Generation(name, self.folder / name, self.heads / f"{name}.json")
