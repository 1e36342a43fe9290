"""The log that cannot be rewritten unseen, and its export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.domain.people import Act, Role
from engine.errors import StoreRefused
from engine.store import audit_export
from engine.store.audit import Problem
from engine.store.audit_export import AuditLog
from engine.store.session import Session
from engine.store.vault import Vault
from tests.helpers.store import Clock, enter, new_store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Vault:
    return new_store(tmp_path, clock)


@pytest.fixture
def auditor(vault: Vault) -> Iterator[Session]:
    session = enter(vault, Role.AUDITOR)
    yield session
    session.abandon()


def _refused(lines: list[str]) -> None:
    with pytest.raises(StoreRefused, match="export_damaged"):
        audit_export.read(lines)


def test_a_whole_log_is_told_so_and_the_reading_is_an_entry(auditor: Session) -> None:
    count = auditor.tools.audit.mark.n
    verdict = AuditLog(auditor).verify()
    assert (verdict.entries, verdict.problem, verdict.turned_back) == (count, None, ())
    last = list(auditor.tools.audit.entries())[-1]
    assert (last.n, last.act, last.detail) == (count + 1, Act.VERIFY_AUDIT, f"ok {count}")


def test_a_clock_turned_back_is_told(vault: Vault, clock: Clock) -> None:
    clock.pass_seconds(-3600)
    session = enter(vault, Role.AUDITOR)
    assert AuditLog(session).verify().turned_back == (session.tools.audit.mark.n - 1,)
    session.close()


def test_an_edited_entry_is_named_and_goes_into_the_log(auditor: Session) -> None:
    auditor.db.execute("DROP TRIGGER audit_unchanged")
    auditor.db.execute("UPDATE audit SET user_id = 'other' WHERE n = 3")
    assert AuditLog(auditor).verify().problem == Problem("edited", 3)
    assert list(auditor.tools.audit.entries())[-1].detail == "edited 3"


def test_a_whole_log_made_anew_is_told_by_the_head(auditor: Session) -> None:
    """Somebody with every key but without the head: each entry fits the one before, none is the one remembered."""
    db, audit = auditor.db, auditor.tools.audit
    db.execute("DROP TRIGGER audit_kept")
    count = audit.mark.n
    with db.atomic():
        db.execute("DELETE FROM audit")
        for _ in range(count):
            audit.append("other", Act.UNLOCK)
    assert audit.verify().problem == Problem("rewritten", count)


@pytest.mark.parametrize("content", ["", "{}", '{"n": 1, "mac": "00", "seal": "x"}', "[1]"])
def test_a_damaged_head_is_told(vault: Vault, content: str) -> None:
    vault.place.current().head.write_text(content, encoding="utf-8")
    session = enter(vault, Role.AUDITOR)
    assert session.alarm == Problem("head_damaged", 0)
    assert AuditLog(session).verify().problem == Problem("head_damaged", 0)
    session.close()


def test_a_head_of_smaller_numbers_is_not_accepted(vault: Vault) -> None:
    path = vault.place.current().head
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, "n": f"{int(content['n']) - 1:020}"}), encoding="utf-8")
    session = enter(vault, Role.AUDITOR)
    assert session.alarm == Problem("head_damaged", 0)
    session.close()


def test_an_export_is_checked_without_any_key(auditor: Session) -> None:
    lines = list(AuditLog(auditor).export())
    entries = list(auditor.tools.audit.entries())
    found = audit_export.read(lines)
    assert (found.mark.n, found.mark.mac) == (entries[-1].n, entries[-1].mac)
    assert len(lines) == len(entries) + 2
    assert json.loads(lines[1])["act"] == Act.CREATE_STORE
    assert audit_export.read(line + "\r\n" for line in lines) == found
    assert audit_export.read(AuditLog(auditor).export()).public_key == found.public_key


def test_whatever_is_changed_in_an_export_is_noticed(auditor: Session) -> None:
    lines = list(AuditLog(auditor).export())
    for at in range(len(lines)):
        _refused([*lines[:at], *lines[at + 1 :]])
        _refused([*lines[:at], lines[at].replace("1", "2", 1), *lines[at + 1 :]])
        _refused([*lines[:at], lines[at], *lines[at:]])
    _refused([])
    _refused(["[]", "[]"])


def test_a_log_is_held_against_an_older_export(vault: Vault) -> None:
    session = enter(vault, Role.AUDITOR)
    lines = list(AuditLog(session).export())
    assert AuditLog(session).against(lines) is None
    number = audit_export.read(lines).mark.n
    session.db.execute("DROP TRIGGER audit_kept")
    session.db.execute("DELETE FROM audit WHERE n >= ?", (number,))
    session.tools.audit.accept_alarm()
    assert AuditLog(session).against(lines) == Problem("cut", number)
    session.abandon()
