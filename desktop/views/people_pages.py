"""The forms of a person: the administrator of the first start, and each person more."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from desktop.models.person import Typed, again_hint, login_of, passphrase_hint, role_name, rut_hint, strong
from desktop.theme import STEP
from desktop.views.labels import set_tone
from desktop.views.sheet import PassphraseField, Sheet, line, wrapped
from engine.domain.people import Person, Role, User


class PersonPage(Sheet):
    """Asks for a person of one of `roles` and their pass-phrase, twice; `given` has both once all is right."""

    given = Signal(object, str)  # Person, pass-phrase

    def __init__(self, title: str, told: str, roles: Sequence[Role], do: str, parent: QWidget) -> None:
        super().__init__(title, told, parent)
        self.name, self.rut, self.login = line(self), line(self, 14), line(self, 32)
        self.role = QComboBox(self)
        self.role.setMinimumHeight(STEP * 4)
        self.profession, self.registry = line(self), line(self)
        self._rut_hint = wrapped("", "muted", self)
        self._first_hint, self._again_hint = wrapped("", "muted", self), wrapped("", "muted", self)
        self.passphrase = PassphraseField(self, self._first_hint)
        self.again = PassphraseField(self, self._again_hint)
        for role in roles:
            self.role.addItem(role_name(role), role)
        self._named = True  # the login follows the name until somebody types another
        self._add_fields(clinical=len(roles) > 1)
        self.do = self.add_button(do, primary=True)
        self._connect()
        self._look()

    @property
    def typed(self) -> Typed:
        role = Role(self.role.currentData())
        texts = (field.text() for field in (self.profession, self.registry))
        return Typed(self.name.text(), self.rut.text(), self.login.text(), role, *texts)

    @property
    def complete(self) -> Person | None:
        """The person, once the pass-phrase is right as well."""
        first = self.passphrase.text()
        fits = strong(first, self.login.text()) and first == self.again.text()
        return self.typed.person() if fits else None

    def forget(self) -> None:
        """Every field is empty again."""
        for field in self.findChildren(QLineEdit):
            field.setText("")
        self._named = True
        self.tell("", "")
        self.do.setEnabled(True)
        self.name.setFocus()

    def begin(self) -> None:
        self.name.setFocus()

    def _add_fields(self, *, clinical: bool) -> None:
        self.add_field(self.tr("&Nombre y apellidos"), self.name)
        self.add_field(self.tr("&RUT"), self.rut, self._rut_hint)
        groups = (
            self.add_field(self.tr("R&ol"), self.role),
            self.add_field(self.tr("&Profesión"), self.profession),
            self.add_field(self.tr("N.º de re&gistro (Superintendencia de Salud)"), self.registry),
        )
        for group in groups:
            group.setVisible(clinical)
        self.add_field(self.tr("&Usuario para entrar"), self.login)
        self.add_field(self.tr("&Frase clave"), self.passphrase, self._first_hint)
        self.add_field(self.tr("Frase clave, otra &vez"), self.again, self._again_hint)

    def _connect(self) -> None:
        self.name.textChanged.connect(self._propose_login)
        self.login.textEdited.connect(self._keep_login)
        for field in self.findChildren(QLineEdit):
            field.textChanged.connect(self._look)
            field.returnPressed.connect(self._submit)
        self.do.clicked.connect(self._submit)

    def _propose_login(self, name: str) -> None:
        if self._named:
            self.login.setText(login_of(name))

    def _keep_login(self) -> None:
        self._named = False

    def _look(self) -> None:
        hint = rut_hint(self.rut.text())
        set_tone(self._rut_hint, hint.tone, hint.text)
        self.passphrase.say(passphrase_hint(self.passphrase.text(), self.login.text()))
        self.again.say(again_hint(self.passphrase.text(), self.again.text()))

    def _submit(self) -> None:
        """Gives what was typed, or turns to the first field that lacks something."""
        person = self.complete
        if person is None:
            self._first_gap().setFocus()
            self.tell("warning", self.tr("Falta algo en el campo marcado."))
        elif self.do.isEnabled():
            self.do.setEnabled(False)
            self.tell("", self.tr("Un momento…"))
            self.given.emit(person, self.passphrase.text())

    def _first_gap(self) -> QLineEdit:
        found = {"name": self.name, "rut": self.rut, "login": self.login}.get(self.typed.gap())
        weak = self.again if strong(self.passphrase.text(), self.login.text()) else self.passphrase
        return found or weak


class PeoplePage(PersonPage):
    """What whoever administers does: adds people, and leaves."""

    leave_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            self.tr("Personas"),
            self.tr("Agregue a cada médico. La frase clave la escribe cada persona, sin que nadie la vea."),
            (Role.PHYSICIAN, Role.CHIEF, Role.AUDITOR, Role.IT),
            self.tr("Agregar"),
            parent,
        )
        leave = self.add_button(self.tr("Terminar y salir"))
        leave.clicked.connect(self.leave_asked)

    def show_added(self, user: User) -> None:
        """Says who was added; the form is ready for the next one."""
        self.forget()
        told = self.tr("✓ Se agregó a {name}. Entra con el usuario «{login}».")
        self.tell("good", told.format(name=user.person.name, login=user.person.login))
