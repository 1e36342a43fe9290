"""Rows of the record panel and of the list of findings, as one Qt list model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.models.pointers import any_related

AnyIndex = QModelIndex | QPersistentModelIndex
CARD_ROLE = Qt.ItemDataRole.UserRole
LIT_ROLE = Qt.ItemDataRole.UserRole + 1
_NOWHERE = QModelIndex()


class Tone(StrEnum):
    """How a row is painted; the words of the row never depend on it."""

    PLAIN = "plain"
    HEADER = "header"
    MUTED = "muted"
    ALLERGY = "allergy"
    BLOCKING = "blocking"
    WARNING = "warning"
    ATTESTED = "attested"
    MET = "met"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class Card:
    """One row: plain text only, never markup. `pointers` are the record's fields behind it, `gaps` the requirements of
    the law (RequirementId) whose missing datum belongs here.
    """

    text: str
    tone: Tone = Tone.PLAIN
    label: str = ""
    detail: str = ""
    code: str = ""
    pointers: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    found: tuple[str, ...] = ()  # words of a search, to be marked in text and detail

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        return ". ".join(part for part in (self.label, self.text, self.detail, self.code) if part)


class CardModel(QAbstractListModel):
    """Cards in order; some may be lit. Headers can be neither chosen nor reached with the arrows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cards: tuple[Card, ...] = ()
        self._lit: frozenset[int] = frozenset()

    @property
    def cards(self) -> tuple[Card, ...]:
        return self._cards

    def set_cards(self, cards: Iterable[Card]) -> None:
        self.beginResetModel()
        self._cards = tuple(cards)
        self._lit = frozenset()
        self.endResetModel()

    def add_cards(self, cards: Iterable[Card]) -> None:
        """More at the end."""
        more = tuple(cards)
        if more:
            self.beginInsertRows(QModelIndex(), len(self._cards), len(self._cards) + len(more) - 1)
            self._cards = (*self._cards, *more)
            self.endInsertRows()

    def light(self, pointers: Sequence[str], gap: str = "") -> QModelIndex:
        """Lights the rows that stand on these fields, and those where a requirement's datum is missing; gives the
        first one, or an invalid index.
        """
        cards = enumerate(self._cards)
        rows = [row for row, card in cards if any_related(card.pointers, pointers) or gap in card.gaps]
        if frozenset(rows) != self._lit:
            self._lit = frozenset(rows)
            self.dataChanged.emit(self.index(0), self.index(len(self._cards) - 1), [LIT_ROLE])
        return self.index(rows[0]) if rows else QModelIndex()

    def rowCount(self, parent: AnyIndex = _NOWHERE) -> int:  # noqa: N802 (Qt's name)
        return 0 if parent.isValid() else len(self._cards)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        card = self._cards[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return card.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return card.spoken
        if role == CARD_ROLE:
            return card
        return index.row() in self._lit if role == LIT_ROLE else None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if not index.isValid() or self._cards[index.row()].tone is Tone.HEADER:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
