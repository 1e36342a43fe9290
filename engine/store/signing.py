"""«Firmar»: the user's pass-phrase once more, and a SHA-256 over text, record, report, who and when.

It shows that nothing was changed since and who signed in this program. It is no advanced electronic signature.
"""

from __future__ import annotations

import hashlib

from engine.domain.people import Act, User
from engine.domain.signing import Addendum, Signature, Signer
from engine.errors import StoreRefused
from engine.store import cases
from engine.store.connection import Database
from engine.store.encoding import decoded, encoded
from engine.store.session import Session

ADDENDUM_LENGTH = 20_000  # characters


class Signing:
    """Signing a case and adding to a signed one. Each method raises StoreRefused as `Session.act`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def sign(self, case_id: str, draft_version: int, passphrase: str) -> Signature:
        """Closes the case: from here on there are only addenda.

        Raises StoreRefused: `unlock_wrong`, `unlock_wait`, `case_signed`, `draft_conflict` where this is not the
        newest text, `record_conflict` where the record was changed since it was written, `report_blocked`.
        """
        self._session.reauthenticate(passphrase)
        db = self._session.db
        with self._session.act(Act.SIGN, case_id, f"v{draft_version}"):
            self._refuse(case_id, draft_version)
            number = db.execute(
                "SELECT max(number) FROM reports WHERE case_id = ? AND draft_version = ?", (case_id, draft_version)
            ).fetchone()[0]
            signer, at = signer_of(self._session.user), self._session.now()
            digest = _signed_digest(db, case_id, draft_version, number, signer, at)
            db.execute(
                "INSERT INTO signatures (case_id, draft_version, report_number, digest, at, user_id, signer) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (case_id, draft_version, number, digest, at, signer.user_id, encoded(signer)),
            )
        return Signature(case_id, draft_version, digest, at, signer)

    def _refuse(self, case_id: str, draft_version: int) -> None:
        file = cases.case_file(self._session.db, case_id)
        if file.signed:
            raise StoreRefused("case_signed")
        if file.draft is None or file.draft.version != draft_version:
            raise StoreRefused("draft_conflict")
        if file.draft.record_version != file.record.version:
            raise StoreRefused("record_conflict")
        if not file.draft.draft.report.ok:
            raise StoreRefused("report_blocked")

    def add(self, case_id: str, text: str, passphrase: str) -> Addendum:
        """An addendum to a signed case, signed as well.

        Raises StoreRefused: `unlock_wrong`, `unlock_wait`, `not_signed`, `addendum_length`.
        """
        if not text.strip() or len(text) > ADDENDUM_LENGTH:
            raise StoreRefused("addendum_length", count=ADDENDUM_LENGTH)
        self._session.reauthenticate(passphrase)
        with self._session.act(Act.ADD_ADDENDUM, case_id) as deed:
            signature = read_signature(self._session.db, case_id)
            if signature is None:
                raise StoreRefused("not_signed")
            before = read_addenda(self._session.db, case_id)
            signer, at = signer_of(self._session.user), self._session.now()
            previous = before[-1].digest if before else signature.digest
            added = Addendum(len(before) + 1, text, _addendum_digest(previous, text, signer, at), at, signer)
            self._session.db.execute(
                "INSERT INTO addenda (case_id, number, text, digest, at, user_id, signer) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (case_id, added.number, text, added.digest, at, signer.user_id, encoded(signer)),
            )
            deed.detail = f"a{added.number}"
        return added

    def read(self, case_id: str) -> tuple[Signature | None, tuple[Addendum, ...]]:
        """What closes the case and what was added since. Raises StoreRefused: `signature_broken`."""
        with self._session.act(Act.READ_CASE, case_id, "signature"):
            return checked(self._session.db, case_id)


def checked(db: Database, case_id: str) -> tuple[Signature | None, tuple[Addendum, ...]]:
    """Signature and addenda, each digest made anew from what stands there now. Raises StoreRefused."""
    signature, addenda = read_signature(db, case_id), read_addenda(db, case_id)
    if signature is None:
        return None, ()
    number = db.execute("SELECT report_number FROM signatures WHERE case_id = ?", (case_id,)).fetchone()[0]
    previous = _signed_digest(db, case_id, signature.draft_version, number, signature.signer, signature.at)
    if previous != signature.digest:
        raise StoreRefused("signature_broken")
    for addendum in addenda:
        previous = _addendum_digest(previous, addendum.text, addendum.signer, addendum.at)
        if previous != addendum.digest:
            raise StoreRefused("signature_broken")
    return signature, addenda


def signer_of(user: User) -> Signer:
    person = user.person
    return Signer(user.id, person.name, person.rut, person.profession, person.registry, person.role.value)


def read_signature(db: Database, case_id: str) -> Signature | None:
    row = db.execute(
        "SELECT draft_version, digest, at, signer FROM signatures WHERE case_id = ?", (case_id,)
    ).fetchone()
    return Signature(case_id, row[0], row[1], row[2], decoded(Signer, row[3])) if row else None


def read_addenda(db: Database, case_id: str) -> tuple[Addendum, ...]:
    rows = db.execute(
        "SELECT number, text, digest, at, signer FROM addenda WHERE case_id = ? ORDER BY number", (case_id,)
    )
    return tuple(Addendum(n, text, digest, at, decoded(Signer, signer)) for n, text, digest, at, signer in rows)


def _signed_digest(db: Database, case_id: str, draft_version: int, number: int, signer: Signer, at: str) -> str:
    """Over the bytes as they are stored, so that a later version of the program makes the same."""
    text, details, source, report = db.execute(
        "SELECT d.text, d.details, c.source, r.report FROM drafts d "
        "JOIN records c ON c.case_id = d.case_id AND c.version = d.record_version "
        "JOIN reports r ON r.case_id = d.case_id AND r.draft_version = d.version "
        "WHERE d.case_id = ? AND d.version = ? AND r.number = ?",
        (case_id, draft_version, number),
    ).fetchone()
    return digest_of("epicrisis 1", text, source, report, details, encoded(signer), at)


def _addendum_digest(previous: str, text: str, signer: Signer, at: str) -> str:
    return digest_of("epicrisis addendum 1", previous, text, encoded(signer), at)


def digest_of(*parts: str | bytes) -> str:
    """SHA-256 over the parts, each after its length in bytes (8, big-endian), so that none runs into the next."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8") if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()
