"""The text of the epicrisis, with what the checker says of it marked in place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from desktop.models.offsets import Offsets
from desktop.models.pointers import any_related
from desktop.theme import Theme
from engine.domain import Report, Severity

_LARGER = 1.15


def read_comfortably(view: QPlainTextEdit) -> None:
    """A larger letter than the rest of the window, for the text that a physician signs."""
    font = view.font()
    font.setPointSizeF(font.pointSizeF() * _LARGER)
    view.setFont(font)


class DraftEditor(QPlainTextEdit):
    """Plain text only. Marks follow the words while the user types, until the next report."""

    phrase_entered = Signal(object)  # tuple of pointers behind the phrase under the cursor; () for none

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._violations: list[tuple[QTextCursor, Severity]] = []
        self._phrases: list[tuple[QTextCursor, tuple[str, ...]]] = []
        self._lit: tuple[str, ...] = ()
        self._moving = False
        read_comfortably(self)
        self.setAcceptDrops(False)  # a dropped file belongs to the window
        self.setTabChangesFocus(True)
        self.cursorPositionChanged.connect(self._tell_phrase)
        theme.changed.connect(self._paint_marks)

    def replace_text(self, text: str) -> None:
        """Puts another text as one step that Ctrl+Z takes back."""
        self._moving = True
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self._moving = False

    def forget(self) -> None:
        """Empties the editor and its undo history: another patient begins."""
        self._violations, self._phrases, self._lit = [], [], ()
        self.setPlainText("")
        self._paint_marks()

    def show_report(self, report: Report) -> None:
        """Marks the text that this report speaks of; it must be the text of the editor."""
        offsets = Offsets(self.toPlainText())
        self._violations = [(self._cursor(offsets, v.start, v.end), v.severity) for v in report.violations]
        self._phrases = [(self._cursor(offsets, s.start, s.end), s.evidence) for s in report.spans]
        self._paint_marks()

    def select_violation(self, row: int) -> None:
        """Selects the words of a violation of the last report; an omission only moves the cursor."""
        self._moving = True
        self.setTextCursor(self._violations[row][0])
        self.ensureCursorVisible()
        self._moving = False

    def light(self, pointers: Sequence[str]) -> None:
        """Lights every phrase that stands on these fields, and shows the first one."""
        self._lit = tuple(pointers)
        self._paint_marks()
        first = next((cursor for cursor, evidence in self._phrases if any_related(evidence, self._lit)), None)
        if first is not None:
            self._scroll_to(first.selectionStart())

    def _scroll_to(self, position: int) -> None:
        place = QTextCursor(self.document())
        place.setPosition(position)
        where, bar = self.cursorRect(place), self.verticalScrollBar()
        if not self.viewport().rect().contains(where.center()):
            bar.setValue(bar.value() + where.top() // max(where.height(), 1))  # the bar counts lines

    def _cursor(self, offsets: Offsets, start: int, end: int) -> QTextCursor:
        last = self.document().characterCount() - 1
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(offsets.to_qt(start), last))
        cursor.setPosition(min(offsets.to_qt(end), last), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _tell_phrase(self) -> None:
        if self._moving:
            return
        at = self.textCursor().position()
        around = [
            (cursor.selectionEnd() - cursor.selectionStart(), evidence)
            for cursor, evidence in self._phrases
            if cursor.selectionStart() <= at < cursor.selectionEnd()
        ]
        self._lit = min(around)[1] if around else ()
        self._paint_marks()
        self.phrase_entered.emit(self._lit)

    def _paint_marks(self) -> None:
        marks = [
            self._mark(cursor, self._light_format())
            for cursor, evidence in self._phrases
            if self._lit and any_related(evidence, self._lit)
        ]
        marks += [
            self._mark(cursor, self._violation_format(severity))
            for cursor, severity in self._violations
            if cursor.hasSelection()
        ]
        self.setExtraSelections(marks)

    def _mark(self, cursor: QTextCursor, look: QTextCharFormat) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        mark.cursor, mark.format = cursor, look
        return mark

    def _light_format(self) -> QTextCharFormat:
        look = QTextCharFormat()
        look.setBackground(QColor(self._theme.colors.accent_soft))
        return look

    def _violation_format(self, severity: Severity) -> QTextCharFormat:
        colors, blocking, look = self._theme.colors, severity == "blocking", QTextCharFormat()
        look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        look.setUnderlineColor(QColor(colors.blocking if blocking else colors.warning))
        look.setBackground(QColor(colors.blocking_soft if blocking else colors.warning_soft))
        return look
