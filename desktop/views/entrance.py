"""Before the work: which page of coming in is shown. It covers the window while nobody is at the history."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.history import Access, History
from desktop.problems import explain
from desktop.views.door_pages import ChoicePage, DoorPage, KeyPage, RecoverPage
from desktop.views.people_pages import PeoplePage, PersonPage
from desktop.views.sheet import Sheet
from engine.domain.people import Role, User
from engine.errors import StoreRefused

CLINICAL = (Role.PHYSICIAN, Role.CHIEF)


class Entrance(QStackedWidget):
    """`passed` once a physician or chief is in, or the window works without a history."""

    passed = Signal()

    def __init__(self, history: History, parent: QWidget) -> None:
        super().__init__(parent)
        self._history = history
        self._key_pending = False  # the recovery key was not confirmed yet
        self.choice = ChoicePage(self)
        self.administrator = PersonPage(
            self.tr("Quién administra"),
            self.tr("Agrega a las personas y hace las copias de respaldo. No ve a los pacientes."),
            (Role.IT,),
            self.tr("Crear la historia cifrada"),
            self,
        )
        self.key, self.people = KeyPage(self), PeoplePage(self)
        self.door, self.recovery = DoorPage(self), RecoverPage(self)
        for page in (self.choice, self.administrator, self.key, self.people, self.door, self.recovery):
            self.addWidget(page)
        self._connect()
        self.setCurrentWidget(self.choice if history.access is Access.ABSENT else self.door)

    def begin(self) -> None:
        """Puts the keyboard where the page that is shown begins."""
        page = self.currentWidget()
        if isinstance(page, Sheet) and self.isVisible():
            page.begin()

    def leave(self) -> None:
        """Whoever administers is away: their page is left. The recovery key stays until it was written down."""
        if self.currentWidget() is self.people:
            self.people.forget()
            self._history.lock()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        super().showEvent(event)
        self.begin()

    def _connect(self) -> None:
        history = self._history
        self.choice.without.clicked.connect(history.do_without)
        self.choice.configure.clicked.connect(lambda: self.setCurrentWidget(self.administrator))
        self.administrator.given.connect(history.set_up)
        self.people.given.connect(history.add_person)
        self.people.leave_asked.connect(history.lock)
        self.door.given.connect(history.enter)
        self.door.forgotten.connect(self._on_forgotten)
        self.recovery.given.connect(history.recover)
        self.recovery.back.connect(lambda: self.setCurrentWidget(self.door))
        self.key.confirmed.connect(self._on_confirmed)
        history.refused.connect(self._on_refused)
        history.key_made.connect(self._on_key)
        history.person_added.connect(self._on_added)
        history.changed.connect(self._on_changed)
        self.currentChanged.connect(self.begin)  # after Qt itself has moved the focus

    def _on_changed(self, access: Access) -> None:
        if access is Access.LOCKED:
            self.setCurrentWidget(self.door)
        elif access is Access.UNUSED:
            self.passed.emit()
        elif not self._key_pending:
            self._let_in()

    def _let_in(self) -> None:
        """Physicians to their work, who administers to the people; nobody else has a page in the window yet."""
        user = self._history.user
        if user is None:
            return
        self.door.login.setText(user.person.login)
        if user.role in CLINICAL:
            self.passed.emit()
        elif user.role is Role.IT:
            self.people.forget()
            self.setCurrentWidget(self.people)
        else:
            self._history.lock()
            self.door.refuse(self.tr("Auditoría trabaja con la línea de órdenes: epicrisis audit verify."))

    def _on_key(self, key: str) -> None:
        self._key_pending = True
        self.administrator.forget()
        self.setCurrentWidget(self.key)
        self.key.show_key(key)

    def _on_confirmed(self) -> None:
        self._key_pending = False
        self._let_in()

    def _on_added(self, user: User) -> None:
        self.people.show_added(user)
        self.door.login.setText(user.person.login)  # most likely the next one to come in

    def _on_forgotten(self) -> None:
        self.recovery.login.setText(self.door.login.text())
        self.setCurrentWidget(self.recovery)

    def _on_refused(self, error: Exception) -> None:
        told = explain(error)
        page = self.currentWidget()
        if isinstance(error, StoreRefused) and error.code == "unlock_wait" and page is self.door:
            self.door.wait(int(error.facts["seconds"]))
        elif isinstance(page, DoorPage | RecoverPage):
            page.refuse(f"{told.message} {told.hint}")
        elif isinstance(page, PersonPage):
            page.do.setEnabled(True)
            page.tell("warning", f"{told.message} {told.hint}")
