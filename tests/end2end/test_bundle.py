"""The frozen program as a hospital gets it: `make bundle-test`. The rest of the tests neither builds nor starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyInstaller.archive.readers import CArchiveReader
from pypdf import PdfReader

from engine import paths
from engine.domain.people import Role
from engine.inference import launch
from engine.store.place import Place
from tests.end2end.conftest import Run
from tests.helpers.processes import close_window, of_folder
from tests.helpers.store import PASSPHRASE, PEOPLE, fill_place
from tests.helpers.tiny import FOLDER
from tests.helpers.waiting import within

ROOT = Path(__file__).resolve().parents[2]
ANGINA = ROOT / "resources" / "samples" / "angina.json"
sys.path.insert(0, str(ROOT / "packaging" / "pyinstaller"))

from contents import LEFT_OUT, forbidden


def test_the_terminal_drafts_with_the_bundled_model(run: Run, tmp_path: Path) -> None:
    done = run("draft", ANGINA, "--json", "--pdf", "epicrisis ñ.pdf")
    assert (done.returncode, done.stderr) == (0, "")
    draft = json.loads(done.stdout)
    assert draft["validation"]["ok"]
    assert draft["model"]["backend"] == "llama"
    assert not draft["fallbackMode"]
    printed = " ".join(PdfReader(tmp_path / "epicrisis ñ.pdf").pages[0].extract_text().split())
    assert "angina inestable (I20.0)" in printed


def test_the_doctor_finds_nothing(run: Run) -> None:
    told = json.loads(run("doctor", "--json").stdout)
    assert [check for check in told["checks"] if not check["ok"]] == []
    assert (told["status"], told["ready"], told["backend"]) == ("ok", True, "llama")
    assert told["version"] == tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def test_a_folder_of_onnx_is_loaded(run: Run) -> None:
    done = run("draft", ANGINA, "--backend", "onnx", "--model", FOLDER, "--json")
    assert done.returncode == 0
    draft = json.loads(done.stdout)
    assert (draft["model"]["backend"], draft["fallbackMode"]) == ("onnx", False)


def test_the_encrypted_history_opens(run: Run) -> None:
    fill_place(Place(paths.user_store(), paths.user_heads()))
    words = ("audit", "verify", "--user", PEOPLE[Role.AUDITOR].login, "--passphrase-fd", "0", "--json")
    done = run(*words, typed=f"{PASSPHRASE}\n")
    assert (done.returncode, json.loads(done.stdout)["ok"]) == (0, True)


@pytest.fixture
def batch(bundle: Path, surroundings: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The program with many records to draft, and its model's process."""
    record = json.loads(ANGINA.read_text(encoding="utf-8"))
    lines = (json.dumps({**record, "paciente": {**record.get("paciente", {}), "edad": 40 + n}}) for n in range(10))
    (tmp_path / "fichas.jsonl").write_text("\n".join(lines), encoding="utf-8")
    words = [bundle / "epicrisis", "batch", "fichas.jsonl", "--out", "textos.jsonl"]
    with subprocess.Popen(words, cwd=tmp_path, env=surroundings) as program:
        assert within(60.0, lambda: bool(_models(bundle)))
        yield program
        program.kill()


def _models(bundle: Path) -> list[int]:
    return [number for number, words in of_folder(bundle).items() if words[1:] == [launch.ARGUMENT]]


def test_a_killed_model_is_replaced_and_every_draft_comes(
    batch: subprocess.Popen[bytes], bundle: Path, tmp_path: Path
) -> None:
    written = tmp_path / "textos.jsonl"
    assert within(60.0, lambda: written.exists() and written.stat().st_size > 0)
    (first,) = _models(bundle)
    os.kill(first, signal.SIGKILL)
    assert within(60.0, lambda: bool(_models(bundle)) and first not in _models(bundle))
    assert batch.wait(300) == 0
    drafts = [json.loads(line) for line in written.read_text(encoding="utf-8").splitlines()]
    assert len(drafts) == 10
    assert {(draft["model"]["backend"], draft["fallbackMode"]) for draft in drafts} == {("llama", False)}


def test_the_model_ends_with_its_program(batch: subprocess.Popen[bytes], bundle: Path) -> None:
    batch.kill()
    batch.wait()
    assert within(10.0, lambda: not _models(bundle))


@pytest.fixture
def display() -> Iterator[str]:
    """An X server of the test's own."""
    ready, told = os.pipe()
    words = ["Xvfb", "-displayfd", str(told), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    with subprocess.Popen(words, pass_fds=(told,), stderr=subprocess.DEVNULL) as server:
        os.close(told)
        with os.fdopen(ready) as line:
            yield f":{int(line.readline())}"
        server.terminate()


def test_the_window_opens_a_record_and_is_closed(
    bundle: Path, surroundings: dict[str, str], display: str, tmp_path: Path
) -> None:
    seen = {**surroundings, "DISPLAY": display}
    program = subprocess.Popen([bundle / "epicrisis-desktop", ANGINA], cwd=tmp_path, env=seen, stderr=subprocess.PIPE)
    words = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "Epicrisis"]
    window = subprocess.run(words, env=seen, capture_output=True, text=True, timeout=60, check=True).stdout
    close_window(display, int(window.split()[0]))
    _, complaints = program.communicate(timeout=60)
    assert (program.returncode, complaints) == (0, b"")


def test_the_window_runs_where_there_is_no_screen(bundle: Path, surroundings: dict[str, str], tmp_path: Path) -> None:
    """Its start looks whether the model can draft, so its model's process comes; both end with a signal."""
    seen = {**surroundings, "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen([bundle / "epicrisis-desktop"], cwd=tmp_path, env=seen, stderr=subprocess.PIPE) as program:
        assert within(60.0, lambda: bool(_models(bundle)))
        program.terminate()
        assert program.communicate(timeout=60)[1] == b""
    assert program.returncode == -signal.SIGTERM


@pytest.mark.parametrize("name", ["epicrisis", "epicrisis-desktop"])
def test_no_module_of_a_program_reaches_a_network(bundle: Path, name: str) -> None:
    archive = CArchiveReader(str(bundle / name)).open_embedded_archive("PYZ.pyz")
    assert "engine.services" in archive.toc
    assert forbidden(archive.toc) == []
    assert ("desktop.app" in archive.toc) == (name == "epicrisis-desktop")


def test_no_library_of_the_bundle_reaches_a_network(bundle: Path) -> None:
    inside = bundle / "_internal"
    names = [path.relative_to(inside).as_posix() for path in inside.rglob("*")]
    assert any("libQt6Widgets" in name for name in names)
    assert forbidden(names) == []
    assert not {"huggingface_hub", "httpx", "requests", "torch", "ssl"} - set(LEFT_OUT)


def test_the_bundle_does_not_tell_where_it_was_made(bundle: Path) -> None:
    places = [os.fsencode(place) for place in (ROOT, sys.prefix)]
    telling = [p for p in bundle.rglob("*") if p.is_file() and any(place in p.read_bytes() for place in places)]
    assert [path.relative_to(bundle).as_posix() for path in telling] == []


def test_the_licences_of_what_is_bundled_go_along(bundle: Path) -> None:
    text = (bundle / "_internal" / "THIRD-PARTY-LICENSES.txt").read_text(encoding="utf-8")
    for owner in (
        "The ggml authors",
        "GNU LESSER GENERAL PUBLIC LICENSE",
        "PySide6_Essentials ",
        "Python 3.",
        "typst ",
    ):
        assert owner in text
