"""A store on disk with its people, at a cost that a test can bear."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine import services
from engine.cancellation import CancelToken
from engine.domain import Case, Draft
from engine.domain.people import Person, Role
from engine.store.keys import Cost
from engine.store.place import Place
from engine.store.session import Session
from engine.store.users import Users
from engine.store.vault import Vault

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
PASSPHRASE = "caballo grapa batería correcta"  # noqa: S105  # opens the stores of tests
PEOPLE = {
    Role.IT: Person("admin", "Inés Tapia", "11111111-1", Role.IT),
    Role.PHYSICIAN: Person("mrojas", "María Rojas", "12345678-5", Role.PHYSICIAN, "Médica cirujana", "123456"),
    Role.CHIEF: Person("jsoto", "Juan Soto", "30686957-4", Role.CHIEF, "Médico cirujano", "654321"),
    Role.AUDITOR: Person("apaz", "Ana Paz", "76086428-5", Role.AUDITOR),
}


@dataclass
class Clock:
    """A clock that only the test moves."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 8, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.moment

    def pass_seconds(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def place_in(folder: Path) -> Place:
    return Place(folder / "store", folder / "heads")


def new_store(folder: Path, clock: Clock | None = None) -> Vault:
    """A store with one person of each role; every pass-phrase is PASSPHRASE. Nobody is at it."""
    return fill_place(place_in(folder), clock)


def fill_place(place: Place, clock: Clock | None = None) -> Vault:
    """The same at this place."""
    vault = Vault(place, "1.2.3", clock or Clock())
    session, _ = vault.create(PEOPLE[Role.IT], PASSPHRASE, CHEAP)
    for role in (Role.PHYSICIAN, Role.CHIEF, Role.AUDITOR):
        Users(session).add(PEOPLE[role], PASSPHRASE, CHEAP)
    session.close()
    return vault


def enter(vault: Vault, role: Role) -> Session:
    return vault.unlock(PEOPLE[role].login, PASSPHRASE)


def a_case(rut: str = "12.345.678-5", name: str = "Külapán O'Higgins") -> tuple[Case, bytes]:
    """A short record of this patient and the bytes it was read from."""
    record = {
        "motivo_ingreso": "Dolor torácico",
        "paciente": {"nombre": name, "rut": rut},
        "diagnostico_ingreso": [{"codigo": "I20.0", "nombre": "Angina inestable"}],
        "diagnostico_egreso": [{"codigo": "I20.0", "nombre": "Angina inestable"}],
        "evolucion": [{"fecha": "2026-03-01", "nota": "Evoluciona sin dolor."}],
    }
    source = json.dumps(record, ensure_ascii=False).encode("utf-8")
    return services.read(source), source


def a_draft(case: Case, text: str | None = None) -> Draft:
    """By the template, or this text checked."""
    draft, _ = services.drafted(case, services.DraftOptions(backend="template"), CancelToken())
    return draft if text is None else replace(draft, text=text, report=services.check(case, text))
