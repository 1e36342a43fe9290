"""What may be another way to say what the record holds is told, and does not block; what is sure blocks."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from engine import intake
from engine.checking import Checker
from engine.drafting import plan
from engine.drafting.grammar import preferred
from engine.evidence import build

SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "samples" / "angina.json"


@lru_cache(maxsize=1)
def _told() -> tuple[Checker, str]:
    evidence = build(intake.read_file(SAMPLE))
    return Checker(evidence), "".join(preferred(node) for _, node in plan.build(evidence))


def _severities(said: str, instead: str) -> set[str]:
    checker, text = _told()
    assert text.count(said) == 1
    assert checker.check(text).violations == ()
    return {v.severity for v in checker.check(text.replace(said, instead)).violations}


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("angina inestable (I20.0)", "angina inestable (I20.0), esto es, un dolor del corazón por falta de riego"),
        ("Recibió", "Recibió 2 fármacos:"),
    ],
    ids=["explanation", "small count"],
)
def test_what_may_be_another_way_to_say_it_does_not_block(said: str, instead: str) -> None:
    assert "blocking" not in _severities(said, instead)


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("angina inestable (I20.0)", "angina inestable (I20.0), tratada con amiodarona"),
        ("angina inestable (I20.0)", "angina inestable (I20.0), alérgica a la penicilina"),
        ("60 mg", "6 mg"),
        ("60 mg", "61 mg"),
        ("por 12 meses", "por 11 meses"),
        ("0,8 ng/mL", "1 ng/mL"),
        ("lesión del 80%", "lesión del 8%"),
        ("(I21.4)", "(I21.9)"),
    ],
)
def test_what_is_sure_blocks(said: str, instead: str) -> None:
    assert "blocking" in _severities(said, instead)
