"""What the model is taught: the prompt of a record and one text of the very grammar it will decode under."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random

import project  # also puts the engine on the path
from records import generate
from taste import Author

from engine import evidence
from engine.drafting import grammar, plan, prompt
from engine.inference import chat
from engine.intake import read_case

PROMPT, SPECIAL, ANSWER = 0, 1, 2
ENDS = {"chatml": "<|im_end|>", "zephyr": "</s>"}  # the token that ends an answer

_DRILLS = 1 << 40  # seeds of drills start here, those of validation and evaluation above them
_VALIDATION = 1 << 41
_EVALUATION = 1 << 42
_EVALUATED = 1000
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


def seeds(settings: project.Settings, kind: str) -> range:
    """The seeds of the training records, the drills, the validation or the evaluation records; they never meet."""
    starts = {"records": 0, "drills": _DRILLS, "validation": _VALIDATION, "evaluation": _EVALUATION}
    start = starts[kind] + settings.seed * 10**7
    return range(start, start + (_EVALUATED if kind == "evaluation" else getattr(settings.data, kind)))


def pieces(seed: int, corrections: float = 0.0, template: str = "chatml") -> list[Piece]:
    """The conversation about the record of this seed, with the answer and its end."""
    record = generate(seed, drill=_DRILLS <= seed < _VALIDATION)
    facts = evidence.build(read_case(json.dumps(record, ensure_ascii=False).encode()))
    rng = Random(seed ^ 0x5EED)
    messages = list(prompt.messages(facts, "narrator"))
    if rng.random() < corrections:
        messages[-1] = type(messages[-1])(
            messages[-1].role, f"{messages[-1].content}\nCorregir: {_reasons(facts, rng)}"
        )
    author = Author(rng)
    answer = "".join(grammar.sample(node, author) for _, node in plan.build(facts))
    opening = [Piece(text, SPECIAL if special else PROMPT) for text, special in chat.TEMPLATES[template](messages)]
    return [*opening, Piece(answer, ANSWER), Piece(ENDS[template], SPECIAL)]


def _reasons(facts: evidence.Evidence, rng: Random) -> str:
    names = [c.name for c in facts.claims] or ["No consignado"]
    return " ".join(rng.choice(_REASONS).format(f"«{rng.choice(names)}»") for _ in range(rng.randint(1, 3)))
