"""With the filter on, nothing opens a network socket: not Python, not C, not a child, not a thread from before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.inference import models
from engine.paths import resource
from tests.helpers.tiny import FOLDER

if sys.platform != "linux":
    pytest.skip("the filter is of Linux", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[2]

ATTEMPTS = """
import ctypes, errno, json, socket, subprocess, sys, threading, urllib.request
libc = ctypes.CDLL(None, use_errno=True)
asked, go, told = {}, threading.Event(), {}

def python(family):
    try:
        socket.socket(family, socket.SOCK_STREAM).close()
    except OSError as error:
        return error.errno
    return 0

def native(*words):
    return ctypes.get_errno() if libc.syscall(*words) < 0 else 0

def older():
    go.wait()
    told["thread"] = python(socket.AF_INET)

thread = threading.Thread(target=older)
thread.start()
from engine.offline import deny_network, denied, refuses_internet
assert not denied()
assert deny_network() and deny_network() and denied() and refuses_internet()
go.set()
thread.join()
for family in range(50):
    if family not in (socket.AF_UNIX, socket.AF_NETLINK):
        told[f"family {family}"] = python(family)
SOCKET = {"x86_64": 41, "aarch64": 198}[__import__("platform").machine()]
told["ctypes"] = ctypes.get_errno() if libc.socket(2, 1, 0) < 0 else 0
told["datagram"] = native(SOCKET, ctypes.c_long(2), ctypes.c_long(2), ctypes.c_long(0))
told["family of more than 32 bits"] = native(SOCKET, ctypes.c_long((1 << 32) + 2), ctypes.c_long(1), ctypes.c_long(0))
told["pair"] = ctypes.get_errno() if libc.socketpair(10, 1, 0, (ctypes.c_int * 2)()) < 0 else 0
child = "import socket\\ntry: socket.socket(); print(0)\\nexcept OSError as error: print(error.errno)"
told["child"] = int(subprocess.run([sys.executable, "-c", child], capture_output=True, check=True).stdout)
try:
    urllib.request.urlopen("http://127.0.0.1:9/", timeout=5)
    told["client"] = 0
except OSError as error:
    told["client"] = error.reason.errno
wrong = {name: number for name, number in told.items() if number != errno.EACCES}
one, other = socket.socketpair()
one.send(b"local")
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()
ring = native(425, ctypes.c_uint(8), ctypes.create_string_buffer(120))
print(json.dumps([wrong, len(told), other.recv(9).decode(), ring == errno.ENOSYS]))
"""

DRAFT = """
import json, sys
from pathlib import Path
from engine.cli import main
status = main()
from engine.inference.runtimes import model_process
from engine.offline import refuses_internet
lines = Path(f"/proc/{model_process()}/status").read_text().splitlines()
process = next(line.split()[1] for line in lines if line.startswith("Seccomp:"))
print(json.dumps([status, refuses_internet(), process]), file=sys.stderr)
"""

WITHOUT = """
import ctypes.util, sys
real = ctypes.util.find_library
ctypes.util.find_library = lambda name: None if name == "seccomp" else real(name)
from engine.offline import deny_network, denied, refuses_internet
print(deny_network(), denied(), refuses_internet())
"""


def _python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)


def test_no_way_opens_a_network_socket_and_those_of_the_computer_itself_work() -> None:
    wrong, tried, local, no_ring = json.loads(_python(ATTEMPTS).stdout)
    assert wrong == {}
    assert tried > 50
    assert local == "local"
    assert no_ring


@pytest.mark.parametrize("model", [models.find(None).path, FOLDER], ids=["llama", "onnx"])
def test_the_command_line_drafts_under_the_filter(model: Path) -> None:
    done = _python(DRAFT, "draft", str(resource("samples/angina.json")), "--json", "--model", str(model))
    draft = json.loads(done.stdout)
    assert not draft["fallbackMode"]
    assert draft["validation"]["ok"]
    assert json.loads(done.stderr.splitlines()[-1]) == [0, True, "2"]  # 2: under a filter


def test_where_libseccomp_is_missing_nothing_is_pretended() -> None:
    assert _python(WITHOUT).stdout == "False False False\n"
