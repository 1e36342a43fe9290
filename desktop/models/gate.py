"""What Ley 20.584 art. 11 asks of the document, as rows."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from desktop.models.cards import Card, Tone
from engine.domain import Completeness, Requirement

_FIRST = ("missing", "declared", "met")
_TONES = {"missing": Tone.BLOCKING, "declared": Tone.DECLARED, "met": Tone.MET}


def in_order(gate: Completeness) -> tuple[Requirement, ...]:
    """What is missing first, then what is declared, each in the order of the law."""
    return tuple(sorted(gate.requirements, key=lambda found: _FIRST.index(found.state)))


def gate_card(found: Requirement) -> Card:
    """One requirement: its state in a word, its name, and the reason."""
    return Card(
        text=found.label,
        label=state_name(found),
        detail=f"{found.reason} {declared_line(found)}".strip(),
        tone=_TONES[found.state],
        pointers=found.evidence,
    )


def state_name(found: Requirement) -> str:
    tr = QCoreApplication.translate
    names = {
        "missing": tr("Gate", "Falta"),
        "declared": tr("Gate", "Declarado"),
        "met": tr("Gate", "Conforme"),
    }
    return names[found.state]


def declared_line(found: Requirement) -> str:
    """«No consignado», and who declared it and when; empty where nobody did."""
    if found.declaration is None:
        return ""
    at = datetime.fromisoformat(found.declaration.at)
    told = QCoreApplication.translate("Gate", "«No consignado», declarado por {who}, {when}.")
    return told.format(who=found.declaration.author, when=f"{at:%d-%m-%Y %H:%M}")


def gate_title(gate: Completeness | None, *, short: bool) -> str:
    """The law with how many things it lacks; `short` where there is little room."""
    tr = QCoreApplication.translate
    name = tr("Gate", "&Ley") if short else tr("Gate", "&Ley 20.584, art. 11")
    if gate is None:
        return name
    count = len(gate.missing)
    lacking = tr("Gate", "falta 1") if count == 1 else tr("Gate", "faltan {n}").format(n=count)
    return f"{name}: {lacking if count else tr('Gate', 'completa')}"
