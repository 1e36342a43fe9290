"""The text of the epicrisis, with what the checker says of it marked in place."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, QPoint, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QMenu, QPlainTextEdit, QTextEdit, QToolTip, QWidget

from desktop.models.findings import attested_line
from desktop.models.offsets import Offsets
from desktop.models.pointers import any_related
from desktop.theme import Theme
from desktop.views.marks import attested_look, light_look, read_comfortably, unsupported_look, violation_look
from engine.domain import Attested, Report, Violation


class DraftEditor(QPlainTextEdit):
    """Plain text only. Marks follow the words while the user types, until the next report."""

    phrase_entered = Signal(object)  # tuple of pointers behind the phrase under the cursor; () for none
    attest_asked = Signal(int)  # the row of a violation of the last report
    withdraw_asked = Signal(object)  # Attestation

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._violations: list[tuple[QTextCursor, Violation]] = []
        self._attested: list[tuple[QTextCursor, Attested]] = []
        self._phrases: list[tuple[QTextCursor, tuple[str, ...]]] = []
        self._bare: list[QTextCursor] = []
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
        self._violations, self._attested, self._phrases, self._bare, self._lit = [], [], [], [], ()
        self.setPlainText("")
        self._paint_marks()

    def show_report(self, report: Report) -> None:
        """Marks the text that this report speaks of; it must be the text of the editor."""
        offsets = Offsets(self.toPlainText())
        self._violations = [(self._cursor(offsets, v.start, v.end), v) for v in report.violations]
        self._attested = [(self._cursor(offsets, a.start, a.end), a) for a in report.attested]
        self._phrases = [(self._cursor(offsets, s.start, s.end), s.evidence) for s in report.spans]
        self._bare = [self._cursor(offsets, s.start, s.end) for s in report.bare]
        self._paint_marks()

    def select_finding(self, row: int) -> None:
        """Selects the words of a violation of the last report, or after those of an attested place; an omission only
        moves the cursor.
        """
        self._moving = True
        self.setTextCursor([*self._violations, *self._attested][row][0])
        self.ensureCursorVisible()
        self._moving = False

    def chosen_around(self, row: int) -> str:
        """The selected words, where they hold a violation and more; empty where they do not."""
        words, chosen = self._violations[row][0], self.textCursor()
        start, end = chosen.selectionStart(), chosen.selectionEnd()
        holds = start <= words.selectionStart() and words.selectionEnd() <= end
        larger = end - start > words.selectionEnd() - words.selectionStart()
        return chosen.selectedText().strip() if holds and larger else ""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 (Qt's name)
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        at = self.textCursor().position() if by_key else self.cursorForPosition(event.pos()).position()
        menu = self.menu_at(at)
        menu.popup(self.viewport().mapToGlobal(self.cursorRect().bottomLeft()) if by_key else event.globalPos())

    def menu_at(self, at: int) -> QMenu:
        """The usual menu, and what can be done about the words at a position (UTF-16)."""
        menu = self.createStandardContextMenu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addSeparator()
        held = next((place for cursor, place in self._attested if _reaches(cursor, at)), None)
        rows = [row for row, (cursor, _) in enumerate(self._violations) if self._meant(cursor, at)]
        kept = next((row for row in rows if self._violations[row][1].attestable), None)
        if held is not None:
            act = menu.addAction(self.tr("Quitar lo agregado por el médico"))
            act.triggered.connect(lambda: self.withdraw_asked.emit(held.attestation))
        elif kept is not None:
            act = menu.addAction(self.tr("Agregado por el médico…"))
            act.triggered.connect(lambda: self.attest_asked.emit(kept))
        elif rows:
            menu.addAction(self.tr("No se puede agregar: se corrige")).setEnabled(False)
        return menu

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            told = self.tip_at(event.pos())
            QToolTip.showText(event.globalPos(), f"<p>{escape(told)}</p>" if told else "", self.viewport())
            return True
        return super().viewportEvent(event)

    def tip_at(self, place: QPoint) -> str:
        """Who added the words at a point of the view and when, or what is wrong with them; empty for neither."""
        at = self.cursorForPosition(place).position()
        for cursor, held in self._attested:
            if _reaches(cursor, at):
                return self.tr("Agregado por el médico: {who}").format(who=attested_line(held.attestation))
        bare = self.tr("La ficha no respalda estas palabras.") if any(_reaches(c, at) for c in self._bare) else ""
        return next((found.reason for cursor, found in self._violations if _reaches(cursor, at)), bare)

    def _meant(self, cursor: QTextCursor, at: int) -> bool:
        """The words at the position, or those within the selection where that was clicked."""
        chosen = self.textCursor()
        inside = chosen.selectionStart() <= cursor.selectionStart() and cursor.selectionEnd() <= chosen.selectionEnd()
        return _reaches(cursor, at) or (chosen.hasSelection() and _reaches(chosen, at) and inside)

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
        colors = self._theme.colors
        marks = [
            self._mark(cursor, light_look(colors))
            for cursor, evidence in self._phrases
            if self._lit and any_related(evidence, self._lit)
        ]
        marks += [self._mark(cursor, unsupported_look(colors)) for cursor in self._bare]
        marks += [self._mark(cursor, attested_look(colors)) for cursor, _ in self._attested]
        marks += [
            self._mark(cursor, violation_look(colors, violation.severity))
            for cursor, violation in self._violations
            if cursor.hasSelection()
        ]
        self.setExtraSelections(marks)

    def _mark(self, cursor: QTextCursor, look: QTextCharFormat) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        mark.cursor, mark.format = cursor, look
        return mark


def _reaches(cursor: QTextCursor, at: int) -> bool:
    return cursor.hasSelection() and cursor.selectionStart() <= at <= cursor.selectionEnd()
