"""Processes of the programs in one folder, looked up on Linux; and a window closed as its user would."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from pathlib import Path


def of_folder(folder: Path) -> dict[int, list[str]]:
    """The arguments of every process whose program lies in `folder`, by its number."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            words = _words(entry)
            if words and Path(words[0]).parent == folder:
                found[int(entry.name)] = words
    return found


def _words(entry: Path) -> list[str]:
    """None of a process that has just ended, or ended and is not yet taken note of."""
    try:
        return [os.fsdecode(word) for word in (entry / "cmdline").read_bytes().split(b"\0")[:-1]]
    except (FileNotFoundError, ProcessLookupError):
        return []


class _ClientMessage(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 24),  # the library copies a whole XEvent
    )


def close_window(display: str, window: int) -> None:
    """Asks an X11 window to close, as the cross in its corner does."""
    x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong
    link = ctypes.c_void_p(x11.XOpenDisplay(display.encode()))
    protocols, leave = (x11.XInternAtom(link, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
    message = _ClientMessage(33, 0, 1, link, window, protocols, 32, (ctypes.c_long * 5)(leave))
    x11.XSendEvent(link, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(message))
    x11.XCloseDisplay(link)
