"""How many threads a model of some size computes with; the same for every runtime."""

from __future__ import annotations

import os

_SMALL_MODEL = 64 * 1024 * 1024  # bytes; below it a second thread costs more than it gives


def threads(size: int) -> int:
    """For a model of so many bytes."""
    return 1 if size < _SMALL_MODEL else min(4, _cores())


def _cores() -> int:
    """Those this process may use, where the system tells; Windows and macOS do not."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
