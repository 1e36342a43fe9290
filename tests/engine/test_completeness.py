"""The completeness gate of Ley 20.584 art. 11 over the record: each thing that the law asks."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from engine import services
from engine.domain import REQUIREMENTS
from engine.paths import resource
from tests.helpers.completeness import DAYS, HEADING, changed, deceased, gate, missing, one, plan, template, without
from tests.helpers.records import SAMPLES


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("days", set()),
        ("angina", HEADING),
        ("string_fields", {*HEADING, "discharge_medications"}),
        ("latin1", {*HEADING, "results", "treatments", "discharge_medications", "follow_up"}),
        (
            "sparse",
            {*HEADING, "admission_diagnoses", "results", "treatments", "discharge_medications", "follow_up"},
        ),
    ],
)
def test_every_sample(name: str, expected: set[str]) -> None:
    case = services.read(resource(f"samples/{name}.json"))
    found = services.completeness(case, template(case))
    assert missing(found) == expected
    assert found.ok == (not expected)
    assert tuple(r.id for r in found.requirements) == REQUIREMENTS


@pytest.mark.parametrize(
    ("path", "expected", "pointer", "reason"),
    [
        ("paciente/nombre", "identification", "/paciente/nombre", "Falta el nombre del paciente."),
        ("paciente/rut", "identification", "/paciente/rut", "Falta el RUT del paciente."),
        ("atencion/medico_tratante", "practitioner", "/atencion/medico_tratante", "Falta el médico tratante."),
        ("atencion/fecha_ingreso", "admission_date", "/atencion/fecha_ingreso", "Falta la fecha de ingreso."),
        ("atencion/fecha_alta", "discharge_date", "/atencion/fecha_alta", "Falta la fecha de egreso."),
        (
            "diagnostico_ingreso",
            "admission_diagnoses",
            "/diagnostico_ingreso",
            "La ficha no registra diagnósticos de ingreso.",
        ),
        (
            "diagnostico_egreso",
            "discharge_diagnoses",
            "/diagnostico_egreso",
            "La ficha no registra diagnósticos de egreso.",
        ),
        (
            "tratamientos_intrahosp",
            "treatments",
            "/tratamientos_intrahosp",
            "La ficha no registra fármacos administrados.",
        ),
        (
            "indicaciones_alta/medicamentos",
            "discharge_medications",
            "/indicaciones_alta/medicamentos",
            "La ficha no registra fármacos al alta.",
        ),
        (
            "indicaciones_alta/controles",
            "follow_up",
            "/indicaciones_alta/controles",
            "La ficha no registra controles ni otro seguimiento.",
        ),
    ],
)
def test_each_field_left_out_is_missed_alone(path: str, expected: str, pointer: str, reason: str) -> None:
    found = gate(without(path))
    assert missing(found) == {expected}
    gap = found.missing[0]
    assert (gap.pointer, gap.reason, gap.declarable) == (pointer, reason, True)


def test_results_are_told_in_the_course_where_they_have_no_list() -> None:
    assert missing(gate(without("laboratorios_resumen"))) == set()
    bare = changed(laboratorios_resumen=None, evolucion_resumen=[{"dia": 1, "texto": "AFEBRIL, TOLERA REGIMEN."}])
    found = gate(bare)
    assert missing(found) == {"results"}
    assert found.missing[0].pointer == "/laboratorios_relevantes"


def test_an_awaited_exam_is_no_result() -> None:
    record = changed(laboratorios_resumen=None, evolucion_resumen=[{"dia": 1, "texto": "TAC DE TORAX PENDIENTE."}])
    assert missing(gate(record)) == {"results"}


def test_a_result_without_its_value() -> None:
    found = gate(changed(laboratorios_resumen=None, laboratorios_relevantes=[{"parametro": "Troponina"}]))
    gap = one(found, "results")
    assert (gap.state, gap.reason) == ("missing", "Falta el resultado de «troponina».")
    assert gap.pointer == "/laboratorios_relevantes/0/valor"
    plain = gate(changed(laboratorios_resumen=None, laboratorios_relevantes=["Hemocultivos negativos"]))
    assert one(plain, "results").state == "met"


@pytest.mark.parametrize("filler", ["No consignado", "sin dato", "-", "s/i", " ", "N.N.", "Pendiente"])
def test_a_field_filled_with_nothing_says_nothing(filler: str) -> None:
    record = copy.deepcopy(DAYS)
    record["paciente"]["rut"] = filler
    record["atencion"]["medico_tratante"] = filler
    assert missing(gate(record)) == {"identification", "practitioner"}


def test_identification_in_the_wrapped_shape_belongs_beside_the_name() -> None:
    clinical = json.loads((SAMPLES / "angina.json").read_text(encoding="utf-8"))
    found = gate({"episodeId": "1", "clinicalData": clinical, "patientInfo": {"nombre": "Ana Soto"}})
    assert one(found, "identification").pointer == "/patientInfo/rut"
    assert one(found, "admission_date").pointer == "/clinicalData/atencion/fecha_ingreso"
    assert one(found, "identification").reason == "Falta el RUT del paciente."


@pytest.mark.parametrize("value", ["octubre", "2026-02-31", "2026-10"])
def test_a_date_that_is_none(value: str) -> None:
    record = copy.deepcopy(DAYS)
    record["atencion"]["fecha_ingreso"] = value
    gap = one(gate(record), "admission_date")
    assert (gap.state, gap.pointer) == ("missing", "/atencion/fecha_ingreso")
    assert gap.reason == f"La fecha de ingreso no es una fecha completa: «{value}»."


def test_a_discharge_before_the_admission() -> None:
    record = copy.deepcopy(DAYS)
    record["atencion"]["fecha_alta"] = "2026-09-30"
    found = gate(record)
    assert one(found, "discharge_date").reason == "La fecha de egreso es anterior a la de ingreso."
    assert one(found, "admission_date").state == "met"


def undated(record: dict[str, Any]) -> dict[str, Any]:
    for key in ("diagnostico_ingreso", "diagnostico_egreso"):
        for item in record[key]:
            del item["fecha"]
    return record


def test_a_diagnosis_without_its_date_has_that_of_the_stay() -> None:
    found = one(gate(undated(copy.deepcopy(DAYS))), "diagnosis_dates")
    assert (found.state, found.reason) == ("met", "Sin fecha propia rige la de ingreso o la de egreso.")
    assert found.evidence == ("/atencion/fecha_ingreso", "/atencion/fecha_alta")


def test_a_diagnosis_with_no_date_at_all() -> None:
    record = undated(without("atencion/fecha_alta"))
    found = gate(record)
    assert missing(found) == {"discharge_date", "diagnosis_dates"}
    gap = one(found, "diagnosis_dates")
    assert gap.pointer == "/atencion/fecha_alta"
    assert gap.reason.startswith("Sin fecha propia ni de egreso: «neumonía adquirida en la comunidad, resuelta», «")
    assert "ingreso" not in gap.reason


def test_an_unreadable_date_of_a_diagnosis() -> None:
    record = copy.deepcopy(DAYS)
    record["diagnostico_ingreso"][1]["fecha"] = "hace tiempo"
    gap = one(gate(record), "diagnosis_dates")
    assert gap.reason == "No se entiende la fecha de «insuficiencia renal aguda, no especificada»."
    assert gap.pointer == "/diagnostico_ingreso/1/fecha"


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"codigo": "J18.9", "nombre": ""}, "Solo código, sin nombre: «J18.9»."),
        ({"codigo": "J18.9", "nombre": "J18.9"}, "Solo sigla o código, sin palabras: «J18.9»."),
        ({"codigo": "N17.9", "nombre": "IRA"}, "Solo sigla o código, sin palabras: «IRA»."),
    ],
)
def test_a_diagnosis_without_words(item: dict[str, str], reason: str) -> None:
    gap = one(gate(changed(diagnostico_ingreso=[{**item, "fecha": "2026-10-02"}])), "comprehensible_terms")
    assert (gap.state, gap.reason, gap.pointer) == ("missing", reason, "/diagnostico_ingreso/0/nombre")


@pytest.mark.parametrize("name", ["HTA", "DM2 descompensada", "ASMA", "Tos ferina"])
def test_an_abbreviation_with_one_reading_is_printed_in_words(name: str) -> None:
    found = gate(changed(diagnostico_ingreso=[{"nombre": name, "fecha": "2026-10-02"}]))
    assert one(found, "comprehensible_terms").state == "met"


def drug(name: str, **fields: str) -> dict[str, str]:
    return {"nombre": name, **fields}


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ([drug("Ceftriaxona", via="EV")], "Falta la dosis de «ceftriaxona»."),
        ([drug("Ceftriaxona"), drug("Losartán")], "Falta la dosis de «ceftriaxona» y «losartán»."),
        ([drug("Zumetralol", codigo="J01DD04")], "Falta la dosis de «zumetralol»."),
        ([drug("Zumetralol", via="VO")], "Falta la dosis de «zumetralol»."),
        ([drug("Ceftriaxona", dosis="-")], "Falta la dosis de «ceftriaxona»."),
        ([drug("Ceftriaxona", dosis="500")], "Falta la unidad de la dosis de «ceftriaxona» («500»)."),
        ([drug("", codigo="J01DD04", dosis="1 g")], "Falta el nombre del fármaco de «J01DD04»."),
        ([drug("Sin fármacos")], "La ficha dice «sin fármacos»."),
        ([drug("Reposo"), drug("Dieta")], "La ficha no registra fármacos, solo «reposo» y «dieta»."),
    ],
)
def test_a_drug_without_its_dose(items: list[dict[str, str]], reason: str) -> None:
    for found in (
        one(gate(changed(tratamientos_intrahosp=items)), "treatments"),
        one(gate(changed(indicaciones_alta={"medicamentos": items})), "discharge_medications"),
    ):
        assert (found.state, found.reason, found.declarable) == ("missing", reason, True)


@pytest.mark.parametrize(
    "item",
    [
        drug("Meropenem 1g c/8h"),
        drug("Insulina cristalina según HGT", via="SC"),
        drug("Warfarina", observaciones="según INR"),
        drug("Salbutamol", dosis="2 puff"),
        drug("Suero fisiológico a 80 ml/h"),
        drug("Paracetamol 500 mg", dosis="1"),
    ],
)
def test_a_dose_in_any_place_is_a_dose(item: dict[str, str]) -> None:
    found = gate(changed(tratamientos_intrahosp=[item, drug("Reposo en cama")]))
    assert one(found, "treatments").state == "met"


def test_many_drugs_without_dose_are_counted_past_a_few() -> None:
    items = [drug(f"Fármaco {letter * 3}", via="VO") for letter in "abcdefgh"]
    reason = one(gate(changed(tratamientos_intrahosp=items)), "treatments").reason
    assert reason == "Falta la dosis de " + ", ".join(f"«fármaco {c * 3}»" for c in "abcde") + " y 3 más."


def test_compact_items_have_the_pointer_of_their_text() -> None:
    record = {
        "dx": ["Neumonía (J18.9)"],
        "tto": ["Ceftriaxona EV (J01DD04)"],
        "evo": "Afebril",
        "dx_alta": [],
        "med": [],
    }
    found = gate(record)
    assert one(found, "treatments").pointer == "/tto/0"
    assert one(found, "discharge_diagnoses").pointer == "/dx_alta"
    assert one(found, "discharge_medications").pointer == "/med"


def test_an_empty_list_is_missing_like_an_absent_one() -> None:
    empty = gate(changed(tratamientos_intrahosp=[]))
    assert empty == gate(changed(tratamientos_intrahosp=None))
    assert missing(empty) == {"treatments"}


def test_follow_up_outside_its_list() -> None:
    told = gate(changed(**plan(controles=[], cuidados=["Control en policlínico en 7 días"])))
    assert one(told, "follow_up").state == "met"
    other = gate(changed(**plan(controles=[], cuidados=["Creatinina de control"])))
    assert missing(other) == {"follow_up"}


def test_a_record_that_says_no_follow_up_waits_for_the_physician() -> None:
    found = one(gate(changed(**plan(controles=["No requiere control"]))), "follow_up")
    assert (found.state, found.reason, found.declarable) == ("missing", "La ficha dice «No requiere control».", True)


def test_the_dead_have_neither_drugs_at_discharge_nor_follow_up() -> None:
    found = gate(deceased(medicamentos=[]))
    assert found.ok
    for which in ("discharge_medications", "follow_up"):
        assert one(found, which).reason == "No corresponde: el paciente falleció."
