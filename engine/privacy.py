"""The proof of privacy on this computer: what is claimed is tried or looked at, in this process and in the model's."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from engine import paths
from engine.errors import EpicrisisError
from engine.hardening import TELEMETRY_OFF, dumps
from engine.offline import refuses_internet

# What opens connections; «socket» itself comes with Python's library of dates of mails, and opens nothing.
_CLIENTS: Final = frozenset(
    "PySide6.QtNetwork _ssl aiohttp asyncio ftplib http.client httpx huggingface_hub requests smtplib urllib.request "
    "urllib3 xmlrpc.client".split()
)
_LIBRARIES: Final = ("Network", "libcurl", "libssl", "libqvnc", "tuiotouch")  # parts of the names of files in memory

Proof = tuple[str, EpicrisisError | None]  # the name of docs/cli.md, and what is wrong


def proofs(process: int | None) -> Iterator[Proof]:
    """Each claim and what contradicts it; `process`: number of the model's process, where one runs.

    Tries to open network sockets, which a working filter refuses.
    """
    yield "network", None if refuses_internet() else EpicrisisError("privacy_network")
    yield "libraries", _library_problem()
    yield "telemetry", None if os.environ.get(TELEMETRY_OFF) == "1" else EpicrisisError("privacy_telemetry")
    yield "dumps", EpicrisisError("privacy_dumps") if dumps() else None
    yield "folders", _folder_problem()
    if process is not None and sys.platform == "linux":
        yield "model_network", _model_problem(process, "status", "Seccomp:", "2", "privacy_network")
        yield "model_dumps", _model_problem(process, "limits", "Max core file size", "0", "privacy_dumps")


def _library_problem() -> EpicrisisError | None:
    loaded = sorted(_CLIENTS & sys.modules.keys()) or _mapped()
    return EpicrisisError("privacy_library", name=loaded[0]) if loaded else None


def _mapped() -> list[str]:
    """Names of the files in this process's memory that open connections; other systems do not list them."""
    if sys.platform != "linux":
        return []
    try:
        lines = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines()
    except PermissionError:  # the user without a right over a process that leaves no dumps
        return []
    names = {Path(line.split(maxsplit=5)[-1]).name for line in lines}
    return sorted(name for name in names if any(part in name for part in _LIBRARIES))


def _folder_problem() -> EpicrisisError | None:
    """The folders of the program, all in them, and that of temporary files, to this user alone."""
    if os.name != "posix":
        return None
    if not Path(tempfile.gettempdir()).is_relative_to(paths.user_temporary()):
        return EpicrisisError("privacy_folder", folder=tempfile.gettempdir())
    for folder in paths.user_folders():
        for path in (folder, *folder.rglob("*")):
            if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
                return EpicrisisError("privacy_folder", folder=str(path))
    return None


def _model_problem(process: int, file: str, field: str, wanted: str, code: str) -> EpicrisisError | None:
    lines = Path(f"/proc/{process}/{file}").read_text(encoding="ascii", errors="replace").splitlines()
    found = next((line.removeprefix(field).split()[0] for line in lines if line.startswith(field)), "")
    return None if found == wanted else EpicrisisError(code)
