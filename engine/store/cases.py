"""The cases: their record, every version of the text, every report. Nothing written is ever overwritten."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Literal

from engine.domain import Case, Declaration, Draft, ModelRef, RecordWarning, Report, Usage
from engine.domain.people import Act
from engine.errors import StoreRefused
from engine.store import index
from engine.store.connection import Database
from engine.store.encoding import decoded, encoded
from engine.store.session import Session

Origin = Literal["model", "template", "edited"]
_SUMMARY = "SELECT id, name, rut, admitted, discharged, service, changed_at FROM cases WHERE id = ?"
_SUMMARY_FOUND = "SELECT id, name, rut, admitted, discharged, service, changed_at FROM cases WHERE serial = ?"
_LAST = {
    "records": "SELECT coalesce(max(version), 0) FROM records WHERE case_id = ?",
    "drafts": "SELECT coalesce(max(version), 0) FROM drafts WHERE case_id = ?",
}


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list shows of a case. Dates as in the record; «» where it has none."""

    id: str
    name: str
    rut: str
    admitted: str
    discharged: str
    service: str
    changed_at: str


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """The bytes that were read, to be read again by intake."""

    version: int
    source: bytes
    shape: str
    sha256: str
    at: str
    user_id: str


@dataclass(frozen=True, slots=True)
class DraftDetails:
    """What a draft carries besides text and report."""

    warnings: tuple[RecordWarning, ...]
    model: ModelRef
    generated_at: str
    processing_ms: int
    fallback: bool
    attempts: int
    usage: Usage
    declarations: tuple[Declaration, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A version of the text with its newest report."""

    version: int
    record_version: int
    origin: Origin
    draft: Draft
    declarations: tuple[Declaration, ...]
    at: str
    user_id: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case as it stands: the newest record and text, and whether it is signed."""

    summary: Summary
    record: StoredRecord
    draft: StoredDraft | None
    signed: bool


class Cases:
    """What is done with cases. Each method raises StoreRefused as `Session.act`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _db(self) -> Database:
        return self._session.db

    def create(self, case: Case, source: bytes) -> str:
        """A new case of this record, with the user as its team; its identifier."""
        case_id = secrets.token_hex(16)
        at = self._session.now()
        with self._session.act(Act.CREATE_CASE) as deed:
            deed.case_id = case_id
            self._db.execute(
                "INSERT INTO cases (id, created_at, changed_at, name, rut, admitted, discharged, service, terms) "
                "VALUES (?, ?, ?, '', '', '', '', '', '')",
                (case_id, at, at),
            )
            self._db.execute("INSERT INTO team VALUES (?, ?)", (case_id, self._session.user.id))
            self._insert_record(case_id, 1, case, source)
        return case_id

    def add_record(self, case_id: str, case: Case, source: bytes) -> int:
        """The record as it is now; its version. Raises StoreRefused: `case_signed`."""
        with self._session.act(Act.WRITE_RECORD, case_id) as deed:
            self._refuse_signed(case_id)
            version = _last(self._db, "records", case_id) + 1
            self._insert_record(case_id, version, case, source)
            deed.detail = f"v{version}"
        return version

    def add_draft(
        self, case_id: str, draft: Draft, origin: Origin, *, after: int, declarations: tuple[Declaration, ...] = ()
    ) -> int:
        """A new version of the text with its report; `after` is the version it was made from (0: none).

        Raises StoreRefused: `case_signed`, `draft_conflict` where another version was saved since.
        """
        with self._session.act(Act.WRITE_DRAFT, case_id) as deed:
            self._refuse_signed(case_id)
            if _last(self._db, "drafts", case_id) != after:
                raise StoreRefused("draft_conflict")
            at = self._session.now()
            values = (case_id, after + 1, _last(self._db, "records", case_id), origin, draft.text)
            self._db.execute(
                "INSERT INTO drafts (case_id, version, record_version, origin, text, details, at, user_id) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, encoded(_details(draft, declarations)), at, self._session.user.id),
            )
            self._insert_report(case_id, after + 1, draft.report)
            self._db.execute("UPDATE cases SET changed_at = ? WHERE id = ?", (at, case_id))
            deed.detail = f"v{after + 1}"
        return after + 1

    def add_report(self, case_id: str, version: int, report: Report) -> None:
        """The same text checked anew, by another version of the program perhaps."""
        with self._session.act(Act.WRITE_REPORT, case_id, f"v{version}"):
            self._refuse_signed(case_id)
            if not 1 <= version <= _last(self._db, "drafts", case_id):
                raise StoreRefused("version_unknown")
            self._insert_report(case_id, version, report)

    def open(self, case_id: str) -> CaseFile:
        """The case as it stands. The log says who read it."""
        with self._session.act(Act.READ_CASE, case_id):
            return case_file(self._db, case_id)

    def record(self, case_id: str, version: int) -> StoredRecord:
        """Raises StoreRefused: `version_unknown`."""
        with self._session.act(Act.READ_CASE, case_id, f"record v{version}"):
            return read_record(self._db, case_id, version)

    def draft(self, case_id: str, version: int) -> StoredDraft:
        """Raises StoreRefused: `version_unknown`."""
        with self._session.act(Act.READ_CASE, case_id, f"draft v{version}"):
            return read_draft(self._db, case_id, version)

    def search(self, words: str, limit: int = 50) -> tuple[Summary, ...]:
        """The newest cases that have words beginning so: in name or RUT, in one's own cases in diagnoses too.

        No words: one's own newest cases. The log says that somebody searched and how much was found, not for what.
        """
        with self._session.act(Act.SEARCH) as deed:
            found = index.found(self._db, words, self._session.user, limit)
            rows = [self._db.execute(_SUMMARY_FOUND, (n,)).fetchone() for n in found]
            deed.detail = str(len(rows))
        return tuple(Summary(*row) for row in rows)

    def _insert_record(self, case_id: str, version: int, case: Case, source: bytes) -> None:
        if hashlib.sha256(source).hexdigest() != case.sha256:
            raise ValueError("the source is not that of the case")
        at = self._session.now()
        self._db.execute(
            "INSERT INTO records (case_id, version, source, shape, sha256, at, user_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (case_id, version, source, case.shape, case.sha256, at, self._session.user.id),
        )
        patient, stay = case.patient, case.stay
        shown = (patient.name, patient.identifier, stay.start, stay.end, stay.service)
        self._db.execute(
            "UPDATE cases SET name = ?, rut = ?, admitted = ?, discharged = ?, service = ?, terms = ?, "
            "changed_at = ? WHERE id = ?",
            (*(text.value if text else "" for text in shown), index.terms(case), at, case_id),
        )
        index.put(self._db, case_id)

    def _insert_report(self, case_id: str, version: int, report: Report) -> None:
        number = "SELECT coalesce(max(number), 0) + 1 FROM reports WHERE case_id = ? AND draft_version = ?"
        self._db.execute(
            "INSERT INTO reports (case_id, draft_version, number, ok, report, program, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                case_id,
                version,
                self._db.execute(number, (case_id, version)).fetchone()[0],
                report.ok,
                encoded(report),
                self._session.tools.program,
                self._session.now(),
            ),
        )

    def _refuse_signed(self, case_id: str) -> None:
        if is_signed(self._db, case_id):
            raise StoreRefused("case_signed")


def _last(db: Database, table: Literal["records", "drafts"], case_id: str) -> int:
    """The number of the newest version, 0 where there is none."""
    return int(db.execute(_LAST[table], (case_id,)).fetchone()[0])


def is_signed(db: Database, case_id: str) -> bool:
    return db.execute("SELECT 1 FROM signatures WHERE case_id = ?", (case_id,)).fetchone() is not None


def case_file(db: Database, case_id: str) -> CaseFile:
    """Within an act of reading it."""
    summary = Summary(*db.execute(_SUMMARY, (case_id,)).fetchone())
    draft = _last(db, "drafts", case_id)
    return CaseFile(
        summary,
        read_record(db, case_id, _last(db, "records", case_id)),
        read_draft(db, case_id, draft) if draft else None,
        is_signed(db, case_id),
    )


def read_record(db: Database, case_id: str, version: int) -> StoredRecord:
    """Within an act of reading it. Raises StoreRefused: `version_unknown`, `store_value` for other bytes."""
    row = db.execute(
        "SELECT version, source, shape, sha256, at, user_id FROM records WHERE case_id = ? AND version = ?",
        (case_id, version),
    ).fetchone()
    if row is None:
        raise StoreRefused("version_unknown")
    record = StoredRecord(*row)
    if hashlib.sha256(record.source).hexdigest() != record.sha256:
        raise StoreRefused("store_value")
    return record


def read_draft(db: Database, case_id: str, version: int) -> StoredDraft:
    """With its newest report, within an act of reading it. Raises StoreRefused: `version_unknown`."""
    row = db.execute(
        "SELECT d.record_version, d.origin, d.text, d.details, d.at, d.user_id, r.report FROM drafts d "
        "JOIN reports r ON r.case_id = d.case_id AND r.draft_version = d.version "
        "WHERE d.case_id = ? AND d.version = ? ORDER BY r.number DESC LIMIT 1",
        (case_id, version),
    ).fetchone()
    if row is None:
        raise StoreRefused("version_unknown")
    record_version, origin, text, details, at, user_id, report = row
    kept = decoded(DraftDetails, details)
    draft = Draft(
        text=text,
        report=decoded(Report, report),
        warnings=kept.warnings,
        model=kept.model,
        generated_at=kept.generated_at,
        processing_ms=kept.processing_ms,
        fallback=kept.fallback,
        attempts=kept.attempts,
        usage=kept.usage,
    )
    return StoredDraft(version, record_version, origin, draft, kept.declarations, at, user_id)


def _details(draft: Draft, declarations: tuple[Declaration, ...]) -> DraftDetails:
    return DraftDetails(
        warnings=draft.warnings,
        model=draft.model,
        generated_at=draft.generated_at,
        processing_ms=draft.processing_ms,
        fallback=draft.fallback,
        attempts=draft.attempts,
        usage=draft.usage,
        declarations=declarations,
    )
