"""Schema versions: numbered, append-only. Each migration is one transaction with its number, after a backup.

The modules `m0001`, `m0002`… import nothing of the program, which goes on changing while they must not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sqlite_utils import Database

from engine.errors import StoreRefused
from engine.store import connection
from engine.store.migrations import m0001

Migration = Callable[[Database], None]
MIGRATIONS: tuple[Migration, ...] = (m0001.apply,)


def schema(db: Database) -> int:
    """The number of the last migration that this database has gone through; 0 for an empty one."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def migrate(db: Database, path: Path, key: bytes, steps: Sequence[Migration] | None = None) -> int:
    """Brings the database to the newest schema (of `steps`, those of the program); the number of steps taken.

    Raises StoreRefused: `store_newer` for one of a later program, and where the encryption does not hold afterwards.
    The copy from before the last step stays beside the database as `NAME.before-N`.
    """
    steps, start = MIGRATIONS if steps is None else steps, schema(db)
    if start > len(steps):
        raise StoreRefused("store_newer")
    for number, step in enumerate(steps[start:], start + 1):
        if number > 1:
            _copy_aside(db, path, key, number)
        try:
            with db.atomic():
                step(db)
                db.execute(f"PRAGMA user_version = {number:d}")
        except connection.DatabaseError as error:
            raise connection.refusal(error) from None
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.sealed(db, path)
    return len(steps) - start


def _copy_aside(db: Database, path: Path, key: bytes, number: int) -> None:
    """One copy is kept: the newest. A half-written one of an earlier try makes way."""
    kept = path.with_name(f"{path.name}.before-{number}")
    kept.unlink(missing_ok=True)
    connection.copy(db, kept, key)
    for older in path.parent.glob(f"{path.name}.before-*"):
        if older != kept:
            older.unlink()
