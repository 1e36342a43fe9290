"""Under the text: what the checker found and what the law asks, one behind the other, each told on its tab."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from desktop.models.cards import Tone
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
    """The tab of the law tells how much is missing also while the other page is shown."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state: Completeness | None = None
        self.findings = FindingsPanel(theme, self)
        self.gate = GatePanel(theme, self)
        self.tabs = QTabBar(self)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.setAccessibleName(self.tr("Revisión del texto"))
        self.tabs.addTab(self.tr("&Observaciones"))
        self.tabs.addTab("")
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.findings)
        self._pages.addWidget(self.gate)
        self.tabs.currentChanged.connect(self._turn)
        theme.changed.connect(self._tell)
        self._build()
        self._tell()

    def show_gate(self, gate: Completeness) -> None:
        self._state = gate
        self.gate.show_gate(gate)
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
        self._state = None
        self.findings.clear()
        self.gate.clear()
        self._tell()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        super().resizeEvent(event)
        self._tell()

    def _build(self) -> None:
        self.findings.count.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.findings.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head = QHBoxLayout()
        head.addWidget(self.tabs)
        head.addWidget(self.findings.count, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(STEP // 2)
        box.addLayout(head)
        box.addWidget(self._pages, 1)

    def _turn(self, page: int) -> None:
        self._pages.setCurrentIndex(page)
        self.findings.count.setVisible(page == _FINDINGS)

    def _tell(self) -> None:
        """The law's tab: a mark, its name and how much is missing."""
        self.tabs.setTabText(_GATE, gate_title(self._state, short=self.width() < _ROOMY))
        self.tabs.setTabIcon(_GATE, self._mark() if self._state else QIcon())

    def _mark(self) -> QIcon:
        ratio = self.devicePixelRatioF()
        image = QPixmap(round(_ICON * ratio), round(_ICON * ratio))
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tone = Tone.BLOCKING if self._state and self._state.missing else Tone.MET
        paint_mark(painter, tone, QPoint(0, -1), _ICON, self._theme.colors)
        painter.end()
        return QIcon(image)
