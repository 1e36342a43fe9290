"""What may be said about one patient: claims, their literal forms and where they stand in the record.

The evidence is the only thing that drafting and checking share. A claim is one statement of the record
(a diagnosis, a drug line, one clause of the course); its forms are the ways in which it may be written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from engine.domain import Case


class Section(StrEnum):
    """The five parts of the paragraph, in their order."""

    __hash__ = str.__hash__  # that of enums is slow, and the checker asks for the part of every word

    ADMISSION = "admission"
    STAY = "stay"
    COURSE = "course"
    DISCHARGE = "discharge"
    PLAN = "plan"


class Kind(StrEnum):
    __hash__ = str.__hash__

    PATIENT = "patient"  # sex and age
    REASON = "reason"
    ADMISSION_DIAGNOSIS = "admission_diagnosis"
    HISTORY = "history"
    SURGERY = "surgery"
    HABITUAL = "habitual"  # drugs taken before admission
    ALLERGY = "allergy"
    PROCEDURE = "procedure"
    TREATMENT = "treatment"
    COURSE = "course"
    OBSERVATION = "observation"
    DISPOSITION = "disposition"  # how the patient leaves: home, transfer, death
    DISCHARGE_DIAGNOSIS = "discharge_diagnosis"
    PRESCRIPTION = "prescription"
    FOLLOW_UP = "follow_up"
    CARE = "care"
    ALARM_SIGN = "alarm_sign"


Polarity = Literal["affirmed", "negated", "suspected"]
AttributeKind = Literal["dose", "route", "frequency", "duration", "date", "note", "value"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One detail of a claim, in the order in which the record gives it.

    `value` is canonical («500 mg», «oral», «cada 8 horas», «7 días», «2024-01-15») and serves to compare;
    `forms` are the ways to write it, the preferred one first («500 mg», «500mg»).
    """

    kind: AttributeKind
    value: str
    forms: tuple[str, ...]
    pointer: str


@dataclass(frozen=True, slots=True)
class Claim:
    id: str  # unique in the evidence: «dx-0», «tto-2», «evo-3-1» (note 3, clause 1)
    kind: Kind
    section: Section
    forms: tuple[str, ...]  # of the name or clause; the preferred one first, the record's own words last
    pointers: tuple[str, ...]  # every field that supports it
    code: str | None = None  # as it is written between parentheses
    attributes: tuple[Attribute, ...] = ()
    required: bool = True
    polarity: Polarity = "affirmed"
    day: int | None = None  # day of stay, of a clause of the course
    date: str | None = None  # ISO, of a clause of the course, an observation or a procedure
    heading: str = ""  # of the first clause of a note: the ward that heads it («medicina», «UCI»)

    @property
    def name(self) -> str:
        return self.forms[0]

    @property
    def note(self) -> str:
        """Of a clause of the course: its note («evo-3» of «evo-3-1»)."""
        return self.id.rsplit("-", 1)[0]


@dataclass(frozen=True, slots=True)
class Evidence:
    case: Case
    claims: tuple[Claim, ...]
    dates: frozenset[str]  # every date of the record, ISO
    codes: frozenset[str]
    words: frozenset[str]  # every word of the record, lower case without accents
    feminine: bool | None = None  # recorded sex; None where not recorded
    deceased: bool = False  # the record says that the patient died
    transferred: bool = False

    def of(self, *kinds: Kind) -> Iterator[Claim]:
        """The claims of these kinds, in the order of the record."""
        return (claim for claim in self.claims if claim.kind in kinds)
