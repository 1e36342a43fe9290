"""The job object of Windows that holds the model's process. Written after its documentation, not run here."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

if sys.platform == "win32":
    _EXTENDED: Final = 9  # JobObjectExtendedLimitInformation
    _PROCESS_MEMORY: Final = 0x0100
    _DIE_ON_UNHANDLED: Final = 0x0400  # no dialog of the system after a crash
    _KILL_ON_CLOSE: Final = 0x2000

    class _Basic(ctypes.Structure):
        _fields_ = [
            ("process_time", ctypes.c_int64),
            ("job_time", ctypes.c_int64),
            ("flags", ctypes.c_uint32),
            ("least_working_set", ctypes.c_size_t),
            ("most_working_set", ctypes.c_size_t),
            ("processes", ctypes.c_uint32),
            ("affinity", ctypes.c_size_t),
            ("priority", ctypes.c_uint32),
            ("scheduling", ctypes.c_uint32),
        ]

    class _Limits(ctypes.Structure):
        _fields_ = [
            ("basic", _Basic),
            ("io", ctypes.c_uint64 * 6),
            ("process_memory", ctypes.c_size_t),
            ("job_memory", ctypes.c_size_t),
            ("peak_process", ctypes.c_size_t),
            ("peak_job", ctypes.c_size_t),
        ]

    class Job:
        """Ends the process when the program ends in whatever way: its handle is closed by the system then."""

        def __init__(self, process: int, memory: int) -> None:
            """`process` is its handle, `memory` in bytes. Raises OSError."""
            self._kernel = ctypes.WinDLL("kernel32", use_last_error=True)
            self._kernel.CreateJobObjectW.restype = ctypes.c_void_p
            self._job = ctypes.c_void_p(self._kernel.CreateJobObjectW(None, None))
            limits = _Limits(process_memory=memory)
            limits.basic.flags = _PROCESS_MEMORY | _DIE_ON_UNHANDLED | _KILL_ON_CLOSE
            size = ctypes.sizeof(limits)
            done = self._kernel.SetInformationJobObject(self._job, _EXTENDED, ctypes.byref(limits), size)
            if not done or not self._kernel.AssignProcessToJobObject(self._job, ctypes.c_void_p(process)):
                raise ctypes.WinError(ctypes.get_last_error())

        def close(self) -> None:
            self._kernel.CloseHandle(self._job)
