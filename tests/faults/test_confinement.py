"""What the model's process may see, keep and outlive; and what the program itself never holds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.computer import memory_bytes
from engine.inference import models
from engine.inference.confinement import memory_limit
from engine.paths import resource
from tests.helpers.tiny import FOLDER
from tests.helpers.waiting import within

if sys.platform != "linux":
    pytest.skip("/proc and the death signal are of Linux", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[2]
ANGINA = resource("samples/angina.json")
RUNTIMES = ("llama_cpp", "llguidance", "onnxruntime", "numpy", "tokenizers")

LOAD = """
from engine.cancellation import CancelToken
from engine.inference import models, runtimes
runtimes.loaded(models.find(None), CancelToken())
print(runtimes.model_process(), flush=True)
import time; time.sleep(60)
"""

# The model's process, which after each draft writes down what it holds into the file named by its last argument.
TELLING = """
import json, os, sys
told = sys.argv.pop()
sys.path.insert(0, sys.argv.pop())
from engine.inference import child
real = child.open_runtime
def opened(spec, cancel):
    runtime = real(spec, cancel)
    stream = runtime.stream
    def watched(request, cancel):
        yield from stream(request, cancel)
        folder = "/proc/self/fd"
        files = [os.readlink(f"{folder}/{n}") for n in os.listdir(folder) if os.path.exists(f"{folder}/{n}")]
        command, environment = (open(f"/proc/self/{n}", "rb").read().decode() for n in ("cmdline", "environ"))
        with open(told, "w") as out:
            json.dump({"files": files, "words": command + environment, "model": spec.path}, out)
    runtime.stream = watched
    return runtime
child.open_runtime = opened
child.main()
"""

DRAFT = """
import json, os, sys
from engine.cancellation import CancelToken
from engine.inference import launch
from engine import services
from engine.paths import resource
launch.command = lambda: (sys.executable, "-P", "-c", sys.argv[2], os.getcwd(), sys.argv[3])
options = services.DraftOptions(model=sys.argv[1])
case = services.read(resource("samples/angina.json"))
draft, _ = services.drafted(case, options, CancelToken())
folder = "/proc/self/fd"
files = [os.readlink(f"{folder}/{n}") for n in os.listdir(folder) if os.path.exists(f"{folder}/{n}")]
print(json.dumps({"fallback": draft.fallback, "modules": sorted(sys.modules), "files": files}))
"""


def _program(code: str, *words: str, **more: str) -> subprocess.Popen[str]:
    environment = {**os.environ, **more, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *words]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def _ended(pid: int) -> bool:
    """Whether it is dead; who is to take note of it may be slow."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("stopped", [False, True], ids=["idle", "stopped"])
def test_the_process_does_not_outlive_the_program(stopped: bool) -> None:
    program = _program(LOAD)
    assert program.stdout
    pid = int(program.stdout.readline())
    if stopped:
        os.kill(pid, signal.SIGSTOP)
    program.kill()
    program.communicate()
    assert within(10.0, lambda: _ended(pid))


@pytest.mark.parametrize("model", [models.find(None).path, FOLDER], ids=["llama", "onnx"])
def test_a_draft_opens_no_socket_and_leaves_no_word_of_the_record_in_sight(model: Path, tmp_path: Path) -> None:
    told = tmp_path / "dicho.json"
    output, _ = _program(DRAFT, str(model), TELLING, str(told)).communicate(timeout=120)
    program, process = json.loads(output), json.loads(told.read_text(encoding="utf-8"))
    assert not program["fallback"]
    assert not [name for name in program["modules"] if name.split(".")[0] in RUNTIMES]
    assert not [name for name in (*program["files"], *process["files"]) if name.startswith("socket:")]
    others = [name for name in process["files"] if not name.startswith(("pipe:", "/dev/null", "/proc/", str(model)))]
    assert others == []
    words = process["words"].casefold()
    patient = [value for value in _texts(json.loads(ANGINA.read_text(encoding="utf-8"))) if len(value) > 3]
    assert patient
    assert [value for value in patient if value.casefold() in words] == []


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("entry", ["engine.cli", "desktop"])
def test_a_frozen_program_started_as_its_model_serves_and_ends_with_the_pipe(entry: str) -> None:
    command = [sys.executable, "-P", "-X", "importtime", "-m", entry, "--proceso-del-modelo"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, input=b"", capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert b"engine.inference.child" in done.stderr
    assert b"PySide6" not in done.stderr
    assert done.stdout == b""


def test_the_limit_of_memory_fits_the_model_and_the_computer() -> None:
    entry = models.find(None)
    assert entry.size < memory_limit(entry, entry.size) < memory_bytes()
    assert memory_limit(entry, 10**15) < memory_bytes()
