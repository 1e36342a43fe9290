"""How a good writer chooses among the texts that a tree allows: the one policy behind training targets and template.

The tree puts first what reads best where it stands (a new sentence after a long one, a title before a long list, the
record's order, words written out). `grammar.preferred` always takes the first option. A `Writer` mostly does, so that a
model learns from its texts which option fits where; what a text does alike throughout (how it writes dates, whether it
abbreviates, where it puts the codes) a writer decides once for the whole text.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from engine.drafting.grammar import Node

# Decided once for a text: the style → which share of the texts takes the first option, the second …
HABITS: dict[str, tuple[float, ...]] = {
    "name": (0.97, 0.03),  # written out; abbreviated as in the record
    "route": (0.97, 0.03),
    "frequency": (0.97, 0.03),
    "date": (0.95, 0.05),  # 02-10-2026; 2 de octubre de 2026
    "result-date": (0.94, 0.06),
    "duration": (0.96, 0.04),
    "note": (0.95, 0.05),
    "code": (0.97, 0.03),  # at the end of the item; after its name
    "dosing": (0.97, 0.03),
    "moments": (0.95, 0.05),
}
# Decided each time: the style → the weight of the first option, the second …
CHOICES: dict[str, tuple[float, ...]] = {
    "order": (0.99, 0.01),  # of the record, or by date
    "tell": (0.97, 0.03),  # the weightiest of a long course (engine/evidence/selection.py)
    "joint": (0.98, 0.01, 0.01),
    "break": (0.97, 0.02, 0.01),
    "days": (0.95, 0.05),
    "told": (0.95, 0.05),
    "sentences": (0.96, 0.04),
    "results-first": (0.97, 0.03),
}
_USUAL = (0.9, 0.07, 0.02, 0.01)  # of any other choice: ways to open a sentence


class Writer:
    """Picks for `grammar.sample`, by the weights above; at temperature 0 always the first option."""

    def __init__(self, rng: Random, temperature: float = 1.0) -> None:
        self._rng = rng
        self._temperature = temperature
        self._habits: dict[str, int] = {}

    def __call__(self, options: Sequence[Node], style: str) -> int:
        count = len(options)
        if style not in HABITS:
            return self._draw(CHOICES.get(style, _USUAL), count)
        habit = self._habits.setdefault(style, self._draw(HABITS[style], len(HABITS[style])))
        return min(habit, count - 1)

    def _draw(self, weights: tuple[float, ...], count: int) -> int:
        """Options beyond the last weight share it."""
        if self._temperature <= 0:
            return 0
        known = [weights[min(i, len(weights) - 1)] for i in range(count)]
        return self._rng.choices(range(count), [w ** (1 / self._temperature) for w in known])[0]
