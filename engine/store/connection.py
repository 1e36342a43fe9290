"""SQLCipher under sqlite-utils, and nothing else: a database that is not encrypted is not opened.

The standard `sqlite3` ignores `PRAGMA key` in silence and SQLCipher without a key writes plain text, so neither is
trusted: each opening and each migration ends with `sealed`, which looks at the file itself.
"""

from __future__ import annotations

import os
from pathlib import Path

import sqlcipher3  # type: ignore[import-untyped]  # a compiled module without stubs
from sqlcipher3 import dbapi2 as dbapi
from sqlite_utils import Database, utils

from engine.errors import StoreRefused

__all__ = ["KEY_BYTES", "Database", "DatabaseError", "connect", "copy", "create", "damaged_pages", "refusal", "sealed"]
DatabaseError: type[Exception] = dbapi.Error
KEY_BYTES = 32
_PLAIN = b"SQLite format 3"
_WAIT = 0.2  # seconds for a lock: whoever has it keeps it until their program ends
_SETTINGS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "temp_store = MEMORY",
    "secure_delete = ON",
    "trusted_schema = OFF",
    "cell_size_check = ON",
)


def create(path: Path, key: bytes) -> Database:
    """A new, empty, encrypted database, private to this user. Raises StoreRefused, OSError."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return _opened(path, key, "rw")


def connect(path: Path, key: bytes, *, read_only: bool = False) -> Database:
    """Opens with a key of 32 bytes, for this program alone (no second one at a time) and for one thread.

    Raises StoreRefused: `store_missing`, `store_plain`, `store_unencrypted`, `store_unreadable`, `store_in_use`.
    """
    if path.is_symlink() or not path.is_file():
        raise StoreRefused("store_missing")
    if not path.stat().st_size:  # SQLite would take it for a new database
        raise StoreRefused("store_unreadable")
    refuse_plain(path)
    db = _opened(path, key, "ro" if read_only else "rw")
    try:
        _refuse_short(db, path)
    except dbapi.Error as error:
        db.close()
        raise refusal(error) from None
    except BaseException:
        db.close()
        raise
    return db


def _opened(path: Path, key: bytes, mode: str) -> Database:
    if len(key) != KEY_BYTES:
        raise ValueError("a database key has 32 bytes")
    connection = dbapi.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=_WAIT)
    try:
        _unlock(connection, key)
        if mode == "rw":
            for setting in _SETTINGS:
                connection.execute(f"PRAGMA {setting}")
        db = Database(connection, execute_plugins=False)
        sealed(db, path)
    except dbapi.Error as error:
        connection.close()
        raise refusal(error) from None
    except BaseException:
        connection.close()
        raise
    return db


def _unlock(connection: dbapi.Connection, key: bytes) -> None:
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def sealed(db: Database, path: Path) -> None:
    """Refuses to go on where the database is not encrypted, by the library's word or by the file's first bytes."""
    version = db.execute("PRAGMA cipher_version").fetchone()
    if vars(utils)["sqlite3"] is not sqlcipher3 or not version or not version[0]:
        raise StoreRefused("store_unencrypted")
    refuse_plain(path)


def refuse_plain(path: Path) -> None:
    """Raises StoreRefused where the file is an ordinary SQLite database. Raises OSError."""
    with path.open("rb") as file:
        if file.read(len(_PLAIN)) == _PLAIN:
            raise StoreRefused("store_plain")


def _refuse_short(db: Database, path: Path) -> None:
    """A file cut at the end of a page is not noticed by a query that needs no lost page."""
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    pages, size = (int(db.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "page_size"))
    if path.stat().st_size < pages * size:
        raise StoreRefused("store_unreadable")


def damaged_pages(db: Database) -> int:
    """How many pages fail their authentication code, or 1 where the structure is wrong. Reads the whole file."""
    try:
        bad = db.execute("PRAGMA cipher_integrity_check").fetchall()
        return len(bad) or int(db.execute("PRAGMA quick_check").fetchone()[0] != "ok")
    except dbapi.Error:
        return 1


def copy(db: Database, path: Path, key: bytes) -> None:
    """Writes an encrypted copy (the same key, another salt) as one new file. Raises StoreRefused, OSError."""
    target = create(path, key)
    try:
        db.conn.backup(target.conn)
        target.execute("PRAGMA journal_mode = DELETE")
    except dbapi.Error as error:
        raise refusal(error) from None
    finally:
        target.close()
    refuse_plain(path)
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def refusal(error: Exception) -> Exception:
    """What to tell of an error of the database, whose words may quote a row; a wrong use of it stays what it is."""
    if type(error).__name__ in ("IntegrityError", "ProgrammingError"):
        return error
    words = str(error)
    for sign, code in (("locked", "store_in_use"), ("full", "store_disk"), ("disk I/O", "store_disk")):
        if sign in words:
            return StoreRefused(code)
    return StoreRefused("store_unreadable")
