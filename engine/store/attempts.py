"""Wrong pass-phrases, counted in a file so that a restart does not forget them: each makes the next wait longer."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine import files
from engine.errors import StoreRefused

FREE = 3  # wrong ones without a wait
LONGEST = 900  # seconds
UNKNOWN = "?"  # no login: stands for each that nobody has
RECOVERY = "!"  # no login: stands for tries of the recovery key
_ALL = "*"  # no login: stands for each that has no count of its own
_Counts = dict[str, tuple[int, datetime]]
Clock = Callable[[], datetime]


def now() -> datetime:
    return datetime.now(UTC)


def pause(failures: int) -> int:
    """Seconds to wait after so many wrong ones in a row: 0, 0, 0, 2, 4, 8 … 900."""
    return 0 if failures <= FREE else int(min(2 ** min(failures - FREE, 16), LONGEST))


class Attempts:
    """The wrong tries of each login. Those that nobody has share one count, so the file cannot be made to grow."""

    def __init__(self, path: Path, clock: Clock = now) -> None:
        self._path = path
        self._clock = clock

    def begin(self, login: str) -> int:
        """Counts this try as wrong before it is made: a kill in between does not make it free.

        Returns the wrong ones before it. Raises StoreRefused: `unlock_wait` while the wait lasts; OSError.
        """
        counts = self._read()
        failures, last = counts.get(login) or counts.get(_ALL) or (0, self._clock())
        self._refuse_early(counts, login, failures, last)
        counts[login] = (failures + 1, self._clock())
        self._write(counts)
        return failures

    def forget(self, login: str) -> int:
        """After a right one; how many wrong ones there were. Raises OSError."""
        counts = self._read()
        failures, _ = counts.get(login, (0, None))
        if counts.keys() & {login, _ALL}:
            self._write({name: count for name, count in counts.items() if name not in (login, _ALL)})
        return failures

    def _refuse_early(self, counts: _Counts, login: str, failures: int, last: datetime) -> None:
        wait, passed = pause(failures), (self._clock() - last).total_seconds()
        if passed < 0:  # the clock was turned back: the wait begins again, once
            counts[login] = (failures, self._clock())
            self._write(counts)
        if passed < wait:
            raise StoreRefused("unlock_wait", seconds=max(round(wait - max(passed, 0)), 1))

    def _read(self) -> _Counts:
        try:
            content: dict[str, Any] = json.loads(self._path.read_bytes())
            return {login: _count(entry) for login, entry in content.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, KeyError, AttributeError):  # damaging it must not be a way around the wait
            counts = {_ALL: (FREE + 4, self._clock())}
            self._write(counts)
            return counts

    def _write(self, counts: _Counts) -> None:
        content = {login: {"failures": n, "last": last.isoformat()} for login, (n, last) in counts.items()}
        files.replace(self._path, json.dumps(content).encode())


def _count(entry: dict[str, Any]) -> tuple[int, datetime]:
    last = datetime.fromisoformat(entry["last"])
    if last.tzinfo is None:
        raise ValueError("a moment without zone")
    return int(entry["failures"]), last
