"""How many threads a model computes with: as many as the work itself was fastest with, at most one a physical core.

Nothing is computed in order to be measured. Each step of a draft is timed; from time to time a few are made with fewer
threads, and the fastest number stays. Where another program takes a core, the steps get slower and it is tried again:
threads that wait for one that has no core cost far more than one thread less (docs/decisions/0016).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from engine.inference.cores import physical_cores

_SMALL_MODEL: Final = 64 << 20  # bytes; below it a second thread costs more than it gives
_FIXED: Final = 4  # threads of a runtime that cannot change them once a model is loaded
_TIE: Final = 0.95  # of the best speed: with fewer threads as good, as it leaves a core to others
_WORSE: Final = 0.7  # of the best speed: not worth another step
_LONG: Final = (
    0.5  # seconds of steps that tell a speed, however few they are: each may take seconds on a crowded machine
)
_DROP: Final = 0.6  # of the speed that was seen when the number was chosen: it is chosen anew
_TRUST: Final = 60.0  # seconds after which it is chosen anew in any case: the computer may be free again


def most_threads(size: int) -> int:
    """That a model of so many bytes may have."""
    return 1 if size < _SMALL_MODEL else physical_cores()


def fixed_threads(size: int) -> int:
    """For a runtime that is told once, when a model of so many bytes is loaded."""
    return min(_FIXED, most_threads(size))


def tried(most: int) -> tuple[int, ...]:
    """The numbers that are tried, from `most` down: all, all but one for another program, then halves."""
    return tuple(sorted({max(most - 1, 1), *(most >> times for times in range(most.bit_length()))}, reverse=True))


class Pace:
    """Chooses the number of threads for one kind of work. It may be left at any step: nothing waits for it."""

    def __init__(
        self, most: int, steps: int, *, hasty: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`steps`: how many together are timed for a speed; `hasty`: where they take long, and a number is much slower
        than the best, still fewer threads are not tried; `clock` in seconds."""
        self._numbers, self._steps, self._hasty, self._clock = tried(most), steps, hasty, clock
        self._timed: list[tuple[int, float]] = []  # tokens and seconds of steps with the present number
        self._seen: dict[int, float] = {}  # tokens a second by number, since the trials began
        self.chosen = self._numbers[0]
        self._trial: int | None = None  # place in `_numbers`; None: the choice is made
        self._warm = False
        self._begin()

    @property
    def threads(self) -> int:
        """For the next step."""
        return self.chosen if self._trial is None else self._numbers[self._trial]

    def took(self, tokens: int, seconds: float) -> None:
        """A step of so many tokens with `threads` was made. The first of all counts for nothing: it read from disk."""
        if len(self._numbers) == 1:
            return
        if not self._warm:
            self._warm = True
            return
        self._timed.append((tokens, seconds))
        spent = sum(seconds for _, seconds in self._timed)
        if len(self._timed) == self._steps or spent > min(_LONG, self._longest(tokens)):
            speed = sum(tokens for tokens, _ in self._timed) / max(spent, 1e-9)
            self._timed.clear()
            self._weigh(speed)

    def _longest(self, tokens: int) -> float:
        """Seconds: a trial that has taken longer than all its steps would at a speed that is too low is over."""
        best = max(self._seen.values(), default=0.0) if self._trial is not None else 0.0
        return self._steps * tokens / (best * _WORSE) if best else _LONG

    def _weigh(self, speed: float) -> None:
        if self._trial is not None:
            self._seen[self.threads] = speed
            self._go_on(self._trial + 1, speed)
        elif speed < _DROP * self._seen[self.chosen] or self._clock() - self._since > _TRUST:
            self._begin()

    def _go_on(self, trial: int, speed: float) -> None:
        """To the next number, or to the choice."""
        best = max(self._seen.values())
        if trial < len(self._numbers) and not (self._hasty and speed < _WORSE * best):
            self._trial = trial
            return
        self.chosen = min(number for number, seen in self._seen.items() if seen >= _TIE * best)
        self._trial, self._since = None, self._clock()

    def _begin(self) -> None:
        self._seen.clear()
        self._since = self._clock()
        self._trial = 0 if len(self._numbers) > 1 else None
