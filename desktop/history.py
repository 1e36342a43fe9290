"""Who is at the encrypted history in this window. All work with it happens in one lane, in order. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from desktop.operations.enter import Cost, Entered, add_person, enter, leave, recover, set_up
from desktop.tasks import Lane
from engine import history
from engine.domain.people import Person, User
from engine.errors import StoreRefused

T = TypeVar("T")


class Access(StrEnum):
    ABSENT = "absent"  # nobody has set a history up for this user of the computer
    UNUSED = "unused"  # none is there, and this window works without one
    LOCKED = "locked"
    OPEN = "open"


class History(QObject):
    """One person at a time. What fails or is refused changes nothing."""

    changed = Signal(object)  # Access
    refused = Signal(object)  # the exception of coming in
    key_made = Signal(str)  # the recovery key, to be shown this once; `changed` follows
    person_added = Signal(object)  # User
    rested = Signal()  # its thread is gone

    def __init__(self, vault: history.Vault, cost: Cost = history.calibrated, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._vault, self._cost = vault, cost
        self._lane = Lane(self)
        self._lane.ended.connect(self.rested)
        self._session: history.Session | None = None  # touched in the lane only
        self._over = False  # the window closes
        self.user: User | None = None
        self.settings: Mapping[str, int] = {name: found.default for name, found in history.SETTINGS.items()}
        self.access = Access.LOCKED if vault.exists() else Access.ABSENT

    @property
    def resting(self) -> bool:
        """True where its thread does not run."""
        return not self._lane.running

    @property
    def busy(self) -> bool:
        """True while something asked of it is not answered."""
        return self._lane.busy

    def do_without(self) -> None:
        """This window works without a history, where none was set up."""
        if self.access is Access.ABSENT:
            self._become(Access.UNUSED)

    def set_up(self, person: Person, passphrase: str) -> None:
        """`key_made` and `changed`, or `refused` answers."""
        self._come_in(partial(set_up, self._vault, self._cost, person, passphrase))

    def enter(self, login: str, passphrase: str) -> None:
        """`changed` or `refused` answers."""
        self._come_in(partial(enter, self._vault, login, passphrase))

    def recover(self, key: str, login: str, passphrase: str) -> None:
        """`key_made` and `changed`, or `refused` answers."""
        self._come_in(partial(recover, self._vault, self._cost, key, login, passphrase))

    def add_person(self, person: Person, passphrase: str) -> None:
        """`person_added` or `refused` answers."""
        self.ask(add_person(self._cost, person, passphrase), self.person_added.emit, self.refused.emit)

    def ask(
        self, job: Callable[[history.Session], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        """Runs the job at the open history, after those before it; one of the two is called in this thread."""
        if self._over:
            failed(StoreRefused("store_locked"))
        else:
            self._lane.do(lambda: job(self._at()), done, failed)

    def lock(self) -> None:
        """Drops the key, after what was asked before; `changed` answers, also where the disk fails."""
        if self.access is Access.OPEN:
            self._lane.do(self._leave, lambda _: self._on_left(), lambda _: self._on_left())

    def shut_down(self) -> None:
        """As `lock`, and ends the thread; `rested` follows where it runs."""
        if self._lane.running and not self._over:
            self._lane.do(self._leave, lambda _: None, lambda _: None)
            self._lane.stop()
        self._over = True

    def _come_in(self, job: Callable[[], Entered]) -> None:
        self._lane.do(lambda: self._keep(job()), self._on_entered, self.refused.emit)

    def _keep(self, entered: Entered) -> Entered:
        self._session = entered.session
        return entered

    def _at(self) -> history.Session:
        if self._session is None:
            raise StoreRefused("store_locked")
        return self._session

    def _leave(self) -> None:
        session, self._session = self._session, None
        leave(session)

    def _on_entered(self, entered: Entered) -> None:
        self.user, self.settings = entered.user, entered.settings
        if entered.recovery:
            self.key_made.emit(entered.recovery)
        self._become(Access.OPEN)

    def _on_left(self) -> None:
        self.user = None
        self._become(Access.LOCKED)

    def _become(self, access: Access) -> None:
        self.access = access
        self.changed.emit(access)
