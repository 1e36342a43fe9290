"""All that is kept of one patient, to hand over: a right of patients (Ley 21.719), in forms readable anywhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from engine.domain.people import Act, rut
from engine.domain.signing import Addendum, Signature
from engine.errors import StoreRefused
from engine.store import cases, signing
from engine.store.cases import CaseFile, StoredRecord
from engine.store.connection import Database
from engine.store.encoding import encoded
from engine.store.session import Session


@dataclass(frozen=True, slots=True)
class PatientCase:
    """One case of the patient: `data` is JSON (every version and who saw it), the rest is what a document needs."""

    file: CaseFile
    records: tuple[StoredRecord, ...]
    signature: Signature | None
    addenda: tuple[Addendum, ...]
    data: dict[str, Any]


class Portability:
    """Each method raises StoreRefused as `Session.act`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def gather(self, patient: str) -> tuple[PatientCase, ...]:
        """Every case of this RUT, the oldest first; an entry for each. Raises StoreRefused: `rut_unknown`."""
        wanted = rut(patient)
        if wanted is None:
            raise StoreRefused("rut_unknown")
        with self._session.act(Act.EXPORT_PATIENT) as deed:
            rows = self._session.db.execute("SELECT id, rut FROM cases WHERE rut <> '' ORDER BY serial").fetchall()
            found = [case_id for case_id, recorded in rows if rut(recorded) == wanted]
            deed.detail = str(len(found))
        if not found:
            raise StoreRefused("rut_unknown")
        return tuple(self._case(case_id) for case_id in found)

    def _case(self, case_id: str) -> PatientCase:
        db = self._session.db
        with self._session.act(Act.EXPORT_PATIENT, case_id):
            file = cases.case_file(db, case_id)
            signature, addenda = signing.checked(db, case_id)
            records = tuple(cases.read_record(db, case_id, n) for n in range(1, file.record.version + 1))
            data = _data(db, file, records, signature, addenda)
            return PatientCase(file, records, signature, addenda, data)


def _data(
    db: Database,
    file: CaseFile,
    records: tuple[StoredRecord, ...],
    signature: Signature | None,
    addenda: tuple[Addendum, ...],
) -> dict[str, Any]:
    case_id = file.summary.id
    drafts = [cases.read_draft(db, case_id, n) for n in range(1, (file.draft.version if file.draft else 0) + 1)]
    return {
        "summary": _plain(file.summary),
        "records": [
            {"version": r.version, "at": r.at, "user": r.user_id, "sha256": r.sha256, "source": _readable(r.source)}
            for r in records
        ],
        "texts": [
            {
                "version": d.version,
                "recordVersion": d.record_version,
                "origin": d.origin,
                "at": d.at,
                "user": d.user_id,
                "text": d.draft.text,
                "report": _plain(d.draft.report),
            }
            for d in drafts
        ],
        "signature": _plain(signature) if signature else None,
        "addenda": [_plain(addendum) for addendum in addenda],
        "accesses": _accesses(db, case_id),
        "people": _people(db, case_id),
    }


def _accesses(db: Database, case_id: str) -> list[dict[str, Any]]:
    """Who did what with the case and when (Decreto 41/2012)."""
    rows = db.execute("SELECT n, at, user_id, act FROM audit WHERE case_id = ? ORDER BY n", (case_id,))
    return [{"n": n, "at": at, "user": user, "act": act} for n, at, user, act in rows]


def _people(db: Database, case_id: str) -> list[dict[str, Any]]:
    """The users that the accesses name."""
    rows = db.execute(
        "SELECT id, name, profession, registry, role FROM users "
        "WHERE id IN (SELECT user_id FROM audit WHERE case_id = ?) ORDER BY id",
        (case_id,),
    )
    return [dict(zip(("id", "name", "profession", "registry", "role"), row, strict=True)) for row in rows]


def _readable(source: bytes) -> Any:
    """The record as JSON where its bytes are plain UTF-8 JSON; as Latin-1 text, which loses no byte, where not."""
    try:
        return json.loads(source.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return source.decode("latin-1")


def _plain(value: object) -> Any:
    return json.loads(encoded(value))
