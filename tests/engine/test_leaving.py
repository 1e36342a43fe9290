"""How the patient left: told once, in the record's terms, and checked."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from engine.checking import check, record_warnings
from engine.drafting import plan
from engine.drafting.grammar import preferred, sample
from engine.evidence import Evidence, build
from tests.helpers.records import read

STAY: dict[str, Any] = {
    "paciente": {"sexo": "F", "edad": 80},
    "atencion": {"fecha_ingreso": "2026-10-02", "fecha_alta": "2026-10-11"},
    "motivo_ingreso": "Disnea",
    "antecedentes": {"otros": ["Padre fallecido por infarto"]},
    "diagnostico_ingreso": [{"codigo": "J18.9", "nombre": "Neumonía"}],
    "evolucion_resumen": [{"dia": 1, "texto": "DISNEA"}, {"dia": 9, "texto": "SHOCK REFRACTARIO"}],
    "diagnostico_egreso": [{"codigo": "J18.9", "nombre": "Neumonía"}],
    "indicaciones_alta": {"medicamentos": [{"nombre": "Paracetamol 500 mg VO c/8h"}]},
}


def _evidence(said: str | None, *, sex: str = "F", note: str = "", field: str = "condicion_egreso") -> Evidence:
    record = copy.deepcopy(STAY)
    record["paciente"]["sexo"] = sex
    if said:
        record["atencion"][field] = said
    if note:
        record["evolucion_resumen"][1]["texto"] = note
    return build(read(record))


def _text(evidence: Evidence) -> str:
    return "".join(preferred(node) for _, node in plan.build(evidence))


def _faults(evidence: Evidence, text: str) -> set[tuple[str, str]]:
    return {(v.type, v.mention) for v in check(evidence, text).violations}


@pytest.mark.parametrize(
    ("said", "sex", "told"),
    [
        ("Fallecido", "M", "Fallece el 11-10-2026. Diagnóstico de egreso: neumonía (J18.9)."),
        ("Defunción", "F", "Fallece el 11-10-2026. "),
        ("ÓBITO EN PABELLÓN", "F", "Fallece en pabellón el 11-10-2026. "),
        ("Traslado", "F", "Egresa trasladada el 11-10-2026 con diagnóstico de neumonía (J18.9)."),
        ("Traslado", "?", "Egresa por traslado el 11-10-2026 con "),
        ("Traslado a Hospital Base", "M", "Egresa trasladado a Hospital Base el 11-10-2026 con "),
        ("Derivación a APS", "F", "Egresa derivada a APS el 11-10-2026 con "),
        ("Alta a domicilio", "F", "Egresa a domicilio el 11-10-2026 con "),
        ("Hospitalización domiciliaria", "F", "Egresa a hospitalización domiciliaria el 11-10-2026 con "),
        ("Alta voluntaria", "F", "Egresa por alta voluntaria el 11-10-2026 con "),
        ("Alta médica", "F", "Egresa el 11-10-2026 con "),
        ("Mejorado", "F", "Condición al egreso (11-10-2026): mejorado. Diagnóstico de egreso: "),
        (None, "F", "Egresa el 11-10-2026 con "),
    ],
)
def test_each_way_to_leave_has_its_words(said: str | None, sex: str, told: str) -> None:
    evidence = _evidence(said, sex=sex)
    assert told in _text(evidence)
    assert _faults(evidence, _text(evidence)) == set()


def test_a_destination_keeps_its_capitals() -> None:
    assert "Destino al egreso (11-10-2026): Hospital Clínico." in _text(_evidence("Hospital Clínico", field="destino"))


@pytest.mark.parametrize(
    ("said", "note", "once"),
    [
        ("Fallecida", "Fallece acompañada de su familia", "allece"),
        (None, "Se constata fallecimiento a las 3:40 hrs", "allec"),
        ("Traslado", "Se traslada a UCI para continuar manejo", "raslad"),
    ],
)
def test_what_the_last_note_tells_is_not_told_again(said: str | None, note: str, once: str) -> None:
    evidence = _evidence(said, note=note)
    for pick in (lambda _options, _style: 0, lambda options, _style: len(options) - 1):
        text = "".join(sample(node, pick) for _, node in plan.build(evidence))
        assert text.replace("padre fallecido", "").count(once) == 1
        assert "Se da de alta" not in text


def test_a_destination_that_the_note_lacks_is_told_all_the_same() -> None:
    text = _text(_evidence("Traslado a Hospital Base", note="Se coordina traslado"))
    assert "trasladada a Hospital Base" in text


@pytest.mark.parametrize("last", [False, True])
def test_nobody_who_died_goes_home_and_the_drugs_stay_as_a_conflict(last: bool) -> None:
    evidence = _evidence("Fallecida")
    text = "".join(sample(node, lambda options, _style: (len(options) - 1) * last) for _, node in plan.build(evidence))
    assert "Fármacos registrados al egreso: paracetamol " in text
    assert not any(word in text for word in ("alta", "Egresa", "se indica", "Se indica"))
    assert [w.type for w in record_warnings(evidence)] == ["death"]


@pytest.mark.parametrize(
    ("said", "told", "instead", "fault"),
    [
        (None, "Egresa el", "Fallece el", ("dx", "Fallece")),
        (None, "Egresa el", "Egresa trasladada el", ("dx", "Egresa trasladada")),
        ("Fallecida", "Fallece el 11-10-2026. D", "Se da de alta. D", ("dx", "Se da de alta")),
        (
            "Fallecida",
            "Fallece el 11-10-2026. D",
            "Egresa en buenas condiciones. D",
            ("dx", "Egresa en buenas condiciones"),
        ),
        ("Fallecida", "Fallece el 11-10-2026. D", "D", ("omission", "fallece")),
        ("Traslado", "Egresa trasladada el", "Egresa el", ("omission", "traslado")),
        ("Traslado a Hospital Base", "Hospital Base", "Hospital Norte", ("omission", "traslado a Hospital Base")),
        ("Derivación a APS", "Egresa derivada a APS el", "Egresa el", ("omission", "derivación a APS")),
    ],
)
def test_the_opposite_is_flagged(said: str | None, told: str, instead: str, fault: tuple[str, str]) -> None:
    evidence = _evidence(said)
    text = _text(evidence)
    assert told in text
    assert fault in _faults(evidence, text.replace(told, instead))
