"""Waiting for what happens elsewhere, with a generous end."""

from __future__ import annotations

import time
from collections.abc import Callable


def within(seconds: float, happened: Callable[[], bool]) -> bool:
    """Whether it happens in so long."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
