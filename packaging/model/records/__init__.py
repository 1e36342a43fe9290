"""Synthetic ward records: clinically plausible, nobody's, and the same for the same seed."""

from __future__ import annotations

from random import Random
from typing import Any

from . import shapes
from .stay import abridge, draw
from .tables import scenarios

INVENTED = 0.5  # share of records with pseudo-words for names and random codes


def generate(seed: int, *, drill: bool = False, plain: bool = False) -> dict[str, Any]:
    """One record, ready for JSON, in one of the shapes that the intake reads.

    A plain one has no pseudo-words: it is for people to read.
    A drill is a short invented one with a few of the lists alone: copying is learnt faster from short texts.
    """
    rng = Random(seed)
    stay = draw(rng.choice(scenarios()), rng, invented=drill or (rng.random() < INVENTED and not plain))
    if drill:
        abridge(stay)
    return rng.choice(shapes.SHAPES)(shapes.Writer(stay, shapes.style(rng)))
