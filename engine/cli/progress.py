"""How far long work has come, for whoever waits at a terminal."""

from __future__ import annotations

import sys


class Progress:
    """One line on standard error, written over; it ends with a line break if there was any."""

    def __init__(self) -> None:
        self._shown = ""

    def __enter__(self) -> Progress:
        return self

    def show(self, what: str, done: int, total: int) -> None:
        share = f"{done}/{total}" if total < 1000 else f"{100 * done // max(total, 1)} %"
        line = f"{what}: {share}"
        if line != self._shown:
            print(f"\r{line:60}", end="", file=sys.stderr, flush=True)
            self._shown = line

    def __exit__(self, *_: object) -> None:
        if self._shown:
            print(file=sys.stderr)
