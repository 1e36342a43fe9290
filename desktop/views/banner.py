"""A line inside the window that tells a failure or a success; it never takes the keyboard away."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.theme import STEP


class Banner(QFrame):
    """Hidden until `tell`; «Cerrar» hides it again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._message = self._line("title")
        self._hint = self._line("plain")
        close = QPushButton(self.tr("Cerrar"), self)
        close.setAccessibleName(self.tr("Cerrar el aviso"))
        close.clicked.connect(self.hide)
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addWidget(self._message)
        lines.addWidget(self._hint)
        row = QHBoxLayout(self)
        row.setContentsMargins(STEP * 2, STEP, STEP, STEP)
        row.addLayout(lines, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    @property
    def text(self) -> str:
        return f"{self._message.text()} {self._hint.text()}".strip()

    def tell(self, tone: str, message: str, hint: str = "") -> None:
        """Shows a message and what to do. `tone` is «blocking», «warning» or «good»."""
        self.setProperty("tone", tone)
        self.style().unpolish(self)
        self.style().polish(self)
        self._message.setText(message)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self.setAccessibleName(self.text)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def forget(self) -> None:
        """Nothing of what was told stays."""
        self.hide()
        for label in (self._message, self._hint):
            label.clear()
        self.setAccessibleName("")

    def _line(self, role: str) -> QLabel:
        label = QLabel(self)
        label.setProperty("role", role)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        return label
