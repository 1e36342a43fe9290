"""Hand-written records as wards write them: what the text without a model says of each."""

from __future__ import annotations

import random
from typing import Any

import pytest

from engine.drafting import plan
from engine.drafting.grammar import preferred, sample
from engine.evidence import build
from tests.helpers.facts import count
from tests.helpers.records import read

TRAUMA: dict[str, Any] = {
    "paciente": {"sexo": "Masculino", "edad": "42 años"},
    "motivo_ingreso": "POLITRAUMATIZADO. ACCIDENTE EN MOTO",
    "diagnostico_ingreso": [
        {"codigo": "S82.2", "nombre": "FX EXPUESTA TIBIA IZQ. GUSTILO IIIA"},
        {"codigo": "S72.3", "nombre": "FX DIAFISIS FEMUR DER."},
    ],
    "procedimientos": [{"codigo": "79.66", "nombre": "OTS radio distal der. con placa", "fecha": "2026-01-02"}],
    "tratamientos_intrahosp": [
        {"nombre": "Enoxaparina 40mg SC/día"},
        {"nombre": "Sulfato de magnesio 4g EV carga, luego 1g/h x 24h"},
    ],
    "evolucion": [{"fecha": "02/01/2026", "nota": "Heridas op. limpias, sin sg. de infección. Alta c/ madre"}],
    "diagnostico_egreso": [{"codigo": "S82.2", "nombre": "Fx tibia izq operada"}],
    "indicaciones_alta": {
        "medicamentos": [{"nombre": "AAS 100 mg: 1 comp/día x 8 sem"}],
        "controles": ["Poli Trauma 15 d c/ Rx"],
        "cuidados": "NO CONDUCIR. NO OH",
    },
}
NOTES = (
    "INGRESA A UCI POR SDRA GRAVE, PAFI 90. IOT + VMI, PRONO. NORADRENALINA 0.2 UG/KG/MIN",
    "EN PRONO, PAFI 140. SEDADO (SAS 1), BNM. DIURESIS 0.4 CC/KG/H, CREATININA 2.1",
    "SUPINO. PAFI 180. HMC (-) A LAS 48 HRS. CULTIVO ST: S. AUREUS MS. CLOXACILINA",
    "SIN DVA. CREATININA 1.6. NE A 60 CC/H, BIEN TOLERADA",
    "FIEBRE 39. SE CAMBIA CVC. PCR 210, PCT 4.2. SE TOMAN HMC X2",
    "HMC (+) A COCACEAS GRAM (+). VANCOMICINA SEGUN NIVELES",
    "TQT PERCUTANEA S/ INCIDENTES",
    "WEANING, TET EN T 4 HRS. RASS 0. DELIRIUM (+): QUETIAPINA",
    "NTX DER. PLEUROSTOMIA. EXPANDIDO EN RX DE CONTROL",
    "SIN FIEBRE. HMC CONTROL (-). SE RETIRA PLEUROSTOMIA",
    "TQT C/ VALVULA FONATORIA. POLINEUROPATIA DEL PCTE CRITICO. KTM. SVD",
    "DECANULADO. O2 NARICERA 1 LT, SAT 95%. DEAMBULA C/ ANDADOR. ALTA DE UCI A MQ",
)
INTENSIVE: dict[str, Any] = {
    "motivo_ingreso": "DISNEA",
    "diagnostico_ingreso": [{"codigo": "J80", "nombre": "SDRA SEVERO"}],
    "evolucion_resumen": [{"dia": i, "texto": note} for i, note in enumerate(NOTES, 1)],
    "diagnostico_egreso": [{"codigo": "J80", "nombre": "SDRA en recuperación"}],
    "indicaciones_alta": {},
}


def _sections(record: dict[str, Any]) -> list[str]:
    return [preferred(node) for _, node in plan.build(build(read(record)))]


@pytest.mark.parametrize("record", [TRAUMA, INTENSIVE], ids=["trauma", "intensive"])
def test_every_text_of_the_tree_is_whole_and_invents_nothing(record: dict[str, Any]) -> None:
    rng = random.Random(3)
    tree = plan.build(build(read(record)))
    for _ in range(6):
        text = "".join(sample(node, lambda options, _style: rng.randrange(len(options))) for _, node in tree)
        found = count(record, text)
        assert found.covered, found
        assert found.invented == 0, found
        assert not any(fault in text for fault in ("  ", " ,", " :", "( ", ",,", "..", " ;"))


def test_a_name_or_a_reason_never_ends_the_sentence_that_holds_it() -> None:
    admission, stay, *_ = _sections(TRAUMA)
    assert admission == (
        "Paciente de sexo masculino de 42 años ingresa. Motivo de ingreso: politraumatizado; accidente en moto. "
        "Diagnósticos de ingreso: fx expuesta tibia izq Gustilo IIIA (S82.2) y fx diáfisis fémur der (S72.3)."
    )
    assert "OTS radio distal der con placa (79.66)" in stay


def test_an_abbreviated_negation_is_never_parted() -> None:
    assert "heridas op limpias, sin sg de infección" in _sections(TRAUMA)[2]


def test_an_item_with_a_comma_is_closed_by_a_comma_before_the_conjunction() -> None:
    assert " al día, y sulfato de magnesio 4 g vía endovenosa carga, luego 1 g/h" in _sections(TRAUMA)[1]


def test_indications_are_written_out() -> None:
    text = _sections(TRAUMA)[4]
    assert "AAS 100 mg: 1 comp/día por 8 semanas" in text
    assert "poli Trauma 15 días con radiografía" in text
    assert "no conducir; no OH." in text


def test_a_long_course_keeps_cultures_complications_and_outcome_of_every_day() -> None:
    course = _sections(INTENSIVE)[2]
    assert len(course.split()) <= 150
    assert all(f"Día {day}: " in course for day in range(1, 13))
    for kept in (
        "hemocultivos negativos a las 48 horas",
        "Cultivo ST: S. aureus MS",
        "hemocultivos positivos a cocáceas Gram (+)",
        "TQT percutánea sin incidentes",
        "Delirium (+): quetiapina",
        "NTX der",
        "hemocultivos control negativos",
        "decanulado",
        "alta de UCI a MQ",
    ):
        assert kept.lower() in course.lower()


PLANNED: dict[str, Any] = {
    "atencion": {"fecha_ingreso": "2026-01-02", "fecha_alta": "2026-01-05"},
    "motivo_ingreso": "Ingreso electivo para cirugía",
    "diagnostico_ingreso": [{"codigo": "K80.2", "nombre": "Colelitiasis", "fecha": "2026-01-02"}],
    "procedimientos": [
        {"codigo": "51.23", "nombre": "Colecistectomía", "fecha": "2026-01-03"},
        {"codigo": "88.76", "nombre": "Ecotomografía abdominal", "fecha": "2026-01-02"},
    ],
    "evolucion": [{"fecha": "2026-01-05", "nota": "Afebril, se decide alta con control ambulatorio"}],
    "diagnostico_egreso": [{"codigo": "K80.2", "nombre": "Colelitiasis operada"}],
    "indicaciones_alta": {
        "medicamentos": [],
        "controles": ["Control con médico tratante en 5 semanas", "Cirugía en 10 días"],
        "cuidados": ["Consultar ante fiebre", "Consultar ante ictericia", "Consultar ante orinas oscuras"],
    },
}


@pytest.mark.parametrize("seed", range(8))
def test_order_and_conjunctions_are_the_same_in_every_text(seed: int) -> None:
    rng = random.Random(seed)
    evidence = build(read(PLANNED))
    tree = plan.build(evidence)
    text = "".join(sample(node, lambda options, _style: rng.randrange(len(options))) for _, node in tree)
    assert text.startswith("Paciente con ingreso electivo para cirugía, que se hospitaliza el ")
    assert "con fecha" not in text
    assert text.index("Ecotomografía" if "Ecotomografía" in text else "ecotomografía") < text.index("olecistectomía")
    assert " Seguimiento: cirugía en 10 días y control con médico tratante en 5 semanas." in text
    assert " u orinas oscuras." in text or "orinas oscuras o " in text or "orinas oscuras, " in text


def test_a_leaving_that_the_course_tells_is_not_told_again() -> None:
    record = {key: value for key, value in PLANNED.items() if key != "atencion"}
    text = "".join(preferred(node) for _, node in plan.build(build(read(record))))
    assert "se decide alta con control ambulatorio. Diagnóstico de egreso: colelitiasis operada (K80.2)." in text
