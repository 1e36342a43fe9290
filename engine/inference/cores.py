"""How many cores of this computer a model may compute on. Windows and macOS: written, not run here."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_SYSTEM: Final = Path("/sys/devices/system/cpu")
_NAMES: Final = (b"hw.perflevel0.physicalcpu", b"hw.physicalcpu")  # of macOS; the fast ones where there are two kinds


def physical_cores() -> int:
    """The cores that this process may use, at least 1; one that runs two threads counts once: they share it."""
    if sys.platform == "win32":
        return _of_windows() or os.cpu_count() or 1
    if sys.platform == "darwin":
        return next((count for name in _NAMES if (count := _of_macos(name))), os.cpu_count() or 1)
    return distinct(os.sched_getaffinity(0))


def distinct(processors: Iterable[int], system: Path = _SYSTEM) -> int:
    """How many cores these processors of Linux are; one whose place is not told is a core of its own."""
    return len({_siblings(number, system) for number in processors})


def _siblings(number: int, system: Path) -> str:
    """The processors of the same core, as Linux lists them: «0,4»."""
    try:
        return (system / f"cpu{number}/topology/thread_siblings_list").read_text(encoding="ascii").strip()
    except OSError:
        return str(number)


def _of_macos(name: bytes) -> int:
    """0 where this system does not know the name."""
    count, size = ctypes.c_int32(0), ctypes.c_size_t(ctypes.sizeof(ctypes.c_int32))
    libc = ctypes.CDLL(None)
    failed = libc.sysctlbyname(name, ctypes.byref(count), ctypes.byref(size), None, ctypes.c_size_t(0))
    return 0 if failed else count.value


if sys.platform == "win32":

    class _Place(ctypes.Structure):
        """SYSTEM_LOGICAL_PROCESSOR_INFORMATION; a relationship of 0 is a core."""

        _fields_ = [
            ("processors", ctypes.c_size_t),
            ("relationship", ctypes.c_uint32),
            ("details", ctypes.c_uint64 * 2),
        ]

    def _of_windows() -> int:
        """Cores of the processors that this process may use; 0 where the system does not tell."""
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        allowed, all_of_them = ctypes.c_size_t(0), ctypes.c_size_t(0)
        process = ctypes.c_void_p(kernel.GetCurrentProcess())
        kernel.GetProcessAffinityMask(process, ctypes.byref(allowed), ctypes.byref(all_of_them))
        length = ctypes.c_uint32(0)
        kernel.GetLogicalProcessorInformation(None, ctypes.byref(length))
        places = (_Place * (length.value // ctypes.sizeof(_Place)))()
        if not kernel.GetLogicalProcessorInformation(places, ctypes.byref(length)):
            return 0
        return sum(p.relationship == 0 and bool(p.processors & allowed.value) for p in places)
