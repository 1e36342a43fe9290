"""Under the text: what the checker found and what the law asks, one behind the other, each told on its tab."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from desktop.models.cards import Tone
from desktop.models.findings import findings_title, report_tone
from desktop.models.gate import gate_title
from desktop.theme import STEP, Theme
from desktop.views.cards import paint_mark
from desktop.views.findings_panel import FindingsPanel
from desktop.views.gate_panel import GatePanel
from engine.domain import Completeness, Report

_FINDINGS, _GATE = 0, 1
_ROOMY = STEP * 60  # px of the panel from which the law is named whole
_ICON = 16  # px


class ReviewPanel(QWidget):
    """Each tab tells its state also while the other page is shown."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._report: Report | None = None
        self._state: Completeness | None = None
        self.findings = FindingsPanel(theme, self)
        self.gate = GatePanel(theme, self)
        self.tabs = QTabBar(self)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.setAccessibleName(self.tr("Revisión del texto"))
        self.tabs.addTab("")
        self.tabs.addTab("")
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.findings)
        self._pages.addWidget(self.gate)
        self.tabs.currentChanged.connect(self._pages.setCurrentIndex)
        theme.changed.connect(self._tell)
        self._build()
        self._tell()

    def show_report(self, report: Report) -> None:
        self._report = report
        self.findings.show_report(report)
        self._tell()

    def show_gate(self, gate: Completeness) -> None:
        self._state = gate
        self.gate.show_gate(gate)
        self._tell()

    def show_unchecked(self) -> None:
        """The rows speak of an older text, and no look at the newest one will come: no verdict stands."""
        self._report = self._state = None
        self.findings.show_unchecked()
        self.gate.show_checking()
        self._tell()

    def open_first(self, report: Report, gate: Completeness) -> None:
        """Turns to what a fresh draft needs first: what blocks, else what the law lacks."""
        self.tabs.setCurrentIndex(_GATE if report.ok and not gate.ok else _FINDINGS)

    def open_findings(self) -> None:
        self.tabs.setCurrentIndex(_FINDINGS)

    def open_gate(self) -> None:
        self.tabs.setCurrentIndex(_GATE)

    def step_findings(self) -> None:
        """The next finding, on its page."""
        self.open_findings()
        self.findings.step()

    def step_gate(self) -> None:
        """The next thing missing, on its page."""
        self.open_gate()
        self.gate.step()

    def clear(self) -> None:
        """Another patient begins."""
        self._report = self._state = None
        self.findings.clear()
        self.gate.clear()
        self._tell()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        super().resizeEvent(event)
        self._tell()

    def _build(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(STEP // 2)
        box.addWidget(self.tabs)
        box.addWidget(self._pages, 1)

    def _tell(self) -> None:
        """Each tab has a mark of its state, its name and a count."""
        tone = report_tone(self._report) if self._report else None
        self.tabs.setTabText(_FINDINGS, findings_title(self._report))
        self.tabs.setTabIcon(_FINDINGS, self._mark(tone) if tone else QIcon())
        self.tabs.setTabText(_GATE, gate_title(self._state, short=self.width() < _ROOMY))
        lacking = Tone.BLOCKING if self._state and self._state.missing else Tone.MET
        self.tabs.setTabIcon(_GATE, self._mark(lacking) if self._state else QIcon())

    def _mark(self, tone: Tone) -> QIcon:
        ratio = self.devicePixelRatioF()
        image = QPixmap(round(_ICON * ratio), round(_ICON * ratio))
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_mark(painter, tone, QPoint(0, -1), _ICON, self._theme.colors)
        painter.end()
        return QIcon(image)
