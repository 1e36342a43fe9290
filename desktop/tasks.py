"""The only place where a thread starts: long work is a generator of events that looks at a cancel token."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QThread, Signal

from engine.cancellation import CancelToken
from engine.errors import Cancelled

Work = Callable[[CancelToken], Iterator[object]]


class _Worker(QThread):
    produced = Signal(object)
    broke = Signal(object)

    def __init__(self, work: Work, token: CancelToken, parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self._token = token

    def run(self) -> None:
        try:
            for event in self._work(self._token):
                if self._token.cancelled:
                    return
                self.produced.emit(event)
        except Cancelled:
            self._token.cancel()
        except Exception as error:  # told in the window's thread; a bug here must not end the program
            self.broke.emit(error)


class Task(QObject):
    """Runs one generator off the window's thread; every signal arrives in the thread that made the task.

    After any number of `produced`, at most one of `failed` (the exception) and `cancelled` arrives, and then
    always `finished`. Nothing but `cancelled` and `finished` arrives once `cancel` was called.
    """

    produced = Signal(object)  # an event of the generator; `event` is QObject's own
    failed = Signal(object)
    cancelled = Signal()
    finished = Signal()

    def __init__(self, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._token = CancelToken()
        self._worker = _Worker(work, self._token, self)
        self._worker.produced.connect(self._on_event)
        self._worker.broke.connect(self._on_failure)
        self._worker.finished.connect(self._on_finished)

    def start(self) -> None:
        """Begins; call it once."""
        self._worker.start()

    def cancel(self) -> None:
        """Asks the work to stop at its next step; returns at once."""
        self._token.cancel()

    def wait(self) -> None:
        """Blocks until the thread has ended."""
        self._worker.wait()

    def _on_event(self, event: object) -> None:
        if not self._token.cancelled:
            self.produced.emit(event)

    def _on_failure(self, error: Exception) -> None:
        if not self._token.cancelled:
            self.failed.emit(error)

    def _on_finished(self) -> None:
        self._worker.wait()  # the signal comes a moment before the thread is gone
        if self._token.cancelled:
            self.cancelled.emit()
        self.finished.emit()
        self.deleteLater()
