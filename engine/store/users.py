"""The people who may open the store: their data in the database, their wrap of the root key in the key file."""

from __future__ import annotations

import secrets

from sqlite_utils import Database

from engine.domain.people import Act, Person, Role, User
from engine.errors import StoreRefused
from engine.store import keys
from engine.store.keys import Cost, KeyFile
from engine.store.session import Session, Tools

_ALL = "SELECT id, login, name, rut, role, profession, registry, active FROM users ORDER BY login"
_BY_ID = "SELECT id, login, name, rut, role, profession, registry, active FROM users WHERE id = ? AND active"
_BY_LOGIN = "SELECT id, login, name, rut, role, profession, registry, active FROM users WHERE login = ? AND active"


class Users:
    """What an administrator does with accounts. Each method raises StoreRefused as `Session.act`; OSError."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _tools(self) -> Tools:
        return self._session.tools

    def all(self) -> tuple[User, ...]:
        """Removed ones too, in the order of their logins."""
        with self._session.act(Act.LIST_USERS):
            rows = self._session.db.execute(_ALL).fetchall()
        return tuple(map(_user, rows))

    def add(self, person: Person, passphrase: str, cost: Cost) -> User:
        """Raises StoreRefused: `login_taken`, `passphrase_weak`."""
        keys.refuse_weak(passphrase, person.login)
        user = User(secrets.token_hex(8), person)
        with self._session.act(Act.ADD_USER, detail=f"{user.id} {person.role}"):
            if self._session.db.execute("SELECT 1 FROM users WHERE login = ?", (person.login,)).fetchone():
                raise StoreRefused("login_taken")
            insert(self._session.db, user, self._session.now())
            self._write(self._keys().with_user(self._tools.root, user.id, person.login, passphrase, cost))
        return user

    def change(self, user_id: str, person: Person) -> User:
        """Everything but the login, which the key file binds. Raises StoreRefused: `user_unknown`, `last_it`."""
        with self._session.act(Act.CHANGE_USER, detail=f"{user_id} {person.role}"):
            user = self._active(user_id)
            if person.login != user.person.login:
                raise StoreRefused("login_fixed")
            if user.role is Role.IT and person.role is not Role.IT:
                self._refuse_last(user)
            self._session.db.execute(
                "UPDATE users SET name = ?, rut = ?, role = ?, profession = ?, registry = ? WHERE id = ?",
                (person.name, person.rut, person.role.value, person.profession, person.registry, user_id),
            )
        return User(user_id, person)

    def remove(self, user_id: str) -> None:
        """Their wrap goes first, so that a failure in between leaves them out, not in."""
        with self._session.act(Act.REMOVE_USER, detail=user_id):
            user = self._active(user_id)
            if user_id == self._session.user.id:
                raise StoreRefused("user_self")
            self._refuse_last(user)
            self._write(self._keys().without_user(user_id))
            self._session.db.execute("UPDATE users SET active = 0 WHERE id = ?", (user_id,))

    def reset_passphrase(self, user_id: str, passphrase: str, cost: Cost) -> None:
        """A new first pass-phrase for someone who forgot theirs."""
        with self._session.act(Act.RESET_PASSPHRASE, detail=user_id):
            user = self._active(user_id)
            self._write(self._keys().with_user(self._tools.root, user_id, user.person.login, passphrase, cost))
        self._tools.attempts.forget(user.person.login)

    def change_own_passphrase(self, old: str, new: str, cost: Cost) -> None:
        """Raises StoreRefused: `unlock_wrong`, `unlock_wait`, `passphrase_weak`."""
        self._session.reauthenticate(old)
        user = self._session.user
        with self._session.act(Act.CHANGE_OWN_PASSPHRASE):
            self._write(self._keys().with_user(self._tools.root, user.id, user.person.login, new, cost))

    def new_recovery_key(self) -> str:
        """In groups to print, shown this once; the older one opens nothing any more."""
        with self._session.act(Act.NEW_RECOVERY_KEY):
            renewed, printed = self._keys().with_recovery(self._tools.root)
            self._write(renewed)
        return printed

    def _active(self, user_id: str) -> User:
        row = self._session.db.execute(_BY_ID, (user_id,)).fetchone()
        if row is None:
            raise StoreRefused("user_unknown")
        return _user(row)

    def _refuse_last(self, user: User) -> None:
        others = "SELECT count(*) FROM users WHERE active AND role = ? AND id <> ?"
        if user.role is Role.IT and not self._session.db.execute(others, (Role.IT.value, user.id)).fetchone()[0]:
            raise StoreRefused("last_it")

    def _keys(self) -> KeyFile:
        return keys.read(self._tools.generation.keys)

    def _write(self, key_file: KeyFile) -> None:
        keys.write(self._tools.generation.keys, key_file)


def insert(db: Database, user: User, at: str) -> None:
    """A new row, within the transaction that is open."""
    person = user.person
    db.execute(
        "INSERT INTO users (id, login, name, rut, role, profession, registry, active, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)",
        (user.id, person.login, person.name, person.rut, person.role.value, person.profession, person.registry, at),
    )


def by_login(db: Database, login: str) -> User:
    """Raises StoreRefused: `user_unknown`."""
    row = db.execute(_BY_LOGIN, (login,)).fetchone()
    if row is None:
        raise StoreRefused("user_unknown")
    return _user(row)


def _user(row: tuple[str, str, str, str, str, str, str, int]) -> User:
    person = Person(row[1], row[2], row[3], Role(row[4]), row[5], row[6])
    return User(row[0], person, bool(row[7]))
