"""How long nobody has touched the keyboard or the mouse, by the clock on the wall: a sleep of the computer counts."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

_LOOK_MS = 1000
_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.DragMove,
    }
)


class Idle(QObject):
    """`left` says that the time is over, once until the next touch, or that the system put the program to sleep."""

    left = Signal()

    def __init__(self, seconds: Callable[[], int], parent: QObject, clock: Callable[[], float] = time.time) -> None:
        super().__init__(parent)
        self._seconds, self._clock = seconds, clock
        self._touched, self._told = clock(), False
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        app = QCoreApplication.instance()
        if isinstance(app, QGuiApplication):
            app.installEventFilter(self)
            app.applicationStateChanged.connect(self._on_state)

    def look(self) -> None:
        """Compares the clock with the last touch."""
        if not self._told and self._clock() - self._touched >= self._seconds():
            self._told = True
            self.left.emit()

    def touch(self) -> None:
        """Somebody is here, or the program itself works for them."""
        self._touched, self._told = self._clock(), False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        if event.type() in _TOUCHES:
            self.touch()
        return False

    def _on_state(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationSuspended:
            self.left.emit()
