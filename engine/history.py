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
from pathlib import Path

from engine import documents, files, paths, services
from engine.errors import EpicrisisError, StoreRefused
from engine.store.access import Access
from engine.store.audit import Problem, Verdict
from engine.store.audit_export import AuditLog
from engine.store.backup import Backups, Contents
from engine.store.cases import CaseFile, Cases, StoredDraft, StoredRecord, Summary
from engine.store.catalogues import Catalogues, Term
from engine.store.keys import Cost, calibrated
from engine.store.place import Place
from engine.store.portability import PatientCase, Portability
from engine.store.restore import Preview, Restore
from engine.store.retention import Retention
from engine.store.session import Session
from engine.store.settings import SETTINGS, Settings
from engine.store.signing import Signing
from engine.store.users import Users
from engine.store.vault import Vault

__all__ = [
    "SETTINGS",
    "Access",
    "AuditLog",
    "Backups",
    "CaseFile",
    "Cases",
    "Catalogues",
    "Contents",
    "Cost",
    "Portability",
    "Preview",
    "Problem",
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
    "back_up",
    "calibrated",
    "export_audit",
    "export_patient",
    "preview_restore",
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
