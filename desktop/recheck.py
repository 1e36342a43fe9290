"""Checks the text again a moment after each edit, off the window's thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.operations import Rechecked
from desktop.tasks import Task, Work

_PAUSE_MS = 250


class Recheck(QObject):
    """One check at a time; only the result for the newest text is told."""

    checked = Signal(object)  # Rechecked
    failed = Signal(object)  # the exception
    finished = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._start)
        self._work: Callable[[], Work] | None = None
        self._text: str | None = None
        self._task: Task | None = None

    @property
    def running(self) -> bool:
        return self._task is not None

    @property
    def pending(self) -> bool:
        """True while the newest text has no result yet."""
        return self._work is not None or self.running

    def request(self, text: str | None, work: Callable[[], Work], *, at_once: bool = False) -> None:
        """Checks `text` with `work` once the user has paused."""
        self._text, self._work = text, work
        self._timer.start(0 if at_once else _PAUSE_MS)

    def stop(self) -> None:
        """Forgets what was asked; `finished` follows where a check was running."""
        self._timer.stop()
        self._work = None
        if self._task:
            self._task.cancel()

    def _start(self) -> None:
        if self._work is None or self._task is not None:
            return
        task, self._work = Task(self._work(), self), None
        task.produced.connect(self._on_event)
        task.failed.connect(self.failed)
        task.finished.connect(self._on_finished)
        self._task = task
        task.start()

    def _on_event(self, event: Rechecked) -> None:
        if event.text == self._text and self._work is None:
            self.checked.emit(event)

    def _on_finished(self) -> None:
        self._task = None
        if self._work is not None and not self._timer.isActive():
            self._start()
        self.finished.emit()
