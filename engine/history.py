"""The use cases of the encrypted history, for the command line and the window; the rest is `engine.store`.

The window takes what it needs of the store from here: it does not import `engine.store` itself.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from engine import documents, files, paths, services
from engine.domain import Attestation, Attested, Case, Declaration, Draft, Report, Violation
from engine.domain.signing import Addendum, Signature
from engine.errors import EpicrisisError, StoreRefused
from engine.inference import runtimes
from engine.store.access import Access
from engine.store.audit import Problem, Verdict
from engine.store.audit_export import AuditLog
from engine.store.backup import Backups, Contents
from engine.store.cases import CaseFile, Cases, Origin, StoredDraft, StoredRecord, Summary
from engine.store.catalogues import Catalogues, Term
from engine.store.keys import Cost, calibrated, refuse_weak
from engine.store.place import Place
from engine.store.portability import PatientCase, Portability
from engine.store.restore import Preview, Restore
from engine.store.retention import Retention
from engine.store.session import Session
from engine.store.settings import SETTINGS, Settings
from engine.store.signing import Signing
from engine.store.users import Users
from engine.store.vault import Vault
from engine.store.worklist import PAGE, Listed, Worklist

__all__ = [
    "PAGE",
    "SETTINGS",
    "Access",
    "AuditLog",
    "Backups",
    "CaseFile",
    "Cases",
    "Catalogues",
    "Contents",
    "Cost",
    "Listed",
    "Origin",
    "Portability",
    "Preview",
    "Problem",
    "Reopened",
    "Restore",
    "Retention",
    "Session",
    "Settings",
    "Signing",
    "StoredDraft",
    "StoredRecord",
    "Summary",
    "Term",
    "Users",
    "Vault",
    "Verdict",
    "Worklist",
    "back_up",
    "calibrated",
    "export_audit",
    "export_patient",
    "forget",
    "keep_record",
    "keep_text",
    "preview_restore",
    "refuse_weak",
    "reopen",
    "restore",
    "unlocked",
    "vault",
    "verify_audit",
]


def _place() -> Place:
    return Place(paths.user_store(), paths.user_heads())


def vault() -> Vault:
    """The door of this user's store, which need not exist yet."""
    return Vault(_place(), services.version())


@contextmanager
def unlocked(login: str, passphrase: str) -> Iterator[Session]:
    """Somebody at the store, who leaves at the end. Raises StoreRefused; EpicrisisError where the disk fails."""
    with _disk_failures_told():
        session = vault().unlock(login, passphrase)
        try:
            yield session
        except BaseException:
            session.abandon()
            raise
        session.close()


@dataclass(frozen=True, slots=True)
class Reopened:
    """A case as it was left: what was read, the newest text with all that was said of it, who signed it."""

    case_id: str
    case: Case
    source: bytes
    draft: StoredDraft | None
    signature: Signature | None
    addenda: tuple[Addendum, ...]

    @property
    def attestations(self) -> tuple[Attestation, ...]:
        """What the physician vouched for when the text was last saved."""
        held = self.draft.draft.report.attested if self.draft else ()
        return tuple(dict.fromkeys(place.attestation for place in held))


def keep_record(session: Session, case: Case, source: bytes, case_id: str = "") -> str:
    """The case of this record, a new one or the next version of `case_id`; the same bytes are no new version.

    Raises StoreRefused: `case_signed` and as `Session.act`.
    """
    if not case_id:
        return Cases(session).create(case, source)
    if Cases(session).open(case_id).record.sha256 != case.sha256:
        Cases(session).add_record(case_id, case, source)
    return case_id


def keep_text(
    session: Session,
    case_id: str,
    draft: Draft,
    origin: Origin,
    *,
    after: int,
    declarations: tuple[Declaration, ...] = (),
    vouched: tuple[Attestation, ...] | None = None,
) -> int:
    """Saves the text as the next version after `after`; its number.

    With `vouched` the text was not checked as it stands: it is saved so, and cannot be signed until a report follows.
    Raises StoreRefused: `case_signed`, `draft_conflict` and as `Session.act`.
    """
    kept = draft if vouched is None else replace(draft, report=_unchecked(vouched))
    return Cases(session).add_draft(case_id, kept, origin, after=after, declarations=declarations)


def _unchecked(vouched: tuple[Attestation, ...]) -> Report:
    reason = "El texto se guardó mientras se escribía y falta comprobarlo."
    missing = Violation("format", "", reason, "blocking", 0, 0)
    return Report(violations=(missing,), attested=tuple(Attested(one, 0, 0) for one in vouched))


def reopen(session: Session, case_id: str) -> Reopened:
    """Raises StoreRefused as `Session.act`, `signature_broken`; InputRefused where the program reads it no more."""
    file = Cases(session).open(case_id)
    signature, addenda = Signing(session).read(case_id) if file.signed else (None, ())
    record = file.record
    if signature and file.draft and file.draft.record_version != record.version:
        record = Cases(session).record(case_id, file.draft.record_version)
    return Reopened(case_id, services.read(record.source), record.source, file.draft, signature, addenda)


def forget() -> None:
    """Drops what the program holds of records in memory: drafts already written, and the model with its context."""
    services.forget()
    runtimes.unload()


def verify_audit(session: Session, against: Path | None = None) -> Verdict:
    """Reads the whole log, and holds it against an older export of it where one is given. Raises StoreRefused."""
    log = AuditLog(session)
    older = None
    if against is not None:
        older = log.against(_lines(against))
    verdict = log.verify()
    return verdict if verdict.problem or older is None else Verdict(verdict.entries, older, verdict.turned_back)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise StoreRefused("export_damaged") from None


def export_audit(session: Session, path: Path) -> int:
    """Writes the signed log whole or not at all; how many entries it has. Raises EpicrisisError."""
    lines = list(AuditLog(session).export())
    documents.write_whole(path, "".join(f"{line}\n" for line in lines).encode("utf-8"))
    return len(lines) - 2


def back_up(session: Session, folder: Path) -> Path:
    """A new, verified copy in `folder`; its own folder. Raises EpicrisisError."""
    with _disk_failures_told():
        return Backups(session).make(folder)


def preview_restore(copy: Path, login: str, passphrase: str) -> Preview:
    """What restoring would bring and lose; nothing is changed. Raises EpicrisisError."""
    with _disk_failures_told():
        return Restore(_place(), services.version()).preview(copy, login, passphrase)


def restore(copy: Path, login: str, passphrase: str) -> Contents:
    """The copy takes the place of the present store, whole or not at all. Raises EpicrisisError."""
    with _disk_failures_told():
        return Restore(_place(), services.version()).restore(copy, login, passphrase)


def export_patient(session: Session, patient_rut: str, folder: Path) -> int:
    """Everything of one patient as JSON, and a PDF a case, in a new folder, whole or not at all; how many cases.

    Raises StoreRefused: `rut_unknown`, `folder_exists`; EpicrisisError.
    """
    if os.path.lexists(folder):
        raise StoreRefused("folder_exists")
    found = Portability(session).gather(patient_rut)
    with _disk_failures_told():
        beside = Path(tempfile.mkdtemp(prefix=".epicrisis-", suffix=".tmp", dir=folder.parent))
        try:
            for number, case in enumerate(found, 1):
                data = json.dumps(case.data, ensure_ascii=False, indent=1)
                files.replace(beside / f"caso-{number}.json", data.encode("utf-8"))
                document = _document(case)
                if document:
                    files.replace(beside / f"caso-{number}.pdf", document)
            beside.rename(folder)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    files.sync_folder(folder.parent)
    return len(found)


def _document(stored: PatientCase) -> bytes | None:
    """The text as it was saved, a draft unless it is signed; None where none was written."""
    draft = stored.file.draft
    if draft is None:
        return None
    record = next(r for r in stored.records if r.version == draft.record_version)
    case = services.read(record.source)
    gate = services.completeness(case, draft.draft.text, draft.declarations, report=draft.draft.report)
    return documents.render_pdf(
        case,
        draft.draft,
        approved=stored.file.signed,
        version=services.version(),
        declared=gate.declared,
        signature=stored.signature,
        addenda=stored.addenda,
    )


@contextmanager
def _disk_failures_told() -> Iterator[None]:
    """The path may name a person: only the system's reason goes on."""
    try:
        yield
    except OSError as error:
        raise EpicrisisError("write_failed", reason=error.strerror or "?") from None
