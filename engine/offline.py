"""No process of the program opens a network socket: on Linux the kernel refuses, here and in all that starts from here.

Sockets of the computer itself stay (X11 and Wayland, D-Bus, printing, device events); every other family is refused,
IPv4 and IPv6 first, and so is io_uring, which opens sockets where no filter of system calls sees them.
Windows and macOS have no such filter for a process itself: there `deny_network` does nothing and says so.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from typing import Final

_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16
_FAR: Final = 1 << 20  # a family that no kernel has: only a filter refuses it by right, and no socket is ever opened
_STREAM: Final = 1


def deny_network() -> bool:
    """Refuses network sockets to this process, its threads and its children, for good; called again, does nothing.

    False where that could not be: another system, no libseccomp, a kernel without filters. `doctor` then tells.
    """
    return denied() or _deny()


def denied() -> bool:
    """Whether the filter is on, found out without opening a socket."""
    return _refusal(_FAR) == errno.EACCES


def refuses_internet() -> bool:
    """Tries to open an IPv4 and an IPv6 socket; True where neither opens. Only for the proof that `doctor` prints."""
    return all(_refusal(family) == errno.EACCES for family in (_INET, _INET6))


def _refusal(family: int) -> int:
    """The error number of opening a socket, closed at once; 0 where it opens, -1 on other systems than Linux."""
    if sys.platform != "linux":
        return -1
    libc = ctypes.CDLL(None, use_errno=True)
    opened = libc.socket(family, _STREAM, 0)
    if opened < 0:
        return ctypes.get_errno()
    os.close(opened)
    return 0


def _deny() -> bool:
    if sys.platform != "linux":
        return False
    try:
        import pyseccomp  # type: ignore[import-untyped]  # ships no types
    except (ImportError, OSError, RuntimeError):  # RuntimeError: the computer has no libseccomp
        return False
    refused = pyseccomp.ERRNO(errno.EACCES)
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    try:
        rules.set_attr(pyseccomp.Attr.CTL_TSYNC, 1)  # threads that already run, too
        for call in ("socket", "socketpair"):
            for family in set(range(_NETLINK)) - {_UNIX}:
                rules.add_rule(refused, call, pyseccomp.Arg(0, pyseccomp.EQ, family))
            # The kernel looks at 32 bits of the family and the filter at 64: the rest is refused by being larger.
            rules.add_rule(refused, call, pyseccomp.Arg(0, pyseccomp.GT, _NETLINK))
        rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "io_uring_setup")
        rules.load()
    except OSError:
        return False
    return denied()
