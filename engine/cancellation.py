"""A flag that long work looks at between steps."""

from __future__ import annotations

import threading

from engine.errors import Cancelled


class CancelToken:
    """Set from any thread; `check` raises Cancelled in the thread that works."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raises Cancelled once `cancel` was called."""
        if self._event.is_set():
            raise Cancelled
