"""What the checker found, under the text."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.models.findings import count_line, finding_cards
from desktop.theme import STEP, Theme
from desktop.views.cards import CardList
from desktop.views.labels import set_tone
from engine.domain import Report


class FindingsPanel(QWidget):
    violation_chosen = Signal(int)  # its row in the report

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(self.tr("&Observaciones"), self)
        title.setProperty("role", "title")
        self.count = QLabel(self)
        self.list = CardList(theme, self.tr("Bloquea"), self)
        self.list.setAccessibleName(self.tr("Observaciones al texto"))
        self.list.setToolTip(self.tr("Al elegir una observación se selecciona en el texto (F8: siguiente)"))
        title.setBuddy(self.list)
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.count)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(STEP // 2)
        box.addLayout(head)
        box.addWidget(self.list, 1)
        self.list.clicked.connect(self._on_chosen)
        self.list.activated.connect(self._on_chosen)

    def show_report(self, report: Report) -> None:
        self.list.cards.set_cards(finding_cards(report))
        tone = "warning" if report.violations else "good"
        set_tone(self.count, tone if report.ok else "blocking", count_line(report))

    def show_checking(self) -> None:
        """The text changed; the rows stay until the new report comes."""
        set_tone(self.count, "", self.tr("Comprobando…"))

    def show_unchecked(self) -> None:
        """The rows below speak of an older text, and no report will come."""
        set_tone(self.count, "blocking", self.tr("Sin comprobar"))

    def clear(self) -> None:
        self.list.cards.set_cards(())
        set_tone(self.count, "", "")

    def step(self) -> None:
        """Chooses the next row, from the last one back to the first."""
        rows = self.list.cards.rowCount()
        if rows:
            index = self.list.cards.index((self.list.currentIndex().row() + 1) % rows)
            self.list.setCurrentIndex(index)
            self._on_chosen(index)

    def _on_chosen(self, index: QModelIndex) -> None:
        self.violation_chosen.emit(index.row())
