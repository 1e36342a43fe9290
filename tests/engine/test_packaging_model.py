"""The synthetic records that the bundled model is trained on (the training itself needs torch and is not run here)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from engine.intake import read_case

_FOLDER = Path(__file__).resolve().parents[2] / "packaging" / "model"
sys.path.append(str(_FOLDER))

from records import generate, invention, tables, wording  # the folder is no installed package

_SHAPES = {
    "clinical": lambda r: isinstance(r.get("diagnostico_ingreso"), list) and "evolucion" in r,
    "wrapped": lambda r: "clinicalData" in r,
    "ward": lambda r: "evolucion_resumen" in r,
    "compact": lambda r: "dx_alta" in r,
    "string lists": lambda r: isinstance(r.get("diagnostico_ingreso"), str),
}


@pytest.fixture(scope="module")
def records() -> list[dict[str, object]]:
    return [generate(seed) for seed in range(2000)]


def _bytes(record: dict[str, object]) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode()


def test_every_seed_gives_another_record(records: list[dict[str, object]]) -> None:
    assert len({_bytes(r) for r in records}) == 2000


def test_the_same_seed_gives_the_same_record_in_another_process(records: list[dict[str, object]]) -> None:
    command = [sys.executable, str(_FOLDER / "records"), "--count", "5", "--seed", "40"]
    written = subprocess.run(command, check=True, capture_output=True, env={"PYTHONHASHSEED": "7"}).stdout
    assert [json.loads(line) for line in written.splitlines()] == records[40:45]


@pytest.mark.parametrize("shape", _SHAPES)
def test_each_shape_of_the_intake_is_written(records: list[dict[str, object]], shape: str) -> None:
    assert sum(_SHAPES[shape](r) for r in records) > 100


def test_the_intake_refuses_none(records: list[dict[str, object]]) -> None:
    cases = [read_case(_bytes(r)) for r in [*records[:300], *(generate(s, drill=True) for s in range(100))]]
    assert {c.shape for c in cases} == {"clinical", "ward", "compact"}
    assert sum(bool(c.treatments) for c in cases) > 200


def test_a_typing_error_is_one_key_of_a_long_word() -> None:
    text = "Evoluciona favorablemente, sin dolor torácico, TAC sin lesiones"
    written = {wording.slipped(text, Random(seed), 0.3) for seed in range(200)}
    assert text in written
    assert len(written) > 100
    for words in (w.split() for w in written):
        assert (words[0], words[2:4], words[5:7]) == ("Evoluciona", ["sin", "dolor"], ["TAC", "sin"])
        assert abs(len(words[1]) - len("favorablemente,")) <= 1
        assert words[1].startswith("f")
    assert wording.slipped(text, Random(0), 0.0) == text


def test_the_codes_have_a_valid_shape(records: list[dict[str, object]]) -> None:
    for record in records[:300]:
        case = read_case(_bytes(record))
        for item in (*case.admission, *case.discharge):
            assert item.code is None or re.fullmatch(r"[A-Z]\d{2}(\.\d)?", item.code.value)
        for drug in (*case.treatments, *case.plan.medications):
            assert drug.code is None or re.fullmatch(r"[A-Z]\d{2}[A-Z]{2}\d{2}", drug.code.value)


def test_the_tables_codes_have_a_valid_shape() -> None:
    assert all(re.fullmatch(r"[A-Z]\d{2}[A-Z]{2}\d{2}", d.code) for d in tables.drugs().values())
    rows = [wording.columns(row) for s in tables.scenarios() for key in ("diagnoses", "associated") for row in s[key]]
    assert all(re.fullmatch(r"[A-Z]\d{2}(\.\d)?", code) for row in rows for code in row[1::2])


def test_scenarios_name_only_drugs_and_labs_of_the_tables() -> None:
    for scenario in tables.scenarios():
        assert {*scenario["treatments"], *scenario["prescriptions"]} <= set(tables.drugs())
        assert {spec.partition(":")[0] for spec in scenario["labs"]} <= set(tables.labs())


def test_no_unknown_word_is_a_word_of_the_tables() -> None:
    rng = Random(3)  # the generator's own source, not a secret
    words = [w for _ in range(3000) for w in (invention.word(rng), invention.unknown(rng), invention.condition(rng))]
    parts = {w for phrase in words for w in re.findall(r"[a-z]+", tables.fold(phrase))} - {"de"}
    assert len(parts) > 5000
    assert not parts & tables.vocabulary()


def test_no_placeholder_is_left_in_a_record(records: list[dict[str, object]]) -> None:
    # In JSON a brace opens an object, which begins with a quote or is empty; any other is of a table's text.
    pattern = re.compile(r"\{(?![\"\\}])|lado_")
    assert not [r for r in records if pattern.search(json.dumps(r, ensure_ascii=False))]


def test_an_allergic_patient_is_not_given_the_drug(records: list[dict[str, object]]) -> None:
    allergic = 0
    for record in records[:600]:
        case = read_case(_bytes(record))
        if any(a.value.lower().startswith("penicilina") for a in case.history.allergies):
            allergic += 1
            given = (*case.treatments, *case.plan.medications)
            assert not any(d.name and d.name.value.lower().startswith(("amoxicilina", "ampicilina")) for d in given)
    assert allergic > 5
