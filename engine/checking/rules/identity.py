"""Name, identifier, sex and age: the patient's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from engine.checking.alignment import Alignment
from engine.checking.lexicon import lexicon
from engine.checking.measures import values
from engine.checking.pieces import found, matches
from engine.checking.rules.common import violation
from engine.checking.units import flat
from engine.domain import Violation
from engine.evidence import Kind
from engine.evidence.language import fold

# What is said of the patient alone: «egresa trasladada», «paciente operada»; not «el traslado», «cada».
_STATES = r"(?:egresa|paciente) (?!traslad[oa]\b|cuidad[oa]\b|resultado\b|estado\b)[a-z]{3,}[ai]d"
_FEMALE = re.compile(
    r"\b(?:sexo femenino|paciente femenin[oa]|mujer|la paciente|una paciente|hospitalizada|(?:fue|es) tratada|"
    rf"ingresada|trasladada|dada de alta|{_STATES}a|femenina|senora|sra)\b"
)
_MALE = re.compile(
    r"\b(?:sexo masculino|paciente masculin[oa]|hombre|varon|el paciente|un paciente|hospitalizado|(?:fue|es) tratado|"
    rf"(?<!habia )(?<!ha )ingresado|(?<!habia )(?<!ha )trasladado|dado de alta|{_STATES}o|senor|sr)\b"
)
_PARTICIPLE = re.compile(r"\w+[ai]d[oa]$")
_ANOTHER = re.compile(r"\b(?:rn|recien nacid[oa]|hij[oa]|bebe|feto|gemel[oa]|madre|padre|esposa?|herman[oa])\b[^.;,]*$")
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


_MONTHS = 12
_PLURAL = {"ano": "anos", "mes": "meses", "dia": "dias"}


def check(alignment: Alignment) -> Iterator[Violation]:
    yield from _sex(alignment)
    yield from _age(alignment)
    yield from _identifier(alignment)
    yield from _name(alignment)
    yield from _bare_name(alignment)


def _sex(alignment: Alignment) -> Iterator[Violation]:
    feminine = alignment.record.evidence.feminine
    gender = alignment.record.evidence.case.patient.gender
    text = flat(alignment.reading.text)
    for pattern, is_feminine in ((_FEMALE, True), (_MALE, False)):
        for start, end in found(pattern, text):
            if feminine is not None and gender and is_feminine is not feminine and _of_patient(alignment, start, end):
                yield violation(
                    "identity",
                    alignment,
                    start,
                    end,
                    f"El sexo registrado es «{gender.value}».",
                    (gender.pointer,),
                )
            elif (
                feminine is None
                and _STRONG.search(text[start:end])
                and not alignment.record.evidence.words & set(text[start:end].split()[-1:])
            ):
                yield violation("identity", alignment, start, end, "La ficha no consigna el sexo.")


def _of_patient(alignment: Alignment, start: int, end: int) -> bool:
    """A participle agrees with the patient: no statement of the record has it so, and it is said of no newborn."""
    text = flat(alignment.reading.text)
    if not _PARTICIPLE.search(text[start:end]):
        return True
    return not any(q.start <= start < q.end for q in alignment.quotes) and not _ANOTHER.search(text[:start])


def _age(alignment: Alignment) -> Iterator[Violation]:
    patient = alignment.record.evidence.case.patient
    known = _ages(alignment)
    folded = flat(alignment.reading.text)[:400]
    for m in _AGE.finditer(folded):
        if known and not _fits(m, known) and _is_age(alignment, folded[: m.start(1)], m):
            leaf = patient.age or patient.birth_date
            value, unit = min(known)
            yield violation(
                "identity",
                alignment,
                m.start(1),
                m.end(),
                f"La edad registrada es {value:g} {unit.replace('anos', 'años').replace('dias', 'días')}.",
                (leaf.pointer,) if leaf else (),
            )


def _fits(m: re.Match[str], known: set[tuple[float, str]]) -> bool:
    """The age, or the same in months: «14 meses» of a child of one year."""
    told = {(v, m[2]) for v in values(m[1])}
    in_years = {(v // _MONTHS, "anos") for v, unit in told if unit == "meses" and v >= _MONTHS}
    return not told.isdisjoint(known) or not in_years.isdisjoint(known)


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


def _ages(alignment: Alignment) -> set[tuple[float, str]]:
    """The ages that the record gives or that follow from the date of birth, each with its unit."""
    case = alignment.record.evidence.case
    told = (c.name for c in alignment.record.evidence.of(Kind.PATIENT) if c.id == "edad")
    out = {
        (v, re.sub(r"^(ano|mes|dia)(?:e?s)?$", lambda u: _PLURAL[u[1]], u))
        for text in told
        for n, u in re.findall(r"(\d+) (\w+)", flat(text))
        for v in values(n)
    }
    born = case.patient.birth_date.value[:10] if case.patient.birth_date else ""
    start = case.stay.start.value[:10] if case.stay.start else ""
    return out | _since(born, start)


def _since(born: str, start: str) -> set[tuple[float, str]]:
    try:
        first, then = date.fromisoformat(born), date.fromisoformat(start)
    except ValueError:
        return set()
    months = (then.year - first.year) * _MONTHS + then.month - first.month - (then.day < first.day)
    return {(float(months // _MONTHS), "anos"), (float(months), "meses"), (float((then - first).days), "dias")}


def _identifier(alignment: Alignment) -> Iterator[Violation]:
    own = alignment.record.evidence.case.patient.identifier
    for m in matches(_RUT, alignment.reading.text):
        if not own or own.value.replace(".", "").lower() != m[1].replace(".", "").lower():
            yield violation(
                "identity", alignment, m.start(), m.end(), "El RUT no es el de la ficha.", (own.pointer,) if own else ()
            )


def _name(alignment: Alignment) -> Iterator[Violation]:
    own = alignment.record.evidence.case.patient.name
    known = set(fold(own.value).split()) if own else set()
    for m in matches(_NAME, alignment.reading.text):
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


_CAPITAL = r"(?:[A-ZÁÉÍÓÚÑ][a-záéíóúñü]{2,}|[A-ZÁÉÍÓÚÑ]{3,})"
_CAPITALS = re.compile(rf"\b{_CAPITAL}(?: (?:de |del |la |los )*{_CAPITAL})+")
_AT_MOST = 5  # words of a name
_PAIR = 2


def _bare_name(alignment: Alignment) -> Iterator[Violation]:
    """Two names of people together, one of which the record does not have: «Juan Soto ingresa por…»."""
    own = alignment.record.evidence.case.patient.name
    known = alignment.record.evidence.words
    for m in matches(_CAPITALS, alignment.reading.text):
        said = [w for w in fold(m[0]).split() if w not in ("de", "del", "la", "los")]
        people = [w for w in said if flat(w) in lexicon().names]
        if len(people) >= _PAIR and len(said) <= _AT_MOST and any(w not in known for w in people):
            pointers = (own.pointer,) if own else ()
            yield violation("identity", alignment, m.start(), m.end(), "El nombre no es el de la ficha.", pointers)
