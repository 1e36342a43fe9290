"""Copies and their way back, how long cases are kept, what a patient may take along."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.domain.people import Act, Role
from engine.errors import StoreRefused
from engine.store import backup, keys
from engine.store.backup import Backups
from engine.store.cases import Cases
from engine.store.connection import DatabaseError
from engine.store.place import Place
from engine.store.portability import Portability
from engine.store.restore import Restore
from engine.store.retention import Retention, years_after
from engine.store.session import Session
from engine.store.settings import Settings
from engine.store.signing import Signing
from engine.store.users import Users
from engine.store.vault import Vault
from tests.helpers.store import CHEAP, PASSPHRASE, PEOPLE, Clock, a_case, a_draft, enter, new_store

OTHER = "tormenta dorada sin paraguas"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Vault:
    return new_store(tmp_path / "here", clock)


@pytest.fixture
def chief(vault: Vault) -> Iterator[Session]:
    session = enter(vault, Role.CHIEF)
    yield session
    session.abandon()


def _signed(session: Session, rut: str = "12.345.678-5") -> str:
    case, source = a_case(rut)
    case_id = Cases(session).create(case, source)
    Cases(session).add_draft(case_id, a_draft(case), "template", after=0)
    Signing(session).sign(case_id, 1, PASSPHRASE)
    return case_id


def _restore(vault: Vault, place: Place | None = None) -> Restore:
    return Restore(place or vault.place, "1.2.4", Clock())


# Copies


def test_a_copy_holds_everything_and_nothing_plain(chief: Session, tmp_path: Path) -> None:
    _signed(chief)
    copy = Backups(chief).make(tmp_path / "copies")
    assert {p.name for p in copy.iterdir()} == {"history.db", "keys.json", "manifest.json"}
    assert {p.stat().st_mode & 0o777 for p in copy.iterdir()} == {0o600}
    contents = backup.verify(copy, chief.tools.root)
    assert (contents.cases, contents.signed, contents.users, contents.schema) == (1, 1, 4, 1)
    assert contents.entries == chief.tools.audit.mark.n
    assert [p.name for p in copy.iterdir() if "Külapán".encode() in p.read_bytes()] == []


def test_a_folder_of_the_user_keeps_its_rights(chief: Session, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    Backups(chief).make(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_an_altered_copy_is_told(chief: Session, tmp_path: Path) -> None:
    _signed(chief)
    copy = Backups(chief).make(tmp_path / "copies")
    for name in ("history.db", "manifest.json"):
        whole = (copy / name).read_bytes()
        for change in (whole[:-1], whole[: len(whole) // 2], whole[:100] + b"x" + whole[101:], b"", b"{}"):
            (copy / name).write_bytes(change)
            with pytest.raises(StoreRefused, match="backup_bad"):
                backup.verify(copy, chief.tools.root)
        (copy / name).write_bytes(whole)
    backup.verify(copy, chief.tools.root)


def test_a_copy_of_another_day_under_this_manifest_is_told(chief: Session, tmp_path: Path) -> None:
    older = Backups(chief).make(tmp_path / "copies")
    _signed(chief)
    newer = Backups(chief).make(tmp_path / "copies")
    shutil.copy(older / "history.db", newer / "history.db")
    with pytest.raises(StoreRefused, match="backup_bad"):
        backup.verify(newer, chief.tools.root)


def test_older_copies_make_way_and_nothing_else_does(vault: Vault, clock: Clock, tmp_path: Path) -> None:
    it = enter(vault, Role.IT)
    Settings(it).change("backups_kept", 2)
    folder = tmp_path / "copies"
    (folder / "epicrisis-00000000-notas").mkdir(parents=True)
    (folder / "epicrisis-00000000-notas" / "carta.txt").write_text("mía", encoding="utf-8")
    made = []
    for _ in range(4):
        clock.pass_seconds(3600)
        made.append(Backups(it).make(folder))
    assert [copy.exists() for copy in made] == [False, False, True, True]
    assert (folder / "epicrisis-00000000-notas" / "carta.txt").exists()
    it.close()


def test_a_copy_is_due_after_so_many_hours(vault: Vault, clock: Clock, tmp_path: Path) -> None:
    it = enter(vault, Role.IT)
    Settings(it).change("backup_hours", 6)
    backups, folder = Backups(it), tmp_path / "copies"
    (folder / "epicrisis-notas").mkdir(parents=True)
    assert backups.due(folder)
    backups.make(folder)
    assert not backups.due(folder)
    clock.pass_seconds(6 * 3600)
    assert backups.due(folder)
    it.close()


def test_a_copy_that_fails_leaves_nothing(chief: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keys, "write", full)
    with pytest.raises(OSError, match="No space"):
        Backups(chief).make(tmp_path / "copies")
    assert list((tmp_path / "copies").iterdir()) == []


# The way back


def test_a_restored_store_is_that_of_its_day_and_tells_so(vault: Vault, tmp_path: Path) -> None:
    chief = enter(vault, Role.CHIEF)
    kept = _signed(chief)
    copy = Backups(chief).make(tmp_path / "copies")
    at_copy = chief.tools.audit.mark.n
    lost = Cases(chief).create(*a_case())
    chief.close()
    before = vault.place.current()
    preview = _restore(vault).preview(copy, "admin", PASSPHRASE)
    assert (preview.copy.cases, preview.copy.entries, preview.lost) == (1, at_copy, 2)
    assert vault.place.current() == before
    _restore(vault).restore(copy, "admin", PASSPHRASE)
    session = enter(vault, Role.CHIEF)
    assert session.alarm is None
    assert Cases(session).open(kept).signed
    with pytest.raises(StoreRefused, match="case_unknown"):
        Cases(session).open(lost)
    entry = next(e for e in session.tools.audit.entries() if e.act == Act.RESTORE)
    assert entry.n == at_copy + 1
    assert entry.detail.startswith(f"{at_copy} of {at_copy + 2} ")
    assert session.tools.audit.verify().problem is None
    assert before.database.exists()
    session.close()


def test_a_store_moves_to_another_computer(vault: Vault, chief: Session, tmp_path: Path) -> None:
    case_id = _signed(chief)
    copy = Backups(chief).make(tmp_path / "copies")
    there = Place(tmp_path / "there" / "store", tmp_path / "there" / "heads")
    (tmp_path / "there").mkdir()
    restore = _restore(vault, there)
    assert restore.preview(copy, "admin", PASSPHRASE).lost is None
    restore.restore(copy, "admin", PASSPHRASE)
    session = enter(Vault(there, "1.2.4", Clock()), Role.CHIEF)
    assert (session.alarm, Cases(session).open(case_id).signed) == (None, True)
    session.close()


def test_a_copy_comes_back_where_the_database_was_destroyed(vault: Vault, chief: Session, tmp_path: Path) -> None:
    copy = Backups(chief).make(tmp_path / "copies")
    chief.close()
    vault.place.current().database.write_bytes(b"destroyed")
    _restore(vault).restore(copy, "admin", PASSPHRASE)
    enter(vault, Role.CHIEF).close()


def test_what_must_not_be_restored_is_not(vault: Vault, chief: Session, tmp_path: Path) -> None:
    copy = Backups(chief).make(tmp_path / "copies")
    before = vault.place.current()
    restore = _restore(vault)
    with pytest.raises(StoreRefused, match="store_in_use"):
        restore.restore(copy, "admin", PASSPHRASE)
    chief.close()
    with pytest.raises(StoreRefused, match="not_permitted"):
        restore.restore(copy, "jsoto", PASSPHRASE)
    for login in ("admin", "nadie"):
        with pytest.raises(StoreRefused, match="unlock_wrong"):
            restore.restore(copy, login, OTHER)
    other = new_store(tmp_path / "other")
    with pytest.raises(StoreRefused, match="store_other"):
        _restore(other).restore(copy, "admin", PASSPHRASE)
    (copy / "manifest.json").unlink()
    with pytest.raises(StoreRefused, match="backup_bad"):
        restore.restore(copy, "admin", PASSPHRASE)
    assert vault.place.current() == before
    assert len([p for p in vault.place.folder.iterdir() if p.is_dir()]) == 1


def test_a_restore_that_fails_leaves_the_store_as_it_was(
    vault: Vault, chief: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Backups(chief).make(tmp_path / "copies")
    chief.close()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Place, "use", full)
    with pytest.raises(OSError, match="No space"):
        _restore(vault).restore(copy, "admin", PASSPHRASE)
    monkeypatch.undo()
    assert len([p for p in vault.place.folder.iterdir() if p.is_dir()]) == 1
    assert len(list(vault.place.heads.iterdir())) == 1
    enter(vault, Role.CHIEF).close()


# How long


def test_nothing_is_purged_before_its_time(vault: Vault, clock: Clock) -> None:
    session = enter(vault, Role.CHIEF)
    case_id = _signed(session)
    other = _signed(session, "11.111.111-1")
    clock.moment = datetime(2030, 1, 1, tzinfo=UTC)
    Signing(session).add(other, "Cultivo negativo.", PASSPHRASE)
    clock.moment = datetime(2041, 3, 2, 7, 59, tzinfo=UTC)
    assert Retention(session).due() == ()
    with pytest.raises(StoreRefused, match="retention_holds"):
        Retention(session).purge(case_id)
    clock.moment = datetime(2041, 3, 2, 8, 1, tzinfo=UTC)
    assert [s.id for s in Retention(session).due()] == [case_id]
    with pytest.raises(StoreRefused, match="retention_holds"):
        Retention(session).purge(other)
    session.close()


def test_a_purged_case_is_gone_and_the_log_keeps_that_it_was(vault: Vault, clock: Clock) -> None:
    session = enter(vault, Role.CHIEF)
    case_id, other = _signed(session), _signed(session, "11.111.111-1")
    Signing(session).add(case_id, "Cultivo negativo.", PASSPHRASE)
    clock.moment = datetime(2041, 4, 2, tzinfo=UTC)
    Retention(session).purge(case_id)
    tables = ("records", "drafts", "reports", "signatures", "addenda", "team")
    left = [session.db.execute(f"SELECT DISTINCT case_id FROM {table}").fetchall() for table in tables]  # noqa: S608
    assert left == [[(other,)], [(other,)], [(other,)], [(other,)], [], [(other,)]]
    assert [s.id for s in Cases(session).search("külapán")] == [other]
    assert Cases(session).search("12345678-5") == ()
    with pytest.raises(StoreRefused, match="case_unknown"):
        Cases(session).open(case_id)
    acts = [e.act for e in session.tools.audit.entries() if e.case_id == case_id]
    assert acts[0] == Act.CREATE_CASE
    assert Act.PURGE in acts
    with pytest.raises(DatabaseError, match="append-only"):
        session.db.execute("DELETE FROM drafts")
    session.close()


def test_a_leap_day_has_its_anniversary() -> None:
    assert years_after(datetime(2028, 2, 29, tzinfo=UTC), 15) == datetime(2043, 3, 1, tzinfo=UTC)


# One patient's data


def test_a_patient_takes_everything_along(chief: Session) -> None:
    first, second = _signed(chief), _signed(chief, "123456785")
    _signed(chief, "11.111.111-1")
    Signing(chief).add(first, "Cultivo negativo.", PASSPHRASE)
    found = Portability(chief).gather("12345678-5")
    assert [case.file.summary.id for case in found] == [first, second]
    data = json.loads(json.dumps(found[0].data))
    assert data["records"][0]["source"]["paciente"]["rut"] == "12.345.678-5"
    assert data["texts"][0]["text"] == found[0].file.draft.draft.text if found[0].file.draft else False
    assert data["addenda"][0]["text"] == "Cultivo negativo."
    assert data["signature"]["signer"]["name"] == "Juan Soto"
    assert [a["act"] for a in data["accesses"]][:3] == [Act.CREATE_CASE, Act.WRITE_DRAFT, Act.SIGN]
    assert [p["name"] for p in data["people"]] == ["Juan Soto"]
    told = [e.case_id for e in chief.tools.audit.entries() if e.act == Act.EXPORT_PATIENT]
    assert told == ["", first, second]
    for unknown in ("20347878-K", "12345678-6", "", "Külapán"):
        with pytest.raises(StoreRefused, match="rut_unknown"):
            Portability(chief).gather(unknown)


def test_who_left_is_back_with_the_copy_of_the_day_before(vault: Vault, tmp_path: Path) -> None:
    """What a restore brings back includes the people of that day: the preview's reader must know."""
    it = enter(vault, Role.IT)
    copy = Backups(it).make(tmp_path / "copies")
    added = Users(it).add(PEOPLE[Role.CHIEF].__class__("tarde", "Eva Luz", "11111111-1", Role.CHIEF), OTHER, CHEAP)
    assert added.active
    it.close()
    _restore(vault).restore(copy, "admin", PASSPHRASE)
    with pytest.raises(StoreRefused, match="unlock_wrong"):
        vault.unlock("tarde", OTHER)
