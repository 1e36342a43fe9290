"""Who wrote the text, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from engine.domain import Draft


def origin_line(draft: Draft) -> str:
    """«Modelo epicrisis-s», or the template named so that nobody takes it for a model's text."""
    tr = QCoreApplication.translate
    if draft.fallback:
        return tr("Origin", "PLANTILLA (falló el modelo)")
    if draft.model.backend == "template":
        return tr("Origin", "PLANTILLA (sin modelo)")
    return tr("Origin", "Modelo {id}").format(id=draft.model.id)


def status_line(draft: Draft | None, *, edited: bool, hindered: str = "") -> str:
    """Time, unless written before, attempts and whether the physician edited.

    Where nothing was drafted, what hinders the model, else the keys.
    """
    tr = QCoreApplication.translate
    if draft is None:
        return hindered or tr("Origin", "Ctrl+O abrir · Ctrl+G generar · Ctrl+S guardar PDF · F8 observación · F9 ley")
    seconds = tr("Origin", "{s} s").format(s=f"{draft.processing_ms / 1000:.1f}".replace(".", ","))
    many = tr("Origin", "{n} intentos").format(n=draft.attempts)
    attempts = tr("Origin", "1 intento") if draft.attempts == 1 else many
    parts = [draft.model.id, tr("Origin", "redactada antes") if draft.cached else seconds, attempts]
    if edited:
        parts.append(tr("Origin", "editado por el médico"))
    return " · ".join(parts)
