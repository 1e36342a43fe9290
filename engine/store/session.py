"""One user at an open store. All that is done goes through `Session.act`: right, transaction and entry are one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from engine.domain.people import Act, Role, User, permitted
from engine.errors import StoreRefused
from engine.store import connection, keys
from engine.store.attempts import Attempts
from engine.store.audit import Audit, Problem
from engine.store.place import Generation, Place

# What would be built on a history that an alarm says is not the one that was written.
_CLINICAL_WRITING = frozenset(
    {Act.CREATE_CASE, Act.WRITE_RECORD, Act.WRITE_DRAFT, Act.WRITE_REPORT, Act.SIGN, Act.ADD_ADDENDUM, Act.PURGE}
)
_OF_ANY_CASE = frozenset({Act.CREATE_CASE, Act.BREAK_GLASS})  # no place in its team is asked for


@dataclass
class Deed:
    """What is being done; its detail (numbers and words of the program, never of a record) may be known only later."""

    detail: str = ""
    case_id: str = ""
    entry: int = 0  # its number in the log, known once it is written


@dataclass(frozen=True, slots=True)
class Tools:
    """What a session is made of besides its user."""

    db: Database
    audit: Audit
    attempts: Attempts
    place: Place
    generation: Generation
    root: bytes
    program: str
    clock: Callable[[], datetime]


class Session:
    """Belongs to the thread that opened it. `close` drops the key and the database: nothing can be done after."""

    def __init__(self, tools: Tools, user: User) -> None:
        self._tools: Tools | None = tools
        self.user = user
        self.emergencies: set[str] = set()  # cases opened by break-glass, until the session ends
        self._acting = False

    @property
    def tools(self) -> Tools:
        """Raises StoreRefused: `store_locked` once the session is over."""
        if self._tools is None:
            raise StoreRefused("store_locked")
        return self._tools

    @property
    def db(self) -> Database:
        return self.tools.db

    @property
    def alarm(self) -> Problem | None:
        """Why the history may not be the one that was written; no case can be changed until the chief accepts it."""
        return self.tools.audit.alarm

    def now(self) -> str:
        """ISO 8601 with zone, to the second."""
        return self.tools.clock().astimezone().isoformat(timespec="seconds")

    @contextmanager
    def act(self, act: Act, case_id: str = "", detail: str = "") -> Iterator[Deed]:
        """Does what is within in one transaction with its audit entry.

        Raises StoreRefused: `not_permitted`, `case_unknown`, `case_closed_to_you`, `store_alarm`, `store_disk`,
        `store_unreadable`; whatever is raised within undoes all of it.
        """
        if self._acting:
            raise RuntimeError("one act at a time")
        self._acting = True
        try:
            self._refuse(act, case_id)
            yield from self._done(act, Deed(detail, case_id))
        except connection.DatabaseError as error:
            raise connection.refusal(error) from None
        finally:
            self._acting = False

    def _done(self, act: Act, deed: Deed) -> Iterator[Deed]:
        with self.db.atomic():
            deed.entry = self.tools.audit.mark.n + 1
            yield deed
            entry = self.tools.audit.append(self.user.id, act, deed.case_id, deed.detail)
        self.tools.audit.commit(entry)

    def _refuse(self, act: Act, case_id: str) -> None:
        code = self._reason(act, case_id)
        if code:
            for _ in self._done(Act.DENIED, Deed(act.value, case_id)):
                continue
            raise StoreRefused(code)

    def _reason(self, act: Act, case_id: str) -> str:
        if not permitted(self.user.role, act):
            return "not_permitted"
        if case_id and not self.db.execute("SELECT 1 FROM cases WHERE id = ?", (case_id,)).fetchone():
            return "case_unknown"
        if case_id and act not in _OF_ANY_CASE and not self.may_open(case_id):
            return "case_closed_to_you"
        return "store_alarm" if self.alarm and act in _CLINICAL_WRITING else ""

    def may_open(self, case_id: str) -> bool:
        """The chief opens every case, a physician those of their teams and those opened by break-glass."""
        if self.user.role is Role.CHIEF or case_id in self.emergencies:
            return True
        team = self.db.execute("SELECT 1 FROM team WHERE case_id = ? AND user_id = ?", (case_id, self.user.id))
        return team.fetchone() is not None

    def reauthenticate(self, passphrase: str) -> None:
        """The person at the keyboard is still the user. Raises StoreRefused: `unlock_wait`, `unlock_wrong`."""
        login = self.user.person.login
        self.tools.attempts.begin(login)
        if keys.read(self.tools.generation.keys).root(login, passphrase) != self.tools.root:
            raise StoreRefused("unlock_wrong")
        self.tools.attempts.forget(login)

    def accept_alarm(self) -> None:
        """The chief takes the history as it stands; the entry tells what was found, and the head begins again."""
        found = self.alarm
        if found:
            with self.act(Act.ACCEPT_ALARM, detail=f"{found.fault} {found.n}"):
                pass
            self.tools.audit.accept_alarm()

    def close(self) -> None:
        """The last entry says that the user left; the database is closed even where that cannot be written."""
        try:
            with self.act(Act.LOCK):
                pass
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Closes the database without a word; a second time does nothing."""
        tools, self._tools = self._tools, None
        self.emergencies.clear()
        if tools is not None:
            tools.db.close()
