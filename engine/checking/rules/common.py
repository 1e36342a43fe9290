"""What every rule needs: how a violation is made and how items are named to the physician."""

from __future__ import annotations

from dataclasses import replace

from engine.checking.alignment import Alignment
from engine.checking.attestable import dosing, forbidden
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
    Kind.DISPOSITION: "la forma de egreso",
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
    *,
    added: bool = False,
) -> Violation:
    """A violation whose mention is the text's own words.

    `added`: they are words that the record lacks and does not contradict, for which a physician may vouch; not where
    they tell a drug, how it is given, a code or an allergy.
    """
    found = Violation(kind, alignment.reading.text[start:end], reason, severity, start, end, evidence)
    return replace(found, attestable=True) if added and _may_be_vouched_for(alignment, found) else found


def _may_be_vouched_for(alignment: Alignment, found: Violation) -> bool:
    reading = alignment.reading
    barred = forbidden(found.mention) or dosing(reading.text, reading.measures, found.start)
    of_a_drug = found.type in ("date", "number") and _told_of_a_drug(alignment, found.start)
    return not (barred or of_a_drug)


def _told_of_a_drug(alignment: Alignment, place: int) -> bool:
    """A drug stands in the clause; or, where nothing else stands before the place, further back in the sentence."""
    words = alignment.reading.words
    drugs = alignment.drug_words
    here = min(alignment.reading.first_from(place), len(words) - 1)
    clause = alignment.reading.clauses[words[here].clause]
    if drugs.intersection(clause) or any(words[i].key and i < here for i in clause):
        return bool(drugs.intersection(clause))
    before = (i for i in range(clause[0] - 1, -1, -1) if words[i].token.text == ";" or i in drugs)
    nearest = next(before, None)
    return nearest is not None and nearest in drugs and words[nearest].sentence == words[here].sentence


def omitted(entry: Entry, what: str, place: int, reason: str, severity: Severity = "blocking") -> Violation:
    """Something of the record that the text lacks; `place` is where it would stand."""
    return Violation("omission", what, reason, severity, place, place, entry.claim.pointers)
