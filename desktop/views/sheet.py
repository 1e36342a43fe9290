"""A page with one thing to do: a column in the middle with a title, fields, a line that answers, and buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.models.person import Hint
from desktop.theme import STEP
from desktop.views.labels import set_tone

_WIDTH = STEP * 60  # px of the column


class Sheet(QScrollArea):
    """It scrolls where the screen is low. `message` tells what went wrong and what to do."""

    def __init__(self, title: str, told: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.title = wrapped(title, "heading", self)
        self.told = wrapped(told, "muted", self)
        self.message = wrapped("", "plain", self)
        self.message.setMinimumHeight(self.fontMetrics().height() + STEP)
        self.message.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.rows = QVBoxLayout()
        self.rows.setSpacing(STEP)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(STEP)
        self._build()

    def begin(self) -> None:
        """Puts the keyboard where the work of this page begins."""
        raise NotImplementedError

    def tell(self, tone: str, text: str) -> None:
        """The line under the fields; «» clears it."""
        set_tone(self.message, tone, text)
        if text:
            self.message.setAccessibleName(text)
            QAccessible.updateAccessibility(QAccessibleEvent(self.message, QAccessible.Event.Alert))

    def add_field(self, label: str, field: QWidget, hint: QLabel | None = None) -> QWidget:
        """A field under its name, with a line below it where there is something to say while it is typed.

        Gives what holds the three, to be shown or hidden.
        """
        name = QLabel(label, self)
        name.setProperty("role", "title")
        name.setBuddy(field)
        field.setAccessibleName(label.replace("&", ""))
        group = QWidget(self)
        box = QVBoxLayout(group)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(STEP // 4)
        for widget in (name, field, *((hint,) if hint else ())):
            box.addWidget(widget)
        self.rows.addWidget(group)
        return group

    def add_button(self, text: str, *, primary: bool = False) -> QPushButton:
        button = QPushButton(text, self)
        button.setProperty("primary", primary)
        button.setProperty("big", True)
        button.setAccessibleName(text)
        self.buttons.addWidget(button, int(primary))
        return button

    def _build(self) -> None:
        column = QWidget(self)
        column.setMaximumWidth(_WIDTH)
        box = QVBoxLayout(column)
        box.setContentsMargins(STEP, STEP * 2, STEP, STEP * 2)
        box.setSpacing(STEP)
        for widget in (self.title, self.told):
            box.addWidget(widget)
        box.addSpacing(STEP)
        box.addLayout(self.rows)
        box.addWidget(self.message)
        box.addLayout(self.buttons)
        ground = QWidget(self)
        ground.setObjectName("ground")
        middle = QVBoxLayout(ground)
        middle.addStretch(1)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(column, 1000)
        across.addStretch(1)
        middle.addLayout(across)
        middle.addStretch(2)
        self.setWidget(ground)


class PassphraseField(QLineEdit):
    """Its text is hidden; `setText("")` also takes away what could be undone.

    A line under it tells when Caps Lock is on, as far as the keys show it.
    """

    def __init__(self, parent: QWidget, hint: QLabel) -> None:
        super().__init__(parent, echoMode=QLineEdit.EchoMode.Password, maxLength=1024)
        self.setProperty("big", True)
        self._hint = hint
        self._capitals = False

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        letter, shifted = event.text(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() == Qt.Key.Key_CapsLock:
            self._capitals = False
        elif letter.isalpha():
            self._capitals = letter.isupper() != shifted
        super().keyPressEvent(event)
        self._tell()

    def say(self, hint: Hint) -> None:
        """What else stands under the field."""
        self.setProperty("said", (hint.tone, hint.text))
        self._tell()

    def _tell(self) -> None:
        if self._capitals:
            set_tone(self._hint, "warning", self.tr("⇪ Mayúsculas activadas (Bloq Mayús)"))
        else:
            set_tone(self._hint, *(self.property("said") or ("", "")))


def wrapped(text: str, role: str, parent: QWidget) -> QLabel:
    """Plain words that wrap."""
    label = QLabel(text, parent)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def line(parent: QWidget, most: int = 80) -> QLineEdit:
    """A large field of one line."""
    field = QLineEdit(parent, maxLength=most)
    field.setProperty("big", True)
    return field
