"""A record as rows under clinical headings, the way a physician reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields

from PySide6.QtCore import QCoreApplication

from desktop.models.cards import Card, Tone
from engine.domain import (
    CarePlan,
    Case,
    Condition,
    Medication,
    Note,
    Observation,
    Patient,
    Procedure,
    RecordWarning,
    Repair,
    RequirementId,
    Stay,
    Text,
)
from engine.errors import EpicrisisError

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}:\d{2}))?")
_SHOWN_PLACES = 3
Coded = Condition | Procedure


def record_cards(case: Case, warnings: Iterable[RecordWarning]) -> tuple[Card, ...]:
    """Every row of the record panel, headings included, in reading order."""
    tr = QCoreApplication.translate
    sections: tuple[tuple[str, Iterable[Card], bool], ...] = (
        (tr("Record", "Revisar en la ficha"), map(_warning, warnings), False),
        (tr("Record", "Identificación"), _identity(case.patient, case.stay), True),
        (tr("Record", "Motivo de ingreso"), _texts("", [case.reason] if case.reason else []), True),
        (tr("Record", "Antecedentes y alergias"), _history(case), True),
        (tr("Record", "Diagnósticos de ingreso"), _or_absent(map(_coded, case.admission), "admission_diagnoses"), True),
        (tr("Record", "Procedimientos"), map(_coded, case.procedures), True),
        (tr("Record", "Tratamientos"), _or_absent(map(_medication, case.treatments), "treatments"), True),
        (tr("Record", "Evolución por día"), map(_note, case.notes), True),
        (tr("Record", "Exámenes"), _or_absent(map(_observation, case.observations), "results"), True),
        (tr("Record", "Diagnósticos de egreso"), _or_absent(map(_coded, case.discharge), "discharge_diagnoses"), True),
        (
            tr("Record", "Indicaciones al alta"),
            _indications(case.plan),
            True,
        ),
        (tr("Record", "No utilizado"), map(_unused, case.unused), False),
        (tr("Record", "Avisos de lectura"), _repairs(case.repairs), False),
    )
    return tuple(card for title, cards, expected in sections for card in _section(title, cards, expected))


def chilean_date(value: str) -> str:
    """«2026-10-02T09:10» as «02-10-2026 09:10»; anything else as it is."""
    match = _ISO.fullmatch(value)
    if match is None:
        return value
    year, month, day, time = match.groups()
    return f"{day}-{month}-{year}" + (f" {time}" if time else "")


def notice(code: str) -> str:
    """The Spanish text of a notice; the code where the catalogue lacks it, so that a record still opens."""
    try:
        return EpicrisisError(code).message()
    except KeyError:
        return code


def _section(title: str, cards: Iterable[Card], expected: bool) -> Iterator[Card]:
    rows = list(cards)
    if not rows and not expected:
        return
    yield Card(title, Tone.HEADER)
    yield from rows or [_absent()]


def _absent(label: str = "", gap: RequirementId | None = None) -> Card:
    return Card(QCoreApplication.translate("Record", "No consignado"), Tone.MUTED, label, gaps=(gap,) if gap else ())


def _or_absent(cards: Iterable[Card], gap: RequirementId, label: str = "") -> list[Card]:
    """The rows of what the law asks for, or the place where they belong."""
    return list(cards) or [_absent(label, gap)]


def _identity(patient: Patient, stay: Stay) -> Iterator[Card]:
    tr = QCoreApplication.translate
    age = patient.age and Text(_years(patient.age.value), patient.age.pointer)
    labelled: tuple[tuple[str, Text | None, RequirementId | None], ...] = (
        (tr("Record", "Nombre"), patient.name, "identification"),
        (tr("Record", "RUT"), patient.identifier, "identification"),
        (tr("Record", "Sexo"), patient.gender, None),
        (tr("Record", "Edad"), age, None),
        (tr("Record", "Nacimiento"), patient.birth_date, None),
        (tr("Record", "Ingreso"), stay.start, "admission_date"),
        (tr("Record", "Alta"), stay.end, "discharge_date"),
        (tr("Record", "Servicio"), stay.service, None),
        (tr("Record", "Hospital"), stay.facility, None),
        (tr("Record", "Tratante"), stay.practitioner, "practitioner"),
        (tr("Record", "Destino"), stay.disposition, None),
        (tr("Record", "Atención"), stay.identifier, None),
    )
    for label, text, gap in labelled:
        if text:
            yield Card(chilean_date(text.value), label=label, pointers=(text.pointer,))
        elif gap:
            yield _absent(label, gap)


def _indications(plan: CarePlan) -> list[Card]:
    tr = QCoreApplication.translate
    drug, control = tr("Record", "Fármaco"), tr("Record", "Control")
    return [
        *_or_absent((_medication(item, drug) for item in plan.medications), "discharge_medications", drug),
        *_or_absent(_texts(control, plan.follow_up), "follow_up", control),
        *_texts(tr("Record", "Cuidado"), plan.care),
        *_texts(tr("Record", "Alarma"), plan.alarm_signs),
    ]


def _years(age: str) -> str:
    """A bare number counts years."""
    return QCoreApplication.translate("Record", "{n} años").format(n=age) if age.isdigit() else age


def _history(case: Case) -> Iterator[Card]:
    tr = QCoreApplication.translate
    history = case.history
    allergy = tr("Record", "Alergia")
    yield from _texts(allergy, history.allergies, Tone.ALLERGY) if history.allergies else [_absent(allergy)]
    yield from _texts(tr("Record", "Médico"), history.conditions)
    yield from _texts(tr("Record", "Quirúrgico"), history.surgeries)
    yield from _texts(tr("Record", "Habitual"), history.habitual_medications)
    yield from _texts(tr("Record", "Otro"), history.other)


def _texts(label: str, texts: Iterable[Text], tone: Tone = Tone.PLAIN) -> list[Card]:
    return [Card(text.value, tone, label, pointers=(text.pointer,)) for text in texts]


def _coded(item: Coded) -> Card:
    when = item.recorded if isinstance(item, Condition) else item.performed
    return Card(
        _value(item.name) or QCoreApplication.translate("Record", "Sin nombre"),
        code=_value(item.code),
        detail=chilean_date(_value(when)),
        pointers=_pointers(item),
    )


def _medication(item: Medication, label: str = "") -> Card:
    tr = QCoreApplication.translate
    start = tr("Record", "desde {date}").format(date=chilean_date(item.start.value)) if item.start else ""
    end = tr("Record", "hasta {date}").format(date=chilean_date(item.end.value)) if item.end else ""
    given = map(_value, (item.dose, item.route, item.frequency, item.duration))
    parts = (*given, start, end, _value(item.note))
    return Card(
        _value(item.name) or tr("Record", "Sin nombre"),
        label=label,
        detail=_joined(parts),
        code=_value(item.code),
        pointers=_pointers(item),
    )


def _note(note: Note) -> Card:
    tr = QCoreApplication.translate
    day = tr("Record", "Día {n}").format(n=note.day.value) if note.day else ""
    label = day or chilean_date(_value(note.recorded))
    detail = _joined((chilean_date(_value(note.recorded)) if day else "", _value(note.author)))
    return Card(note.text.value, label=label, detail=detail, pointers=_pointers(note))


def _observation(item: Observation) -> Card:
    tr = QCoreApplication.translate
    value = " ".join(filter(None, (_value(item.value), _value(item.unit))))
    limits = (_value(item.low), _value(item.high))
    parts = (
        _value(item.interpretation),
        tr("Record", "ref. {low}–{high}").format(low=limits[0], high=limits[1]) if all(limits) else "",
        tr("Record", "mín. {n}").format(n=item.minimum.value) if item.minimum else "",
        tr("Record", "máx. {n}").format(n=item.maximum.value) if item.maximum else "",
        chilean_date(_value(item.recorded)),
    )
    text = f"{item.name.value}: {value}" if value else item.name.value
    return Card(text, detail=_joined(parts), pointers=_pointers(item))


def _unused(text: Text) -> Card:
    return Card(text.value, Tone.MUTED, detail=text.pointer, pointers=(text.pointer,))


def _warning(warning: RecordWarning) -> Card:
    word = QCoreApplication.translate("Record", "Revisar")
    return Card(warning.reason, Tone.WARNING, word, pointers=(warning.pointer,))


def _repairs(repairs: Iterable[Repair]) -> Iterator[Card]:
    places: dict[str, list[str]] = {}
    for repair in repairs:
        places.setdefault(repair.code, []).append(repair.pointer)
    return (Card(notice(code), Tone.MUTED, detail=_places(at)) for code, at in places.items())


def _places(pointers: list[str]) -> str:
    named = [pointer for pointer in pointers if pointer]
    rest = len(named) - _SHOWN_PLACES
    more = QCoreApplication.translate("Record", " y {n} más").format(n=rest) if rest > 0 else ""
    return ", ".join(named[:_SHOWN_PLACES]) + more


def _value(text: Text | None) -> str:
    return text.value if text else ""


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)


def _pointers(item: Condition | Procedure | Medication | Note | Observation) -> tuple[str, ...]:
    leaves = (getattr(item, field.name) for field in fields(item))
    return tuple(leaf.pointer for leaf in leaves if isinstance(leaf, Text))
