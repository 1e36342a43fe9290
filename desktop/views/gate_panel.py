"""What Ley 20.584 art. 11 asks of the document: what is missing first, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.models.gate import gate_card, in_order
from desktop.theme import STEP, Theme
from desktop.views.cards import CardList
from engine.domain import Completeness, Requirement


class GatePanel(QWidget):
    """One row a requirement. Choosing one shows its place; the buttons speak of the row at hand."""

    place_asked = Signal(object)  # Requirement
    declare_asked = Signal(object)  # a missing Requirement
    undeclare_asked = Signal(object)  # a declared Requirement

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Requirement, ...] = ()
        self._fresh = True
        self.list = CardList(theme, self.tr("Declarado"), self)
        self.list.setAccessibleName(self.tr("Lo que exige la Ley 20.584, artículo 11"))
        self.list.setToolTip(self.tr("Al elegir una fila se muestra su lugar (F9: lo que falta)"))
        self.go = self._button(self.tr("Ir al lugar"))
        self.mark = self._button(self.tr("Marcar «No consignado»…"))
        self.go.clicked.connect(lambda: self._tell_place(self.list.currentIndex()))
        self.mark.clicked.connect(self._on_mark)
        self.list.clicked.connect(self._tell_place)
        self.list.activated.connect(self._tell_place)
        self.list.selectionModel().currentChanged.connect(self._offer)
        self._build()
        self._offer()

    @property
    def current(self) -> Requirement | None:
        row = self.list.currentIndex().row()
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def show_gate(self, gate: Completeness) -> None:
        """The rows of a new look; the row at hand stays the same requirement wherever it went."""
        before, rows = self.current, in_order(gate)
        self._fresh = True
        if rows != self._rows:
            self._rows = rows
            self.list.cards.set_cards(map(gate_card, rows))
            again = next((row for row, found in enumerate(rows) if before and found.id == before.id), -1)
            self.list.setCurrentIndex(self.list.cards.index(again) if again >= 0 else QModelIndex())
        self._offer()

    def show_checking(self) -> None:
        """The text changed; the rows stay until the next look, and nothing can be marked meanwhile."""
        self._fresh = False
        self._offer()

    def clear(self) -> None:
        self._rows = ()
        self.list.cards.set_cards(())
        self._offer()

    def step(self) -> None:
        """Chooses the next missing requirement, from the last one back to the first."""
        missing = [row for row, found in enumerate(self._rows) if found.state == "missing"]
        if missing:
            now = self.list.currentIndex().row()
            index = self.list.cards.index(next((row for row in missing if row > now), missing[0]))
            self.list.setCurrentIndex(index)
            self._tell_place(index)

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        return button

    def _build(self) -> None:
        acts = QHBoxLayout()
        acts.setSpacing(STEP)
        acts.addWidget(self.go)
        acts.addWidget(self.mark)
        acts.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(STEP // 2)
        box.addWidget(self.list, 1)
        box.addLayout(acts)

    def _offer(self) -> None:
        """The buttons of the row at hand."""
        found = self.current
        declared = found is not None and found.state == "declared"
        words = self.tr("Quitar «No consignado»") if declared else self.tr("Marcar «No consignado»…")
        self.mark.setText(words)
        self.go.setEnabled(found is not None)
        markable = found is not None and (declared or (found.state == "missing" and found.declarable))
        self.mark.setEnabled(markable and self._fresh)
        in_text = found is not None and found.state == "missing" and not found.declarable
        self.mark.setToolTip(self.tr("La ficha lo dice: agréguelo al texto") if in_text else "")
        for button in (self.go, self.mark):
            button.setAccessibleName(f"{button.text()}: {found.label}" if found else button.text())

    def _tell_place(self, index: QModelIndex) -> None:
        if 0 <= index.row() < len(self._rows):
            self.place_asked.emit(self._rows[index.row()])

    def _on_mark(self) -> None:
        found = self.current
        if found is not None:
            signal = self.undeclare_asked if found.state == "declared" else self.declare_asked
            signal.emit(found)
