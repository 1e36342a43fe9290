"""The door of the store: the first start, users, the recovery key, a store put back to an older state."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.domain.people import Act, Person, Role, rut
from engine.errors import StoreRefused
from engine.store import keys, migrations
from engine.store.audit import Problem
from engine.store.cases import Cases
from engine.store.connection import Database, DatabaseError
from engine.store.session import Session
from engine.store.users import Users
from engine.store.vault import Vault
from tests.helpers.store import CHEAP, PASSPHRASE, PEOPLE, Clock, a_case, enter, new_store, place_in

NEW = "tormenta dorada sin paraguas"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Vault:
    return new_store(tmp_path, clock)


@pytest.fixture
def it(vault: Vault) -> Iterator[Session]:
    session = enter(vault, Role.IT)
    yield session
    session.abandon()


def _acts(session: Session) -> list[str]:
    return [entry.act for entry in session.tools.audit.entries()]


def test_the_first_start_makes_an_administrator_and_private_files(tmp_path: Path) -> None:
    vault = Vault(place_in(tmp_path), "1.2.3", Clock())
    assert not vault.exists()
    session, recovery = vault.create(PEOPLE[Role.IT], PASSPHRASE, CHEAP)
    assert vault.exists()
    assert vault.logins() == ("admin",)
    assert len(recovery) == 44
    session.close()
    modes = {p.stat().st_mode & 0o777 for p in tmp_path.rglob("*") if p.is_file()}
    assert modes == {0o600}
    assert {p.stat().st_mode & 0o777 for p in tmp_path.rglob("*") if p.is_dir()} == {0o700}


def test_a_store_is_not_made_over_another(vault: Vault) -> None:
    with pytest.raises(StoreRefused, match="store_exists"):
        vault.create(PEOPLE[Role.IT], PASSPHRASE, CHEAP)


def test_a_first_start_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    vault = Vault(place_in(tmp_path), "1.2.3", Clock())
    for person, passphrase in ((PEOPLE[Role.CHIEF], PASSPHRASE), (PEOPLE[Role.IT], "corta")):
        with pytest.raises(StoreRefused):
            vault.create(person, passphrase, CHEAP)
    assert not vault.exists()
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_everybody_enters_with_their_own_role(vault: Vault) -> None:
    for role in Role:
        session = enter(vault, role)
        assert session.user.person == PEOPLE[role]
        session.close()


def test_a_wrong_pass_phrase_is_told_counted_and_makes_wait(vault: Vault, clock: Clock) -> None:
    codes = []
    for login in ("mrojas", "mrojas", "mrojas", "mrojas", "mrojas", "nadie"):
        with pytest.raises(StoreRefused) as caught:
            vault.unlock(login, "no es esta la frase")
        codes.append(caught.value.code)
    assert codes == ["unlock_wrong"] * 4 + ["unlock_wait", "unlock_wrong"]
    with pytest.raises(StoreRefused, match="unlock_wait"):  # a new start of the program, the right words
        Vault(vault.place, "1.2.3", clock).unlock("mrojas", PASSPHRASE)
    clock.pass_seconds(2)
    session = enter(vault, Role.PHYSICIAN)
    told = [(e.act, e.detail) for e in session.tools.audit.entries()][-2:]
    assert told == [(Act.FAILED_UNLOCKS, "4"), (Act.FAILED_UNLOCKS, "1 unknown")]
    session.close()


def test_after_it_is_closed_a_session_does_nothing_and_holds_no_key(vault: Vault) -> None:
    session = enter(vault, Role.IT)
    users = Users(session)
    session.close()
    session.abandon()
    for tried in (users.all, session.close, lambda: session.reauthenticate(PASSPHRASE), lambda: session.alarm):
        with pytest.raises(StoreRefused, match="store_locked"):
            tried()
    assert all(bytes not in map(type, vars(kept).values()) for kept in (session, users))
    assert vars(session)["_tools"] is None


def test_a_user_is_added_changed_and_removed_without_new_encryption(vault: Vault, it: Session) -> None:
    salt = it.tools.generation.database.read_bytes()[:16]
    users = Users(it)
    added = users.add(Person("nuevo", "Nora Díaz", "12345678-5", Role.PHYSICIAN), NEW, CHEAP)
    users.change(added.id, replace(added.person, role=Role.CHIEF, registry="77"))
    assert [u.person.registry for u in users.all() if u.id == added.id] == ["77"]
    it.close()
    session = vault.unlock("nuevo", NEW)
    assert session.user.role is Role.CHIEF
    session.close()
    again = enter(vault, Role.IT)
    Users(again).remove(added.id)
    assert [u.active for u in Users(again).all() if u.id == added.id] == [False]
    assert again.tools.generation.database.read_bytes()[:16] == salt
    again.close()
    with pytest.raises(StoreRefused, match="unlock_wrong"):
        vault.unlock("nuevo", NEW)


def test_accounts_that_would_lock_everybody_out_stay(it: Session) -> None:
    users = Users(it)
    other = users.add(Person("admin2", "Otra Persona", "12345678-5", Role.IT), NEW, CHEAP)
    for refused, code in (
        (lambda: users.remove(it.user.id), "user_self"),
        (lambda: users.add(other.person, NEW, CHEAP), "login_taken"),
        (lambda: users.change(other.id, replace(other.person, login="otro")), "login_fixed"),
        (lambda: users.change("nobody", other.person), "user_unknown"),
        (lambda: users.add(PEOPLE[Role.CHIEF], "corta", CHEAP), "passphrase_weak"),
    ):
        with pytest.raises(StoreRefused) as caught:
            refused()
        assert caught.value.code == code
    users.remove(other.id)
    with pytest.raises(StoreRefused, match="last_it"):
        users.change(it.user.id, replace(it.user.person, role=Role.AUDITOR))


def test_pass_phrases_change(vault: Vault) -> None:
    session = enter(vault, Role.PHYSICIAN)
    with pytest.raises(StoreRefused, match="unlock_wrong"):
        Users(session).change_own_passphrase("no es esta la frase", NEW, CHEAP)
    Users(session).change_own_passphrase(PASSPHRASE, NEW, CHEAP)
    user = session.user
    session.close()
    with pytest.raises(StoreRefused, match="unlock_wrong"):
        enter(vault, Role.PHYSICIAN)
    vault.unlock("mrojas", NEW).close()
    it = enter(vault, Role.IT)
    Users(it).reset_passphrase(user.id, PASSPHRASE, CHEAP)
    it.close()
    enter(vault, Role.PHYSICIAN).close()


def test_the_recovery_key_lets_an_administrator_in_and_is_used_up(tmp_path: Path) -> None:
    vault = Vault(place_in(tmp_path), "1.2.3", Clock())
    session, first = vault.create(PEOPLE[Role.IT], PASSPHRASE, CHEAP)
    physician = Users(session).add(PEOPLE[Role.PHYSICIAN], PASSPHRASE, CHEAP)
    session.close()
    with pytest.raises(StoreRefused, match="not_permitted"):  # the key is the administrator's
        vault.recover(first, physician.person.login, NEW, CHEAP)
    session, second = vault.recover(first, "admin", NEW, CHEAP)
    assert _acts(session)[-1] == Act.RECOVER
    third = Users(session).new_recovery_key()
    session.close()
    for void in (first, second):
        with pytest.raises(StoreRefused, match="recovery_wrong"):
            vault.recover(void, "admin", NEW, CHEAP)
    vault.unlock("admin", NEW).close()
    vault.recover(third, "admin", PASSPHRASE, CHEAP)[0].close()


def test_what_is_done_is_in_the_log_with_its_version(vault: Vault, it: Session) -> None:
    entries = list(it.tools.audit.entries())
    assert [e.n for e in entries] == list(range(1, len(entries) + 1))
    assert [e.act for e in entries] == [Act.CREATE_STORE, *[Act.ADD_USER] * 3, Act.LOCK, Act.UNLOCK]
    assert {e.program for e in entries} == {"1.2.3"}
    assert it.tools.audit.verify().problem is None


def test_nothing_is_done_where_the_role_does_not_allow_it(vault: Vault) -> None:
    session = enter(vault, Role.PHYSICIAN)
    with pytest.raises(StoreRefused, match="not_permitted"):
        Users(session).add(PEOPLE[Role.AUDITOR], PASSPHRASE, CHEAP)
    last = list(session.tools.audit.entries())[-1]
    assert (last.act, last.detail, last.user_id) == (Act.DENIED, Act.ADD_USER, session.user.id)
    session.close()


def test_a_failure_within_an_act_undoes_all_of_it(it: Session) -> None:
    before = it.tools.audit.mark
    with pytest.raises(DatabaseError, match="UNIQUE"):
        _write_twice(it)
    assert it.db.execute("SELECT count(*) FROM settings").fetchone() == (0,)
    assert it.tools.audit.mark == before
    assert it.tools.audit.verify().problem is None


def _write_twice(session: Session) -> None:
    with session.act(Act.CHANGE_SETTINGS):
        session.db.execute("INSERT INTO settings VALUES ('a', '1')")
        session.db.execute("INSERT INTO settings VALUES ('a', '2')")


def test_an_older_copy_put_back_is_noticed_and_only_read(vault: Vault) -> None:
    database = vault.place.current().database
    older = database.read_bytes()
    session = enter(vault, Role.CHIEF)
    mark = session.tools.audit.mark.n
    session.close()
    for beside in database.parent.glob("history.db*"):
        beside.unlink()
    database.write_bytes(older)
    session = enter(vault, Role.CHIEF)
    assert session.alarm == Problem("cut", mark + 1)
    with pytest.raises(StoreRefused, match="store_alarm"), session.act(Act.CREATE_CASE):
        pass
    session.close()
    session = enter(vault, Role.CHIEF)
    assert session.alarm
    assert session.alarm.fault == "rewritten"  # the log has grown, and is still not the one that was remembered
    session.accept_alarm()
    assert session.alarm is None
    session.close()
    session = enter(vault, Role.CHIEF)
    assert session.alarm is None
    session.close()


def test_a_write_lost_from_the_journal_is_noticed(vault: Vault, tmp_path: Path) -> None:
    """SQLite takes a damaged journal for one that ends there: what was acknowledged would vanish without a word."""
    session = enter(vault, Role.CHIEF)
    Cases(session).create(*a_case())
    shutil.copytree(vault.place.folder, tmp_path / "killed" / "store")  # as a kill at this moment leaves it
    shutil.copytree(vault.place.heads, tmp_path / "killed" / "heads")
    mark = session.tools.audit.mark.n
    session.close()
    killed = Vault(place_in(tmp_path / "killed"), "1.2.3", Clock())
    journal = killed.place.current().database.with_name("history.db-wal")
    data = bytearray(journal.read_bytes())
    data[-100] ^= 1
    journal.write_bytes(data)
    session = enter(killed, Role.CHIEF)
    assert session.alarm
    assert (session.alarm.fault, session.alarm.n <= mark) == ("cut", True)
    session.close()


def test_a_full_disk_undoes_the_act_and_leaves_the_rest(vault: Vault) -> None:
    session = enter(vault, Role.CHIEF)
    cases = Cases(session)
    kept = cases.create(*a_case())
    mark = session.tools.audit.mark
    pages = session.db.execute("PRAGMA page_count").fetchone()[0]
    session.db.execute(f"PRAGMA max_page_count = {pages}")
    case, source = a_case(name="N" * 60_000)
    with pytest.raises(StoreRefused, match="store_disk"):
        cases.create(case, source)
    session.db.execute("PRAGMA max_page_count = 1000000")
    assert session.tools.audit.mark == mark
    assert [found.id for found in cases.search("")] == [kept]
    assert session.tools.audit.verify().problem is None
    session.close()


def test_a_newer_program_migrates_at_the_door_and_an_older_one_is_refused(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def later(db: Database) -> None:
        db.execute("ALTER TABLE settings ADD COLUMN note TEXT")

    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, later))
    session = enter(vault, Role.PHYSICIAN)
    last = list(session.tools.audit.entries())[-1]
    number = len(migrations.MIGRATIONS)
    assert (last.act, last.detail) == (Act.MIGRATE, f"{number - 1} {number}")
    session.close()
    assert vault.place.current().folder.joinpath(f"history.db.before-{number}").is_file()
    monkeypatch.undo()
    with pytest.raises(StoreRefused, match="store_newer"):
        enter(vault, Role.PHYSICIAN)


def test_a_head_taken_away_is_noticed(vault: Vault) -> None:
    vault.place.current().head.unlink()
    session = enter(vault, Role.IT)
    assert session.alarm == Problem("head_missing", 0)
    with pytest.raises(StoreRefused, match="not_permitted"):
        session.accept_alarm()
    session.close()


def test_a_head_that_could_not_be_kept_is_caught_up_with(vault: Vault) -> None:
    head = vault.place.current().head
    older = head.read_bytes()
    enter(vault, Role.IT).close()
    head.write_bytes(older)
    session = enter(vault, Role.IT)
    assert session.alarm is None
    assert session.tools.audit.verify().problem is None
    session.close()


def test_a_lost_database_or_key_file_is_no_first_start(vault: Vault) -> None:
    used = vault.place.current()
    kept = used.keys.read_bytes()
    used.keys.unlink()
    with pytest.raises(StoreRefused, match="keys_missing"):
        enter(vault, Role.IT)
    used.keys.write_bytes(kept)
    shutil.rmtree(used.folder)
    with pytest.raises(StoreRefused, match="keys_missing"):
        enter(vault, Role.IT)
    assert vault.exists()
    (vault.place.folder / "current").write_text("../elsewhere", encoding="ascii")
    with pytest.raises(StoreRefused, match="store_missing"):
        enter(vault, Role.IT)


def test_a_lost_name_of_the_store_is_no_first_start(vault: Vault) -> None:
    (vault.place.folder / "current").unlink()
    assert vault.exists()
    with pytest.raises(StoreRefused, match="store_missing"):
        enter(vault, Role.IT)
    with pytest.raises(StoreRefused, match="store_exists"):
        vault.create(PEOPLE[Role.IT], PASSPHRASE, CHEAP)


def test_a_first_start_that_was_killed_can_be_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of a kill: a folder without its key file, which nobody can open any more."""
    vault = Vault(place_in(tmp_path), "1.2.3", Clock())
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", lambda *_, **__: None)
        patched.setattr(keys, "write", _killed)
        with pytest.raises(KeyboardInterrupt):
            vault.create(PEOPLE[Role.IT], PASSPHRASE, CHEAP)
    assert [p.name for p in vault.place.folder.rglob("history.db")] == ["history.db"]
    assert not vault.exists()
    vault.create(PEOPLE[Role.IT], PASSPHRASE, CHEAP)[0].close()
    enter(vault, Role.IT).close()


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12.345.678-5", "12345678-5"),
        ("12345678-5", "12345678-5"),
        ("123456785", "12345678-5"),
        (" 11.111.111-1 ", "11111111-1"),
        ("20347878-K", "20347878-K"),
        ("20347878-k", "20347878-K"),
        ("12.345.678-4", None),
        ("12.345678-5", None),
        ("1-9", None),
        ("", None),
        ("doce", None),
    ],
)
def test_a_rut_is_read_with_its_check_digit(text: str, found: str | None) -> None:
    assert rut(text) == found


@pytest.mark.parametrize(
    "change",
    [{"login": "Con Espacio"}, {"login": "x"}, {"name": "123"}, {"rut": "12345678-4"}, {"registry": "1\n2"}],
    ids=str,
)
def test_a_person_that_is_none_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"user|login|registry"):
        replace(PEOPLE[Role.IT], **change)
