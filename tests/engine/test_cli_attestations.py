"""Attestations on the command line: a file, the lines of `--jsonl`, and what is wrong with them."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from engine.cli import main

ROOT = Path(__file__).resolve().parents[2]
CASE = ROOT / "resources" / "samples" / "angina.json"
GOOD = {"phrase": "fiebre", "author": " Dra.  Paz Soto", "at": "2024-01-18T10:30:00-03:00"}
CLEAN = {"phrase": "fiebre", "author": "Dra. Paz Soto", "at": "2024-01-18T10:30:00-03:00"}


@pytest.fixture
def text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A drafted text with a fever that the record lacks."""
    main(["draft", str(CASE), "--backend", "template", "--json"])
    drafted = str(json.loads(capsys.readouterr().out)["text"])
    file = tmp_path / "texto.txt"
    file.write_text(drafted.replace("Egresa con", "Presentó fiebre. Egresa con"), "utf-8")
    return file


def _check(text: Path, attestations: object, tmp_path: Path) -> int:
    file = tmp_path / "atestaciones.json"
    file.write_text(attestations if isinstance(attestations, str) else json.dumps(attestations), encoding="utf-8")
    return main(["check", str(CASE), str(text), "--attestations", str(file), "--json"])


def test_an_attested_phrase_passes_and_is_told(text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(CASE), str(text), "--json"]) == 4
    (found,) = json.loads(capsys.readouterr().out)["validation"]["violations"]
    assert found["attestable"] is True
    assert _check(text, [GOOD], tmp_path) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["validation"] == {"ok": True, "violations": []}
    assert report["attested"] == [{"start": found["start"], "end": found["end"], **CLEAN}]
    (span,) = [s for s in report["spans"] if s["kind"] == "attested"]
    assert span == {
        "start": found["start"],
        "end": found["end"],
        "evidence": [],
        "kind": "attested",
        "attestation": CLEAN,
    }
    assert all("attestation" not in s for s in report["spans"] if s["kind"] != "attested")
    assert report["notAttested"] == []


def test_a_drug_is_not_attested_and_the_reason_is_told(
    text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text.write_text(text.read_text("utf-8").replace("Presentó fiebre", "Se agregó tramadol 50 mg"), "utf-8")
    phrase = {**CLEAN, "phrase": "Se agregó tramadol 50 mg"}
    assert _check(text, [phrase], tmp_path) == 4
    report = json.loads(capsys.readouterr().out)
    assert "med" in {v["type"] for v in report["validation"]["violations"] if not v["attestable"]}
    (refused,) = report["notAttested"]
    assert {k: refused[k] for k in phrase} == phrase
    assert "se corrigen en la ficha" in refused["reason"]


def test_a_person_reads_both(text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "atestaciones.json"
    file.write_text(json.dumps([CLEAN, {**CLEAN, "phrase": "melena"}]), encoding="utf-8")
    assert main(["check", str(CASE), str(text), "--attestations", str(file)]) == 0
    told = capsys.readouterr().out
    assert "[agregado por el médico] «fiebre» — Dra. Paz Soto, 2024-01-18T10:30:00-03:00" in told
    assert "[atestación sin efecto] «melena»: La frase ya no está en el texto." in told


def test_each_line_brings_its_own(
    text: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = json.loads(CASE.read_text(encoding="utf-8"))
    pair = {"case": case, "text": text.read_text(encoding="utf-8")}
    lines = [pair, {**pair, "attestations": [CLEAN]}, {**pair, "attestations": [{}]}, {**pair, "attestations": None}]
    stdin = io.TextIOWrapper(io.BytesIO("\n".join(map(json.dumps, lines)).encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert main(["check", "--jsonl"]) == 4
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [r["validation"]["ok"] for r in results[:2]] == [False, True]
    assert [r["error"]["code"] for r in results[2:]] == ["attestation_fields", "attestations_unreadable"]
    assert results[2]["error"]["pointer"] == "/0"


@pytest.mark.parametrize(
    ("attestations", "code", "pointer"),
    [
        ("no es json", "attestations_unreadable", ""),
        ("[" * 100_000, "attestations_unreadable", ""),
        ("{}", "attestations_unreadable", ""),
        ([CLEAN] * 501, "attestations_unreadable", ""),
        ('[{"phrase": "a", "phrase": "b", "author": "c", "at": "d"}]', "attestations_unreadable", ""),
        ([CLEAN, "fiebre"], "attestation_fields", "/1"),
        ([{"phrase": "fiebre", "author": "Dra. Soto"}], "attestation_fields", "/0"),
        ([{**CLEAN, "role": "médico"}], "attestation_fields", "/0"),
        ([{**CLEAN, "phrase": ""}], "attestation_phrase", "/0/phrase"),
        ([{**CLEAN, "phrase": "  "}], "attestation_phrase", "/0/phrase"),
        ([{**CLEAN, "phrase": 3}], "attestation_phrase", "/0/phrase"),
        ([{**CLEAN, "phrase": "fie\nbre"}], "attestation_phrase", "/0/phrase"),
        ([{**CLEAN, "phrase": "\ud800"}], "attestation_phrase", "/0/phrase"),
        ([{**CLEAN, "author": ""}], "attestation_author", "/0/author"),
        ([{**CLEAN, "author": "x" * 81}], "attestation_author", "/0/author"),
        ([{**CLEAN, "author": None}], "attestation_author", "/0/author"),
        ([CLEAN, {**CLEAN, "at": "ayer"}], "attestation_at", "/1/at"),
        ([{**CLEAN, "at": "2024-01-18T10:30:00"}], "attestation_at", "/0/at"),
        ([{**CLEAN, "at": 1705584600}], "attestation_at", "/0/at"),
    ],
)
def test_what_is_wrong_is_named(
    text: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    attestations: object,
    code: str,
    pointer: str,
) -> None:
    assert _check(text, attestations, tmp_path) == 3
    captured = capsys.readouterr()
    error = json.loads(captured.out)["error"]
    assert (error["code"], error["pointer"]) == (code, pointer)
    assert "{" not in captured.err.splitlines()[0]
    assert len(captured.err.strip().splitlines()) == 2


def test_a_missing_file_and_lines_with_a_file(text: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(CASE), str(text), "--attestations", str(text.parent / "no.json")]) == 3
    assert "no.json" in capsys.readouterr().err
    assert main(["check", "--jsonl", "--attestations", str(text)]) == 2
