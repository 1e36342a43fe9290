"""A copy takes the place of the store: looked at first, verified, and whole or not at all.

What it brings back is the state of its day, people and pass-phrases included. The store that it replaces stays in its
folder, out of use, and the log tells how many entries of it are no longer there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine import files
from engine.domain.people import Act, Role, User
from engine.errors import StoreRefused
from engine.store import backup, connection, keys, migrations, users
from engine.store.attempts import UNKNOWN, Attempts, now
from engine.store.audit import Audit, Head, Mark
from engine.store.backup import Contents
from engine.store.place import Generation, Place
from engine.store.session import Session, Tools


@dataclass(frozen=True, slots=True)
class Preview:
    """What the copy would bring, and how many entries of the present log would no longer be there.

    `lost` is None where there is no present store, or where it cannot be known any more.
    """

    copy: Contents
    lost: int | None


class Restore:
    """Into `place`, by somebody who administers the copy. `program` is the version that the log names."""

    def __init__(self, place: Place, program: str, clock: Callable[[], datetime] = now) -> None:
        self._place = place
        self._program = program
        self._clock = clock
        self._attempts = Attempts(place.attempts, clock)

    def preview(self, copy: Path, login: str, passphrase: str) -> Preview:
        """Verifies the copy and changes nothing.

        Raises StoreRefused: `unlock_wrong`, `unlock_wait`, `not_permitted`, `backup_bad`, `store_other`.
        """
        root, _ = self._administrator(copy, login, passphrase)
        return self._previewed(copy, root)

    def _previewed(self, copy: Path, root: bytes) -> Preview:
        found = backup.verify(copy, root)
        self._refuse_other(found.store_id)
        head = self._present_head(root)
        return Preview(found, None if head is None else max(head.n - found.entries, 0))

    def restore(self, copy: Path, login: str, passphrase: str) -> Contents:
        """Raises as `preview`; `store_in_use` while somebody works with the present store; OSError."""
        root, user = self._administrator(copy, login, passphrase)
        found = self._previewed(copy, root)
        with self._present_closed(root):
            made = self._place.new_generation()
            try:
                shutil.copyfile(copy / "history.db", made.database)
                made.database.chmod(0o600)
                self._told(made, root, user, found.copy)
                keys.write(made.keys, keys.read(copy / "keys.json"))
                self._place.use(made)
            except BaseException:
                shutil.rmtree(made.folder, ignore_errors=True)
                made.head.unlink(missing_ok=True)
                raise
        return found.copy

    def _told(self, made: Generation, root: bytes, user: User, copy: Contents) -> None:
        """The restored log goes on from the copy's last entry with the one that tells of this."""
        key, lost_from = keys.derived(root, "database"), self._present_head(root)
        head = Head(made.head, keys.derived(root, "audit"))
        head.keep(Mark(copy.entries, bytes.fromhex(copy.mac)))
        db = connection.connect(made.database, key)
        try:
            migrations.migrate(db, made.database, key)
            audit = Audit(db, keys.derived(root, "audit"), head, self._program, self._clock)
            tools = Tools(db, audit, self._attempts, self._place, made, root, self._program, self._clock)
            before = f"{lost_from.n} {lost_from.mac.hex()[:16]}" if lost_from else "?"
            with Session(tools, user).act(Act.RESTORE, detail=f"{copy.entries} of {before}"):
                pass
            if audit.head_behind:
                raise StoreRefused("store_disk")
        finally:
            db.close()

    def _administrator(self, copy: Path, login: str, passphrase: str) -> tuple[bytes, User]:
        files.private_folder(self._place.folder)
        key_file = keys.read(copy / "keys.json")
        known = login if key_file.wrap_of(login) else UNKNOWN
        self._attempts.begin(known)
        root = key_file.root(login, passphrase)
        if root is None:
            raise StoreRefused("unlock_wrong")
        self._attempts.forget(known)
        db = connection.connect(copy / "history.db", keys.derived(root, "database"), read_only=True)
        try:
            user = users.by_login(db, login)
        except connection.DatabaseError:
            raise StoreRefused("backup_bad") from None
        finally:
            db.close()
        if user.role is not Role.IT:
            raise StoreRefused("not_permitted")
        return root, user

    def _refuse_other(self, store_id: str) -> None:
        """Another hospital's copy does not take the place of a store whose keys still say whose it is."""
        if not self._place.exists():
            return
        try:
            present = keys.read(self._place.current().keys).store_id
        except StoreRefused:
            return
        if present != store_id:
            raise StoreRefused("store_other")

    def _present_head(self, root: bytes) -> Mark | None:
        try:
            used = self._place.current()
        except StoreRefused:
            return None
        mark = Head(used.head, keys.derived(root, "audit")).read()
        return mark if isinstance(mark, Mark) else None

    @contextmanager
    def _present_closed(self, root: bytes) -> Iterator[None]:
        """Nobody else may write to the store that is about to be replaced; a damaged one nobody can."""
        db = None
        try:
            db = connection.connect(self._place.current().database, keys.derived(root, "database"))
        except StoreRefused as refusal:
            if refusal.code == "store_in_use":
                raise
        try:
            yield
        finally:
            if db is not None:
                db.close()
