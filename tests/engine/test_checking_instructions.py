"""What a patient is told to do: the same in other words, or something else."""

from __future__ import annotations

import json

import pytest

from engine import services


def _found(care: str, told: str) -> list[tuple[str, str]]:
    diagnosis = [{"codigo": "J18.9", "nombre": "Neumonía"}]
    record = {
        "motivo_ingreso": "Fiebre",
        "diagnostico_ingreso": diagnosis,
        "evolucion": [{"fecha": "2024-01-14", "nota": "Afebril."}],
        "diagnostico_egreso": diagnosis,
        "indicaciones_alta": {"recomendaciones": [care]},
    }
    text = (
        "Paciente ingresa por fiebre. Diagnóstico de ingreso: neumonía (J18.9). Evolución: el 14-01-2024, afebril. "
        f"Diagnóstico de egreso: neumonía (J18.9). Recomendaciones: {told}."
    )
    case = services.read(json.dumps(record).encode())
    return [(v.type, v.severity) for v in services.check(case, text).violations]


@pytest.mark.parametrize(
    ("care", "told"),
    [
        ("Evitar antiinflamatorios", "no usar antiinflamatorios"),
        ("Evitar esfuerzos por 3 semanas", "debe pasar tres semanas sin hacer esfuerzos"),
        ("Abundantes líquidos", "bastante agua"),
        ("Régimen hiposódico", "dieta sin sal"),
        ("Suspender tabaco", "dejar de fumar"),
        ("Reposo relativo", "hacer reposo relativo"),
        ("Oxígeno domiciliario 18 horas al día", "oxígeno domiciliario 18 horas diarias"),
        ("Restringir líquidos a 1 litro", "líquidos restringidos a un litro"),
    ],
)
def test_the_same_instruction_in_other_words(care: str, told: str) -> None:
    assert _found(care, told) == []


@pytest.mark.parametrize(
    ("care", "told"),
    [
        ("Evitar antiinflamatorios", "tomar antiinflamatorios"),
        ("Evitar esfuerzos físicos", "esfuerzos físicos"),
        ("Evitar esfuerzos", "puede hacer esfuerzos"),
        ("Restringir líquidos", "abundantes líquidos"),
        ("Suspender tabaco", "seguir con tabaco"),
    ],
)
def test_what_the_record_forbids_is_not_allowed(care: str, told: str) -> None:
    assert ("negation", "blocking") in _found(care, told)


@pytest.mark.parametrize(
    ("care", "told"),
    [
        ("Reposo absoluto", "reposo relativo"),
        ("Abundantes líquidos", "restringir líquidos"),
        ("Régimen hiposódico", "dieta sin azúcar"),
        ("Control de peso diario", "control de presión diario"),
        ("Curación cada 48 horas", "curación diaria"),
        ("Herida limpia y seca", "herida sucia y seca"),
    ],
)
def test_a_changed_word_is_told(care: str, told: str) -> None:
    assert _found(care, told)
