"""Who works with the program, and what each role may do: one table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from engine.domain.report import author_name

_RUT = re.compile(r"(\d{1,2}\.\d{3}\.\d{3}|\d{6,8})-?([\dkK])")
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,31}")


class Role(StrEnum):
    PHYSICIAN = "medico"
    CHIEF = "jefe"
    IT = "ti"
    AUDITOR = "auditor"


class Act(StrEnum):
    """What can be done, and the word for it in the audit log."""

    UNLOCK = "session.unlock"
    LOCK = "session.lock"
    CHANGE_OWN_PASSPHRASE = "session.passphrase"  # noqa: S105  # a word of the log
    FAILED_UNLOCKS = "session.failed"
    DENIED = "session.denied"
    CREATE_STORE = "store.create"
    MIGRATE = "store.migrate"
    RESTORE = "store.restore"
    BACK_UP = "store.backup"
    ACCEPT_ALARM = "store.alarm_accepted"
    SEARCH = "case.search"
    CREATE_CASE = "case.create"
    READ_CASE = "case.read"
    WRITE_RECORD = "case.record"
    WRITE_DRAFT = "case.draft"
    WRITE_REPORT = "case.report"
    SIGN = "case.sign"
    ADD_ADDENDUM = "case.addendum"
    SHARE_CASE = "case.share"
    BREAK_GLASS = "case.break_glass"
    EXPORT_PATIENT = "case.export"
    PURGE = "case.purge"
    LIST_USERS = "user.list"
    ADD_USER = "user.add"
    CHANGE_USER = "user.change"
    REMOVE_USER = "user.remove"
    RESET_PASSPHRASE = "user.passphrase"  # noqa: S105  # a word of the log
    RECOVER = "user.recover"
    NEW_RECOVERY_KEY = "user.recovery_key"
    READ_SETTINGS = "settings.read"
    CHANGE_SETTINGS = "settings.change"
    LOAD_CATALOGUE = "catalogue.load"
    VERIFY_AUDIT = "audit.verify"
    EXPORT_AUDIT = "audit.export"


_EVERYONE = frozenset(Role)
_CLINICAL = frozenset({Role.PHYSICIAN, Role.CHIEF})
_CHIEF = frozenset({Role.CHIEF})
_IT = frozenset({Role.IT})

# The role matrix. A case is open to its team and to the chief; break-glass opens one more to a physician.
PERMITTED: Final[Mapping[Act, frozenset[Role]]] = MappingProxyType(
    {
        Act.UNLOCK: _EVERYONE,
        Act.LOCK: _EVERYONE,
        Act.CHANGE_OWN_PASSPHRASE: _EVERYONE,
        Act.FAILED_UNLOCKS: _EVERYONE,
        Act.DENIED: _EVERYONE,
        Act.CREATE_STORE: _IT,
        Act.MIGRATE: _EVERYONE,
        Act.RESTORE: _IT,
        Act.BACK_UP: _IT | _CHIEF,
        Act.ACCEPT_ALARM: _CHIEF,
        Act.SEARCH: _CLINICAL,
        Act.CREATE_CASE: _CLINICAL,
        Act.READ_CASE: _CLINICAL,
        Act.WRITE_RECORD: _CLINICAL,
        Act.WRITE_DRAFT: _CLINICAL,
        Act.WRITE_REPORT: _CLINICAL,
        Act.SIGN: _CLINICAL,
        Act.ADD_ADDENDUM: _CLINICAL,
        Act.SHARE_CASE: _CLINICAL,
        Act.BREAK_GLASS: frozenset({Role.PHYSICIAN}),
        Act.EXPORT_PATIENT: _CHIEF,
        Act.PURGE: _CHIEF,
        Act.LIST_USERS: _EVERYONE,
        Act.ADD_USER: _IT,
        Act.CHANGE_USER: _IT,
        Act.REMOVE_USER: _IT,
        Act.RESET_PASSPHRASE: _IT,
        Act.RECOVER: _IT,
        Act.NEW_RECOVERY_KEY: _IT,
        Act.READ_SETTINGS: _EVERYONE,
        Act.CHANGE_SETTINGS: _IT,
        Act.LOAD_CATALOGUE: _IT,
        Act.VERIFY_AUDIT: _IT | _CHIEF | {Role.AUDITOR},
        Act.EXPORT_AUDIT: _CHIEF | {Role.AUDITOR},
    }
)


def permitted(role: Role, act: Act) -> bool:
    return role in PERMITTED[act]


def rut(text: str) -> str | None:
    """«12345678-5» of a RUT with or without dots and hyphen; None where its check digit (módulo 11) is off."""
    match = _RUT.fullmatch(text.strip())
    if match is None:
        return None
    digits, check = match[1].replace(".", ""), match[2].upper()
    return f"{digits}-{check}" if check == _check_digit(digits) else None


def _check_digit(digits: str) -> str:
    """The weights are 2 to 7 from the right, over and over."""
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(digits)))
    return "0123456789K0"[11 - total % 11]


@dataclass(frozen=True, slots=True)
class Person:
    """Who a user is. `login` is what is typed at the door, `rut` as `rut()` gives it.

    Raises ValueError for a name that is none, a wrong RUT or a login other than 2 to 32 of `a-z 0-9 . _ -`.
    """

    login: str
    name: str
    rut: str
    role: Role
    profession: str = ""
    registry: str = ""  # número de registro de prestadores

    def __post_init__(self) -> None:
        if not _LOGIN.fullmatch(self.login):
            raise ValueError("a login is 2 to 32 small letters, digits, dots, hyphens")
        if author_name(self.name) != self.name:
            raise ValueError("the name of a user is a name")
        if rut(self.rut) != self.rut:
            raise ValueError("the RUT of a user is a valid one")
        if not all(text.isprintable() and len(text) <= 80 for text in (self.profession, self.registry)):
            raise ValueError("profession and registry number are one short line each")


@dataclass(frozen=True, slots=True)
class User:
    """A person with an account; one that was removed keeps its identifier in what it signed."""

    id: str
    person: Person
    active: bool = True

    @property
    def role(self) -> Role:
        return self.person.role
