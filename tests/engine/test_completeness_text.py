"""The completeness gate over texts and declarations, and over records of every shape."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from engine import services
from engine.domain import REQUIREMENTS, Attestation, Declaration, Requirement, RequirementId
from tests.helpers.completeness import AT, DAYS, HEADING, deceased, gate, missing, one, template, without
from tests.helpers.records import SAMPLES, read

_FOLDER = Path(__file__).resolve().parents[2] / "packaging" / "model"
sys.path.append(str(_FOLDER))

from records import generate  # the folder is no installed package


def test_the_list_of_procedures_tells_no_result() -> None:
    record = {
        "procedimientos": [{"codigo": "87.41", "nombre": "TAC de tórax", "fecha": "2026-10-02"}],
        "evolucion": [{"fecha": "2026-10-02", "nota": "TAC de tórax con condensación basal derecha. Afebril."}],
    }
    told = "Se realizó TAC de tórax (87.41) el 02-10-2026. {}"
    with_finding = gate(record, told.format("Tomografía computada de tórax con condensación basal derecha."))
    assert "results" not in missing(with_finding)
    without_finding = one(gate(record, told.format("Evoluciona afebril.")), "results")
    assert (without_finding.state, without_finding.declarable) == ("missing", False)
    assert "condensación basal derecha" in without_finding.reason


def test_what_the_text_omits_is_missing_and_cannot_be_declared() -> None:
    text = template(read(DAYS))
    cut = text.replace("linagliptina 5 mg vía oral cada 24 horas en forma permanente (A10BH05)", "")
    assert cut != text
    said = [Declaration("discharge_medications", "Dra. Soto", AT)]
    found = services.completeness(read(DAYS), cut, said)
    assert missing(found) == {"discharge_medications"}
    gap = found.missing[0]
    assert (gap.reason, gap.declarable) == ("El texto no dice «linagliptina».", False)
    assert "/indicaciones_alta/medicamentos/1/nombre" in gap.evidence


@pytest.mark.parametrize(
    ("cut", "expected", "reason"),
    [
        (" 5 mg", "discharge_medications", "El texto no dice la dosis de «amlodipino» (5 mg)."),
        (
            "neumonía, no especificada (J18.9)",
            "admission_diagnoses",
            "El texto no dice «neumonía, no especificada».",
        ),
        ("diabetes mellitus tipo 2 (E11.9)", "discharge_diagnoses", "El texto no dice «Diabetes mellitus tipo 2»."),
        (" 750 mg", "treatments", "El texto no dice la dosis de «levofloxacino» (750 mg)."),
    ],
)
def test_each_thing_cut_from_the_text(cut: str, expected: RequirementId, reason: str) -> None:
    text = template(read(DAYS))
    assert cut in text
    gap = one(gate(DAYS, text.replace(cut, "", 1)), expected)
    assert gap.state == "missing"
    assert gap.reason.lower() == reason.lower()
    assert not gap.declarable


def test_an_empty_text_lacks_all_that_it_must_tell() -> None:
    found = gate(DAYS, "")
    told = {"admission_diagnoses", "discharge_diagnoses", "results", "treatments", "discharge_medications", "follow_up"}
    assert missing(found) == told
    assert not any(r.declarable for r in found.missing)


def test_a_diagnosis_that_a_physician_adds_fills_the_gap() -> None:
    case = read(without("diagnostico_egreso"))
    text = template(case).replace("Diagnóstico de egreso: No consignado.", "Diagnóstico de egreso: bronquitis crónica.")
    assert "bronquitis crónica" in text
    said = [Attestation("bronquitis crónica", "Dra. Soto", AT)]
    report = services.check(case, text, said)
    assert report.ok
    assert report.attested
    filled = one(services.completeness(case, text, report=report), "discharge_diagnoses")
    assert (filled.state, filled.reason) == ("met", "Agregado por el médico en el texto.")
    assert missing(services.completeness(case, text)) == {"discharge_diagnoses"}
    elsewhere = template(case).replace("Evolución:", "Evolución: bronquitis crónica,")
    report = services.check(case, elsewhere, said)
    assert missing(services.completeness(case, elsewhere, report=report)) == {"discharge_diagnoses"}


def test_before_a_text_only_the_record_is_looked_at() -> None:
    assert services.completeness(read(DAYS), None).ok
    assert missing(services.completeness(services.read(SAMPLES / "angina.json"), None)) == HEADING


def test_drugs_at_discharge_of_the_dead_are_a_conflict_until_declared() -> None:
    record = deceased()
    found = gate(record)
    assert missing(found) == {"discharge_medications"}
    gap = found.missing[0]
    assert gap.reason.startswith("El paciente falleció y la ficha indica al alta «amlodipino», «linagliptina» y «")
    assert gap.pointer == "/indicaciones_alta/medicamentos"
    case = read(record)
    said = Declaration("discharge_medications", "Dra. Soto", AT)
    assert services.completeness(case, template(case), [said]).ok


def test_a_declaration_of_each_missing_requirement_opens_the_gate() -> None:
    case = services.read(SAMPLES / "sparse.json")
    text = template(case)
    said = [Declaration(r.id, "Dra. Soto", AT) for r in services.completeness(case, text).missing]
    found = services.completeness(case, text, said)
    assert found.ok
    assert found.declared == tuple(r for r in found.requirements if r.declaration in said)
    assert {r.id for r in found.declared} == {d.requirement for d in said}
    assert missing(services.completeness(case, text, said[1:])) == {said[0].requirement}


def test_a_declaration_of_what_is_there_changes_nothing() -> None:
    said = Declaration("follow_up", "Dra. Soto", AT)
    assert services.completeness(read(DAYS), None, [said]) == services.completeness(read(DAYS), None)


@pytest.mark.parametrize(
    ("requirement", "author", "at"),
    [
        ("firma", "Dra. Soto", AT),
        ("follow_up", " ", AT),
        ("follow_up", "Dra. Soto\n", AT),
        ("follow_up", "Dra. Soto", "2026-10-11T14:05:31"),
        ("follow_up", "Dra. Soto", "ayer"),
    ],
)
def test_a_declaration_has_a_requirement_an_author_and_a_moment(requirement: Any, author: str, at: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Declaration(requirement, author, at)


def fill(record: Any, gap: Requirement) -> object:
    """The record with a plausible value at the place where the first missing datum belongs."""
    values: dict[str, object] = {
        "nombre": "Neumonía", "rut": "11.111.111-1", "medico_tratante": "Dra. Soto", "fecha_ingreso": "2020-01-01",
        "fecha_alta": "2039-01-01", "fecha": "2026-10-02", "dosis": "1 g", "valor": "12 mg/dL",
        "diagnostico_ingreso": ["Neumonía"], "diagnostico_egreso": ["Neumonía"],
        "dx": ["Neumonía"], "dx_alta": ["Neumonía"],
        "tratamientos_intrahosp": ["Ceftriaxona 1 g EV"], "tto": ["Ceftriaxona 1 g EV"], "med": ["Losartán 50 mg VO"],
        "medicamentos": ["Losartán 50 mg VO"], "controles": ["Control en 7 días"],
        "laboratorios_relevantes": [{"parametro": "Creatinina", "valor": "1 mg/dL"}],
    }  # fmt: skip
    *parents, last = gap.pointer.removeprefix("/").split("/")
    place = record
    for part in parents:
        found = place[int(part)] if isinstance(place, list) else place.setdefault(part, {})
        if isinstance(found, str):
            found = json.loads(found) if found else {}
        if found is None or found == []:
            found = {}
        place[int(part) if isinstance(place, list) else part] = found
        place = found
    if isinstance(place, list):
        plain = "Ceftriaxona 1 g EV" if gap.id in ("treatments", "discharge_medications") else "Neumonía"
        place[int(last)] = plain
    else:
        place[last] = values[last]
    return record


@pytest.mark.parametrize("seed", [*range(730000, 730020), -1, -2, -3, -4])
def test_filling_the_place_named_fills_the_gap(seed: int) -> None:
    """Each pointer is a place where intake reads the datum: filled one after another, nothing is missing in the end."""
    names = ("angina", "sparse", "string_fields", "latin1")
    if seed < 0:
        record = json.loads((SAMPLES / f"{names[seed]}.json").read_bytes().decode("utf-8", "replace"))
    else:
        record = generate(seed)
    for _ in range(40):
        found = services.completeness(read(record), None)
        if found.ok:
            break
        record = fill(copy.deepcopy(record), found.missing[0])
        first = found.missing[0]
        after = one(services.completeness(read(record), None), first.id)
        # The same may be missing at another place: «HPB» as diagnosis of admission and of discharge.
        assert (after.state, after.reason, after.pointer) != ("missing", first.reason, first.pointer), (first, after)
    assert services.completeness(read(record), None).ok


@pytest.mark.parametrize("seed", range(731000, 731025))
def test_generated_records_are_told_whole(seed: int) -> None:
    case = read(generate(seed))
    found = services.completeness(case, template(case))
    assert tuple(r.id for r in found.requirements) == REQUIREMENTS
    pointers = {p for r in found.requirements for p in (*r.evidence, r.pointer) if p}
    assert all(p.startswith("/") for p in pointers)
    assert all(r.reason.endswith(".") and r.label for r in found.requirements)
    assert all(bool(r.pointer) == (r.state == "missing") for r in found.requirements)
