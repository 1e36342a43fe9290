"""The log as signed JSON lines, which whoever holds the public key can check without this program or its keys.

The first line tells what the file is; then one line an entry; the last has the head and an Ed25519 signature over the
SHA-256 of all lines before it. The signing key is derived from the store's root key: its public half is the same in
every export of one store, so an export kept elsewhere also vouches for the log's past.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.domain.people import Act
from engine.errors import StoreRefused
from engine.store import keys
from engine.store.audit import Entry, Mark, Problem, Verdict, verified
from engine.store.session import Session

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export says of itself once its signature holds. `public_key` is 64 hexadecimal digits."""

    public_key: str
    mark: Mark
    at: str


class AuditLog:
    """Reading the log. Each method raises StoreRefused as `Session.act`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def verify(self) -> Verdict:
        """The whole log and its head; the entry that says so comes after."""
        with self._session.act(Act.VERIFY_AUDIT) as deed:
            verdict = self._session.tools.audit.verify()
            problem = verdict.problem
            deed.detail = f"{problem.fault} {problem.n}" if problem else f"ok {verdict.entries}"
        return verdict

    def against(self, exported: Iterable[str]) -> Problem | None:
        """Whether the log still holds what was exported once. Raises StoreRefused: `export_damaged`."""
        found = read(exported)
        with self._session.act(Act.VERIFY_AUDIT, detail=f"against {found.mark.n}"):
            audit = self._session.tools.audit
            return verified(audit.entries(), keys.derived(self._session.tools.root, "audit"), found.mark).problem

    def export(self) -> Iterator[str]:
        """The lines, without line breaks; the last entry says that they were asked for."""
        with self._session.act(Act.EXPORT_AUDIT):
            pass
        entries = list(self._session.tools.audit.entries())
        return _signed(entries, keys.derived(self._session.tools.root, "export"), self._session)


def _signed(entries: Iterable[Entry], secret: bytes, session: Session) -> Iterator[str]:
    key = Ed25519PrivateKey.from_private_bytes(secret)
    public = key.public_key().public_bytes_raw().hex()
    first = {"epicrisisAudit": FORMAT, "program": session.tools.program, "at": session.now(), "publicKey": public}
    whole, mark = hashlib.sha256(), Mark()
    for line in (_line(first), *(_entry_line(entry) for entry in entries)):
        whole.update(line.encode() + b"\n")
        yield line
    for entry in entries:
        mark = Mark(entry.n, entry.mac)
    last = {"head": {"n": mark.n, "mac": mark.mac.hex()}, "sha256": whole.hexdigest()}
    whole.update(_line(last).encode())
    yield _line({**last, "signature": key.sign(whole.digest()).hex()})


def _entry_line(entry: Entry) -> str:
    return _line(
        {
            "n": entry.n,
            "at": entry.at,
            "user": entry.user_id,
            "act": entry.act,
            "case": entry.case_id,
            "detail": entry.detail,
            "program": entry.program,
            "mac": entry.mac.hex(),
        }
    )


def _line(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def read(lines: Iterable[str]) -> Exported:
    """Checks an export by itself: signature, count and order. Raises StoreRefused: `export_damaged`."""
    try:
        return _read([line.rstrip("\r\n") for line in lines])
    except (ValueError, KeyError, TypeError, IndexError, InvalidSignature, RecursionError):
        raise StoreRefused("export_damaged") from None


def _read(lines: list[str]) -> Exported:
    first, last = json.loads(lines[0]), json.loads(lines[-1])
    signature = bytes.fromhex(last.pop("signature"))
    whole = hashlib.sha256("".join(f"{line}\n" for line in lines[:-1]).encode())
    if first["epicrisisAudit"] != FORMAT or last["sha256"] != whole.hexdigest():
        raise ValueError("not what was signed")
    whole.update(_line(last).encode())
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(first["publicKey"])).verify(signature, whole.digest())
    if [json.loads(line)["n"] for line in lines[1:-1]] != list(range(1, last["head"]["n"] + 1)):
        raise ValueError("an entry is missing")
    return Exported(first["publicKey"], Mark(last["head"]["n"], bytes.fromhex(last["head"]["mac"])), first["at"])
