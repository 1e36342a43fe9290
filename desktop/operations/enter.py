"""Come to the encrypted history: the first start, the pass-phrase, the recovery key, one person more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine import history
from engine.domain.people import Person, User

Cost = Callable[[], history.Cost]  # found by trying, which takes a moment


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody at the history. `session` is for the thread that opened it, `recovery` is shown once («»: none)."""

    session: history.Session
    user: User
    settings: Mapping[str, int]
    recovery: str = ""


def set_up(vault: history.Vault, cost: Cost, person: Person, passphrase: str) -> Entered:
    """The first start: an empty history and its administrator. Raises StoreRefused, OSError."""
    return _entered(*vault.create(person, passphrase, cost()))


def enter(vault: history.Vault, login: str, passphrase: str) -> Entered:
    """Raises StoreRefused: `unlock_wrong`, `unlock_wait` and as `Vault.unlock`; OSError."""
    return _entered(vault.unlock(login, passphrase))


def recover(vault: history.Vault, cost: Cost, key: str, login: str, passphrase: str) -> Entered:
    """A new pass-phrase by the recovery key, and a new key. Raises StoreRefused as `Vault.recover`; OSError."""
    return _entered(*vault.recover(key, login, passphrase, cost()))


def add_person(cost: Cost, person: Person, passphrase: str) -> Callable[[history.Session], User]:
    """Raises StoreRefused: `login_taken`, `passphrase_weak`, `not_permitted`; OSError."""
    return lambda session: history.Users(session).add(person, passphrase, cost())


def leave(session: history.Session | None) -> None:
    """The key and what the program holds of records go, even where the last entry of the log cannot be written."""
    try:
        if session is not None:
            session.close()
    finally:
        history.forget()


def _entered(session: history.Session, recovery: str = "") -> Entered:
    try:
        return Entered(session, session.user, history.Settings(session).all(), recovery)
    except BaseException:
        session.abandon()
        raise
