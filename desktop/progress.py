"""How far a draft is, in words and as a fraction."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from engine.domain import Checked, DraftEvent, FellBack, Loading, PromptProgress, Retrying, SectionStarted

_SECTIONS = ("admission", "stay", "course", "discharge", "plan")


@dataclass(frozen=True, slots=True)
class Progress:
    """`fraction` from 0 to 1; None where it cannot be known."""

    text: str
    fraction: float | None


def progress_of(event: DraftEvent) -> Progress | None:
    """What the bar shows from this event on; None where it changes nothing."""
    tr = QCoreApplication.translate
    match event:
        case Loading(fraction):
            return Progress(tr("Progress", "Paso 1 de 4: cargando el modelo"), fraction)
        case PromptProgress(done, total):
            return Progress(tr("Progress", "Paso 2 de 4: leyendo la ficha"), done / total if total else None)
        case SectionStarted(section):
            return _writing(section)
        case Checked():
            return Progress(tr("Progress", "Paso 4 de 4: comprobando contra la ficha"), 1.0)
        case Retrying(_, cause) if cause:
            return Progress(tr("Progress", "{reason} Se repite el intento.").format(reason=cause.message()), None)
        case Retrying(attempt):
            return Progress(tr("Progress", "Corrigiendo: intento {n}").format(n=attempt), None)
        case FellBack():
            return Progress(tr("Progress", "Escribiendo con la plantilla"), None)
    return None


def _writing(section: str) -> Progress:
    tr = QCoreApplication.translate
    names = {
        "admission": tr("Progress", "ingreso"),
        "stay": tr("Progress", "procedimientos y tratamientos"),
        "course": tr("Progress", "evolución"),
        "discharge": tr("Progress", "diagnósticos de egreso"),
        "plan": tr("Progress", "indicaciones al alta"),
    }
    at = _SECTIONS.index(section) if section in _SECTIONS else 0
    text = tr("Progress", "Paso 3 de 4: escribiendo {part}").format(part=names.get(section, ""))
    return Progress(text, (at + 0.5) / len(_SECTIONS))
