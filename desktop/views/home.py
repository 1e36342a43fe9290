"""Where the work begins: the physician's cases, and beside them the place for a new record."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop.history import History
from desktop.models.worklist import WorklistModel, list_title
from desktop.operations.find import find_cases
from desktop.theme import STEP, Theme
from desktop.views.cards import CardList
from engine.history import Listed

_PAUSE_MS = 150


class Home(QWidget):
    """Enter or a double click opens a case; the search looks while it is typed."""

    chosen = Signal(object)  # Listed
    failed = Signal(object)  # the exception

    def __init__(self, history: History, theme: Theme, beside: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._history = history
        self._asked: tuple[str, int | None] = ("", None)  # words, and the row after which more was asked for
        self._cases = QWidget(self)
        self.title = QLabel(self)
        self.title.setProperty("role", "title")
        self.search = _SearchField(self)
        self.model = WorklistModel(self)
        self.list = CardList(theme, self.tr("✓ firmado"), self, self.model)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._build(beside)
        self._pause.timeout.connect(self.refresh)
        self.search.textChanged.connect(lambda: self._pause.start())
        self.search.returnPressed.connect(self._open_first)
        self.search.left_down.connect(self._enter_list)
        self.list.activated.connect(self._choose)
        self.model.more_asked.connect(self._more)

    def refresh(self) -> None:
        """The list as it stands now, from its beginning."""
        self._ask(self.search.text(), None)

    def show_list(self, *, shown: bool) -> None:
        """With the cases, as they stand now, or without where nothing is kept."""
        self._cases.setVisible(shown)
        if shown:
            self.refresh()
            self.search.setFocus()

    def forget(self) -> None:
        """Nobody is at the history: no name stays, nor what was searched."""
        self._pause.stop()
        self._asked = ("", None)
        self.search.setText("")
        self._pause.stop()
        self.model.show_rows((), "")
        self.title.clear()

    def _ask(self, words: str, before: int | None) -> None:
        asked = self._asked = (words, before)
        job = find_cases(words, before)
        self._history.ask(job, lambda rows: self._show(asked, rows), self.failed.emit)

    def _more(self) -> None:
        self._ask(self._asked[0], self.model.last)

    def _show(self, asked: tuple[str, int | None], rows: tuple[Listed, ...]) -> None:
        if asked != self._asked:  # something else was asked since
            return
        words, before = asked
        if before is None:
            self.model.show_rows(rows, words)
            self.list.scrollToTop()
        else:
            self.model.add_rows(rows)
        self.title.setText(list_title(words, len(self.model.rows), more=self.model.canFetchMore()))

    def _open_first(self) -> None:
        """Enter in the search opens what stands first, once it is what was asked for."""
        if not self._pause.isActive() and self.model.rows:
            self.chosen.emit(self.model.rows[0])

    def _enter_list(self) -> None:
        self.list.setFocus()
        self.list.setCurrentIndex(self.model.index(0))

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self.model.rows[index.row()])

    def _build(self, beside: QWidget) -> None:
        self.search.setPlaceholderText(self.tr("Buscar por nombre, RUT o diagnóstico"))
        self.search.setAccessibleName(self.tr("Buscar casos"))
        self.search.setClearButtonEnabled(True)
        self.list.setAccessibleName(self.tr("Casos"))
        column = QVBoxLayout(self._cases)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP)
        for widget in (self.search, self.title, self.list):
            column.addWidget(widget, int(widget is self.list))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(STEP * 2)
        row.addWidget(self._cases, 3)
        row.addWidget(beside, 2)
        beside.show()  # it was a page of its own


class _SearchField(QLineEdit):
    """The arrow down leaves it for the list."""

    left_down = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, maxLength=200)
        self.setProperty("big", True)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if event.key() == Qt.Key.Key_Down:
            self.left_down.emit()
        else:
            super().keyPressEvent(event)
