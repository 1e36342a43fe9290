"""Which computer this is, as far as a model's speed depends on it; no name of the machine or its user."""

from __future__ import annotations

import ctypes
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

# What Windows tells of a processor (IsProcessorFeaturePresent), under Linux's names.
_WINDOWS_FEATURES: Final = {"pni": 13, "ssse3": 36, "avx": 39, "avx2": 40, "avx512f": 41}


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
        return int(_windows_memory().total)
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def free_memory() -> int:
    """Bytes that one more program may still take without the computer turning to its disk."""
    if sys.platform == "win32":
        return int(_windows_memory().free)
    if sys.platform == "darwin":
        return _macos_free()
    import resource  # Windows has no such module

    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    free = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), memory_bytes())
    limits = resource.getrlimit(resource.RLIMIT_DATA)[1], resource.getrlimit(resource.RLIMIT_AS)[0]
    return min([free, *(most for most in limits if most != resource.RLIM_INFINITY)])


def lacking(features: Iterable[str]) -> tuple[str, ...]:
    """Those that this processor surely has not, by Linux's names; none where the system does not tell."""
    if sys.platform == "win32":
        present = ctypes.windll.kernel32.IsProcessorFeaturePresent
        return tuple(f for f in features if f in _WINDOWS_FEATURES and not present(_WINDOWS_FEATURES[f]))
    if sys.platform != "linux":
        return ()
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    told = next((line.partition(":")[2] for line in lines if line.startswith(("flags", "Features"))), "")
    return tuple(f for f in features if told and f not in told.split())


def _macos_free() -> int:
    """Pages that are free or that the system gives back at once."""
    command = ["/usr/bin/vm_stat"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout  # noqa: S603
    counts = {name.strip(): value.strip(" .") for name, _, value in (line.partition(":") for line in told.splitlines())}
    free = ("Pages free", "Pages inactive", "Pages speculative")
    return sum(int(counts.get(name, "0")) for name in free) * os.sysconf("SC_PAGE_SIZE") or memory_bytes()


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

    def _windows_memory() -> _Memory:
        told = _Memory(length=ctypes.sizeof(_Memory))
        ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(told))
        return told

    def _windows_peak() -> int:
        told = _Counters(length=ctypes.sizeof(_Counters))
        kernel = ctypes.windll.kernel32
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        process = ctypes.c_void_p(kernel.GetCurrentProcess())
        kernel.K32GetProcessMemoryInfo(process, ctypes.byref(told), told.length)
        return int(told.peak)
