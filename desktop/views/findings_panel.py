"""What the checker found, under the text."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from desktop.models.findings import count_line, finding_cards
from desktop.theme import STEP, Theme
from desktop.views.cards import CardList
from desktop.views.labels import set_tone
from engine.domain import Attested, Report


class FindingsPanel(QWidget):
    finding_chosen = Signal(int)  # the row of a violation of the report, or after those of an attested place
    attest_asked = Signal(int)  # the row of a violation
    withdraw_asked = Signal(object)  # Attestation

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.count = QLabel(self)
        self.list = CardList(theme, self.tr("Agregado"), self)
        self.list.setAccessibleName(self.tr("Observaciones al texto"))
        self.list.setToolTip(self.tr("Al elegir una observación se selecciona en el texto (F8: siguiente)"))
        self.act = QPushButton(self)
        self.act.setAutoDefault(False)
        self.act.clicked.connect(self._on_act)
        self.act.hide()
        self._report = Report()
        box = self._rows = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(STEP // 2)
        box.addWidget(self.count)
        box.addWidget(self.list, 1)
        box.addWidget(self.act, 0, Qt.AlignmentFlag.AlignLeft)
        self.list.clicked.connect(self._on_chosen)
        self.list.activated.connect(self._on_chosen)
        self.list.selectionModel().currentChanged.connect(self._offer)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)

    def show_report(self, report: Report) -> None:
        self._report = report
        self.list.cards.set_cards(finding_cards(report))
        self._offer()
        tone = "warning" if report.violations else "good"
        set_tone(self.count, tone if report.ok else "blocking", count_line(report))

    def show_checking(self) -> None:
        """The text changed; the rows stay until the new report comes."""
        set_tone(self.count, "", self.tr("Comprobando…"))
        self.act.setEnabled(False)

    def show_unchecked(self) -> None:
        """The rows below speak of an older text, and no report will come."""
        set_tone(self.count, "blocking", self.tr("Sin comprobar"))

    def clear(self) -> None:
        self._report = Report()
        self.list.cards.set_cards(())
        self._offer()
        set_tone(self.count, "", "")

    def step(self) -> None:
        """Chooses the next row, from the last one back to the first."""
        rows = self.list.cards.rowCount()
        if rows:
            index = self.list.cards.index((self.list.currentIndex().row() + 1) % rows)
            self.list.setCurrentIndex(index)
            self._on_chosen(index)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        super().resizeEvent(event)
        self.list.scrollTo(self.list.currentIndex())

    def _on_chosen(self, index: QModelIndex) -> None:
        self.finding_chosen.emit(index.row())

    def _attestable(self) -> bool:
        row = self.list.currentIndex().row()
        return 0 <= row < len(self._report.violations) and self._report.violations[row].attestable

    def _held(self) -> Attested | None:
        row = self.list.currentIndex().row() - len(self._report.violations)
        return self._report.attested[row] if 0 <= row < len(self._report.attested) else None

    def _offer(self) -> None:
        """Shows what can be done about the row at hand."""
        words = self.tr("Quitar lo agregado") if self._held() else self.tr("Agregado por el médico…")
        self.act.setText(words)
        self.act.setAccessibleName(words)
        self.act.setEnabled(True)
        self.act.setVisible(self._held() is not None or self._attestable())
        self._rows.activate()  # the list is as high as it will be
        self.list.scrollTo(self.list.currentIndex())

    def _on_act(self) -> None:
        held = self._held()
        if held is not None:
            self.withdraw_asked.emit(held.attestation)
        elif self._attestable():
            self.attest_asked.emit(self.list.currentIndex().row())

    def _show_menu(self, place: QPoint) -> None:
        if self.act.isVisible() and self.act.isEnabled():
            menu = QMenu(self)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.addAction(self.act.text()).triggered.connect(self._on_act)
            menu.popup(self.list.viewport().mapToGlobal(place))
