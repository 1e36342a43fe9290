"""ONNX Runtime keeps to itself: no socket, no file of its own, nothing on the terminal, no package of the hub."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.tiny import FOLDER

ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = """
import os, sys, threading, time
from pathlib import Path
sockets, done = set(), threading.Event()

def watch():
    while not done.wait(0.002):
        for file in Path("/proc/self/fd").iterdir():
            try:
                sockets.update({os.readlink(file)} if "socket:" in os.readlink(file) else ())
            except OSError:
                pass  # closed meanwhile

watching = threading.Thread(target=watch)
watching.start()
from engine.cancellation import CancelToken
from engine.inference.onnx import OnnxRuntime
from engine.inference.protocol import Message, Prompt, Request, Sampling, Segment
runtime = OnnxRuntime(Path(sys.argv[1]), "chatml", 512, CancelToken())
asked = Request((Prompt((Message("user", "hola"),)),), (Segment("a", None),), Sampling(max_tokens=40))
list(runtime.stream(asked, CancelToken()))
time.sleep(1)  # what calls home does so from a thread of its own
done.set()
watching.join()
clients = "_ssl aiohttp asyncio http httpx huggingface_hub requests torch transformers urllib3".split()
hub = sorted(m for m in sys.modules if m.partition(".")[0] in clients)
print(len(sockets), hub)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="open files are listed in /proc on Linux")
def test_a_draft_opens_no_socket_and_writes_no_file(tmp_path: Path) -> None:
    """Without the switch in engine/inference/onnx_session.py a telemetry database appears in the user's cache."""
    home = tmp_path / "home"
    home.mkdir()
    places = {name: str(home / name.lower()) for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ORT_")}
    environment |= {**places, "HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(FOLDER)],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout == "0 []\n"
    assert done.stderr == ""
    assert list(home.rglob("*")) == []
