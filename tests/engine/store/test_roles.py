"""The role matrix, every cell: the table here is written by hand and compared with what a session really allows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.domain.people import PERMITTED, Act, Role, permitted
from engine.errors import StoreRefused
from engine.store.access import Access
from engine.store.audit_export import AuditLog
from engine.store.backup import Backups
from engine.store.cases import Cases
from engine.store.catalogues import Catalogues
from engine.store.portability import Portability
from engine.store.retention import Retention
from engine.store.session import Session
from engine.store.settings import Settings
from engine.store.signing import Signing
from engine.store.users import Users
from engine.store.vault import Vault
from tests.helpers.store import CHEAP, PASSPHRASE, PEOPLE, a_case, enter, new_store

#                     médico jefe ti auditor
TABLE = """
session.unlock          x     x   x   x
session.lock            x     x   x   x
session.passphrase      x     x   x   x
session.failed          x     x   x   x
session.denied          x     x   x   x
store.create            -     -   x   -
store.migrate           x     x   x   x
store.restore           -     -   x   -
store.backup            -     x   x   -
store.alarm_accepted    -     x   -   -
case.search             x     x   -   -
case.create             x     x   -   -
case.read               x     x   -   -
case.record             x     x   -   -
case.draft              x     x   -   -
case.report             x     x   -   -
case.sign               x     x   -   -
case.addendum           x     x   -   -
case.share              x     x   -   -
case.break_glass        x     -   -   -
case.export             -     x   -   -
case.purge              -     x   -   -
user.list               x     x   x   x
user.add                -     -   x   -
user.change             -     -   x   -
user.remove             -     -   x   -
user.passphrase         -     -   x   -
user.recover            -     -   x   -
user.recovery_key       -     -   x   -
settings.read           x     x   x   x
settings.change         -     -   x   -
catalogue.load          -     -   x   -
audit.verify            -     x   x   x
audit.export            -     x   -   x
"""
ROLES = (Role.PHYSICIAN, Role.CHIEF, Role.IT, Role.AUDITOR)
CELLS = [
    (Act(act), role, mark == "x")
    for act, *marks in map(str.split, TABLE.strip().splitlines())
    for role, mark in zip(ROLES, marks, strict=True)
]


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Role, Session]]:
    """One store for each role, as only one person is at a store at a time."""
    found = {role: enter(new_store(tmp_path_factory.mktemp("store")), role) for role in Role}
    yield found
    for session in found.values():
        session.abandon()


def test_every_act_has_its_row() -> None:
    assert {act for act, _, _ in CELLS} == set(PERMITTED) == set(Act)
    assert len(CELLS) == len(Act) * len(Role)


@pytest.mark.parametrize(("act", "role", "allowed"), CELLS, ids=lambda value: str(value))
def test_a_session_allows_what_the_table_says(
    sessions: dict[Role, Session], act: Act, role: Role, allowed: bool
) -> None:
    session = sessions[role]
    before = session.tools.audit.mark.n
    assert permitted(role, act) is allowed
    assert _done(session, act) is allowed
    last = list(session.tools.audit.entries())[-1]
    assert last.n == before + 1
    assert (last.act, last.detail) == ((act, "") if allowed else (Act.DENIED, act))


def _done(session: Session, act: Act) -> bool:
    try:
        with session.act(act):
            return True
    except StoreRefused as refusal:
        if refusal.code == "not_permitted":
            return False
        raise


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return new_store(tmp_path)


def test_people_without_patients_reach_no_case(vault: Vault, tmp_path: Path) -> None:
    """Each method of the store, by the roles that have no business with patients."""
    session = enter(vault, Role.PHYSICIAN)
    case, source = a_case()
    case_id = Cases(session).create(case, source)
    session.close()
    for role in (Role.IT, Role.AUDITOR):
        session = enter(vault, role)
        cases = Cases(session)
        for tried in (
            lambda cases=cases: cases.search("külapán"),
            lambda cases=cases: cases.open(case_id),
            lambda cases=cases: cases.record(case_id, 1),
            lambda cases=cases: cases.draft(case_id, 1),
            lambda cases=cases: cases.create(case, source),
            lambda cases=cases: cases.add_record(case_id, case, source),
            lambda session=session: Signing(session).sign(case_id, 1, PASSPHRASE),
            lambda session=session: Signing(session).add(case_id, "Adenda.", PASSPHRASE),
            lambda session=session: Signing(session).read(case_id),
            lambda session=session: Access(session).team(case_id),
            lambda session=session: Access(session).share(case_id, session.user.id),
            lambda session=session: Access(session).break_glass(case_id, "Quiero saber qué dice"),
            lambda session=session: Portability(session).gather("12345678-5"),
            lambda session=session: Retention(session).due(),
            lambda session=session: Retention(session).purge(case_id),
        ):
            with pytest.raises(StoreRefused, match="not_permitted"):
                tried()
        session.close()


def test_people_of_patients_do_not_administer(vault: Vault, tmp_path: Path) -> None:
    session = enter(vault, Role.PHYSICIAN)
    users, me = Users(session), session.user
    for tried in (
        lambda: users.add(PEOPLE[Role.AUDITOR], PASSPHRASE, CHEAP),
        lambda: users.change(me.id, me.person),
        lambda: users.remove(me.id),
        lambda: users.reset_passphrase(me.id, PASSPHRASE, CHEAP),
        users.new_recovery_key,
        lambda: Settings(session).change("lock_seconds", 60),
        lambda: Catalogues(session).load("cie10", "1", "", []),
        lambda: Backups(session).make(tmp_path / "copies"),
        AuditLog(session).verify,
        AuditLog(session).export,
    ):
        with pytest.raises(StoreRefused, match="not_permitted"):
            tried()
    session.close()
