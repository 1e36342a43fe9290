"""What somebody with the key of the database, and without that of the log, could do to the log."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from engine.domain.people import Role
from engine.store import connection, keys
from engine.store.audit import Head, Verdict, entries_of, verified
from engine.store.connection import Database
from engine.store.vault import Vault
from tests.helpers.store import enter, new_store

Change = Callable[[Database, random.Random, int], int]  # the database, chance, how many entries → the first bad one
_FIELDS = {
    "at": "'2020-01-01T00:00:00.000000+00:00'",
    "user_id": "'somebody'",
    "act": "'case.search'",
    "case_id": "'another'",
    "detail": "detail || ' '",
    "program": "'0'",
    "mac": "zeroblob(32)",
}


def edit(db: Database, chance: random.Random, count: int) -> int:
    n, (field, value) = chance.randint(1, count), chance.choice(list(_FIELDS.items()))
    db.execute(f"UPDATE audit SET {field} = {value} WHERE n = ?", (n,))  # noqa: S608  # the words above
    return n


def delete(db: Database, chance: random.Random, count: int) -> int:
    n = chance.randint(1, count)
    db.execute("DELETE FROM audit WHERE n = ?", (n,))
    return n


def delete_and_close_up(db: Database, chance: random.Random, count: int) -> int:
    n = chance.randint(1, count)
    db.execute("DELETE FROM audit WHERE n = ?", (n,))
    db.execute("UPDATE audit SET n = -n WHERE n > ?", (n,))
    db.execute("UPDATE audit SET n = -n - 1 WHERE n < 0")
    return n


def cut(db: Database, chance: random.Random, count: int) -> int:
    n = chance.randint(1, count)
    db.execute("DELETE FROM audit WHERE n >= ?", (n,))
    return n


def reorder(db: Database, chance: random.Random, count: int) -> int:
    first, second = sorted(chance.sample(range(1, count + 1), 2))
    for old, new in ((first, -1), (second, first), (-1, second)):
        db.execute("UPDATE audit SET n = ? WHERE n = ?", (new, old))
    return first


def forge(db: Database, chance: random.Random, count: int) -> int:
    db.execute(
        "INSERT INTO audit SELECT ?, at, user_id, act, case_id, detail, program, mac FROM audit WHERE n = ?",
        (count + 1, chance.randint(1, count)),
    )
    return count + 1


CHANGES: tuple[Change, ...] = (edit, delete, delete_and_close_up, cut, reorder, forge)


class Tried:
    """A store with a log of some length, and copies of it from before, to tamper with over and over."""

    def __init__(self, folder: Path, sessions: int = 6) -> None:
        self._work = folder / "tampered.db"
        vault = new_store(folder)
        self._used = vault.place.current()
        self._older: list[tuple[Path, int]] = []
        for number in range(sessions):
            self._enter(vault)
            kept = folder / f"older-{number}.db"
            shutil.copy(self._used.database, kept)
            self._older.append((kept, self.count()))

    def _enter(self, vault: Vault) -> None:
        session = enter(vault, Role.AUDITOR)
        self.root = session.tools.root
        session.close()

    def count(self) -> int:
        """How many entries the head remembers."""
        mark = Head(self._used.head, keys.derived(self.root, "audit")).read()
        return getattr(mark, "n", 0)

    def change(self, change: Change, chance: random.Random) -> tuple[int, Verdict]:
        """The first bad entry as it should be named, and the verdict."""
        shutil.copy(self._older[-1][0], self._work)
        db = connection.connect(self._work, keys.derived(self.root, "database"))
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        wanted = change(db, chance, self.count())
        return wanted, self._verdict(db)

    def roll_back(self, chance: random.Random) -> tuple[int, Verdict]:
        """The whole database as it was once, beside the head as it is."""
        older, count = chance.choice(self._older[:-1])
        shutil.copy(older, self._work)
        db = connection.connect(self._work, keys.derived(self.root, "database"))
        return count + 1, self._verdict(db)

    def _verdict(self, db: Database) -> Verdict:
        key = keys.derived(self.root, "audit")
        verdict = verified(entries_of(db), key, Head(self._used.head, key).read())
        db.close()
        return verdict


def unnoticed(tried: Tried, tries: int, seed: int) -> list[str]:
    """The kinds of tampering that passed, or whose first bad entry was named wrongly, among so many tries."""
    chance, found = random.Random(seed), []
    for number in range(tries):
        change = (*CHANGES, None)[number % (len(CHANGES) + 1)]
        wanted, verdict = tried.change(change, chance) if change else tried.roll_back(chance)
        if verdict.problem is None or verdict.problem.n != wanted:
            found.append(change.__name__ if change else "roll_back")
    return found
