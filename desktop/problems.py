"""What the user is told of a failure, and the log line of a bug (its type and place, never its words)."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from engine.errors import EpicrisisError

_LOG = logging.getLogger("epicrisis.desktop")


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that says what is wrong and one that says what to do, in Spanish."""

    message: str
    hint: str


def explain(error: BaseException) -> Problem:
    """The words for an expected failure; anything else is a bug, logged without its text."""
    if isinstance(error, EpicrisisError):
        return Problem(error.message(), error.hint())
    log_bug(error)
    tr = QCoreApplication.translate
    if isinstance(error, OSError):
        return Problem(
            tr("Problem", "No se pudo leer o escribir el archivo."),
            tr("Problem", "Revise los permisos, el espacio en disco y que no esté abierto en otro programa."),
        )
    return Problem(
        tr("Problem", "Ocurrió un error inesperado del programa."),
        tr("Problem", "Su texto sigue aquí. Repita la acción; si se repite, avise a informática."),
    )


def log_bug(error: BaseException) -> None:
    """Logs the class of the exception and where it rose; its message may hold words of a record."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    _LOG.error("bug %s at %s", type(error).__name__, place)
