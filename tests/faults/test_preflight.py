"""What may stand in the way of a model on a hospital's computer, made to stand there: each is told with what to do."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from engine import services
from engine.cancellation import CancelToken
from engine.cli import main
from engine.computer import free_memory, lacking, memory_bytes
from engine.errors import Cancelled, ModelRefused
from engine.inference import models, preflight, runtimes, supervisor
from engine.inference.catalog import ModelEntry
from engine.inference.process import ModelProcess
from engine.paths import resource, user_models
from tests.helpers.model_files import write_onnx_folder

NOBODY = 65534
ACCENTS = "Clínica Ñuñoa (prueba)"
CASE = services.read(resource("samples/angina.json"))


@pytest.fixture
def model(random_model: Path) -> Iterator[Path]:
    """A copy in a folder that any user of the system may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / ACCENTS / "modelo chico.gguf"
        path.parent.mkdir()
        yield Path(shutil.copy(random_model, path))


def _entry(path: Path) -> ModelEntry:
    return models.find(str(path))


def _found(entry: ModelEntry) -> dict[str, str | None]:
    """The code of each check's problem."""
    checks = list(preflight.preflight(entry, CancelToken()))
    return {check.name: check.problem.code if check.problem else None for check in checks}


def _first(entry: ModelEntry) -> ModelRefused:
    """The first problem; nothing is looked at after it."""
    return next(check.problem for check in preflight.preflight(entry, CancelToken()) if check.problem)


@contextmanager
def _as_an_ordinary_user() -> Iterator[None]:
    """The superuser may read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_sound_model_under_accents_and_spaces_passes_every_check(model: Path) -> None:
    assert _found(_entry(model)) == dict.fromkeys(
        ("path", "file", "header", "hash", "runtime", "processor", "memory", "disk", "folders")
    )


def test_a_model_that_is_not_there(model: Path) -> None:
    entry = _entry(model)
    model.unlink()
    found = _found(entry)
    assert found["file"] == "model_missing"
    assert not {"header", "hash", "memory"} & set(found)
    assert found["runtime"] is None


def test_a_model_that_may_not_be_read(model: Path) -> None:
    entry = _entry(model)
    model.chmod(0)
    with _as_an_ordinary_user():
        problem = _first(entry)
    assert problem.code == "model_locked"
    assert "antivirus" in problem.hint()


def test_a_folder_that_may_not_be_entered(model: Path) -> None:
    entry = _entry(model)
    model.parent.chmod(0)
    with _as_an_ordinary_user():
        problem = _first(entry)
        with pytest.raises(ModelRefused):
            models.verified(entry)
    model.parent.chmod(0o755)
    assert problem.code == "model_locked"


def test_a_truncated_model(model: Path) -> None:
    entry = _entry(model)
    os.truncate(model, model.stat().st_size // 2)
    found = _found(entry)
    assert found["header"] == "model_truncated"
    assert "hash" not in found


def test_a_model_with_another_byte(model: Path) -> None:
    entry = _entry(model)
    with model.open("r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        last = stream.read(1)[0]
        stream.seek(-1, os.SEEK_END)
        stream.write(bytes([last ^ 1]))
    assert _found(entry)["hash"] == "model_altered"


def test_an_onnx_folder_that_lost_a_file(tmp_path: Path) -> None:
    folder = write_onnx_folder(tmp_path / ACCENTS)
    entry = _entry(folder)
    (folder / "tokenizer.json").unlink()
    found = _found(entry)
    assert found["header"] == "model_onnx_damaged"
    assert found["runtime"] is None


def test_a_name_that_is_no_text(model: Path) -> None:
    """As a disk of an old system brings it: Latin-1."""
    entry = replace(_entry(model), file=os.fsdecode(os.fsencode(model.parent) + b"/cl\xednica.gguf"))
    assert _found(entry)["path"] == "path_unreadable"


def test_a_model_larger_than_the_free_memory_is_left_to_the_template(model: Path) -> None:
    entry = replace(_entry(model), memory=memory_bytes() // 10**6 + 1)
    assert _found(entry)["memory"] == "memory_low"
    with pytest.raises(ModelRefused) as refused:
        runtimes.loaded(entry, CancelToken())
    assert refused.value.code == "memory_low"


def test_the_free_memory_is_no_more_than_what_the_system_lets_this_program_take() -> None:
    limited = (
        "import resource; resource.setrlimit(resource.RLIMIT_DATA, (200_000_000, 200_000_000));"
        "from engine.computer import free_memory; print(free_memory())"
    )
    done = subprocess.run([sys.executable, "-c", limited], capture_output=True, text=True, check=True, timeout=60)
    assert int(done.stdout) == 200_000_000
    assert 200_000_000 < free_memory() <= memory_bytes()


def test_a_disk_without_the_room_asked() -> None:
    problem = preflight.disk_problem(shutil.disk_usage("/").total * 1000)
    assert problem is not None
    assert problem.code == "disk_low"


def test_a_folder_that_may_not_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    user_models().mkdir(parents=True)
    assert preflight.folder_problem() is None
    assert list(user_models().iterdir()) == []
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        monkeypatch.setenv("XDG_DATA_HOME", folder)
        with _as_an_ordinary_user():
            problem = preflight.folder_problem()
    assert problem is not None
    assert problem.code == "folder_unwritable"


def test_a_library_that_does_not_load(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where an antivirus took llama.cpp away from under its package."""
    package = tmp_path / "llama_cpp.py"
    package.write_text("import ctypes\nctypes.CDLL('libno-esta.so')\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    entry = _entry(model)
    found = _found(entry)
    assert found["runtime"] == "runtime_missing"
    assert "processor" not in found
    runtimes.unload()
    draft, cause = services.drafted(CASE, services.DraftOptions(model=str(model)), CancelToken())
    assert cause is not None
    assert (cause.code, draft.fallback, draft.report.ok) == ("runtime_missing", True, True)
    assert "llama.cpp" in cause.message()


def test_a_processor_without_the_instructions_of_the_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of the library ends as the processor ends it."""
    started: list[ModelProcess] = []
    real = ModelProcess.say

    def say(process: ModelProcess, frame: dict[str, object]) -> None:
        started.append(process)
        real(process, frame)

    def kill() -> None:
        while not started or started[0].pid is None:
            time.sleep(0.001)
        os.kill(started[0].pid, signal.SIGILL)

    monkeypatch.setattr(ModelProcess, "say", say)
    killer = threading.Thread(target=kill)
    killer.start()
    checks = list(preflight.library("llama", CancelToken()))
    killer.join()
    assert [(c.name, c.problem.code if c.problem else None) for c in checks] == [
        ("runtime", None),
        ("processor", "processor_lacks"),
    ]


def test_the_library_tells_what_it_was_built_for_and_this_processor_has_it() -> None:
    seen = supervisor.look("llama", CancelToken())
    assert set(seen.features) & set(preflight._PROCESSOR)
    assert preflight.processor_problem(seen.features) is None
    assert lacking(("no_such_instruction",)) == ("no_such_instruction",)
    assert supervisor.look("onnx", CancelToken()).features == ()


def test_looking_can_be_cancelled() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        supervisor.look("llama", cancel)


def test_the_doctor_has_the_fields_of_a_health_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    fields = "status ready modelPath fallbackMode backend threads tokensPerSecond memory checks version"
    assert list(found) == fields.split()
    assert found["threads"] >= 1
    assert found["memory"]["free"] > found["memory"]["needed"] >= 300
    assert found["memory"]["peak"] > 0
    assert [check["name"] for check in found["checks"]][-1] == "draft"
    nothing = {"ok": True, "code": None, "message": None, "hint": None}
    assert all(check == {"name": check["name"], **nothing} for check in found["checks"])
