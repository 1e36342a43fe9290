"""Each hostile value of the corpus has the one outcome that its index names."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from engine import services
from engine.cancellation import CancelToken
from engine.errors import InputRefused
from engine.intake import read_file

CORPUS: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "corpus" / "records.toml").read_text(encoding="utf-8")
)
REFUSED = [name for name, case in CORPUS.items() if "refused" in case]
READ = [name for name, case in CORPUS.items() if "read" in case]
ANGINA = Path(__file__).resolve().parents[2] / "resources" / "samples" / "angina.json"
PATIENT = {"nombre": "Ana Ríos", "rut": "12.345.678-5", "edad": 54, "sexo": "Femenino"}
PLACE = "\ufffc"


def _record(case: dict[str, Any]) -> bytes:
    """The sample with the value in its field, written as the index has it."""
    record: Any = {**json.loads(ANGINA.read_text(encoding="utf-8")), "paciente": dict(PATIENT)}
    inner = record
    *way, last = (int(key) if key.isdigit() else key for key in case["field"].split("/")[1:])
    for key in way:
        inner = inner[key]
    assert last in inner
    inner[last] = PLACE
    value = case["json"].replace("@", case["repeat"] * case["times"]) if "repeat" in case else case["json"]
    return json.dumps(record, ensure_ascii=False).replace(f'"{PLACE}"', value).encode()


def test_every_case_has_one_outcome() -> None:
    assert sorted(REFUSED + READ) == sorted(CORPUS)
    assert len(CORPUS) >= 24


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_at_its_field(name: str) -> None:
    case = CORPUS[name]
    with pytest.raises(InputRefused) as refusal:
        services.read(_record(case))
    assert (refusal.value.code, refusal.value.pointer) == (case["refused"], case.get("pointer", case["field"]))
    assert case.get("says", "") in refusal.value.message()


@pytest.mark.parametrize("name", READ)
def test_it_is_read_and_what_is_doubtful_is_told(name: str) -> None:
    expected = CORPUS[name]
    case = services.read(_record(expected))
    assert [(repair.code, repair.pointer) for repair in case.repairs] == [
        (code, expected["field"]) for code in expected["read"]
    ]
    if "becomes" in expected:
        assert case.patient.name.value == expected["becomes"]
    draft, _ = services.drafted(case, services.DraftOptions(backend="template"), CancelToken())
    assert expected.get("prints", "") in draft.text
    assert [violation.type for violation in draft.report.violations] == expected.get("violations", [])


@pytest.mark.parametrize("keep", [0, 1, 700, -2])
def test_a_truncated_file_is_refused_with_line_and_column(keep: int, tmp_path: Path) -> None:
    path = tmp_path / "ficha.json"
    path.write_bytes(ANGINA.read_bytes().rstrip()[:keep])
    with pytest.raises(InputRefused, match=r"json_truncated|empty_input") as refusal:
        read_file(path)
    assert ("line" in refusal.value.facts) == (keep != 0)


def test_200_megabytes_are_refused_without_being_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ficha.json"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(InputRefused, match="too_large"):
        read_file(path)
