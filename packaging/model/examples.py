"""What the model is taught: the prompt of a record and one text of the very grammar it will decode under."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random

import project  # also puts the engine on the path
from records import generate

from engine import evidence
from engine.drafting import grammar, plan, prompt
from engine.inference import chat
from engine.intake import read_case

PROMPT, SPECIAL, ANSWER = 0, 1, 2

_DRILLS = 1 << 40  # seeds of drills start here, those of validation above them
_VALIDATION = 1 << 41
_ALIKE = frozenset(
    {
        "moment",
        "days",
        "date",
        "lab-date",
        "dose",
        "dosing",
        "route",
        "frequency",
        "duration",
        "note",
        "code",
        "between",
        "last",
    }
)
# How often each option is taken where half, a quarter, an eighth… would read badly.
_WEIGHTS = {
    "joint": (0.86, 0.11, 0.03),
    "told": (0.8, 0.14, 0.06),
    "between": (0.88, 0.12),
    "dosing": (0.88, 0.12),
    "last": (0.88, 0.12),
    "last-joint": (0.7, 0.2, 0.1),
    "dose": (0.8, 0.2),
    "code": (0.8, 0.2),
    "tell": (0.75, 0.25),
}
_REASONS = (
    "Falta {} en el texto.",
    "La ficha no contiene {}.",
    "{} no coincide con la ficha.",
    "El código no corresponde a {}.",
)


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    role: int  # PROMPT, SPECIAL (one special token) or ANSWER


class Register:
    """One hand: its choices are alike within a text, mostly the plainest, mostly in the record's order."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._habits: dict[str, int] = {}

    def __call__(self, count: int, style: str) -> int:
        if style in ("name", "order"):
            # The prompt shows the first name only; another order is taught, but seldom.
            return 0 if self._rng.random() < 0.92 else self._rng.randrange(count)
        if style not in _ALIKE:
            return self._draw(count, style)
        habit = self._habits.setdefault(style, self._draw(len(_WEIGHTS.get(style, range(4))), style))
        return habit if habit < count and self._rng.random() < 0.95 else self._draw(count, style)

    def _draw(self, count: int, style: str) -> int:
        """By the weights of the style; elsewhere the first option half of the time, the others ever less often."""
        weights = _WEIGHTS.get(style, [0.5**i for i in range(count)])[:count]
        return self._rng.choices(range(len(weights)), weights)[0]


def seeds(settings: project.Settings, kind: str) -> range:
    """The seeds of the training records, the drills or the validation records; they never meet."""
    start = {"records": 0, "drills": _DRILLS, "validation": _VALIDATION}[kind] + settings.seed * 10**7
    return range(start, start + getattr(settings.data, kind))


def pieces(seed: int, corrections: float = 0.0) -> list[Piece]:
    """The conversation about the record of this seed, with the answer and its end."""
    record = generate(seed, drill=_DRILLS <= seed < _VALIDATION)
    facts = evidence.build(read_case(json.dumps(record, ensure_ascii=False).encode()))
    rng = Random(seed ^ 0x5EED)
    messages = list(prompt.messages(facts, "narrator"))
    if rng.random() < corrections:
        messages[-1] = type(messages[-1])(
            messages[-1].role, f"{messages[-1].content}\nCorregir: {_reasons(facts, rng)}"
        )
    register = Register(rng)
    answer = "".join(grammar.sample(node, register) for _, node in plan.build(facts))
    opening = [Piece(text, SPECIAL if special else PROMPT) for text, special in chat.chatml(messages)]
    return [*opening, Piece(answer, ANSWER), Piece("<|im_end|>", SPECIAL)]


def _reasons(facts: evidence.Evidence, rng: Random) -> str:
    names = [c.name for c in facts.claims] or ["No consignado"]
    return " ".join(rng.choice(_REASONS).format(f"«{rng.choice(names)}»") for _ in range(rng.randint(1, 3)))
