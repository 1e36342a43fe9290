"""Where a missing datum belongs in the record: beside what there is, else in the field of the published schema."""

from __future__ import annotations

from collections.abc import Iterable

from engine.domain import Case, Text, texts

# Canonical names of the lists: of the clinical API and the ward export, and of the compact shape.
_LISTS = {
    "admission": ("diagnostico_ingreso", "dx"),
    "discharge": ("diagnostico_egreso", "dx_alta"),
    "treatments": ("tratamientos_intrahosp", "tto"),
    "observations": ("laboratorios_relevantes", "laboratorios_relevantes"),
    "medications": ("indicaciones_alta/medicamentos", "med"),
    "follow_up": ("indicaciones_alta/controles", "controles"),
}


def of_patient(case: Case, field: str) -> str:
    """Beside the other data of the patient."""
    patient = case.patient
    siblings = (patient.birth_date, patient.gender, patient.age, patient.identifier, patient.name)
    return f"{_parent(siblings, f'{_root(case)}/paciente')}/{field}"


def of_stay(case: Case, field: str) -> str:
    """Beside the other data of the stay; its number may stand apart from them."""
    stay = case.stay
    siblings = (stay.start, stay.end, stay.service, stay.facility, stay.practitioner)
    return f"{_parent(siblings, f'{_root(case)}/atencion')}/{field}"


def of_list(case: Case, name: str) -> str:
    """The list, under the name that the record's shape gives it."""
    return f"{_root(case)}/{_LISTS[name][case.shape == 'compact']}"


def of_item(item: object, field: str) -> str:
    """A field of an item of a list; the item itself where it is a plain text."""
    pointers = {text.pointer for text in texts(item)}
    short, long = min(pointers, key=len), max(pointers, key=len)
    if _is_index(short):
        return f"{short}/{field}" if short != long else short
    parent = short.rpartition("/")[0]
    return f"{parent}/{field}" if parent else short


def _is_index(pointer: str) -> bool:
    return pointer.rpartition("/")[2].isdigit()


def _parent(siblings: Iterable[Text | None], otherwise: str) -> str:
    """Of the first sibling that stands inside an object; a name joined of its parts has the object's own pointer."""
    parents = (text.pointer.rpartition("/")[0] for text in siblings if text)
    return next(filter(None, parents), otherwise)


def _root(case: Case) -> str:
    """«» or the pointer of the object that wraps the record."""
    if case.reason:
        return case.reason.pointer.rpartition("/")[0]
    items = (*case.admission, *case.discharge, *case.procedures, *case.treatments, *case.notes, *case.observations)
    indexed = (text.pointer.split("/") for text in texts(items))
    return next(("/".join(_before_list(parts)) for parts in indexed if any(p.isdigit() for p in parts)), "")


def _before_list(parts: list[str]) -> list[str]:
    """What stands before the name of the list, which stands before the first index."""
    return parts[: next(i for i, part in enumerate(parts) if part.isdigit()) - 1]
