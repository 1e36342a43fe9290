"""`epicrisis models` as hospital IT uses it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine import qualification
from engine.cli import main
from engine.inference import models, runtimes
from engine.paths import resource, user_models
from tests.helpers.model_files import Gguf
from tests.helpers.tiny import FOLDER, folder_of

ANGINA = str(resource("samples/angina.json"))


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """An acceptance set of three of its records."""
    cases = qualification.acceptance_set()[:3]
    monkeypatch.setattr(qualification, "acceptance_set", lambda: cases)


def test_a_model_is_added_listed_qualified_and_used(random_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "add", str(random_model)]) == 0
    told = capsys.readouterr()
    assert "Agregado: random" in told.out
    assert "models qualify random" in told.out
    assert "Copiando: 100 %" in told.err
    assert main(["models", "list"]) == 0
    *bundled, added = capsys.readouterr().out.splitlines()
    assert ["apto según su ficha" in line for line in bundled] == [True, True]
    assert added.endswith("sin calificar")
    assert main(["draft", ANGINA, "--model", "random", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["model"]["id"] == "random"
    assert "no está calificado como apto" in told.err
    assert main(["models", "qualify", "random"]) == 0
    told = capsys.readouterr()
    assert told.out.rstrip().endswith("APTO para este computador.")
    assert "Calificando" in told.err
    assert "3/3" in told.err
    assert main(["draft", ANGINA, "--model", "random", "--json"]) == 0
    assert "apto" not in capsys.readouterr().err


def test_the_table_says_what_was_missed(
    random_model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = qualification.thresholds()
    strict = {**limits, "coverage": qualification.replace(limits["coverage"], least=1.1)}
    monkeypatch.setattr(qualification, "thresholds", lambda: strict)
    main(["models", "add", str(random_model)])
    capsys.readouterr()
    assert main(["models", "qualify", "random"]) == 4
    table = capsys.readouterr().out
    assert "NO APTO para este computador." in table
    assert next(line for line in table.splitlines() if line.endswith("no cumple")).startswith("Cobertura")
    assert limits["coverage"].reason in table
    assert main(["models", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("no apto")


def test_results_are_told_to_scripts(random_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "add", str(random_model), "--json"]) == 0
    added = json.loads(capsys.readouterr().out)
    assert (added["id"], added["chatTemplate"], added["already"]) == ("random", "chatml", False)
    assert main(["models", "qualify", "random", "--json"]) == 0
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["suitable"] is True
    assert set(verdict["computer"]) == {"cpu", "threads", "memoryGB"}
    assert main(["models", "verify", "--json"]) == 0
    *_, listed = json.loads(capsys.readouterr().out)
    assert (listed["state"], listed["offered"], listed["qualification"]["failed"]) == ("suitable", True, [])


def test_an_altered_model_fails_the_verification(random_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["models", "add", str(random_model)])
    file = user_models() / "random.gguf"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    capsys.readouterr()
    assert main(["models", "verify"]) == 5
    assert "fue alterado" in capsys.readouterr().out
    runtimes.unload()  # what is in memory are the bytes that were verified
    assert main(["draft", ANGINA, "--model", "random", "--json"]) == 0  # the template writes it
    assert "fue alterado" in capsys.readouterr().err


def test_the_bundled_weights_draft_with_either_runtime(capsys: pytest.CaptureFixture[str]) -> None:
    told = []
    for backend in ("llama", "onnx"):
        assert main(["draft", ANGINA, "--backend", backend, "--json"]) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        told.append(json.loads(printed.out))
    assert [(t["model"]["backend"], t["fallbackMode"]) for t in told] == [("llama", False), ("onnx", False)]


def test_an_onnx_folder_is_added_qualified_and_chosen_by_its_runtime(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    only = models.catalog()[:1]
    monkeypatch.setattr(models, "catalog", lambda: only)
    assert main(["draft", ANGINA, "--backend", "onnx", "--json"]) == 5
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "model_none_of_backend"
    assert main(["models", "add", str(FOLDER)]) == 0
    assert "models qualify tiny-onnx" in capsys.readouterr().out
    assert main(["models", "qualify", "tiny-onnx"]) == 0
    assert main(["models", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith(" apto")
    assert main(["draft", ANGINA, "--backend", "onnx", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["model"]["id"] == "tiny-onnx"
    assert json.loads(told.out)["model"]["backend"] == "onnx"
    assert told.err == ""
    assert main(["draft", ANGINA, "--backend", "llama", "--model", "tiny-onnx", "--json"]) == 5
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "model_other_backend"


def test_a_folder_by_hand_is_used_with_a_warning(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = folder_of("model_q4f16", tmp_path / "Ñandú (prueba)")
    assert main(["draft", ANGINA, "--model", str(folder), "--json"]) == 0
    told = capsys.readouterr()
    first = json.loads(told.out)["model"]
    assert (first["id"], first["backend"]) == ("Ñandú (prueba)", "onnx")
    assert "«Ñandú (prueba)» no está calificado" in told.err
    (folder / "config.json").write_text((folder / "config.json").read_text() + " ")
    assert main(["draft", ANGINA, "--model", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"]["sha256"] != first["sha256"]
    (folder / "tokenizer.json").unlink()
    assert main(["draft", ANGINA, "--model", str(folder), "--json"]) == 0  # the template writes it
    told = capsys.readouterr()
    assert json.loads(told.out)["fallbackMode"] is True
    assert "«tokenizer.json» de la carpeta ONNX falta" in told.err


def test_a_damaged_file_is_refused_with_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "roto.gguf"
    file.write_bytes(Gguf().bytes()[:-1])
    assert main(["models", "add", str(file), "--json"]) == 5
    told = capsys.readouterr()
    assert json.loads(told.out)["error"]["code"] == "model_truncated"
    assert "cópielo de nuevo" in told.err
    assert not list(user_models().glob("*")) if user_models().exists() else True


def test_a_file_by_hand_is_used_with_a_warning(random_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draft", ANGINA, "--model", str(random_model), "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["fallbackMode"] is False
    assert "«random.gguf» no está calificado" in told.err


@pytest.mark.parametrize("words", [["add"], ["qualify"], ["remove", "x"], ["add", "a", "b"]])
def test_usage_errors(words: list[str]) -> None:
    assert main(["models", *words]) == 2


@pytest.mark.parametrize(("words", "seen"), [(["add", "FILE"], b"Copiando"), (["qualify", "epicrisis-mini"], b"1/30")])
@pytest.mark.skipif(os.name != "posix", reason="SIGINT to one process alone is of POSIX")
def test_ctrl_c_ends_it_at_once_and_keeps_nothing(words: list[str], seen: bytes, tmp_path: Path) -> None:
    large = tmp_path / "grande.gguf"
    with large.open("wb") as stream:
        stream.write(Gguf().bytes())
        stream.truncate(2 << 30)  # sparse: long to copy, quick to make
    command = [
        Path(sys.executable).with_name("epicrisis"),
        "models",
        *(str(large) if w == "FILE" else w for w in words),
    ]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert program.stderr
    told = b""
    while seen not in told:
        told += program.stderr.read(1) or pytest.fail(f"it ended by itself: {told.decode()}")
    program.send_signal(signal.SIGINT)
    _, rest = program.communicate(timeout=20)
    assert program.returncode == 130
    assert b"Traceback" not in rest
    assert not user_models().exists() or list(user_models().iterdir()) == []
