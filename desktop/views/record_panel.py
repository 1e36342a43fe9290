"""The record, readable, on the left."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QAbstractItemView, QLabel, QVBoxLayout, QWidget

from desktop.models.record import record_cards
from desktop.operations import RecordRead
from desktop.theme import STEP, Theme
from desktop.views.cards import CardList


class RecordPanel(QWidget):
    row_chosen = Signal(object)  # tuple of the row's pointers

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(self.tr("&Ficha"), self)
        title.setProperty("role", "title")
        title.setMinimumHeight(STEP * 3)
        self.list = CardList(theme, self.tr("Quirúrgico"), self)
        self.list.setAccessibleName(self.tr("Ficha de la atención"))
        self.list.setToolTip(self.tr("Al elegir una fila se marca lo que el texto dice de ella"))
        title.setBuddy(self.list)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(STEP // 2)
        box.addWidget(title)
        box.addWidget(self.list, 1)
        self.list.clicked.connect(self._on_chosen)
        self.list.selectionModel().currentChanged.connect(self._on_chosen)

    def show_record(self, read: RecordRead) -> None:
        self.list.cards.set_cards(record_cards(read.case, read.warnings))
        self.list.scrollToTop()

    def forget(self) -> None:
        self.list.cards.set_cards(())

    def light(self, pointers: Sequence[str], gap: str = "") -> None:
        """Lights the rows behind a phrase, or where a requirement's datum is missing, and shows the first one."""
        first = self.list.cards.light(pointers, gap)
        self.list.clearSelection()
        if first.isValid():
            self.list.scrollTo(first, QAbstractItemView.ScrollHint.EnsureVisible)

    def _on_chosen(self, index: QModelIndex) -> None:
        if index.isValid():
            self.list.cards.light(())
            self.row_chosen.emit(self.list.cards.cards[index.row()].pointers)
