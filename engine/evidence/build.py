"""Case → Evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeGuard

from engine.domain import Case, Condition, Medication, Note, Observation, Procedure, Text, texts
from engine.evidence import clauses, openings, results, selection
from engine.evidence.claims import Attribute, Claim, Evidence, Kind, Section
from engine.evidence.language import expanded, fold, forms, plain, unaccented, words
from engine.evidence.measures import Line, attribute, parse, time_unit
from engine.evidence.quantities import date_forms, dates, day_of

_DEATH = re.compile(r"\b(?:fallec(?:e|io|ido|ida|imiento)|obito|defuncion|exitus|muere|murio)\b")
_RELATIVE = re.compile(
    r"\b(?:padre|madre|herman[oa]|hij[oa]|espos[oa]|conyuge|ti[oa]|abuel[oa]|familiar|gemelo|feto|fetal|mortinato)\b"
)
_DEAD = re.compile(rf"{_DEATH.pattern}|\bmuert[eoa]\b")  # of a disposition; a note may speak of «riesgo de muerte»
_DIED = re.compile(r"(?:paciente )?(?:fallec(?:id[oa]|e|io|imiento)|muert[eoa]|defuncion|obito|exitus(?: letalis)?)\b")
_TRANSFER = re.compile(r"\btraslad(?:o|ado|ada|a)\b")
_PLAIN = frozenset(("alta", "alta medica", "alta hospitalaria"))  # every stay ends so; nothing more to tell
_FEMALE = frozenset("f fem femenino femenina mujer female".split())
_MALE = frozenset("m masc masculino hombre varon male".split())


def build(case: Case) -> Evidence:
    """Everything that may be said about the patient, in the order in which it is told."""
    claims = tuple(_merged(_all(case)))
    used = [t for t in texts(case) if t not in case.unused]
    return Evidence(
        case=case,
        claims=claims,
        dates=frozenset(d for t in used for d in dates(t.value)),
        codes=frozenset(c.code for c in claims if c.code),
        words=frozenset(w for t in used for w in words(t.value)),
        feminine=_feminine(case),
        deceased=died(case),
        transferred=_transferred(case),
    )


def _all(case: Case) -> Iterator[Claim]:
    yield from _patient(case)
    if _says(case.reason):
        yield _phrase("motivo", Kind.REASON, Section.ADMISSION, case.reason)
    yield from _conditions("dx", Kind.ADMISSION_DIAGNOSIS, Section.ADMISSION, case.admission)
    history = case.history
    for kind, entries in (
        (Kind.HISTORY, (*history.conditions, *history.other)),
        (Kind.SURGERY, history.surgeries),
        (Kind.HABITUAL, history.habitual_medications),
        (Kind.ALLERGY, history.allergies),
    ):
        yield from _phrases(kind, Section.ADMISSION, entries)
    yield from _procedures(case.procedures)
    yield from _medications("tto", Kind.TREATMENT, Section.STAY, case.treatments)
    course, observations = results.merged(_course(case.notes), list(_observations(case.observations)))
    yield from (*course, *observations)
    yield from _disposition(case)
    yield from _conditions("dx-alta", Kind.DISCHARGE_DIAGNOSIS, Section.DISCHARGE, case.discharge)
    yield from _medications("med", Kind.PRESCRIPTION, Section.PLAN, case.plan.medications)
    yield from _phrases(Kind.FOLLOW_UP, Section.PLAN, case.plan.follow_up)
    yield from _phrases(Kind.CARE, Section.PLAN, case.plan.care)
    yield from _phrases(Kind.ALARM_SIGN, Section.PLAN, case.plan.alarm_signs)


def _merged(claims: Iterable[Claim]) -> Iterator[Claim]:
    """The same item recorded twice in one list is one claim with the pointers of both."""
    seen: dict[object, Claim] = {}
    for claim in claims:
        if not claim.forms:
            continue
        values = tuple(a.value for a in claim.attributes)
        key = (claim.kind, fold(claim.forms[-1]), claim.code, values) if claim.kind is not Kind.COURSE else claim.id
        first = seen.get(key)
        if first:
            seen[key] = replace(first, pointers=(*first.pointers, *claim.pointers))
        else:
            seen[key] = claim
    yield from seen.values()


def _pointers(*leaves: Text | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(leaf.pointer for leaf in leaves if leaf))


def _date(leaf: Text | None, *templates: str) -> tuple[Attribute, ...]:
    """A date with its preposition; `templates` as «el {}»."""
    if not leaf:
        return ()
    written = tuple(t.format(f) for t in templates for f in date_forms(leaf.value)[:2])
    return (Attribute("date", day_of(leaf.value), written, leaf.pointer),)


def _patient(case: Case) -> Iterator[Claim]:
    patient = case.patient
    if patient.gender and _feminine(case) is not None:
        sex = "sexo femenino" if _feminine(case) else "sexo masculino"
        yield Claim("sexo", Kind.PATIENT, Section.ADMISSION, (sex,), _pointers(patient.gender), required=False)
    age = _age(patient.age.value) if patient.age else ""
    if age:
        yield Claim("edad", Kind.PATIENT, Section.ADMISSION, (age,), _pointers(patient.age), required=False)


def _age(recorded: str) -> str:
    """«74» → «74 años», «5 a 3 m» → «5 años 3 meses», «RN de 2 días» → «2 días»; empty where no number is given."""
    if recorded.strip().isdigit():
        return f"{recorded.strip()} {time_unit('a', recorded.strip())}"
    parts = re.findall(r"(\d+)\s*([ad]|anos?|m|mes(?:es)?|dias?|sem(?:anas?)?|h(?:rs?|oras?)?)\b", unaccented(recorded))
    if parts:
        return " ".join(f"{n} {time_unit(unit, n)}" for n, unit in parts)
    return plain(recorded) if recorded[:1].isdigit() else ""


def _says(leaf: Text | None) -> TypeGuard[Text]:
    """False for a field that holds no more than punctuation; «(-)» does say something."""
    return leaf is not None and bool(leaf.value.strip(" .,;:-–_*/…"))


def _phrase(identifier: str, kind: Kind, section: Section, leaf: Text) -> Claim:
    written = clauses.phrase_forms(leaf.value)
    return Claim(identifier, kind, section, written, (leaf.pointer,), polarity=clauses.polarity(leaf.value))


def _phrases(kind: Kind, section: Section, leaves: Iterable[Text]) -> Iterator[Claim]:
    told = [_phrase(f"{kind.value}-{i}", kind, section, leaf) for i, leaf in enumerate(filter(_says, leaves))]
    yield from openings.shortened(told) if section is Section.PLAN else told


def _conditions(prefix: str, kind: Kind, section: Section, items: Iterable[Condition]) -> Iterator[Claim]:
    for i, item in enumerate(items):
        name = item.name.value if _says(item.name) else ""
        yield Claim(
            f"{prefix}-{i}",
            kind,
            section,
            clauses.name_forms(name) or _unnamed("diagnóstico", item.code),
            _pointers(item.name, item.code, item.recorded),
            item.code.value if item.code else None,
            _date(item.recorded, "el {}"),
            polarity=clauses.polarity(name),
            date=day_of(item.recorded.value) if item.recorded else None,
        )


def _unnamed(noun: str, *others: Text | None) -> tuple[str, ...]:
    """An item whose code or details stand in the record without a name is told all the same."""
    return (f"{noun} codificado",) if any(others) else ()


def _procedures(items: Iterable[Procedure]) -> Iterator[Claim]:
    for i, item in enumerate(items):
        name = item.name.value if _says(item.name) else ""
        yield Claim(
            f"proc-{i}",
            Kind.PROCEDURE,
            Section.STAY,
            clauses.name_forms(name, expand="hta" not in words(name)) or _unnamed("procedimiento", item.code),
            _pointers(item.name, item.code, item.performed),
            item.code.value if item.code else None,
            _date(item.performed, "el {}", "con fecha {}"),
            date=day_of(item.performed.value) if item.performed else None,
        )


def _medications(prefix: str, kind: Kind, section: Section, items: Iterable[Medication]) -> Iterator[Claim]:
    for i, item in enumerate(items):
        line = parse(item.name.value, item.name.pointer) if _says(item.name) else Line("", ())
        leaves = (item.dose, item.route, item.frequency, item.duration, item.start, item.end, item.note)
        yield Claim(
            f"{prefix}-{i}",
            kind,
            section,
            forms(line.name) or _unnamed("tratamiento", item.code, *leaves),
            _pointers(item.name, item.code, *leaves),
            item.code.value if item.code else None,
            (*line.attributes, *_fields(item, line.attributes)),
        )


def _fields(item: Medication, own: tuple[Attribute, ...]) -> Iterator[Attribute]:
    """The separate fields of a drug, without those that its name already states."""
    stated = {(a.kind, a.value) for a in own}
    for kind in ("dose", "route", "frequency", "duration", "note"):
        leaf = getattr(item, kind)
        for a in attribute(kind, leaf.value, leaf.pointer) if leaf else ():
            if (a.kind, a.value) not in stated:
                yield a
    yield from _date(item.start, "desde el {}", "a partir del {}")
    yield from _date(item.end, "hasta el {}")


def _course(notes: tuple[Note, ...]) -> list[Claim]:
    """Clauses of every note, the same words in one note once; selection.py says which are required."""
    return selection.weighed([claim for i, note in enumerate(notes) for claim in _note(i, note)])


def _note(index: int, note: Note) -> Iterator[Claim]:
    day = re.search(r"\d+", note.day.value) if note.day else None
    heading, text = clauses.headed(note.text.value)
    for j, clause in enumerate(dict.fromkeys(clauses.split(text))):
        yield Claim(
            f"evo-{index}-{j}",
            Kind.COURSE,
            Section.COURSE,
            clauses.clause_forms(clause, note.text.value),
            _pointers(note.text, note.day, note.recorded),
            polarity=clauses.polarity(clause),
            day=int(day[0]) if day else None,
            date=day_of(note.recorded.value) if note.recorded else None,
            heading="" if j else heading,
        )


def _observations(items: Iterable[Observation]) -> Iterator[Claim]:
    for i, item in enumerate(items):
        leaves = (item.name, item.value, item.unit, item.recorded, item.minimum, item.maximum, item.interpretation)
        normal = item.interpretation is not None and fold(item.interpretation.value) in ("normal", "n")
        yield Claim(
            f"lab-{i}",
            Kind.OBSERVATION,
            Section.COURSE,
            forms(item.name.value, expand="fa" not in words(item.name.value)),  # FA among results: fosfatasas alcalinas
            _pointers(*leaves),
            attributes=tuple(_results(item)),
            required=not normal,
            date=day_of(item.recorded.value) if item.recorded else None,
        )


def _results(item: Observation) -> Iterator[Attribute]:
    unit = f" {item.unit.value}" if item.unit else ""
    if item.value:
        value = " ".join(item.value.value.split())
        written = value if value.endswith(unit.strip() or "\0") else value + unit
        yield Attribute("value", fold(written), tuple(dict.fromkeys((expanded(written), written))), item.value.pointer)
    yield from _date(item.recorded, "el {}", "con fecha {}")
    for leaf, label in ((item.minimum, "mínimo"), (item.maximum, "máximo")):
        if leaf and leaf.value != (item.value.value if item.value else None):
            yield Attribute("value", f"{label} {leaf.value}{unit}", (f"{label} {leaf.value}{unit}",), leaf.pointer)


def _feminine(case: Case) -> bool | None:
    gender = fold(case.patient.gender.value) if case.patient.gender else ""
    return True if gender in _FEMALE else False if gender in _MALE else None


def _disposition(case: Case) -> Iterator[Claim]:
    """How the patient leaves; not required where it says no more than «alta», or where the last note tells it."""
    leaf = case.stay.disposition
    if leaf is None or not _says(leaf):
        return
    folded = fold(leaf.value)
    told = [c for c in _last_clauses(case) if (_died_in(c) and _DEAD.search(folded)) or _moves(c, folded)]
    written = clauses.name_forms(leaf.value)
    died = _DIED.match(fold(written[0]))  # «óbito en pabellón» is «fallece en pabellón»
    yield Claim(
        "destino",
        Kind.DISPOSITION,
        Section.DISCHARGE,
        (f"fallece{written[0][died.end() :]}", *written) if died else written,
        (leaf.pointer,),
        required=folded.strip(" .") not in _PLAIN and not told,
        polarity=clauses.polarity(leaf.value),
    )


def _moves(clause: str, disposition: str) -> bool:
    """The clause tells the transfer, with every word of its destination."""
    if not (_TRANSFER.search(disposition) and _TRANSFER.search(fold(clause)) and _affirmed(clause)):
        return False
    named = [w for w in words(_TRANSFER.sub("", disposition)) if len(w) > 2]
    return set(named) <= set(words(clause))


def _last_clauses(case: Case) -> list[str]:
    return clauses.split(case.notes[-1].text.value) if case.notes else []


def _affirmed(clause: str) -> bool:
    return clauses.polarity(clause) == "affirmed"


def _died_in(clause: str) -> bool:
    """The clause states the death of the patient, and not of a relative."""
    folded = fold(clause)
    return bool(_DEATH.search(folded)) and not _RELATIVE.search(folded) and _affirmed(clause)


def died(case: Case) -> bool:
    """The record says that the patient died: by the disposition, or by the last note."""
    leaf = case.stay.disposition
    return bool(leaf and _DEAD.search(fold(leaf.value))) or any(map(_died_in, _last_clauses(case)))


def _transferred(case: Case) -> bool:
    leaf = case.stay.disposition
    moved = (c for c in _last_clauses(case) if _TRANSFER.search(fold(c)) and _affirmed(c))
    return bool(leaf and _TRANSFER.search(fold(leaf.value))) or any(moved)
