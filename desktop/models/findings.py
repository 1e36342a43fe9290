"""A report as rows."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from desktop.models.cards import Card, Tone
from engine.domain import Attestation, Attested, Report, Violation


def type_name(kind: str) -> str:
    """The Spanish name of a violation type; the type itself where it is unknown."""
    tr = QCoreApplication.translate
    names = {
        "dx": tr("Findings", "Diagnóstico"),
        "proc": tr("Findings", "Procedimiento"),
        "med": tr("Findings", "Medicamento"),
        "code": tr("Findings", "Código"),
        "dose": tr("Findings", "Dosis"),
        "route": tr("Findings", "Vía"),
        "frequency": tr("Findings", "Frecuencia"),
        "duration": tr("Findings", "Duración"),
        "date": tr("Findings", "Fecha"),
        "number": tr("Findings", "Cifra"),
        "lab": tr("Findings", "Examen"),
        "laterality": tr("Findings", "Lateralidad"),
        "negation": tr("Findings", "Negación"),
        "allergy": tr("Findings", "Alergia"),
        "identity": tr("Findings", "Identidad"),
        "omission": tr("Findings", "Omisión"),
        "format": tr("Findings", "Formato"),
    }
    return names.get(kind, kind)


def finding_cards(report: Report) -> tuple[Card, ...]:
    """One row per violation, in the report's order (row i is violation i); then one per attested place."""
    violations = (_card(violation) for violation in report.violations)
    return (*violations, *(_attested_card(place) for place in report.attested))


def attested_line(by: Attestation) -> str:
    """Who vouches for a phrase and since when."""
    at = datetime.fromisoformat(by.at)
    return f"{by.author}, {at:%d-%m-%Y %H:%M}"


def count_line(report: Report) -> str:
    """«2 bloquean · 1 aviso · 1 agregada», or that nothing was found."""
    tr = QCoreApplication.translate
    blocking = sum(violation.severity == "blocking" for violation in report.violations)
    warnings = len(report.violations) - blocking
    parts = []
    if blocking:
        many = tr("Findings", "{n} bloquean").format(n=blocking)
        parts.append(tr("Findings", "1 bloquea") if blocking == 1 else many)
    if warnings:
        many = tr("Findings", "{n} avisos").format(n=warnings)
        parts.append(tr("Findings", "1 aviso") if warnings == 1 else many)
    if report.attested:
        many = tr("Findings", "{n} agregadas").format(n=len(report.attested))
        parts.append(tr("Findings", "1 agregada") if len(report.attested) == 1 else many)
    return " · ".join(parts) or tr("Findings", "Sin observaciones")


def findings_title(report: Report | None) -> str:
    """The name of the list, with how many violations it has."""
    name = QCoreApplication.translate("Findings", "&Observaciones")
    return f"{name} ({len(report.violations)})" if report and report.violations else name


def report_tone(report: Report) -> Tone:
    """What the report comes to: something blocks, something is pointed out, or nothing."""
    if not report.ok:
        return Tone.BLOCKING
    return Tone.WARNING if report.violations else Tone.MET


def _card(violation: Violation) -> Card:
    blocking = violation.severity == "blocking"
    word = (
        QCoreApplication.translate("Findings", "Bloquea")
        if blocking
        else QCoreApplication.translate("Findings", "Aviso")
    )
    name = type_name(violation.type)
    mention = f"{name}: «{violation.mention}»" if violation.mention else name
    return Card(
        text=mention,
        label=word,
        detail=violation.reason,
        tone=Tone.BLOCKING if blocking else Tone.WARNING,
        pointers=violation.evidence,
    )


def _attested_card(place: Attested) -> Card:
    return Card(
        text=f"«{place.attestation.phrase}»",
        label=QCoreApplication.translate("Findings", "Agregado"),
        detail=attested_line(place.attestation),
        tone=Tone.ATTESTED,
    )
