"""Each thing that Ley 20.584 art. 11 asks of the document, looked for in the record and in the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from engine.checking import places
from engine.checking.gaps import Finding, Gap, Look, counted, pointers
from engine.checking.saying import (
    bare_dose,
    has_dose,
    is_drug,
    says,
    says_none,
    some_date,
    tells_follow_up,
    tells_result,
    whole_date,
)
from engine.domain import NO_DISCHARGE, Case, Condition, Medication, RequirementId, Text, texts
from engine.evidence import Claim, Kind, Section
from engine.evidence.language import in_words
from engine.evidence.quantities import date_forms

_APART = frozenset(Kind) - {Kind.COURSE, Kind.OBSERVATION, Kind.PROCEDURE, Kind.REASON}


def findings(look: Look) -> Iterator[Finding]:
    """Every requirement, in the order of the law."""
    case = look.case
    yield _identification(case)
    yield _practitioner(case)
    yield _day("admission_date", case.stay.start, "ingreso", places.of_stay(case, "fecha_ingreso"))
    yield _discharge_date(case)
    yield _diagnoses(look, "admission_diagnoses", Kind.ADMISSION_DIAGNOSIS, case.admission)
    yield _diagnoses(look, "discharge_diagnoses", Kind.DISCHARGE_DIAGNOSIS, case.discharge)
    yield _diagnosis_dates(look)
    yield _comprehensible(look)
    yield _results(look)
    yield _treatments(look)
    yield _prescriptions(look)
    yield _follow_up(look)


def _identification(case: Case) -> Finding:
    patient = case.patient
    wanted = ((patient.name, "el nombre del paciente", "nombre"), (patient.identifier, "el RUT del paciente", "rut"))
    gaps = tuple(
        Gap("Falta", what, pointers(leaf), leaf.pointer if leaf else places.of_patient(case, key))
        for leaf, what, key in wanted
        if not says(leaf)
    )
    return Finding("identification", "Nombre y RUT.", pointers(patient.name, patient.identifier), gaps)


def _practitioner(case: Case) -> Finding:
    leaf = case.stay.practitioner
    place = leaf.pointer if leaf else places.of_stay(case, "medico_tratante")
    gap = Gap("Falta el médico tratante", "", pointers(leaf), place)
    return Finding("practitioner", "Médico tratante.", pointers(leaf), () if says(leaf) else (gap,))


def _day(requirement: RequirementId, leaf: Text | None, what: str, place: str) -> Finding:
    iso = whole_date(leaf)
    if iso:
        return Finding(requirement, f"{date_forms(iso)[0]}.", pointers(leaf))
    if says(leaf):
        gap = Gap(f"La fecha de {what} no es una fecha completa:", f"«{leaf.value}»", pointers(leaf), leaf.pointer)
    else:
        gap = Gap(f"Falta la fecha de {what}", "", pointers(leaf), leaf.pointer if leaf else place)
    return Finding(requirement, "", gaps=(gap,))


def _discharge_date(case: Case) -> Finding:
    start, end = case.stay.start, case.stay.end
    days = whole_date(start), whole_date(end)
    if end and days[0] and days[1] and days[0] > days[1]:
        gap = Gap("La fecha de egreso es anterior a la de ingreso", "", pointers(start, end), end.pointer)
        return Finding("discharge_date", "", gaps=(gap,))
    return _day("discharge_date", end, "egreso", places.of_stay(case, "fecha_alta"))


def _diagnoses(look: Look, requirement: RequirementId, kind: Kind, items: Sequence[Condition]) -> Finding:
    of_admission = kind is Kind.ADMISSION_DIAGNOSIS
    if not items and look.vouched(Section.ADMISSION if of_admission else Section.DISCHARGE):
        return Finding(requirement, "Agregado por el médico en el texto.")
    which, what = ("admission", "ingreso") if of_admission else ("discharge", "egreso")
    absent = Gap(f"La ficha no registra diagnósticos de {what}", pointer=places.of_list(look.case, which))
    gaps = tuple(look.untold(kind)) if items else (absent,)
    return Finding(requirement, counted(items, "diagnóstico", "diagnósticos"), pointers(*texts(tuple(items))), gaps)


def _diagnosis_dates(look: Look) -> Finding:
    """A diagnosis without its own date has that of the admission or of the discharge, and so it is printed."""
    case = look.case
    lists = (
        (case.admission, case.stay.start, "ingreso", places.of_stay(case, "fecha_ingreso")),
        (case.discharge, case.stay.end, "egreso", places.of_stay(case, "fecha_alta")),
    )
    gaps = tuple(gap for items, day, what, place in lists for gap in _undated(look, items, day, what, place))
    lent = [(day, what) for items, day, what, _ in lists if not all(item.recorded for item in items)]
    own = "Con fecha propia." if case.admission or case.discharge else "No hay diagnósticos que fechar."
    met = f"Sin fecha propia rige la de {' o la de '.join(what for _, what in lent)}." if lent else own
    recorded = (item.recorded for item in (*case.admission, *case.discharge))
    return Finding("diagnosis_dates", met, pointers(*recorded, *(day for day, _ in lent)), gaps)


def _undated(look: Look, items: Iterable[Condition], day: Text | None, what: str, place: str) -> Iterator[Gap]:
    for item in items:
        own = item.recorded
        if own:  # printed as it stands
            if not some_date(own):
                yield Gap("No se entiende la fecha de", look.name(item), pointers(*texts(item)), own.pointer)
        elif not whole_date(day):
            words = f"Sin fecha propia ni de {what}:"
            yield Gap(words, look.name(item), pointers(*texts(item)), day.pointer if day else place)


def _comprehensible(look: Look) -> Finding:
    items = (*look.case.admission, *look.case.discharge)
    gaps = tuple(gap for item in items for gap in _wordless(look, item))
    met = "Cada diagnóstico está en palabras." if items else "No hay diagnósticos que nombrar."
    return Finding("comprehensible_terms", met, pointers(*(item.name for item in items)), gaps)


def _wordless(look: Look, item: Condition) -> Iterator[Gap]:
    claim, place = look.claim(item), places.of_item(item, "nombre")
    if not says(item.name):
        yield Gap("Solo código, sin nombre:", look.name(item), pointers(*texts(item)), place)
    elif not (claim and in_words(claim.name)):
        yield Gap("Solo sigla o código, sin palabras:", look.name(item), pointers(*texts(item)), place)


def _results(look: Look) -> Finding:
    """Of their own list, or told in the course: most procedures have their result there."""
    items = look.case.observations
    if items:
        gaps = (*_valueless(look), *look.untold(Kind.OBSERVATION, Kind.PROCEDURE))
        return Finding("results", counted(items, "resultado", "resultados"), pointers(*(o.name for o in items)), gaps)
    told = [c for c in look.evidence.of(Kind.COURSE) if any(map(tells_result, c.forms))]
    met = Finding("results", "Constan en la evolución.", tuple(dict.fromkeys(p for c in told for p in c.pointers)))
    if told if look.text is None else _text_tells_result(look, look.text):
        return Finding(met.id, met.met, met.evidence, tuple(look.untold(Kind.PROCEDURE)))
    untold = tuple(_only_in_record(c) for c in told)
    place = places.of_list(look.case, "observations")
    absent = Gap("La ficha no registra resultados de exámenes ni de procedimientos", pointer=place)
    return Finding("results", "", gaps=untold or (absent, *look.untold(Kind.PROCEDURE)))


def _only_in_record(claim: Claim) -> Gap:
    return Gap("El texto no dice", f"«{claim.name}»", claim.pointers, claim.pointers[0], in_text=True)


def _valueless(look: Look) -> Iterator[Gap]:
    for item in look.case.observations:
        is_plain = item.name.pointer.rpartition("/")[2].isdigit()  # «Hemocultivos negativos», in one text
        if not is_plain and not any(map(says, (item.value, item.minimum, item.maximum, item.interpretation))):
            yield Gap("Falta el resultado de", look.name(item), (item.name.pointer,), places.of_item(item, "valor"))


def _text_tells_result(look: Look, text: str) -> bool:
    """Some clause tells one; that of a drug («según HGT») or a control does not, nor the bare name of a procedure."""
    named = [s for s in look.spans if s.kind == Kind.PROCEDURE]
    for span in named:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    apart = [s for s in look.spans if s.kind in _APART]
    clauses = re.finditer(r"(?:[^;.:,]|[;.:,](?!\s))+", text)
    return any(tells_result(c[0]) and not any(s.start < c.end() and c.start() < s.end for s in apart) for c in clauses)


def _treatments(look: Look) -> Finding:
    items = look.case.treatments
    gaps = _drugs(look, items, "treatments", "La ficha no registra fármacos administrados", Kind.TREATMENT)
    names = pointers(*(item.name for item in items))
    return Finding("treatments", counted(items, "tratamiento", "tratamientos"), names, gaps)


def _prescriptions(look: Look) -> Finding:
    items, place = look.case.plan.medications, places.of_list(look.case, "medications")
    if look.evidence.deceased:
        words = "El paciente falleció y la ficha indica al alta"
        conflict = tuple(Gap(words, look.name(item), pointers(*texts(item)), place) for item in items)
        return Finding("discharge_medications", NO_DISCHARGE, gaps=conflict)
    gaps = _drugs(look, items, "medications", "La ficha no registra fármacos al alta", Kind.PRESCRIPTION)
    names = pointers(*(item.name for item in items))
    return Finding("discharge_medications", counted(items, "fármaco", "fármacos"), names, gaps)


def _drugs(look: Look, items: Sequence[Medication], name: str, absent: str, kind: Kind) -> tuple[Gap, ...]:
    place = places.of_list(look.case, name)
    if not items:
        return (Gap(absent, pointer=place),)
    if not any(map(is_drug, look.evidence.of(kind))):
        none = all(item.name and says_none(item.name.value) for item in items)
        words = "La ficha dice" if none else "La ficha no registra fármacos, solo"
        return tuple(Gap(words, look.name(i), pointers(*texts(i)), place) for i in items)
    return (*(gap for item in items for gap in _drug(look, item)), *look.untold(kind))


def _drug(look: Look, item: Medication) -> Iterator[Gap]:
    claim, place = look.claim(item), places.of_item(item, "dosis")
    evidence = pointers(*texts(item))
    if not says(item.name) or claim is None:
        yield Gap("Falta el nombre del fármaco de", look.name(item), evidence, places.of_item(item, "nombre"))
    elif is_drug(claim) and not has_dose(claim):
        yield Gap("Falta la dosis de", look.name(item), evidence, place)
    elif bare := bare_dose(claim):
        yield Gap("Falta la unidad de la dosis de", f"{look.name(item)} («{bare}»)", evidence, place)
    if claim:
        yield from _untold_doses(look, claim)


def _untold_doses(look: Look, claim: Claim) -> Iterator[Gap]:
    for attribute in claim.attributes:
        if attribute.kind == "dose" and look.omits(claim, *attribute.forms):
            subject = f"«{claim.name}» ({attribute.forms[0]})"
            yield Gap("El texto no dice la dosis de", subject, claim.pointers, attribute.pointer, in_text=True)


def _follow_up(look: Look) -> Finding:
    """Of its own list; else of the recommendations or the last note, where some systems keep it."""
    case = look.case
    if look.evidence.deceased:
        return Finding("follow_up", NO_DISCHARGE)
    listed = [leaf for leaf in case.plan.follow_up if says(leaf)]
    if listed:
        none = [leaf for leaf in listed if all(says_none(other.value) for other in listed)]
        said = (Gap("La ficha dice", f"«{leaf.value}»", (leaf.pointer,), leaf.pointer) for leaf in none)
        gaps = (*said, *look.untold(Kind.FOLLOW_UP))
        return Finding("follow_up", counted(listed, "control", "controles"), pointers(*listed), gaps)
    return _follow_up_elsewhere(look)


def _follow_up_elsewhere(look: Look) -> Finding:
    case = look.case
    told = [leaf for leaf in (*case.plan.care, *(n.text for n in case.notes[-1:])) if tells_follow_up(leaf.value)]
    if told if look.text is None else tells_follow_up(look.text):
        return Finding("follow_up", "Consta fuera de la lista de controles.", pointers(*told))
    words = "El texto no dice el control que la ficha indica fuera de su lista"
    untold = tuple(Gap(words, "", (leaf.pointer,), leaf.pointer, in_text=True) for leaf in told)
    absent = Gap("La ficha no registra controles ni otro seguimiento", pointer=places.of_list(case, "follow_up"))
    return Finding("follow_up", "", gaps=untold or (absent,))
