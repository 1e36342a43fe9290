"""Opening the store: the first start, a pass-phrase, the recovery key."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from datetime import datetime

from sqlite_utils import Database

from engine import files
from engine.domain.people import Act, Person, Role, User
from engine.errors import StoreRefused
from engine.store import connection, keys, migrations, users
from engine.store.attempts import RECOVERY, UNKNOWN, Attempts, now
from engine.store.audit import Audit, Head, Mark
from engine.store.keys import Cost
from engine.store.place import Generation, Place
from engine.store.session import Session, Tools


class Vault:
    """The door of one store. `program` is the version that the audit log names."""

    def __init__(self, place: Place, program: str, clock: Callable[[], datetime] = now) -> None:
        self.place = place
        self._program = program
        self._clock = clock
        self._attempts = Attempts(place.attempts, clock)

    def exists(self) -> bool:
        return self.place.exists()

    def logins(self) -> tuple[str, ...]:
        """Who can open it. Raises StoreRefused."""
        return tuple(wrap.login for wrap in keys.read(self.place.current().keys).wraps)

    def create(self, administrator: Person, passphrase: str, cost: Cost) -> tuple[Session, str]:
        """The first start: an empty store, its administrator at it, and the recovery key, which is shown this once.

        Raises StoreRefused: `store_exists`, `passphrase_weak`, `not_permitted` for another role than TI; OSError.
        """
        if self.exists():
            raise StoreRefused("store_exists")
        if administrator.role is not Role.IT:
            raise StoreRefused("not_permitted")
        keys.refuse_weak(passphrase, administrator.login)
        made = self.place.new_generation()
        try:
            return self._created(made, User(secrets.token_hex(8), administrator), passphrase, cost)
        except BaseException:
            shutil.rmtree(made.folder, ignore_errors=True)
            made.head.unlink(missing_ok=True)
            raise

    def _created(self, made: Generation, user: User, passphrase: str, cost: Cost) -> tuple[Session, str]:
        bare, root = keys.new_key_file()
        bare = bare.with_user(root, user.id, user.person.login, passphrase, cost)
        key_file, recovery = bare.with_recovery(root)
        Head(made.head, keys.derived(root, "audit")).keep(Mark())
        db = connection.create(made.database, keys.derived(root, "database"))
        try:
            migrations.migrate(db, made.database, keys.derived(root, "database"))
            session = Session(self._tools(db, made, root), user)
            with session.act(Act.CREATE_STORE):
                users.insert(db, user, session.now())
            keys.write(made.keys, key_file)
            self.place.use(made)
        except BaseException:
            db.close()
            raise
        return session, recovery

    def unlock(self, login: str, passphrase: str) -> Session:
        """Raises StoreRefused: `unlock_wait`, `unlock_wrong`, and whatever `connection.connect` and `migrate` raise."""
        used = self.place.current()
        key_file = keys.read(used.keys)
        failures = self._attempts.begin(login if key_file.wrap_of(login) else UNKNOWN)
        root = key_file.root(login, passphrase)
        if root is None:
            raise StoreRefused("unlock_wrong")
        self._attempts.forget(login)
        session = self._opened(used, root, login)
        for count, whose in ((failures, ""), (self._attempts.forget(UNKNOWN), " unknown")):
            if count:
                with session.act(Act.FAILED_UNLOCKS, detail=f"{count}{whose}"):
                    pass
        return session

    def recover(self, recovery_key: str, login: str, passphrase: str, cost: Cost) -> tuple[Session, str]:
        """An administrator's new pass-phrase by the recovery key, which is used up: the new one is shown this once.

        Raises StoreRefused: `unlock_wait`, `recovery_mistyped`, `recovery_wrong`, `passphrase_weak`, `user_unknown`.
        """
        used = self.place.current()
        key_file = keys.read(used.keys)
        self._attempts.begin(RECOVERY)
        root = key_file.recovered(recovery_key)
        if root is None:
            raise StoreRefused("recovery_wrong")
        keys.refuse_weak(passphrase, login)
        session = self._opened(used, root, login)
        try:
            with session.act(Act.RECOVER):
                renewed = key_file.with_user(root, session.user.id, login, passphrase, cost)
                renewed, printed = renewed.with_recovery(root)
                keys.write(used.keys, renewed)
        except BaseException:
            session.abandon()
            raise
        self._attempts.forget(login)
        self._attempts.forget(RECOVERY)
        return session, printed

    def _opened(self, used: Generation, root: bytes, login: str) -> Session:
        key = keys.derived(root, "database")
        files.private_folder(self.place.heads)
        db = connection.connect(used.database, key)
        try:
            found = migrations.schema(db)
            if not found:
                raise StoreRefused("store_unreadable")
            steps = migrations.migrate(db, used.database, key)
            tools = self._tools(db, used, root)
            session = Session(tools, users.by_login(db, login))
            with session.act(Act.UNLOCK):
                pass
            if steps:
                with session.act(Act.MIGRATE, detail=f"{found} {found + steps}"):
                    pass
        except connection.DatabaseError as error:
            db.close()
            raise connection.refusal(error) from None
        except BaseException:
            db.close()
            raise
        return session

    def _tools(self, db: Database, used: Generation, root: bytes) -> Tools:
        key = keys.derived(root, "audit")
        return Tools(
            db=db,
            audit=Audit(db, key, Head(used.head, key), self._program, self._clock),
            attempts=self._attempts,
            place=self.place,
            generation=used,
            root=root,
            program=self._program,
            clock=self._clock,
        )
