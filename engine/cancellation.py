"""A flag that long work looks at between steps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.errors import Cancelled


class CancelToken:
    """Set from any thread; `check` raises Cancelled in the thread that works."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.RLock()  # the thread that works may itself be interrupted and cancel
        self._stops: list[Callable[[], None]] = []

    def cancel(self) -> None:
        self._event.set()
        with self._lock:
            for stop in tuple(self._stops):
                stop()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    @contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[None]:
        """For work that cannot look at the flag: while the block runs, whoever cancels calls `stop`, which is quick."""
        with self._lock:
            self._stops.append(stop)
            if self.cancelled:
                stop()
        try:
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)

    def check(self) -> None:
        """Raises Cancelled once `cancel` was called."""
        if self._event.is_set():
            raise Cancelled
