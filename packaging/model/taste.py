"""The author of the training targets: a `Writer` who also knows what the clauses of the generated notes are about.

The tree offers verbs and «con» wherever the form of a clause allows them. The author takes them where they read well,
which the words of the notes decide (tables/reading.toml); the template, which knows none of this, leaves them out.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from random import Random

import project  # noqa: F401  # also puts the engine on the path
from records.tables import fold

from engine.drafting.grammar import Node, preferred
from engine.drafting.manner import Writer
from engine.drafting.openings import OTHER_STATES, STATES

_TABLE = Path(__file__).with_name("records") / "tables" / "reading.toml"
_WITH = ", con "
_LASTING = re.compile(r"\b(?:al \w+ d[ií]a|\d+ (?:horas|d[ií]as)|desde|favorable|hace)\b")
_MOST_VERBS = 2  # of the same kind in one text
_SURE = 0.97  # share of the times that a taste is followed


@lru_cache(maxsize=1)
def _words() -> dict[str, frozenset[str]]:
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return {kind: frozenset(words.split()) for kind, words in table.items()}


def _first(text: str) -> str:
    """The first word, without accents; none of its punctuation."""
    found = re.search(r"[^\W_]+", fold(text))
    return found[0] if found else ""


class Author(Writer):
    """One text; a new author for each."""

    def __init__(self, rng: Random) -> None:
        super().__init__(rng)
        self._linked = False  # the sentence already has its «con»
        self._after_state = False  # the last clause told how the patient is
        self._clauses = 1  # of the sentence, so far
        self._verbs = 0
        self._evolves = False  # the course began with «Evoluciona con»

    def __call__(self, options: Sequence[Node], style: str) -> int:
        tastes = {
            "joint": self._join,
            "break": self._join,
            "evolves": self._evolve,
            "state": self._state,
            "shown": self._show,
        }
        told = [preferred(option) for option in options] if style in tastes else []
        usual = super().__call__(options, style)
        chosen = tastes[style](told, usual) if told else usual
        if style in ("told", "shown", "moments", "date"):
            self._after_state = False
        if style in ("state", "told", "shown", "moments") or (told and told[chosen].startswith(". ")):
            self._linked, self._clauses = False, 1
        elif style in ("joint", "break"):
            self._clauses += 1
        if told and (told[chosen].startswith(_WITH) or (style == "evolves" and chosen)):
            self._linked = True
        return chosen

    def _is_sure(self) -> bool:
        return self._rng.random() < _SURE

    def _join(self, told: list[str], usual: int) -> int:
        """A finding follows another clause with «con», the next ones of the same sentence without."""
        led = next((i for i, text in enumerate(told) if text.startswith(_WITH)), None)
        plain = [i for i in range(len(told)) if i != led]
        if usual == led:
            usual = plain[0]
        if not self._is_sure():
            return usual
        new = next((i for i in plain if told[i].startswith(". ")), None)
        was_state, self._after_state = self._after_state, _first(told[usual]) in STATES | OTHER_STATES
        if self._after_state and not was_state and not self._evolves and new is not None:
            return new
        joined = next((i for i in plain if told[i].startswith((" y ", " e "))), None)
        if led is None:
            return joined if joined is not None and was_state else usual
        if told[usual].startswith(". "):
            return usual
        if _first(told[led][len(_WITH) :]) not in _words()["findings"]:
            return usual
        if self._linked:
            return joined if joined is not None else usual
        return led if self._clauses == 1 or was_state else usual

    def _evolve(self, told: list[str], _usual: int) -> int:
        noun = _first(told[1].partition(" con ")[2])
        self._evolves = noun in _words()["evolving"] and self._is_sure()
        return int(self._evolves)

    def _state(self, told: list[str], _usual: int) -> int:
        """«Evoluciona» before what lasts, «se encuentra» before how the patient is; not again and again."""
        self._after_state = True
        if len(told) < 2 or self._verbs >= _MOST_VERBS or self._evolves or not self._is_sure():
            return 0
        self._verbs += 1
        verb = "evoluciona " if _LASTING.search(told[0]) else "se encuentra "
        return next((i for i, text in enumerate(told) if text.lower().startswith(verb)), 1)

    def _show(self, told: list[str], _usual: int) -> int:
        exam = _first(told[0])
        if exam in _words()["showing"] and self._is_sure():
            return 1
        return 2 if exam in _words()["holding"] and self._is_sure() else 0
