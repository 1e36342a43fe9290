"""What the program does to its own process before anything else: no network, no memory on a disk, no file for others.

What a system refuses is not there, and the program runs without it; `doctor --privacy` looks and tells.
The parts for Windows and macOS are written, not run here.
"""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from contextlib import suppress
from typing import Final

from engine import files, paths
from engine.offline import deny_network

TELEMETRY_OFF: Final = "ORT_DISABLE_TELEMETRY"  # the model's process sets it again where ONNX Runtime is imported
_TEMPORARY: Final = ("TMPDIR", "TEMP", "TMP")  # where Qt, CUPS and Python look for the folder of temporary files
_PR_GET_DUMPABLE, _PR_SET_DUMPABLE = 3, 4


def protect() -> None:
    """Called once by the window and by the command line; what starts from them inherits all but the dumps."""
    deny_network()
    no_dumps()
    os.environ[TELEMETRY_OFF] = "1"
    if os.name == "posix":
        os.umask(0o077)  # files 0600, folders 0700; the profile of a Windows user is closed to others as it is
    with suppress(OSError):
        _close_folders()


def no_dumps() -> None:
    """A crash leaves nothing of this process's memory behind."""
    if sys.platform == "win32":
        ctypes.windll.kernel32.SetErrorMode(0x0001 | 0x0002 | 0x8000)  # no dialog, and no report with a dump
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # A core dump that a service of the system collects has no size limit; it would hold the record.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def dumps() -> bool:
    """Whether a crash of this process could leave its memory on a disk, as far as the system tells."""
    if sys.platform == "win32":
        return not int(ctypes.windll.kernel32.GetErrorMode()) & 0x0002
    import resource

    kept = resource.getrlimit(resource.RLIMIT_CORE)[0] != 0
    return kept or (sys.platform == "linux" and ctypes.CDLL(None).prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)


def _close_folders() -> None:
    """The program's folders to this user alone, and a folder of its own for temporary files: CUPS writes what it is to
    print there, else where every user looks. Raises OSError."""
    for folder in paths.user_folders():
        if folder.is_dir():
            folder.chmod(0o700)
    temporary = str(files.private_folder(paths.user_temporary()))
    os.environ.update(dict.fromkeys(_TEMPORARY, temporary))
    tempfile.tempdir = temporary
