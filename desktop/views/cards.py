"""A list of cards: wrapped plain text with a label, a detail line and a code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.models.cards import CARD_ROLE, LIT_ROLE, Card, CardModel, Tone
from desktop.models.found import places as found_places
from desktop.theme import STEP, Colors, Theme

_NARROW = 320  # px of the list; below, the label goes above the text
_FINDINGS = (Tone.BLOCKING, Tone.WARNING, Tone.ATTESTED, Tone.DECLARED)
_MARKED = (*_FINDINGS, Tone.ALLERGY, Tone.MET)
AnyIndex = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the parts of a card stand, from its own corner."""

    label: QRect
    text: QRect
    detail: QRect
    code: QRect
    height: int


class CardDelegate(QStyledItemDelegate):
    """Paints cards. `label_width` is the column of the labels where the list is wide enough for one."""

    def __init__(self, theme: Theme, view: QListView, label_width: str) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view
        self._widest_label = label_width

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:  # noqa: N802 (Qt's name)
        width = self._view.viewport().width()
        return QSize(width, self._arrange(index.data(CARD_ROLE), width, option.font).height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        card: Card = index.data(CARD_ROLE)
        places = self._arrange(card, option.rect.width(), option.font)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, card, bool(index.data(LIT_ROLE)))
        painter.translate(option.rect.topLeft())
        self._paint_words(painter, card, places, option.font)
        painter.restore()

    def _arrange(self, card: Card, width: int, font: QFont) -> _Layout:
        bold, small = _fonts(card, font)
        pad = STEP
        top = 2 * STEP if card.tone is Tone.HEADER else STEP // 2
        left, right = pad + STEP // 2, width - pad - STEP // 2
        icon = _icon_size(font) + STEP // 2 if _has_icon(card) else 0
        column = QFontMetrics(bold).horizontalAdvance(self._widest_label) + STEP + icon
        code_width = QFontMetrics(small).horizontalAdvance(card.code) + STEP if card.code else 0
        beside = bool(card.label) and width >= _NARROW
        line = QFontMetrics(font).height()
        label = QRect(left, top, (column if beside else right - left), line if card.label else 0)
        text_left = left + (column if beside else icon if not card.label else 0)
        text_top = top if beside or not card.label else label.bottom() + 2
        text = QRect(text_left, text_top, right - text_left - code_width, 0)
        text.setHeight(_height(card.text, bold if card.tone is Tone.HEADER else font, text.width()))
        detail = QRect(text_left, text.bottom() + 1, right - text_left, 0)
        detail.setHeight(_height(card.detail, small, detail.width()) if card.detail else 0)
        code = QRect(right - code_width, text_top, code_width, line)
        return _Layout(label, text, detail, code, max(detail.bottom(), text.bottom()) + 1 + STEP // 2)

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, card: Card, lit: bool) -> None:
        colors, rect = self._theme.colors, option.rect.adjusted(STEP // 2, 1, -STEP // 2, -1)
        ground = _ground(card, colors)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if ground or lit or chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.accent_soft if lit or chosen else ground))
            painter.drawRoundedRect(rect, 4, 4)
        if lit or chosen:
            painter.setBrush(QColor(colors.accent))
            painter.drawRect(QRect(rect.topLeft(), QSize(STEP // 2, rect.height())))
        if card.tone is Tone.HEADER:
            painter.setPen(QColor(colors.border))
            painter.drawLine(rect.left() + STEP, rect.bottom(), rect.right() - STEP, rect.bottom())

    def _paint_words(self, painter: QPainter, card: Card, places: _Layout, font: QFont) -> None:
        colors = self._theme.colors
        bold, small = _fonts(card, font)
        strong = QColor(_ink(card.tone, colors))
        if _has_icon(card):
            corner = places.label.topLeft() if card.label else QPoint(STEP, places.text.top())
            paint_mark(painter, card.tone, corner, _icon_size(font), colors)
            places.label.setLeft(places.label.left() + _icon_size(font) + STEP // 2)
        painter.setPen(strong if _has_icon(card) else QColor(colors.muted))
        painter.setFont(bold if _has_icon(card) else small)
        painter.drawText(places.label, Qt.AlignmentFlag.AlignVCenter, card.label)
        painter.setPen(strong if card.tone in (Tone.HEADER, Tone.ALLERGY) else _body(card, colors))
        strong_font = bold if card.tone in (Tone.HEADER, Tone.ALLERGY) else font
        _write(painter, card.text, strong_font, places.text, card.found, colors)
        painter.setPen(QColor(colors.text if card.tone in _FINDINGS else colors.muted))
        _write(painter, card.detail, small, places.detail, card.found, colors)
        painter.setPen(QColor(colors.muted))
        painter.setFont(small)
        painter.drawText(places.code, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, card.code)


class CardList(QListView):
    """Cards that wrap with the width of the list; the arrows move from card to card."""

    def __init__(
        self, theme: Theme, label_width: str, parent: QWidget | None = None, cards: CardModel | None = None
    ) -> None:
        super().__init__(parent)
        self.cards = cards or CardModel(self)
        self.setModel(self.cards)
        self.setItemDelegate(CardDelegate(theme, self, label_width))
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        theme.changed.connect(self.viewport().update)


def paint_mark(painter: QPainter, tone: Tone, corner: QPoint, size: int, colors: Colors) -> None:
    """An octagon with a cross for what blocks and for allergies, a triangle with a bar for a warning, a plus in a
    square for what the physician added, a tick in a circle for what is met, a dash in a square for what is declared.
    """
    box = QRectF(corner.x() + 0.5, corner.y() + 1.5, size - 1, size - 1)
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(_ink(tone, colors)))
    painter.drawPolygon(_SHAPES.get(tone, _octagon)(box))
    painter.setPen(QColor(colors.surface))
    if tone is Tone.MET:
        painter.setPen(QPen(QColor(colors.surface), max(1.5, size * 0.13)))
        painter.drawPolyline(_tick(box))
    glyph = painter.font()
    glyph.setBold(True)
    glyph.setPixelSize(max(8, round(size * 0.72)))
    painter.setFont(glyph)
    low = box.translated(0, size * 0.08) if tone is Tone.WARNING else box
    painter.drawText(low, Qt.AlignmentFlag.AlignCenter, _GLYPHS.get(tone, "!"))
    painter.restore()


def _triangle(box: QRectF) -> QPolygonF:
    return QPolygonF([QPointF(box.center().x(), box.top()), box.bottomRight(), box.bottomLeft()])


def _octagon(box: QRectF) -> QPolygonF:
    cut = box.width() * 0.29
    left, right, top, bottom = box.left(), box.right(), box.top(), box.bottom()
    return QPolygonF(
        [
            QPointF(x, y)
            for x, y in (
                (left + cut, top),
                (right - cut, top),
                (right, top + cut),
                (right, bottom - cut),
                (right - cut, bottom),
                (left + cut, bottom),
                (left, bottom - cut),
                (left, top + cut),
            )
        ]
    )


def _circle(box: QRectF) -> QPolygonF:
    path = QPainterPath()
    path.addEllipse(box)
    return path.toFillPolygon()


def _tick(box: QRectF) -> QPolygonF:
    places = ((0.25, 0.54), (0.43, 0.71), (0.76, 0.32))
    return QPolygonF([QPointF(box.left() + x * box.width(), box.top() + y * box.height()) for x, y in places])


_SHAPES: dict[Tone, Callable[[QRectF], QPolygonF]] = {
    Tone.WARNING: _triangle,
    Tone.ATTESTED: QPolygonF,
    Tone.DECLARED: QPolygonF,
    Tone.MET: _circle,
}
_GLYPHS = {Tone.BLOCKING: "×", Tone.ATTESTED: "+", Tone.DECLARED: "–", Tone.MET: ""}


def _fonts(card: Card, font: QFont) -> tuple[QFont, QFont]:
    bold, small = QFont(font), QFont(font)
    bold.setBold(True)
    if card.tone is not Tone.HEADER:
        small.setPointSizeF(font.pointSizeF() * 0.92)
    return bold, small


def _has_icon(card: Card) -> bool:
    return card.tone in _MARKED


def _icon_size(font: QFont) -> int:
    return QFontMetrics(font).height() - 2


def _ground(card: Card, colors: Colors) -> str:
    grounds = {
        Tone.WARNING: colors.warning_soft,
        Tone.ATTESTED: colors.good_soft,
        Tone.DECLARED: colors.accent_soft,
        Tone.MET: "",
    }
    return grounds.get(card.tone, colors.blocking_soft) if _has_icon(card) else ""


def _ink(tone: Tone, colors: Colors) -> str:
    inks = {
        Tone.HEADER: colors.accent,
        Tone.ALLERGY: colors.blocking,
        Tone.BLOCKING: colors.blocking,
        Tone.WARNING: colors.warning,
        Tone.ATTESTED: colors.good,
        Tone.DECLARED: colors.accent,
        Tone.MET: colors.good,
    }
    return inks.get(tone, colors.text)


def _body(card: Card, colors: Colors) -> QColor:
    return QColor(colors.muted if card.tone is Tone.MUTED else colors.text)


def _layout(text: str, font: QFont, width: int) -> QTextLayout:
    layout = QTextLayout(text.replace("\n", "\u2028"), font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    height = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(width, STEP))
        line.setPosition(QPointF(0, height))
        height += line.height()
    layout.endLayout()
    return layout


def _height(text: str, font: QFont, width: int) -> int:
    return ceil(_layout(text, font, width).boundingRect().height())


def _write(painter: QPainter, text: str, font: QFont, place: QRect, found: tuple[str, ...], colors: Colors) -> None:
    if text:
        marks = [_mark(start, length, colors) for start, length in found_places(text, found)]
        _layout(text, font, place.width()).draw(painter, QPointF(place.topLeft()), marks)


def _mark(start: int, length: int, colors: Colors) -> QTextLayout.FormatRange:
    """What was searched for: underlined, on a ground of its own."""
    look = QTextCharFormat()
    look.setFontUnderline(True)
    look.setBackground(QColor(colors.accent_soft))
    look.setForeground(QColor(colors.text))
    mark = QTextLayout.FormatRange()
    mark.start, mark.length, mark.format = start, length, look
    return mark
