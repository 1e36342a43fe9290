"""A validated tree to a Case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, TypeVar

from engine.domain import CarePlan, Case, History, Note, Patient, Repair, Stay, Text
from engine.intake import items
from engine.intake.ledger import Ledger
from engine.intake.tree import NOTHING, Node

_Item = TypeVar("_Item")

_DISPOSITION: Final = ("condicion_egreso", "tipo_alta", "destino")
_DECISIVE: Final = re.compile(r"fallec|muert|defunci|obit|[oó]bito|traslad|deriv", re.IGNORECASE)
_UNLABELLED: Final = frozenset(("otros", "otro", "personales", "observaciones", "observacion", "generales"))
_CARE: Final = ("recomendaciones", "cuidados")
_LABELLED_CARE: Final = ("reposo", "regimen", "actividad", "curaciones", "kinesiterapia", "licencia_medica")


def build(root: Node, shape: str, sha256: str, repairs: list[Repair]) -> Case:
    """The Case of a canonical tree; the notices of its leaves come after the `repairs` given."""
    ledger = Ledger()
    case = Case(
        shape=shape,
        sha256=sha256,
        reason=ledger.text(root.get("motivo_ingreso")),
        patient=_patient(root, ledger),
        stay=_stay(root, ledger),
        history=_history(root, ledger),
        admission=_each(root, ("diagnostico_ingreso", "dx"), items.condition, ledger),
        procedures=_each(root, ("procedimientos", "proc"), items.procedure, ledger),
        treatments=_each(root, ("tratamientos_intrahosp", "tto"), items.medication, ledger),
        notes=_notes(root, ledger),
        observations=tuple(
            found
            for key in ("laboratorios_relevantes", "laboratorios_resumen")
            for item in root.get(key).items
            for found in items.observations(item, ledger)
        ),
        discharge=_each(root, ("diagnostico_egreso", "dx_alta"), items.condition, ledger),
        plan=_plan(root, root.get("indicaciones_alta"), ledger),
    )
    return _with_account(case, root, ledger, repairs)


def _with_account(case: Case, root: Node, ledger: Ledger, repairs: list[Repair]) -> Case:
    told = tuple(dict.fromkeys([*repairs, *ledger.repairs]))
    return replace(case, unused=ledger.unread(root), repairs=told)


def _each(
    root: Node, keys: tuple[str, ...], read: Callable[[Node, Ledger], _Item | None], ledger: Ledger
) -> tuple[_Item, ...]:
    found = (read(item, ledger) for key in keys for item in root.get(key).items)
    return tuple(item for item in found if item is not None)


def _notes(root: Node, ledger: Ledger) -> tuple[Note, ...]:
    keys = ("evolucion", "evolucion_resumen", "evo")
    return tuple(note for key in keys for item in root.get(key).items for note in items.notes(item, ledger))


def _patient(root: Node, ledger: Ledger) -> Patient:
    node = root.get("paciente")
    name = items.person(node, ledger) or ledger.text(root.get("nombre_paciente"))
    return Patient(
        name=name,
        identifier=ledger.text(_first("rut", node, root)),
        gender=ledger.text(_first("sexo", node, root)),
        age=ledger.text(_first("edad", node, root)),
        birth_date=ledger.date(_first("fecha_nacimiento", node, root)),
    )


def _stay(root: Node, ledger: Ledger) -> Stay:
    node = root.get("atencion")
    identifier = _first("id_atencion", root, node)
    return Stay(
        identifier=ledger.text(identifier if not identifier.empty else node.get("id")),
        start=ledger.date(_first("fecha_ingreso", node, root)),
        end=ledger.date(_first("fecha_alta", node, root)),
        service=ledger.text(_first("servicio", node, root)),
        facility=ledger.text(_first("establecimiento", node, root)),
        practitioner=items.person(_first("medico_tratante", node, root), ledger),
        disposition=_disposition((root, node, root.get("indicaciones_alta")), ledger),
    )


def _first(key: str, *nodes: Node) -> Node:
    """The field in the first node that has it filled."""
    return next((found for node in nodes if not (found := node.get(key)).empty), NOTHING)


def _disposition(nodes: tuple[Node, ...], ledger: Ledger) -> Text | None:
    """One of the fields that tell how the patient left: a death or a transfer before anything else."""
    found = [field for key in _DISPOSITION for node in nodes if not (field := node.get(key)).empty]
    decisive = (field for field in found if _DECISIVE.search(str(field.value)))
    return ledger.text(next(decisive, found[0] if found else NOTHING))


def _history(root: Node, ledger: Ledger) -> History:
    node = root.get("antecedentes")
    whole = node if not node.fields else NOTHING
    return History(
        conditions=tuple(_lines((whole, node.get("medicos"), root.get("antecedentes_medicos")), ledger)),
        surgeries=tuple(_lines((node.get("quirurgicos"), root.get("antecedentes_quirurgicos")), ledger)),
        allergies=tuple(_lines((node.get("alergias"), root.get("alergias")), ledger)),
        habitual_medications=tuple(
            _lines((node.get("medicamentos_habituales"), root.get("medicamentos_habituales")), ledger)
        ),
        other=tuple(_other_history(node, ledger)),
    )


def _other_history(node: Node, ledger: Ledger) -> Iterator[Text]:
    """Fields such as `familiares` or `tabaco` mean nothing, or something else, without their name."""
    known = ("medicos", "quirurgicos", "alergias", "medicamentos_habituales")
    for key, field in node.fields.items():
        if key not in known:
            label = "" if key.lower() in _UNLABELLED else _label(key)
            yield from items.lines(field, ledger, label)


def _label(key: str) -> str:
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _lines(nodes: tuple[Node, ...], ledger: Ledger) -> Iterator[Text]:
    return (text for node in nodes for text in items.lines(node, ledger))


def _plan(root: Node, node: Node, ledger: Ledger) -> CarePlan:
    whole = node if not node.fields else NOTHING
    labelled = (text for key in _LABELLED_CARE for text in items.lines(node.get(key), ledger, _label(key)))
    return CarePlan(
        medications=(
            *_each(node, ("medicamentos",), items.medication, ledger),
            *_each(root, ("medicamentos_alta", "med"), items.medication, ledger),
        ),
        follow_up=tuple(_lines((node.get("controles"), root.get("controles")), ledger)),
        care=(
            *_lines((whole, *(place.get(key) for key in _CARE for place in (node, root))), ledger),
            *labelled,
        ),
        alarm_signs=tuple(_lines((node.get("signos_alarma"), root.get("signos_alarma")), ledger)),
    )
