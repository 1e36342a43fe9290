"""The completeness gate over variants of one complete record."""

from __future__ import annotations

import copy
import json
from typing import Any

from engine import services
from engine.cancellation import CancelToken
from engine.domain import Case, Completeness, Requirement, RequirementId
from tests.helpers.records import SAMPLES, read

DAYS: dict[str, Any] = json.loads((SAMPLES / "days.json").read_text(encoding="utf-8"))
AT = "2026-10-11T14:05:31-03:00"
# What records without a patient's heading lack.
HEADING = {"identification", "practitioner", "admission_date", "discharge_date", "diagnosis_dates"}


def template(case: Case) -> str:
    draft, _ = services.drafted(case, services.DraftOptions(backend="template"), CancelToken())
    return draft.text


def gate(record: object, text: str | None = None) -> Completeness:
    """Of a record and, where none is given, the template's text of it."""
    case = read(record)
    return services.completeness(case, template(case) if text is None else text)


def missing(found: Completeness) -> set[str]:
    return {r.id for r in found.missing}


def one(found: Completeness, which: RequirementId) -> Requirement:
    return next(r for r in found.requirements if r.id == which)


def changed(**fields: object) -> dict[str, Any]:
    """days.json with other top-level fields; None leaves a field out."""
    return {key: value for key, value in {**copy.deepcopy(DAYS), **fields}.items() if value is not None}


def without(path: str) -> dict[str, Any]:
    """days.json without the field at `path`."""
    record = copy.deepcopy(DAYS)
    *parents, last = path.split("/")
    place = record
    for part in parents:
        place = place[part]
    del place[last]
    return record


def plan(**fields: object) -> dict[str, Any]:
    return {"indicaciones_alta": {**copy.deepcopy(DAYS["indicaciones_alta"]), **fields}}


def deceased(**fields: object) -> dict[str, Any]:
    record = changed(**plan(controles=[], **fields))
    record["atencion"]["condicion_egreso"] = "Fallecido"
    return record
