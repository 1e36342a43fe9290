"""What the hospital decides, kept with the history so that it travels with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from engine.domain.people import Act
from engine.errors import StoreRefused
from engine.store.connection import Database
from engine.store.session import Session


@dataclass(frozen=True, slots=True)
class Setting:
    """A whole number with bounds."""

    default: int
    least: int
    most: int
    meaning: str  # Spanish, for whoever administers


SETTINGS: Final[Mapping[str, Setting]] = MappingProxyType(
    {
        "retention_years": Setting(15, 15, 100, "Años que se guarda un caso desde su última anotación"),
        "lock_seconds": Setting(180, 30, 3600, "Segundos sin uso hasta que el programa se bloquea"),
        "clipboard_seconds": Setting(30, 5, 600, "Segundos hasta que se borra lo copiado"),
        "backup_hours": Setting(24, 1, 24 * 7, "Horas entre copias de respaldo"),
        "backups_kept": Setting(14, 2, 365, "Copias de respaldo que se conservan"),
    }
)


class Settings:
    """Each method raises StoreRefused as `Session.act`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> dict[str, int]:
        with self._session.act(Act.READ_SETTINGS):
            return {name: value_of(self._session.db, name) for name in SETTINGS}

    def change(self, name: str, value: int) -> None:
        """Raises StoreRefused: `setting_unknown`, `setting_bounds`."""
        if name not in SETTINGS:
            raise StoreRefused("setting_unknown")
        setting = SETTINGS[name]
        if not setting.least <= value <= setting.most:
            raise StoreRefused("setting_bounds", least=setting.least, most=setting.most)
        with self._session.act(Act.CHANGE_SETTINGS, detail=f"{name} {value}"):
            self._session.db.execute(
                "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, json.dumps(value)),
            )


def value_of(db: Database, name: str) -> int:
    """As it was decided, or the default; one out of bounds is put back within them."""
    setting = SETTINGS[name]
    row = db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    value = json.loads(row[0]) if row else setting.default
    return min(max(int(value), setting.least), setting.most)
