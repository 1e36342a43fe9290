"""The program's own process: nothing of its memory on a disk, no file that others may read."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from engine import paths, privacy
from engine.paths import resource

if sys.platform != "linux":
    pytest.skip("limits, modes and /proc are told as Linux tells them", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[2]

DRAFT = """
import json, os, sys, tempfile
from pathlib import Path
from engine.cli import main
status = main()
from engine.hardening import dumps
from engine.inference.runtimes import model_process
limits = Path(f"/proc/{model_process()}/limits").read_text().splitlines()
process = next(line.split()[4] for line in limits if line.startswith("Max core file size"))
Path("hecho").touch()
told = [status, dumps(), process, os.stat("hecho").st_mode & 0o777, tempfile.gettempdir(), os.environ["TMPDIR"]]
print(json.dumps(told), file=sys.stderr)
"""

CRASH = """
import os, resource
resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
from engine.hardening import dumps, protect
assert dumps()
protect()
assert not dumps()
os.abort()
"""


def _python(code: str, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    places = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("DATA", "CONFIG", "CACHE", "STATE")}
    environment = {**os.environ, **places, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *words]
    return subprocess.run(
        command, env=environment, cwd=home, umask=0o022, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_draft_leaves_nothing_that_others_can_read(tmp_path: Path) -> None:
    older = tmp_path / "cache" / "epicrisis"
    older.mkdir(mode=0o755, parents=True)
    done = _python(DRAFT, tmp_path, "draft", str(resource("samples/angina.json")), "--pdf", "angina.pdf")
    status, dumps, process, mode, *temporary = json.loads(done.stderr.splitlines()[-1])
    assert (status, dumps, process, mode) == (0, False, "0", 0o600)
    assert temporary == [str(older / "tmp")] * 2
    assert list((older / "tmp").iterdir()) == []
    written = [tmp_path / "angina.pdf", older, *tmp_path.rglob("epicrisis/**/*")]
    assert len(written) > 2
    assert {str(path): mode for path in written if (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077} == {}


def test_the_doctor_proves_it(tmp_path: Path) -> None:
    """As the program is started, every claim holds; called from another program, what does not hold is told."""
    words = (sys.executable, "-m", "engine.cli", "doctor", "--privacy", "--json")
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    found = json.loads(done.stdout)
    names = ["network", "libraries", "telemetry", "dumps", "folders", "model_network", "model_dumps"]
    assert [check["name"] for check in found["checks"]] == names
    assert [check for check in found["checks"] if not check["ok"]] == []
    assert (done.returncode, found["private"]) == (0, True)


def test_the_doctor_tells_what_does_not_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = paths.user_models()
    folder.mkdir(mode=0o755, parents=True)
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    monkeypatch.setitem(sys.modules, "httpx", sys)
    monkeypatch.setattr(tempfile, "tempdir", str(paths.user_temporary()))
    monkeypatch.setattr(privacy, "refuses_internet", lambda: False)
    found = {name: problem.code for name, problem in privacy.proofs(os.getpid()) if problem}
    told = {"network": "privacy_network", "libraries": "privacy_library", "telemetry": "privacy_telemetry"}
    held = {"folders": "privacy_folder", "model_network": "privacy_network"}
    assert found.items() >= {**told, **held}.items()


def test_a_crash_leaves_no_core_file(tmp_path: Path) -> None:
    done = _python(CRASH, tmp_path)
    assert done.returncode == -6, done.stderr
    assert [path.name for path in tmp_path.iterdir() if "core" in path.name] == []


def test_a_profile_that_cannot_be_written_is_no_reason_not_to_draft(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("una carpeta debería estar aquí", encoding="utf-8")
    done = _python(DRAFT, tmp_path, "draft", str(resource("samples/angina.json")), "--backend", "llama")
    assert "Traceback" not in done.stderr.splitlines()[0]
    assert done.stdout.startswith("Paciente ingresa")
