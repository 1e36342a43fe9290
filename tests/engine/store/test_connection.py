"""The database is encrypted or it is not opened."""

from __future__ import annotations

import ast
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import StoreRefused
from engine.store import connection, migrations
from engine.store.connection import Database

KEY, OTHER = b"k" * 32, b"o" * 32
CANARY = "Külapán O'Higgins 12.345.678-5"
SAVED = sorted((Path(__file__).parents[2] / "databases").glob("schema-*"))


def _made(path: Path) -> Database:
    db = connection.create(path, KEY)
    migrations.migrate(db, path, KEY)
    return db


def _refused(path: Path, key: bytes = KEY) -> str:
    with pytest.raises(StoreRefused) as caught:
        connection.connect(path, key)
    return caught.value.code


def test_what_is_written_stands_nowhere_in_plain(tmp_path: Path) -> None:
    db = _made(tmp_path / "a.db")
    with db.atomic():
        db.execute("INSERT INTO settings VALUES ('canary', ?)", (CANARY,))
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert {p.name for p in files} >= {"a.db", "a.db-wal"}
    assert [p.name for p in files if CANARY.encode()[:12] in p.read_bytes()] == []
    assert db.execute("SELECT value FROM settings WHERE name = 'canary'").fetchone() == (CANARY,)
    db.close()


def test_the_settings_that_matter_hold(tmp_path: Path) -> None:
    db = _made(tmp_path / "a.db")
    asked = ("journal_mode", "synchronous", "foreign_keys", "temp_store", "secure_delete", "trusted_schema")
    assert [db.execute(f"PRAGMA {name}").fetchone()[0] for name in asked] == ["wal", 2, 1, 2, 1, 0]
    assert (tmp_path / "a.db").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a.db-wal").stat().st_mode & 0o777 == 0o600
    db.close()


def test_an_exception_of_the_database_is_the_one_that_is_caught(tmp_path: Path) -> None:
    db = _made(tmp_path / "a.db")
    with pytest.raises(connection.DatabaseError):
        db.execute("INSERT INTO team VALUES ('nobody', 'nothing')")
    db.close()


@pytest.mark.parametrize("loaded", ["sqlite_utils", "sqlite3"])
def test_an_import_in_another_order_opens_nothing_plain(tmp_path: Path, loaded: str) -> None:
    """Where sqlite_utils already stands on the standard library, the store refuses to work."""
    program = (
        f"import {loaded}, sys\nfrom pathlib import Path\nfrom engine.store import connection\n"
        "from engine.errors import StoreRefused\n"
        "try:\n    connection.create(Path(sys.argv[1]), b'k' * 32).close()\n"
        "except StoreRefused as refusal:\n    print(refusal.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "a.db")], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == ("store_unencrypted" if loaded == "sqlite_utils" else "")


def test_a_plain_database_swapped_in_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    _made(path).close()
    path.unlink()
    with sqlite3.connect(path) as plain:
        plain.execute("CREATE TABLE cases (id TEXT)")
    plain.close()
    assert _refused(path) == "store_plain"


def test_an_empty_file_is_no_new_database(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    assert _refused(tmp_path / "a.db") == "store_unreadable"
    assert _refused(tmp_path / "none.db") == "store_missing"


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    _made(tmp_path / "a.db").close()
    assert _refused(tmp_path / "a.db", OTHER) == "store_unreadable"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    _made(tmp_path / "a.db").close()
    (tmp_path / "b.db").symlink_to(tmp_path / "a.db")
    assert _refused(tmp_path / "b.db") == "store_missing"


def test_a_second_program_is_told_that_it_is_open(tmp_path: Path) -> None:
    db = _made(tmp_path / "a.db")
    assert _refused(tmp_path / "a.db") == "store_in_use"
    db.close()
    connection.connect(tmp_path / "a.db", KEY).close()


@pytest.mark.parametrize("place", [3, 5000, 40_000, -10])
def test_a_flipped_bit_is_noticed(tmp_path: Path, place: int) -> None:
    path = tmp_path / "a.db"
    _made(path).close()
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    assert _noticed(path)


@pytest.mark.parametrize("left", [4096, 8192, 5000, 100])
def test_a_cut_file_is_noticed(tmp_path: Path, left: int) -> None:
    path = tmp_path / "a.db"
    _made(path).close()
    path.write_bytes(path.read_bytes()[:left])
    assert _noticed(path)


def _noticed(path: Path) -> bool:
    try:
        db = connection.connect(path, KEY)
    except StoreRefused:
        return True
    found = connection.damaged_pages(db)
    db.close()
    return found > 0


def test_a_whole_file_has_no_damaged_page(tmp_path: Path) -> None:
    db = _made(tmp_path / "a.db")
    assert connection.damaged_pages(db) == 0
    db.close()


def test_a_copy_is_encrypted_and_whole(tmp_path: Path) -> None:
    db = _made(tmp_path / "a.db")
    db.execute("INSERT INTO settings VALUES ('canary', ?)", (CANARY,))
    connection.copy(db, tmp_path / "b.db", KEY)
    db.close()
    assert CANARY.encode()[:12] not in (tmp_path / "b.db").read_bytes()
    copied = connection.connect(tmp_path / "b.db", KEY, read_only=True)
    assert copied.execute("SELECT value FROM settings").fetchone() == (CANARY,)
    copied.close()


# Migrations


def _second(db: Database) -> None:
    db.execute("ALTER TABLE settings ADD COLUMN note TEXT")


def _broken(db: Database) -> None:
    db.execute("ALTER TABLE settings ADD COLUMN note TEXT")
    db.execute("INSERT INTO nowhere VALUES (1)")


def test_a_migration_comes_after_a_copy_and_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    db = _made(path)
    steps = (*migrations.MIGRATIONS, _second)
    assert migrations.migrate(db, path, KEY, steps) == 1
    assert migrations.schema(db) == len(steps)
    db.close()
    before = connection.connect(tmp_path / f"a.db.before-{len(steps)}", KEY)
    assert migrations.schema(before) == len(steps) - 1
    before.close()


def test_a_migration_that_fails_leaves_the_older_schema(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    db = _made(path)
    with pytest.raises(StoreRefused):
        migrations.migrate(db, path, KEY, (*migrations.MIGRATIONS, _broken))
    assert migrations.schema(db) == len(migrations.MIGRATIONS)
    assert "note" not in [row[1] for row in db.execute("PRAGMA table_info(settings)")]
    db.close()


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    db = _made(path)
    db.execute(f"PRAGMA user_version = {len(migrations.MIGRATIONS) + 1}")
    with pytest.raises(StoreRefused, match="store_newer"):
        migrations.migrate(db, path, KEY)
    db.close()


@pytest.mark.parametrize(
    "module", sorted(Path(migrations.__file__).parent.glob("m*.py")), ids=lambda module: module.stem
)
def test_a_migration_imports_nothing_of_the_program(module: Path) -> None:
    names = {
        name
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert names <= {"__future__", "sqlite_utils", "json"}


@pytest.mark.parametrize("saved", SAVED, ids=lambda folder: folder.name)
def test_a_database_of_each_released_schema_opens_and_migrates(saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.write_bytes((saved / "history.db").read_bytes())
    key = bytes.fromhex((saved / "key.txt").read_text(encoding="ascii").strip())
    db = connection.connect(path, key)
    assert migrations.schema(db) == int(saved.name.removeprefix("schema-"))
    migrations.migrate(db, path, key)
    fresh = _made(tmp_path / "fresh.db")
    shape = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    assert db.execute(shape).fetchall() == fresh.execute(shape).fetchall()
    assert db.execute("SELECT count(*) FROM cases").fetchone()[0] >= 1
    assert connection.damaged_pages(db) == 0
    db.close()
    fresh.close()


def test_every_released_schema_has_a_saved_database() -> None:
    assert [folder.name for folder in SAVED] == [f"schema-{n}" for n in range(1, len(migrations.MIGRATIONS) + 1)]
