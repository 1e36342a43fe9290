"""What an empty window shows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from desktop.theme import STEP


class DropArea(QFrame):
    """An invitation; the window itself takes the file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dropArea")
        invite = self._line(self.tr("Arrastre aquí el archivo JSON de la atención o pulse Abrir (Ctrl+O)"), "invite")
        promise = self._line(
            self.tr("Todo ocurre en este computador, sin red. El texto se comprueba contra la ficha."), "muted"
        )
        box = QVBoxLayout(self)
        box.setContentsMargins(STEP * 4, STEP * 4, STEP * 4, STEP * 4)
        box.setSpacing(STEP * 2)
        box.addStretch(1)
        box.addWidget(invite)
        box.addWidget(promise)
        box.addStretch(1)
        self.setAccessibleName(invite.text())

    def show_dragging(self, dragging: bool) -> None:
        self.setProperty("dragging", dragging)
        self.style().unpolish(self)
        self.style().polish(self)

    def _line(self, text: str, role: str) -> QLabel:
        label = QLabel(text, self)
        label.setProperty("role", role)
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return label
