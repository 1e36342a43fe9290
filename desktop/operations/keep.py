"""Keep the work in the encrypted history, and take it up again. Each gives a job for the lane of the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from desktop.operations.read import RecordRead
from desktop.operations.services import Services
from engine import history
from engine.domain import Attestation, Case, Declaration, Draft, Report
from engine.domain.signing import Addendum, Signature

T = TypeVar("T")
Job = Callable[[history.Session], T]


@dataclass(frozen=True, slots=True)
class Written:
    """The physician's work as it stands at one moment."""

    text: str
    attestations: tuple[Attestation, ...]
    declarations: tuple[Declaration, ...]


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """A case as it was left. `version` is that of its text, 0 where none was written."""

    case_id: str
    read: RecordRead
    draft: Draft | None
    written: Written
    edited: bool
    version: int
    signature: Signature | None
    addenda: tuple[Addendum, ...]


def find_patient(case: Case) -> Job[tuple[history.Listed, ...]]:
    """The unsigned cases of the same RUT that this user may go on with, the newest first."""
    number = case.patient.identifier
    return lambda session: history.Worklist(session).of_patient(number.value if number else "")


def keep_record(read: RecordRead, case_id: str = "") -> Job[str]:
    """The record as a new case, or as the next version of `case_id`; the case. Raises StoreRefused."""
    return lambda session: history.keep_record(session, read.case, read.source, case_id)


def keep_text(
    case_id: str, draft: Draft, written: Written, origin: history.Origin, *, after: int, checked: bool
) -> Job[int]:
    """Saves the text as the version after `after`; its number. `draft` has its text and report. Raises StoreRefused."""
    vouched = None if checked else written.attestations
    said = written.declarations
    return lambda session: history.keep_text(
        session, case_id, draft, origin, after=after, declarations=said, vouched=vouched
    )


def keep_report(case_id: str, version: int, report: Report) -> Job[None]:
    """The check of a text that was saved before it was checked. Raises StoreRefused."""
    return lambda session: history.Cases(session).add_report(case_id, version, report)


def open_case(services: Services, case_id: str) -> Job[CaseOpened]:
    """Raises StoreRefused, InputRefused."""
    return lambda session: _opened(services, history.reopen(session, case_id))


def _opened(services: Services, found: history.Reopened) -> CaseOpened:
    review, stored = services.review(found.case), found.draft
    written = Written(stored.draft.text if stored else "", found.attestations, stored.declarations if stored else ())
    gate = review.completeness(written.text if stored else None, written.declarations)
    read = RecordRead(found.case, review, services.record_warnings(found.case), gate, found.source)
    return CaseOpened(
        found.case_id,
        read,
        stored.draft if stored else None,
        written,
        edited=stored is not None and stored.origin == "edited",
        version=stored.version if stored else 0,
        signature=found.signature,
        addenda=found.addenda,
    )
