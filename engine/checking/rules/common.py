"""What every rule needs: how a violation is made and how items are named to the physician."""

from __future__ import annotations

from engine.checking.alignment import Alignment
from engine.checking.record import Entry
from engine.domain import Severity, Violation, ViolationType
from engine.evidence import Kind

NOUNS = {
    Kind.ADMISSION_DIAGNOSIS: "el diagnóstico de ingreso",
    Kind.DISCHARGE_DIAGNOSIS: "el diagnóstico de egreso",
    Kind.PROCEDURE: "el procedimiento",
    Kind.TREATMENT: "el tratamiento intrahospitalario",
    Kind.PRESCRIPTION: "el fármaco de alta",
    Kind.REASON: "el motivo de ingreso",
    Kind.HISTORY: "el antecedente",
    Kind.SURGERY: "el antecedente quirúrgico",
    Kind.HABITUAL: "el fármaco habitual",
    Kind.ALLERGY: "la alergia",
    Kind.COURSE: "de la evolución",
    Kind.OBSERVATION: "el resultado de",
    Kind.FOLLOW_UP: "el control",
    Kind.CARE: "la indicación",
    Kind.ALARM_SIGN: "el signo de alarma",
    Kind.PATIENT: "el dato del paciente",
}
ITEM_TYPE: dict[Kind, ViolationType] = {
    Kind.ADMISSION_DIAGNOSIS: "dx",
    Kind.DISCHARGE_DIAGNOSIS: "dx",
    Kind.PROCEDURE: "proc",
    Kind.TREATMENT: "med",
    Kind.PRESCRIPTION: "med",
    Kind.HABITUAL: "med",
    Kind.ALLERGY: "allergy",
    Kind.OBSERVATION: "lab",
}


def violation(
    kind: ViolationType,
    alignment: Alignment,
    start: int,
    end: int,
    reason: str,
    evidence: tuple[str, ...] = (),
    severity: Severity = "blocking",
) -> Violation:
    """A violation whose mention is the text's own words."""
    return Violation(kind, alignment.reading.text[start:end], reason, severity, start, end, evidence)


def omitted(entry: Entry, what: str, place: int, reason: str, severity: Severity = "blocking") -> Violation:
    """Something of the record that the text lacks; `place` is where it would stand."""
    return Violation("omission", what, reason, severity, place, place, entry.claim.pointers)
