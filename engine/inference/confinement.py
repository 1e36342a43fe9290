"""What the model's process may not do: outlive the program, leave its memory on a disk, take the computer's memory,
open a network socket.

Linux does all of it. Windows does it through a job object that the program holds (engine/inference/windows.py).
macOS has no limit that it keeps for memory and no signal for a dead parent: there the end of the pipe ends the process.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from engine.computer import memory_bytes
from engine.hardening import no_dumps
from engine.inference.catalog import ModelEntry
from engine.offline import deny_network

_PR_SET_PDEATHSIG = 1
_PROGRAM = 1 << 30  # bytes that a runtime may take whatever the model: its libraries, threads, buffers, vocabulary
_SHARE = 0.75  # of the computer's memory, at most


def memory_limit(entry: ModelEntry, size: int) -> int:
    """Bytes that the process of a model may hold for itself; `size` is that of its files.

    The mapped file does not count, but a runtime may keep a second copy of the weights, rearranged for the processor.
    """
    needed = max(entry.memory * 10**6, size) + size + _PROGRAM
    return min(needed, int(memory_bytes() * _SHARE))


def confine() -> None:
    """Called by the model's process before anything else. A limit that the system refuses is not there."""
    if sys.platform == "linux":
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")  # sooner this than the window
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    no_dumps()  # last: it takes the files of /proc/self from this user
    deny_network()  # inherited as a rule: the program does the same for itself


def limit_memory(most: int) -> None:
    """Bytes of memory of its own, files mapped for reading apart."""
    if sys.platform == "linux":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def silence() -> tuple[int, int]:
    """Takes the pipes of the protocol away from standard input and output; what libraries print goes nowhere."""
    asked, answered = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        for pipe in (asked, answered):
            msvcrt.setmode(pipe, os.O_BINARY)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    return asked, answered
