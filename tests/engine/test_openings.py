"""Verbs and «con» of the course: offered where a clause's form allows them, by no template, clean for the check."""

from __future__ import annotations

import random

import pytest

from engine.checking import Checker
from engine.drafting import course
from engine.drafting.grammar import Node, preferred, sample
from engine.evidence import build
from tests.helpers.records import read


def _texts(note: str) -> set[str]:
    """Every course that random choices make of a note, two hundred times."""
    rng = random.Random(7)
    tree = course.build(build(read({"evolucion_resumen": note, "diagnostico_egreso": []})))
    return {sample(tree, lambda options, _style: rng.randrange(len(options))).strip() for _ in range(200)}


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("AFEBRIL 48 HORAS, TOLERA REGIMEN", "Evoluciona afebril 48 horas y tolera régimen."),
        ("MEJORIA CLINICA PROGRESIVA", "Evoluciona con mejoría clínica progresiva."),
        ("CIRUGIA SIN INCIDENTES, SANGRADO ESCASO. ORIENTADA", "Se encuentra orientada"),
        ("ECOCARDIOGRAMA: FE 40%. AFEBRIL", "En su evolución, el ecocardiograma muestra FE 40%. Evoluciona afebril."),
        ("AFEBRIL, DIURESIS CONSERVADA", ", con diuresis conservada."),
    ],
)
def test_what_may_be_written(note: str, told: str) -> None:
    assert any(told in text for text in _texts(note)), _texts(note)


@pytest.mark.parametrize(
    ("note", "never"),
    [
        ("AFEBRIL, DIURESIS MEJORA", "con diuresis"),  # it has its own verb
        ("AFEBRIL, SIN DOLOR", "con sin"),
        ("AFEBRIL, DERIVAR A UROLOGIA", "con derivar"),
        ("PLAN: ANTIBIOTICO POR 7 DIAS", "muestra"),
        ("TAC: SIN LESIONES", "muestra sin"),
        ("TAC: NORMAL", "muestra"),
        ("NO AFEBRIL, TOLERA REGIMEN", "Evoluciona afebril"),
        ("DOLOR LEVE", "encuentra"),
    ],
)
def test_what_may_not(note: str, never: str) -> None:
    assert not any(never in text for text in _texts(note))


def test_every_choice_passes_the_check() -> None:
    note = "AFEBRIL 48 HORAS, DIURESIS CONSERVADA. ECOCARDIOGRAMA: FE 40%. CREATININA 1.2. ORIENTADA, TOLERA REGIMEN"
    evidence = build(read({"evolucion_resumen": note, "diagnostico_egreso": []}))
    checker = Checker(evidence)
    before = "Paciente. "
    for text in _texts(note):
        found = [v for v in checker.check(before + text).violations if v.type != "omission"]
        assert found == [], text


def test_the_template_takes_none_of_them() -> None:
    tree = course.build(build(read({"evolucion_resumen": "AFEBRIL. DIURESIS CONSERVADA", "diagnostico_egreso": []})))
    assert _own(tree) > 0
    assert preferred(tree) == " Evoluciona afebril, diuresis conservada."


def _own(node: Node) -> int:
    """How many options of the tree lead with «con»."""
    if isinstance(node, str):
        return int(node.startswith(", con "))
    parts = getattr(node, "options", None) or getattr(node, "parts", None) or getattr(node, "items", ())
    return sum(_own(part) for part in parts)
