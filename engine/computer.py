"""Which computer this is, as far as a model's speed depends on it; no name of the machine or its user."""

from __future__ import annotations

import ctypes
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Computer:
    cpu: str  # the processor's model as it tells it
    threads: int
    memory: int  # GB, rounded: what the firmware keeps for itself differs from one start to the next


@lru_cache(maxsize=1)
def this_computer() -> Computer:
    return Computer(" ".join(_cpu().split()) or platform.machine(), os.cpu_count() or 1, round(memory_bytes() / 1e9))


def peak_memory() -> int:
    """The most memory that this process has held, in bytes."""
    if sys.platform == "win32":
        return _windows_peak()
    if sys.platform == "linux":  # getrusage counts what the program that started this one held, too
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
    import resource  # Windows has no such module

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def memory_bytes() -> int:
    """All the memory of the computer."""
    if sys.platform == "win32":
        return _windows_memory()
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _cpu() -> str:
    if sys.platform == "linux":
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        return next((line.partition(":")[2] for line in lines if line.startswith("model name")), "")
    if sys.platform == "darwin":
        command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout  # noqa: S603
    return platform.processor()


if sys.platform == "win32":

    class _Memory(ctypes.Structure):
        _fields_ = [
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            *((name, ctypes.c_uint64) for name in ("total", "free", "page", "page_free", "virtual", "virtual_free")),
            ("extended", ctypes.c_uint64),
        ]

    class _Counters(ctypes.Structure):
        _fields_ = [
            ("length", ctypes.c_uint32),
            ("faults", ctypes.c_uint32),
            *((name, ctypes.c_size_t) for name in ("peak", "now", "a", "b", "c", "d", "page", "page_peak")),
        ]

    def _windows_memory() -> int:
        told = _Memory(length=ctypes.sizeof(_Memory))
        ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(told))
        return int(told.total)

    def _windows_peak() -> int:
        told = _Counters(length=ctypes.sizeof(_Counters))
        kernel = ctypes.windll.kernel32
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        process = ctypes.c_void_p(kernel.GetCurrentProcess())
        kernel.K32GetProcessMemoryInfo(process, ctypes.byref(told), told.length)
        return int(told.peak)
