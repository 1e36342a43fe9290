"""The completeness gate on paper and on the command line: what is declared is told, what is missing is not approved."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine import services
from engine.cancellation import CancelToken
from engine.cli import main
from engine.documents import layout
from engine.domain import Attestation, Case, Declaration, Draft
from engine.errors import EpicrisisError
from tests.helpers.completeness import AT, DAYS, changed, deceased, plan, without
from tests.helpers.documents import one_line, printed
from tests.helpers.records import SAMPLES, read

MOMENT = "11-10-2026 14:05 (UTC-03:00)"
SECTION = "Datos no consignados (Ley 20.584, art. 11)"


def drafted(case: Case) -> Draft:
    draft, _ = services.drafted(case, services.DraftOptions(backend="template"), CancelToken())
    return draft


def exported(folder: Path, record: object, *said: Declaration, approved: bool) -> str:
    """The words of the document of a template draft."""
    case, path = read(record), folder / "documento.pdf"
    services.export_pdf(case, drafted(case), path, approved=approved, declarations=said)
    return one_line(printed(path))


def refusal(case: Case, draft: Draft, folder: Path, *said: Declaration) -> EpicrisisError:
    path = folder / "documento.pdf"
    with pytest.raises(EpicrisisError) as caught:
        services.export_pdf(case, draft, path, approved=True, declarations=said)
    assert not path.exists()
    return caught.value


def test_a_complete_record_is_approved(tmp_path: Path) -> None:
    words = exported(tmp_path, DAYS, approved=True)
    assert "BORRADOR" not in words
    assert SECTION not in words


def test_an_incomplete_one_is_not_approved_until_it_is_declared(tmp_path: Path) -> None:
    record = without("indicaciones_alta/controles")
    case = read(record)
    error = refusal(case, drafted(case), tmp_path)
    assert (error.code, error.facts) == ("approval_incomplete", {"count": 1})
    assert "Ley 20.584" in error.message()
    assert "No consignado" in error.hint()
    words = exported(tmp_path, record, Declaration("follow_up", "Dra. Paz Ñanco", AT), approved=True)
    assert SECTION in words
    assert f"Seguimiento: No consignado (declarado por Dra. Paz Ñanco, {MOMENT})." in words
    assert "BORRADOR" not in words


def test_a_text_with_blocking_violations_is_not_approved(tmp_path: Path) -> None:
    case = read(DAYS)
    draft = drafted(case)
    wrong = replace(draft, text=draft.text.replace("amlodipino 5 mg", "amlodipino 50 mg"))
    assert wrong.report.ok  # of the text before the change: approval does not rely on it
    error = refusal(case, wrong, tmp_path)
    assert error.code == "approval_blocked"


def test_what_is_vouched_for_does_not_stop_the_approval(tmp_path: Path) -> None:
    case = read(DAYS)
    draft = drafted(case)
    text = draft.text.replace("Evolución:", "Evolución: bronquitis crónica,")
    assert refusal(case, replace(draft, text=text), tmp_path).code == "approval_blocked"
    report = services.check(case, text, [Attestation("bronquitis crónica", "Dra. Soto", AT)])
    path = tmp_path / "documento.pdf"
    services.export_pdf(case, replace(draft, text=text, report=report), path, approved=True)
    assert "Agregado por el médico" in printed(path)


def test_what_the_text_omits_cannot_be_declared_into_approval(tmp_path: Path) -> None:
    case = read(DAYS)
    draft = drafted(case)
    cut = draft.text.replace(
        "Controles: medicina interna en 10 días con creatinina de control y nefrología en 1 mes.", ""
    )
    assert cut != draft.text
    said = Declaration("follow_up", "Dra. Soto", AT)
    assert refusal(case, replace(draft, text=cut), tmp_path, said).code == "approval_blocked"


def test_a_draft_tells_what_is_declared_and_stays_a_draft(tmp_path: Path) -> None:
    words = exported(tmp_path, without("paciente/rut"), Declaration("identification", "Dr. Soto", AT), approved=False)
    assert "BORRADOR" in words
    told = f"Identificación del paciente: No consignado (declarado por Dr. Soto, {MOMENT}). Falta el RUT del paciente."
    assert told in words


def test_a_missing_dose_is_told_beside_the_drugs_that_are_there(tmp_path: Path) -> None:
    record = changed(tratamientos_intrahosp=[{"nombre": "Ceftriaxona", "via": "EV"}])
    words = exported(tmp_path, record, Declaration("treatments", "Dra. Soto", AT), approved=True)
    told = "Fármacos administrados y sus dosis: No consignado (declarado por Dra. Soto, "
    assert f"{told}{MOMENT}). Falta la dosis de «ceftriaxona»." in words


def test_the_conflict_of_the_dead_is_told(tmp_path: Path) -> None:
    record = deceased()
    case = read(record)
    assert refusal(case, drafted(case), tmp_path).code == "approval_incomplete"
    words = exported(tmp_path, record, Declaration("discharge_medications", "Dra. Soto", AT), approved=True)
    assert "El paciente falleció y la ficha indica al alta «amlodipino», " in words


def test_nothing_declared_is_called_a_signature(tmp_path: Path) -> None:
    case = read(without("indicaciones_alta/controles"))
    found = services.completeness(case, None, [Declaration("follow_up", "Dra. Soto", AT)])
    page = layout(case, drafted(case), approved=True, version="1", declared=found.declared)
    assert len(page["declared"]) == 1
    assert "firm" not in " ".join([page["declared_title"], *page["declared"]]).lower()


def diagnoses(record: object) -> list[list[tuple[str, str]]]:
    """The admission diagnoses as the table prints them: text and note of each cell."""
    case = read(record)
    table = layout(case, drafted(case), approved=False, version="1")["tables"][0]
    return [[(cell["text"], cell["note"]) for cell in row] for row in table["rows"]]


@pytest.mark.parametrize(
    ("item", "name", "date"),
    [
        ({"nombre": "Asma", "fecha": "2026-10-03"}, ("Asma", ""), ("03-10-2026", "")),
        ({"nombre": "Asma"}, ("Asma", ""), ("02-10-2026", "fecha de ingreso")),
        ({"nombre": "HTA"}, ("HTA", "hipertensión arterial"), ("02-10-2026", "fecha de ingreso")),
        ({"nombre": "IRA"}, ("IRA", ""), ("02-10-2026", "fecha de ingreso")),
        ({"nombre": "NEUMONIA"}, ("NEUMONIA", ""), ("02-10-2026", "fecha de ingreso")),
    ],
)
def test_a_diagnosis_is_printed_with_words_and_a_date(
    item: dict[str, str], name: tuple[str, str], date: tuple[str, str]
) -> None:
    (row,) = diagnoses(changed(diagnostico_ingreso=[item]))
    assert (row[0], row[2]) == (name, date)


def test_no_date_is_lent_where_the_stay_has_none() -> None:
    record = without("atencion/fecha_ingreso")
    record["diagnostico_ingreso"] = [{"nombre": "Asma"}]
    assert diagnoses(record)[0][2] == ("No consignado", "")
    record["atencion"]["fecha_ingreso"] = "octubre"
    assert diagnoses(record)[0][2] == ("No consignado", "")


def lines(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any, list[str]]:
    """Exit status, parsed output and lines of the error output."""
    status = main(list(words))
    told = capsys.readouterr()
    return status, json.loads(told.out) if "--json" in words else told.out, told.err.splitlines()


def test_draft_and_check_tell_the_gate_in_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    sample = str(SAMPLES / "sparse.json")
    status, result, _ = lines(capsys, "draft", sample, "--backend", "template", "--json")
    gate = result["completeness"]
    assert (status, gate["ok"], len(gate["requirements"])) == (0, False, 12)
    first = gate["requirements"][0]
    assert set(first) == {"id", "state", "reason", "pointer", "evidence"}
    assert (first["id"], first["state"], first["pointer"]) == ("identification", "missing", "/paciente/nombre")
    text = tmp_path / "texto.txt"
    text.write_text(result["text"], encoding="utf-8")
    status, checked, _ = lines(capsys, "check", sample, str(text), "--json")
    assert (status, checked["completeness"]) == (0, gate)


def test_the_gate_is_told_on_the_error_output_and_keeps_the_status(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sample = tmp_path / "ficha.json"
    sample.write_text(json.dumps(without("paciente/rut")), encoding="utf-8")
    status, out, told = lines(capsys, "draft", str(sample), "--backend", "template")
    assert status == 0
    at = told.index("Ley 20.584, art. 11: faltan 1 de 12.")
    assert told[at + 1] == "  [falta] Identificación del paciente: Falta el RUT del paciente. [/paciente/rut]"
    assert "20.584" not in out
    sample.write_text(json.dumps(DAYS), encoding="utf-8")
    text = tmp_path / "texto.txt"
    text.write_text(out.strip(), encoding="utf-8")
    status, out, told = lines(capsys, "check", str(sample), str(text))
    assert (status, told) == (0, ["Ley 20.584, art. 11: completa."])
    assert "20.584" not in out


def test_each_line_of_a_batch_has_the_gate(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    records = [DAYS, changed(**plan(controles=[]))]
    source.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    assert main(["batch", str(source), "--out", str(target), "--backend", "template"]) == 0
    gates = [json.loads(line)["completeness"] for line in target.read_text(encoding="utf-8").splitlines()]
    assert [gate["ok"] for gate in gates] == [True, False]
    assert [r["id"] for r in gates[1]["requirements"] if r["state"] == "missing"] == ["follow_up"]
