"""The command line as hospital scripts use it: output, exit status, errors."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest

from engine.cli import main
from engine.cli.arguments import parser
from tests.helpers.malformed import malformed

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "resources" / "samples"


def _run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "engine.cli.main", *words],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_draft_json_has_the_whole_contract(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pdf = tmp_path / "epicrisis.pdf"
    status = main(["draft", str(SAMPLES / "angina.json"), "--backend", "template", "--json", "--pdf", str(pdf)])
    result = json.loads(capsys.readouterr().out)
    assert status == 0
    assert set(result) == {
        "text",
        "validation",
        "spans",
        "attested",
        "notAttested",
        "completeness",
        "recordWarnings",
        "generatedAt",
        "processingTimeMs",
        "model",
        "fallbackMode",
        "attempts",
        "cached",
        "usage",
    }
    assert result["validation"] == {"ok": True, "violations": []}
    assert result["model"]["backend"] == "template"
    assert all(result["text"][s["start"] : s["end"]].strip() and s["evidence"] for s in result["spans"])
    assert len(pypdf.PdfReader(pdf).pages) >= 1


def test_the_bundled_model_drafts(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["draft", str(SAMPLES / "days.json"), "--json"])
    result = json.loads(capsys.readouterr().out)
    assert status == 0
    assert result["fallbackMode"] is False
    assert result["model"]["backend"] == "llama"
    assert result["usage"]["forcedTokens"] <= 0.9 * result["usage"]["completionTokens"]


def test_check_finds_a_changed_dose(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    main(["draft", str(SAMPLES / "angina.json"), "--backend", "template", "--json"])
    text = json.loads(capsys.readouterr().out)["text"].replace(
        "Recibió ácido acetilsalicílico 100 mg", "Recibió ácido acetilsalicílico 500 mg"
    )
    file = tmp_path / "texto.txt"
    file.write_text(text, encoding="utf-8")
    status = main(["check", str(SAMPLES / "angina.json"), str(file), "--json"])
    report = json.loads(capsys.readouterr().out)
    assert status == 4
    (found,) = [v for v in report["validation"]["violations"] if v["severity"] == "blocking"]
    assert found["type"] == "dose"
    assert text[found["start"] : found["end"]] == "500 mg"
    assert found["evidence"]


def test_check_lines_go_on_after_a_bad_one() -> None:
    case = json.loads((SAMPLES / "angina.json").read_text(encoding="utf-8"))
    lines = [json.dumps({"case": case, "text": "Nada."}), "no es json", json.dumps({"case": {"a": 1}, "text": ""})]
    done = _run("check", "--jsonl", stdin="\n".join(lines))
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 4
    assert results[0]["validation"]["ok"] is False
    assert results[1]["error"]["code"] == "line_unreadable"
    assert "error" in results[2]


def test_batch_keeps_order_and_goes_on(tmp_path: Path) -> None:
    angina = (SAMPLES / "angina.json").read_text(encoding="utf-8")
    compact = json.dumps(
        {"input": {"dx": ["HTA (I10)"], "proc": [], "tto": [], "evo": "", "dx_alta": ["HTA (I10)"], "med": []}}
    )
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join([json.dumps(json.loads(angina)), '{"dx": 3}', compact]), encoding="utf-8")
    done = _run("batch", str(source), "--out", str(target), "--backend", "template", "--pdf", str(tmp_path / "pdf"))
    results = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert done.returncode == 3
    assert ["text" in r for r in results] == [True, False, True]
    assert len(list((tmp_path / "pdf").glob("*.pdf"))) == 2


def test_batch_of_a_folder(tmp_path: Path) -> None:
    done = _run("batch", str(SAMPLES), "--out", str(tmp_path / "out"), "--backend", "template")
    assert done.returncode == 0
    assert {p.stem for p in (tmp_path / "out").glob("*.json")} == {p.stem for p in SAMPLES.glob("*.json")}


@pytest.mark.parametrize("name", sorted(n for n, (data, _) in malformed().items() if len(data) < 2_000_000))
def test_malformed_input_has_its_message_and_status(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, code = malformed()[name]
    file = tmp_path / "ficha.json"
    file.write_bytes(data)
    assert main(["draft", str(file), "--backend", "template", "--json"]) == 3
    captured = capsys.readouterr()
    assert json.loads(captured.out)["error"]["code"] == code
    assert captured.err.startswith("epicrisis: ")
    assert len(captured.err.strip().splitlines()) == 2


@pytest.mark.parametrize(
    "words",
    [
        ["draft"],
        ["nada"],
        [],
        ["draft", "x", "--seed", "a"],
        ["draft", "x", "--seed", "-1"],
        ["draft", "x", "--temperature", "nan"],
        ["draft", "x", "--temperature", "-0.5"],
        ["draft", "x", "--temperature", "1e-320"],
        ["check", "solo.json"],
    ],
)
def test_usage_errors(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "epicrisis" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["--lang", "en", "draft", "no-such.json"],
        ["draft", "--lang=en", "no-such.json"],
        ["draft", "no-such.json", "--lang", "en"],
    ],
)
def test_errors_in_english(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 3
    assert "was not found" in capsys.readouterr().err


def test_an_unknown_model_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draft", str(SAMPLES / "angina.json"), "--model", "gpt"]) == 5
    assert "catálogo" in capsys.readouterr().err


def test_a_damaged_model_gives_way_to_the_template(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tmp_path / "roto.gguf"
    model.write_bytes(b"GGUF" + bytes(100))
    assert main(["draft", str(SAMPLES / "angina.json"), "--model", str(model), "--json"]) == 0
    captured = capsys.readouterr()
    result = json.loads(captured.out)
    assert result["fallbackMode"] is True
    assert result["model"]["backend"] == "template"
    assert "«roto.gguf» no se puede leer" in captured.err


def test_models_and_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "verify", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed[0]["ok"] is True
    assert main(["doctor", "--json"]) == 0
    health = json.loads(capsys.readouterr().out)
    assert {"status", "ready", "modelPath", "fallbackMode", "backend", "tokensPerSecond"} <= set(health)
    assert health["status"] == "ok"


def _actions(command: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    return next((dict(a.choices) for a in command._actions if a.dest == "action" and isinstance(a.choices, dict)), {})


def test_the_document_names_every_command_and_option() -> None:
    document = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    commands = next(a for a in parser()._actions if a.dest == "command").choices
    assert isinstance(commands, dict)
    nested = {f"{name} {action}": parsed for name in commands for action, parsed in _actions(commands[name]).items()}
    assert {"models add", "audit verify"} <= set(nested)
    assert all(f"epicrisis {name}" in document for name in (*commands, *nested))
    every = [parser(), *commands.values(), *nested.values()]
    options = {o for c in every for a in c._actions for o in a.option_strings if o.startswith("--")}
    documented = set(re.findall(r"`(--[a-z-]+)", document))
    assert documented == options - {"--help"}
