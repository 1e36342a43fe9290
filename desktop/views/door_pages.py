"""The pages of coming in: the choice of the first start, the door, the recovery key used and shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from desktop.models.person import again_hint, passphrase_hint, strong
from desktop.theme import STEP
from desktop.views.sheet import PassphraseField, Sheet, line, wrapped

_KEY_COLUMNS = 3


class ChoicePage(Sheet):
    """Nobody has set a history up on this computer: with one, or without."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(self.tr("¿Guardar lo que se escribe?"), "", parent)
        self.configure = self._option(
            self.tr("Configurar la historia cifrada"),
            self.tr("Lo escrito se guarda solo y cifrado. La configura una vez quien administra."),
            primary=True,
        )
        self.without = self._option(
            self.tr("Usar sin guardar historia"),
            self.tr("Se redacta, se corrige y se guarda un PDF. Al cerrar no queda nada más."),
        )
        self.told.hide()

    def begin(self) -> None:
        self.without.setFocus()

    def _option(self, text: str, told: str, *, primary: bool = False) -> QPushButton:
        button = QPushButton(text, self)
        button.setProperty("primary", primary)
        button.setProperty("big", True)
        button.setAccessibleName(text)
        button.setAccessibleDescription(told)
        self.rows.addWidget(button)
        self.rows.addWidget(wrapped(told, "muted", self))
        self.rows.addSpacing(STEP * 2)
        return button


class DoorPage(Sheet):
    """Login and pass-phrase. After wrong ones it counts the wait down."""

    given = Signal(str, str)  # login, pass-phrase
    forgotten = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(self.tr("Entrar"), self.tr("Su trabajo está guardado y cifrado en este computador."), parent)
        self.login = line(self, 32)
        self._hint = wrapped("", "muted", self)
        self.passphrase = PassphraseField(self, self._hint)
        self.add_field(self.tr("&Usuario"), self.login)
        self.add_field(self.tr("&Frase clave"), self.passphrase, self._hint)
        self.enter = self.add_button(self.tr("Entrar"), primary=True)
        self.forgot = self.add_button(self.tr("Olvidé mi frase"))
        self._left = 0  # seconds of the wait
        self._tick = QTimer(self, interval=1000)
        self._tick.timeout.connect(self.count_down)
        self.enter.clicked.connect(self._submit)
        self.forgot.clicked.connect(self.forgotten)
        self.login.returnPressed.connect(self._submit)
        self.passphrase.returnPressed.connect(self._submit)

    def wait(self, seconds: int) -> None:
        """Nothing can be tried for so long."""
        self._left = seconds
        self.enter.setEnabled(False)
        self._tick.start()
        self._tell_wait()

    def count_down(self) -> None:
        """A second has passed."""
        self._left -= 1
        if self._left > 0:
            self._tell_wait()
        else:
            self._tick.stop()
            self.enter.setEnabled(True)
            self.tell("good", self.tr("Ya puede intentar de nuevo."))

    def refuse(self, text: str) -> None:
        """What was typed was wrong; the login stays."""
        self.enter.setEnabled(True)
        self.tell("warning", text)
        self.passphrase.setText("")
        self.passphrase.setFocus()

    def begin(self) -> None:
        (self.passphrase if self.login.text() else self.login).setFocus()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's name)
        super().hideEvent(event)
        self.passphrase.setText("")
        self.tell("", "")
        self.enter.setEnabled(not self._tick.isActive())

    def _submit(self) -> None:
        if not self.login.text().strip():
            self.login.setFocus()
        elif not self.passphrase.text():
            self.passphrase.setFocus()
        elif self.enter.isEnabled():
            self.enter.setEnabled(False)
            self.tell("", self.tr("Abriendo…"))
            self.given.emit(self.login.text().strip().lower(), self.passphrase.text())

    def _tell_wait(self) -> None:
        told = self.tr("Varios intentos errados. Espere {n} s.").format(n=self._left)
        self.tell("warning", told)


class RecoverPage(Sheet):
    """The printed key in the place of the pass-phrase that an administrator forgot."""

    given = Signal(str, str, str)  # key, login, pass-phrase
    back = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            self.tr("Olvidé mi frase"),
            self.tr(
                "Médicos: pida una frase nueva a quien administra el programa.\n"
                "Quien administra: escriba la clave de recuperación que anotó en papel y elija otra frase."
            ),
            parent,
        )
        self.login, self.key = line(self, 32), line(self)
        self._first_hint, self._again_hint = wrapped("", "muted", self), wrapped("", "muted", self)
        self.passphrase = PassphraseField(self, self._first_hint)
        self.again = PassphraseField(self, self._again_hint)
        self.add_field(self.tr("&Usuario"), self.login)
        self.add_field(self.tr("&Clave de recuperación (nueve grupos de cuatro)"), self.key)
        self.add_field(self.tr("&Frase clave nueva"), self.passphrase, self._first_hint)
        self.add_field(self.tr("Frase clave nueva, otra &vez"), self.again, self._again_hint)
        self.do = self.add_button(self.tr("Recuperar"), primary=True)
        self.add_button(self.tr("Volver")).clicked.connect(self.back)
        self.do.clicked.connect(self._submit)
        for field in (self.login, self.key, self.passphrase, self.again):
            field.textChanged.connect(self._look)
            field.returnPressed.connect(self._submit)
        self._look()

    def refuse(self, text: str) -> None:
        self.do.setEnabled(True)
        self.tell("warning", text)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's name)
        super().hideEvent(event)
        for field in (self.key, self.passphrase, self.again):
            field.setText("")
        self.tell("", "")
        self.do.setEnabled(True)

    def begin(self) -> None:
        (self.key if self.login.text() else self.login).setFocus()

    def _look(self) -> None:
        self.passphrase.say(passphrase_hint(self.passphrase.text(), self.login.text()))
        self.again.say(again_hint(self.passphrase.text(), self.again.text()))

    def _submit(self) -> None:
        fits = strong(self.passphrase.text(), self.login.text()) and self.again.text() == self.passphrase.text()
        steps = (
            (self.login, bool(self.login.text().strip())),
            (self.key, bool(self.key.text().strip())),
            (self.passphrase, strong(self.passphrase.text(), self.login.text())),
            (self.again, fits),
        )
        gap = next((field for field, fine in steps if not fine), None)
        if gap is not None:
            gap.setFocus()
        elif self.do.isEnabled():
            self.do.setEnabled(False)
            self.tell("", self.tr("Un momento…"))
            self.given.emit(self.key.text(), self.login.text().strip().lower(), self.passphrase.text())


class KeyPage(Sheet):
    """The recovery key, shown this once. Only who wrote it down can go on: they type its last group."""

    confirmed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            self.tr("Clave de recuperación"),
            self.tr(
                "Anótela a mano: abre la historia si quien administra olvida su frase. No se muestra otra vez ni se "
                "guarda, imprime o copia, para que no quede en el disco. Consérvela en un sobre cerrado, bajo llave."
            ),
            parent,
        )
        self.key = QLabel(self)
        self.key.setProperty("role", "key")
        self.key.setTextFormat(Qt.TextFormat.PlainText)
        self.key.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.key.setAccessibleName(self.tr("Clave de recuperación"))
        self.rows.addWidget(self.key)
        self.rows.addSpacing(STEP)
        self.last = line(self, 4)
        self.add_field(self.tr("&Para seguir, escriba el último grupo de lo que anotó"), self.last)
        self.do = self.add_button(self.tr("Ya la anoté"), primary=True)
        self._end = ""
        self.do.clicked.connect(self._submit)
        self.last.returnPressed.connect(self._submit)

    def begin(self) -> None:
        self.last.setFocus()

    def show_key(self, key: str) -> None:
        groups = key.split("-")
        lines = (groups[at : at + _KEY_COLUMNS] for at in range(0, len(groups), _KEY_COLUMNS))
        self.key.setText("\n".join("  –  ".join(part) for part in lines))
        self._end = groups[-1]
        self.last.setText("")

    def _submit(self) -> None:
        if self.last.text().strip().upper() == self._end:
            self.key.clear()
            self.last.setText("")
            self._end = ""
            self.tell("", "")
            self.confirmed.emit()
        else:
            self.tell("warning", self.tr("No coincide con el último grupo: compare lo que anotó."))
            self.last.selectAll()
            self.last.setFocus()
