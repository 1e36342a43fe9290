"""The draft on the right: progress, text, findings and where the text came from."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.progress import Progress
from desktop.theme import STEP, Theme
from desktop.views.editor import DraftEditor
from desktop.views.labels import set_tone
from desktop.views.marks import Legend, read_comfortably
from desktop.views.review_panel import ReviewPanel
from engine.domain import Report

_BAR_STEPS = 1000


class DraftPanel(QWidget):
    """While a draft is written another page shows it; the editor and its undo history stay untouched."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = DraftEditor(theme, self)
        self.stream = QPlainTextEdit(self, readOnly=True)
        read_comfortably(self.stream)
        self.legend = Legend(theme, self)
        self.review = ReviewPanel(theme, self)
        self.findings, self.gate = self.review.findings, self.review.gate
        self.origin = QLabel(self)
        self.step = QLabel(self)
        self.bar = QProgressBar(self, textVisible=False)
        self._name_controls()
        self._head = self._pages(self._title_row(), self._progress_row())
        self._text = self._pages(self._written(), self.stream)
        self._build()

    @property
    def writing(self) -> bool:
        return self._text.currentIndex() == 1

    def show_writing(self, writing: bool) -> None:
        """Turns between the editor and the page that shows what is being written."""
        self._head.setCurrentIndex(int(writing))
        self._text.setCurrentIndex(int(writing))
        self.review.setEnabled(not writing)
        if writing:
            self.stream.clear()
            self.show_progress(Progress(self.tr("Preparando…"), None))

    def show_report(self, report: Report) -> None:
        """Marks the text that this report speaks of, and lists what it says."""
        self.editor.show_report(report)
        self.review.show_report(report)
        self.legend.setVisible(bool(report.attested))

    def show_checking(self, *, written: bool) -> None:
        """A new look is on its way; before a text is written it is of the record alone."""
        if written:
            self.findings.show_checking()
        self.gate.show_checking()

    def forget(self) -> None:
        """Another patient begins."""
        self.editor.forget()
        self.stream.setPlainText("")  # its undo history goes as well
        self.review.clear()
        self.legend.hide()
        self.show_origin("", template=False)

    def show_progress(self, progress: Progress) -> None:
        self.step.setText(progress.text)
        known = progress.fraction is not None
        self.bar.setRange(0, _BAR_STEPS if known else 0)
        if progress.fraction is not None:
            self.bar.setValue(round(progress.fraction * _BAR_STEPS))

    def append(self, text: str) -> None:
        """More of the attempt; the page follows it unless the user scrolled up."""
        bar = self.stream.verticalScrollBar()
        follow = bar.value() == bar.maximum()
        cursor = QTextCursor(self.stream.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)
        if follow:
            bar.setValue(bar.maximum())

    def show_origin(self, text: str, *, template: bool) -> None:
        """Who wrote the text; the template is told apart by word and colour."""
        self.origin.setVisible(bool(text))
        set_tone(self.origin, "chip-warning" if template else "chip", text)

    def _name_controls(self) -> None:
        self.editor.setAccessibleName(self.tr("Texto de la epicrisis"))
        self.editor.setPlaceholderText(self.tr("El borrador aparecerá aquí. Pulse Generar (Ctrl+G)."))
        self.editor.setReadOnly(True)
        self.stream.setAccessibleName(self.tr("Borrador que se está escribiendo"))
        self.bar.setAccessibleName(self.tr("Avance del borrador"))
        self.origin.setAccessibleName(self.tr("Origen del texto"))
        self.origin.hide()

    def _written(self) -> QWidget:
        page = QWidget(self)
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(STEP // 2)
        rows.addWidget(self.editor, 1)
        rows.addWidget(self.legend)
        return page

    def _title_row(self) -> QWidget:
        title = QLabel(self.tr("&Texto de la epicrisis"), self)
        title.setProperty("role", "title")
        title.setBuddy(self.editor)
        page = QWidget(self)
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(title)
        row.addStretch(1)
        row.addWidget(self.origin)
        return page

    def _progress_row(self) -> QWidget:
        self.step.setProperty("role", "title")
        page = QWidget(self)
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.step, 1)
        rows.addWidget(self.bar)
        return page

    def _pages(self, *pages: QWidget) -> QStackedWidget:
        stack = QStackedWidget(self)
        for page in pages:
            stack.addWidget(page)
        return stack

    def _build(self) -> None:
        self._head.setMinimumHeight(STEP * 3)
        self._head.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        split = QSplitter(Qt.Orientation.Vertical, self)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(STEP)
        split.addWidget(self._text)
        split.addWidget(self.review)
        split.setStretchFactor(0, 5)
        split.setStretchFactor(1, 2)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(STEP // 2)
        box.addWidget(self._head)
        box.addWidget(split, 1)
