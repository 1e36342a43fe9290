"""How the words of the text are marked: every kind by its line, and besides by its colour."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.theme import STEP, Colors, Theme
from engine.domain import Severity

_LARGER = 1.15
_Line = QTextCharFormat.UnderlineStyle


def light_look(colors: Colors) -> QTextCharFormat:
    """The phrases behind a row of the record, or the one under the cursor."""
    look = QTextCharFormat()
    look.setBackground(QColor(colors.accent_soft))
    return look


def violation_look(colors: Colors, severity: Severity) -> QTextCharFormat:
    """A wavy line."""
    blocking = severity == "blocking"
    ink, ground = (colors.blocking, colors.blocking_soft) if blocking else (colors.warning, colors.warning_soft)
    return _look(_Line.WaveUnderline, ink, ground)


def attested_look(colors: Colors) -> QTextCharFormat:
    """A dashed line under what the physician added."""
    return _look(_Line.DashUnderline, colors.good, colors.good_soft)


def unsupported_look(colors: Colors) -> QTextCharFormat:
    """A dotted line under words that no field of the record supports; what they mean is the physician's to judge."""
    look = QTextCharFormat()
    look.setUnderlineStyle(_Line.DotLine)
    look.setUnderlineColor(QColor(colors.muted))
    return look


def _look(line: _Line, ink: str, ground: str) -> QTextCharFormat:
    look = QTextCharFormat()
    look.setUnderlineStyle(line)
    look.setUnderlineColor(QColor(ink))
    look.setBackground(QColor(ground))
    return look


def read_comfortably(view: QWidget) -> None:
    """A larger letter than the rest of the window, for the text that a physician signs and for its marks."""
    font = view.font()
    font.setPointSizeF(font.pointSizeF() * _LARGER)
    view.setFont(font)


class Legend(QWidget):
    """One line that says what each mark means; hidden while nothing was added by the physician."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._document = QTextDocument(self)
        self._document.setDocumentMargin(0)
        read_comfortably(self)  # a wave needs the room of the editor's letter
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._write)
        self._write()
        self.hide()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(0, round(self._document.size().height()) + STEP // 2)  # the wave hangs below the line

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        painter = QPainter(self)
        self._document.drawContents(painter)
        painter.end()

    def _write(self) -> None:
        colors = self._theme.colors
        plain = QTextCharFormat()
        plain.setForeground(QColor(colors.muted))
        self._document.setDefaultFont(self.font())
        self._document.clear()
        cursor = QTextCursor(self._document)
        parts = (
            (violation_look(colors, "blocking"), self.tr("bloquea")),
            (violation_look(colors, "warning"), self.tr("aviso")),
            (attested_look(colors), self.tr("agregado por el médico")),
        )
        for look, meaning in parts:
            look.setForeground(self.palette().color(QPalette.ColorRole.WindowText))
            cursor.insertText(f" {meaning} ", look)
            cursor.insertText("   ", plain)
        self.setAccessibleName(self.tr("Marcas del texto: {names}").format(names=", ".join(m for _, m in parts)))
        self.update()
