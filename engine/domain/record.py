"""The record of one hospital stay as frozen values with FHIR names.

Every leaf is a `Text`: the repaired value and the JSON pointer of the field it was read from
(RFC 6901; a list held in a string is addressed as if it were the list itself).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A value of the record (NFC, trimmed, never interpreted) and where it stands.

    Dates are ISO 8601 (`YYYY-MM-DD`, or `YYYY-MM-DDTHH:MM` where the record gives a time);
    codes are normalised (`S72.0`, `J01DD04`, without `ATC:`); numbers keep the record's digits.
    """

    value: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Patient:
    name: Text | None = None
    identifier: Text | None = None  # RUT
    gender: Text | None = None  # as recorded: «F», «Masculino»…
    age: Text | None = None  # as recorded: «74», «8 meses»
    birth_date: Text | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """FHIR Encounter."""

    identifier: Text | None = None
    start: Text | None = None  # admission date
    end: Text | None = None  # discharge date
    service: Text | None = None
    facility: Text | None = None
    practitioner: Text | None = None  # médico tratante
    disposition: Text | None = None  # alta, traslado, fallecido… as recorded


@dataclass(frozen=True, slots=True)
class History:
    conditions: tuple[Text, ...] = ()
    surgeries: tuple[Text, ...] = ()
    allergies: tuple[Text, ...] = ()
    habitual_medications: tuple[Text, ...] = ()
    other: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    name: Text | None = None
    code: Text | None = None  # CIE-10
    recorded: Text | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    name: Text | None = None
    code: Text | None = None
    performed: Text | None = None


@dataclass(frozen=True, slots=True)
class Medication:
    """A drug (or another treatment) given or prescribed; the dose may stand inside `name`."""

    name: Text | None = None
    code: Text | None = None  # ATC
    dose: Text | None = None
    route: Text | None = None
    frequency: Text | None = None
    duration: Text | None = None
    start: Text | None = None
    end: Text | None = None
    note: Text | None = None  # observaciones, indicación


@dataclass(frozen=True, slots=True)
class Note:
    """One entry of the clinical course."""

    text: Text
    day: Text | None = None  # day of stay, «1»
    recorded: Text | None = None
    author: Text | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """A laboratory or imaging result."""

    name: Text
    value: Text | None = None  # as recorded, with its unit where it stands in one field
    unit: Text | None = None
    recorded: Text | None = None
    low: Text | None = None  # reference range
    high: Text | None = None
    interpretation: Text | None = None  # «alto», «bajo», «normal»
    minimum: Text | None = None  # over the stay
    maximum: Text | None = None


@dataclass(frozen=True, slots=True)
class CarePlan:
    """What is indicated at discharge."""

    medications: tuple[Medication, ...] = ()
    follow_up: tuple[Text, ...] = ()  # controles
    care: tuple[Text, ...] = ()  # cuidados, recomendaciones
    alarm_signs: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Repair:
    """Something put right while reading, told to the user. `code` is a key of messages.toml."""

    code: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Case:
    shape: str  # "clinical" | "ward" | "compact" (string fields are told by `repairs`)
    sha256: str  # of the input bytes
    reason: Text | None = None
    patient: Patient = field(default_factory=Patient)
    stay: Stay = field(default_factory=Stay)
    history: History = field(default_factory=History)
    admission: tuple[Condition, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    treatments: tuple[Medication, ...] = ()
    notes: tuple[Note, ...] = ()
    observations: tuple[Observation, ...] = ()
    discharge: tuple[Condition, ...] = ()
    plan: CarePlan = field(default_factory=CarePlan)
    unused: tuple[Text, ...] = ()  # shown as «no utilizado»
    repairs: tuple[Repair, ...] = ()


def texts(value: object) -> Iterator[Text]:
    """Every leaf of the record below `value`, unused ones included."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from texts(item)
    elif is_dataclass(value):
        for f in fields(value):
            yield from texts(getattr(value, f.name))
