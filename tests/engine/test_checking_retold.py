"""Statements told in other words are told; other statements in like words are not."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine import intake
from engine.checking import check
from engine.checking.morphology import akin, base
from engine.evidence import Evidence, build

_LINES = (Path(__file__).parent / "checking_retold.txt").read_text(encoding="utf-8").splitlines()
_CUT = _LINES.index("# not told")
_ADMISSION, _STAY = "Ingresa por sinusitis aguda (J01.9). ", "Recibió ceftriaxona 2 g EV cada 24 horas (J01DD04). "
_LEAVES = "Egresa con sinusitis aguda (J01.9). Se indica paracetamol 1 g VO cada 8 horas (N02BE01). "
_SINUSITIS = [{"codigo": "J019", "nombre": "Sinusitis aguda"}]


def _split(lines: list[str]) -> list[tuple[str, ...]]:
    return [tuple(part.strip() for part in line.split("|")) for line in lines if not line.startswith("#")]


def _evidence(kind: str, statement: str) -> Evidence:
    listed = {name: [statement] if name == kind else [] for name in ("history", "surgery", "follow", "care", "alarm")}
    drug = {"codigo": "N02BE01", "nombre": "Paracetamol", "dosis": "1 g", "via": "VO", "frecuencia": "c/8h"}
    record: dict[str, Any] = {
        "motivo_ingreso": statement if kind == "reason" else None,
        "antecedentes": {"medicos": listed["history"], "quirurgicos": listed["surgery"]},
        "diagnostico_ingreso": _SINUSITIS,
        "tratamientos_intrahosp": [{"codigo": "J01DD04", "nombre": "Ceftriaxona 2 g c/24h", "via": "EV"}],
        "evolucion_resumen": [{"dia": 2, "texto": statement}] if kind == "course" else [],
        "diagnostico_egreso": _SINUSITIS,
        "indicaciones_alta": {
            "medicamentos": [drug],
            "controles": listed["follow"],
            "cuidados": listed["care"],
            "signos_alarma": listed["alarm"],
        },
    }
    return build(intake.read_case(json.dumps(record, ensure_ascii=False).encode()))


def _text(kind: str, said: str) -> str:
    if kind in ("reason", "history", "surgery"):
        return f"{said} {_ADMISSION}{_STAY}{_LEAVES}"
    if kind == "course":
        return f"{_ADMISSION}{_STAY}Evolución: {said[0].lower()}{said[1:]} {_LEAVES}"
    return f"{_ADMISSION}{_STAY}{_LEAVES}{said}"


def _types(kind: str, statement: str, said: str) -> set[str]:
    return {v.type for v in check(_evidence(kind, statement), _text(kind, said)).violations}


@pytest.mark.parametrize(("kind", "statement", "said"), _split(_LINES[:_CUT]))
def test_told_in_other_words(kind: str, statement: str, said: str) -> None:
    assert "omission" not in _types(kind, statement, said)


@pytest.mark.parametrize(("kind", "statement", "said"), _split(_LINES[_CUT:]))
def test_not_told(kind: str, statement: str, said: str) -> None:
    assert _types(kind, statement, said) & {"omission", "negation", "dx"}


@pytest.mark.parametrize(
    "words",
    [
        "transfusion transfundir transfundio transfundida transfunden",
        "sangrado sangro sangra sangrar sangrando sangraba",
        "apendicectomia apendicectomizado apendicectomizada",
        "suspension suspender suspende suspendido",
        "tolerancia tolera toleraba tolerado tolerando",
        "deambulacion deambula deambular deambulando",
        "vomito vomitos vomitar vomitaba vomitando",
        "restriccion restringir restringe restringido",
        "dormir duerme durmio durmiendo",
        "pesarse pesar peso pesando",
    ],
)
def test_words_of_one_base(words: str) -> None:
    first, *others = map(base, words.split())
    assert all(akin(first, other) for other in others)


@pytest.mark.parametrize("words", ["apendicitis apendicectomia", "hipotension hipotiroidismo", "morado morir"])
def test_words_of_two_bases(words: str) -> None:
    one, other = map(base, words.split())
    assert not akin(one, other)
