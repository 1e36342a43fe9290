"""How the model's process is started: the same interpreter, or the frozen program with one argument.

Nothing of a record stands in the arguments or the environment, and no handle but the pipes goes along.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from engine import paths

ARGUMENT: Final = "--proceso-del-modelo"  # of a frozen program (engine/frozen.py)
# The folder of this very engine comes last in the arguments; the folder where the user works is never searched (-P).
_START: Final = (
    "import sys; root = sys.argv.pop(); root in sys.path or sys.path.insert(0, root); "
    "from engine.inference.child import main; main()"
)


def command() -> tuple[str, ...]:
    """The words that start the process."""
    if getattr(sys, "frozen", False):
        # Also where the window asks: only a program of the terminal surely has pipes, and no dialog when it fails.
        return (str(Path(sys.executable).with_stem("epicrisis")), ARGUMENT)
    root = Path(paths.__file__).resolve().parents[1]
    return (sys.executable, "-P", "-c", _START, str(root))


def start(words: Sequence[str], keep: tuple[int, ...]) -> subprocess.Popen[bytes]:
    """Pipes for the protocol, no terminal, no window, apart from the Ctrl+C of this one. `keep`: descriptors to pass.

    Raises OSError.
    """
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(words, bufsize=0, stdin=pipe, stdout=pipe, stderr=nowhere, creationflags=flags)  # noqa: S603
    return subprocess.Popen(  # noqa: S603  (the words are this module's own)
        words, bufsize=0, stdin=pipe, stdout=pipe, stderr=nowhere, start_new_session=True, pass_fds=keep
    )
