"""The only place where a thread starts: long work is a generator of events that looks at a cancel token; what must
happen in order and in one thread, such as all work with the database, is a job of a lane.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QThread, Signal

from engine.cancellation import CancelToken
from engine.errors import Cancelled

Work = Callable[[CancelToken], Iterator[object]]
T = TypeVar("T")
_Job = tuple[Callable[[], Any], Callable[[Any], None], Callable[[Exception], None]]


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


class _LaneWorker(QThread):
    answered = Signal(object, object)  # what to call in the window's thread, and with what

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.jobs: SimpleQueue[_Job | None] = SimpleQueue()

    def run(self) -> None:
        while (job := self.jobs.get()) is not None:
            work, done, failed = job
            try:
                answer = done, work()
            except Exception as error:  # told in the window's thread; the lane goes on
                answer = failed, error
            self.answered.emit(*answer)


class Lane(QObject):
    """One thread that does its jobs one after another; it starts with the first one and ends with `stop`.

    Each job is answered once, by `done` with what it gave or by `failed` with its exception, in the thread that made
    the lane.
    """

    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting = 0
        self._worker = _LaneWorker(self)
        self._worker.answered.connect(self._on_answer)
        self._worker.finished.connect(self._on_end)

    @property
    def busy(self) -> bool:
        """True while a job is not answered."""
        return self._waiting > 0

    @property
    def running(self) -> bool:
        """True from the first job until the thread is gone."""
        return self._worker.isRunning()

    def do(self, job: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]) -> None:
        """Adds a job at the end."""
        self._waiting += 1
        self._worker.jobs.put((job, done, failed))
        if not self._worker.isRunning():
            self._worker.start()

    def stop(self) -> None:
        """Ends after the jobs that are waiting; `ended` follows where the thread runs."""
        if self._worker.isRunning():
            self._worker.jobs.put(None)

    def _on_answer(self, answer: Callable[[object], None], value: object) -> None:
        self._waiting -= 1
        answer(value)

    def _on_end(self) -> None:
        self._worker.wait()  # the signal comes a moment before the thread is gone
        self.ended.emit()
