"""The completeness gate of Ley 20.584 art. 11: what the law asks of the document, and how each part stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from engine.domain.report import author_name

RequirementId = Literal[
    "identification",
    "practitioner",
    "admission_date",
    "discharge_date",
    "admission_diagnoses",
    "discharge_diagnoses",
    "diagnosis_dates",
    "comprehensible_terms",
    "results",
    "treatments",
    "discharge_medications",
    "follow_up",
]
RequirementState = Literal["met", "declared", "missing"]
REQUIREMENTS: tuple[RequirementId, ...] = get_args(RequirementId)  # in the order of the law
NO_DISCHARGE = "No corresponde: el paciente falleció."  # of what is indicated at discharge

_LABELS: dict[RequirementId, str] = {
    "identification": "Identificación del paciente",
    "practitioner": "Profesional tratante principal",
    "admission_date": "Fecha de ingreso",
    "discharge_date": "Fecha de egreso",
    "admission_diagnoses": "Diagnósticos de ingreso",
    "discharge_diagnoses": "Diagnósticos de egreso",
    "diagnosis_dates": "Fecha de los diagnósticos",
    "comprehensible_terms": "Diagnósticos en términos comprensibles",
    "results": "Resultados de exámenes y procedimientos",
    "treatments": "Fármacos administrados y sus dosis",
    "discharge_medications": "Fármacos indicados al alta",
    "follow_up": "Seguimiento",
}


@dataclass(frozen=True, slots=True)
class Declaration:
    """A physician marks a missing requirement «No consignado» on purpose.

    `at` is ISO 8601 with zone. Raises ValueError for an unknown requirement, an author that is no name
    (`author_name`) or a moment without zone.
    """

    requirement: RequirementId
    author: str
    at: str

    def __post_init__(self) -> None:
        if self.requirement not in REQUIREMENTS:
            raise ValueError("unknown requirement")
        if author_name(self.author) != self.author:
            raise ValueError("the author of a declaration is a name")
        if datetime.fromisoformat(self.at).tzinfo is None:
            raise ValueError("the moment of a declaration has a zone")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that the law asks. `reason` is Spanish, for the physician, and quotes the record.

    `evidence` are the fields that hold it or, where something is missing, the incomplete ones; `pointer` is the field
    where the first missing datum belongs («» where nothing is missing). What the record holds and only the text lacks
    cannot be declared «No consignado».
    """

    id: RequirementId
    state: RequirementState
    reason: str
    evidence: tuple[str, ...] = ()
    pointer: str = ""
    declarable: bool = False
    declaration: Declaration | None = None

    @property
    def label(self) -> str:
        """Its name in Spanish."""
        return _LABELS[self.id]


@dataclass(frozen=True, slots=True)
class Completeness:
    """Every requirement, in the order of the law."""

    requirements: tuple[Requirement, ...] = ()

    @property
    def ok(self) -> bool:
        """True where nothing is missing: each requirement is met or declared."""
        return not self.missing

    @property
    def missing(self) -> tuple[Requirement, ...]:
        return tuple(r for r in self.requirements if r.state == "missing")

    @property
    def declared(self) -> tuple[Requirement, ...]:
        return tuple(r for r in self.requirements if r.state == "declared")
