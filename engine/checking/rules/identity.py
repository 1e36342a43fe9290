"""Name, identifier, sex and age: the patient's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from engine.checking.alignment import Alignment
from engine.checking.measures import values
from engine.checking.rules.common import violation
from engine.checking.units import flat
from engine.domain import Violation
from engine.evidence import Kind
from engine.evidence.language import fold

_FEMALE = re.compile(
    r"\b(?:sexo femenino|paciente femenin[oa]|mujer|la paciente|una paciente|hospitalizada|(?:fue|es) tratada|"
    r"ingresada|dada de alta|femenina|senora|sra)\b"
)
_MALE = re.compile(
    r"\b(?:sexo masculino|paciente masculin[oa]|hombre|varon|el paciente|un paciente|hospitalizado|(?:fue|es) tratado|"
    r"(?<!habia )(?<!ha )ingresado|dado de alta|senor|sr)\b"
)
_STRONG = re.compile(r"sexo|mujer|hombre|varon|femenin|masculin|senor|sra?\b")
_AGE = re.compile(
    r"(?:\bde |\bedad:? (?:de )?|\bpaciente |, )(\d{1,3}) (anos|meses|dias)\b(?! (?:de evolucion|atras|previ))"
)
_WHO = frozenset(
    "paciente sexo femenino masculino femenina mujer hombre varon nino nina lactante menor mayor adulto adulta escolar "
    "preescolar adolescente recien nacido nacida rn de y con edad senor senora un una el la".split()
)
_RUT = re.compile(r"\b(\d{1,2}\.?\d{3}\.?\d{3}-[\dk])\b", re.IGNORECASE)
_NAME = re.compile(
    r"(?:\b(?:[Pp]aciente|[Ss]eñora?|[Ss]ra?\.|[Dd]on|[Dd]oña|[Nn]ombre:?|[Ll]lamad[oa])\s+(?:don |doña )?)"
    r"((?:[A-ZÁÉÍÓÚÑ][a-záéíóúñü]+)(?:\s+(?:de |del |la )?[A-ZÁÉÍÓÚÑ][a-záéíóúñü]+)*)"
)


def check(alignment: Alignment) -> Iterator[Violation]:
    yield from _sex(alignment)
    yield from _age(alignment)
    yield from _identifier(alignment)
    yield from _name(alignment)


def _sex(alignment: Alignment) -> Iterator[Violation]:
    feminine = alignment.record.evidence.feminine
    gender = alignment.record.evidence.case.patient.gender
    text = flat(alignment.reading.text)
    for pattern, is_feminine in ((_FEMALE, True), (_MALE, False)):
        for m in pattern.finditer(text):
            if feminine is not None and gender and is_feminine is not feminine:
                yield violation(
                    "identity",
                    alignment,
                    m.start(),
                    m.end(),
                    f"El sexo registrado es «{gender.value}».",
                    (gender.pointer,),
                )
            elif (
                feminine is None
                and _STRONG.search(m[0])
                and not alignment.record.evidence.words & set(m[0].split()[-1:])
            ):
                yield violation("identity", alignment, m.start(), m.end(), "La ficha no consigna el sexo.")


def _age(alignment: Alignment) -> Iterator[Violation]:
    patient = alignment.record.evidence.case.patient
    known = _ages(alignment)
    folded = flat(alignment.reading.text)[:400]
    for m in _AGE.finditer(folded):
        if known and values(m[1]).isdisjoint(known) and _is_age(alignment, folded[: m.start(1)], m):
            leaf = patient.age or patient.birth_date
            yield violation(
                "identity",
                alignment,
                m.start(1),
                m.end(),
                f"La edad registrada es {min(known):g}.",
                (leaf.pointer,) if leaf else (),
            )


def _is_age(alignment: Alignment, before: str, m: re.Match[str]) -> bool:
    """«Paciente de 72 años» is an age; «disnea de 3 días» is none, nor a time that the record tells elsewhere."""
    if all(w in _WHO for w in re.findall(r"\w+", re.split(r"[.;:]", before)[-1])):
        return True
    told = {
        n
        for e in alignment.record.entries
        if e.claim.kind is not Kind.PATIENT
        for x in e.name.measures
        for n in x.norms
    }
    said = [x for x in alignment.reading.measures if x.start == m.start(1)]
    return m[2] == "anos" and not any(x.norms & told for x in said)


def _ages(alignment: Alignment) -> set[float]:
    case = alignment.record.evidence.case
    out: set[float] = set()
    if case.patient.age:
        out |= values(case.patient.age.value.strip())
    if case.patient.birth_date and case.stay.start:
        try:
            born, start = (
                date.fromisoformat(case.patient.birth_date.value[:10]),
                date.fromisoformat(case.stay.start.value[:10]),
            )
        except ValueError:
            return out
        out.add(float(start.year - born.year - ((start.month, start.day) < (born.month, born.day))))
    return out


def _identifier(alignment: Alignment) -> Iterator[Violation]:
    own = alignment.record.evidence.case.patient.identifier
    for m in _RUT.finditer(alignment.reading.text):
        if not own or own.value.replace(".", "").lower() != m[1].replace(".", "").lower():
            yield violation(
                "identity", alignment, m.start(), m.end(), "El RUT no es el de la ficha.", (own.pointer,) if own else ()
            )


def _name(alignment: Alignment) -> Iterator[Violation]:
    own = alignment.record.evidence.case.patient.name
    known = set(fold(own.value).split()) if own else set()
    for m in _NAME.finditer(alignment.reading.text):
        strange = [w for w in fold(m[1]).split() if w not in known and w not in ("de", "del", "la")]
        if strange and not all(w in alignment.record.evidence.words for w in strange):
            yield violation(
                "identity",
                alignment,
                m.start(1),
                m.end(1),
                "El nombre no es el de la ficha.",
                (own.pointer,) if own else (),
            )
