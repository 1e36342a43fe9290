"""A process that writes to a store is killed at a random moment; what it had acknowledged must be there, whole."""

from __future__ import annotations

import itertools
import os
import random
import select
import signal
import time
from pathlib import Path

from engine.domain import Case, Draft
from engine.domain.people import Role
from engine.store import connection
from engine.store.cases import Cases
from engine.store.session import Session
from engine.store.signing import Signing
from engine.store.vault import Vault
from tests.helpers.store import PASSPHRASE, a_case, a_draft, enter, new_store


class Killed:
    """One store, and writers that are killed one after another."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._vault: Vault = new_store(folder)
        self._chance = random.Random(seed)
        case, source = a_case()
        self._parts: tuple[Case, bytes, Draft] = (case, source, a_draft(case))
        self._acknowledged: dict[str, int] = {}
        self.acknowledged_writes = 0

    def once(self, most_seconds: float = 0.25) -> list[str]:
        """Starts a writer, kills it, and tells what is wrong with the store afterwards."""
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(told)
            self._write_for_ever(tell)
        os.close(tell)
        heard = self._listen(told, time.monotonic() + self._chance.uniform(0.0, most_seconds))
        os.kill(child, signal.SIGKILL)
        heard += os.read(told, 1 << 20)
        os.waitpid(child, 0)
        os.close(told)
        for line in heard.decode("ascii").splitlines():
            case_id, version = line.split()
            self._acknowledged[case_id] = int(version)
            self.acknowledged_writes += 1
        return self._wrong()

    def _listen(self, told: int, until: float) -> bytes:
        heard = b""
        while (left := until - time.monotonic()) > 0:
            if select.select([told], [], [], left)[0]:
                heard += os.read(told, 1 << 16)
        return heard

    def _write_for_ever(self, tell: int) -> None:
        """In the child, which never returns. 100 stands for a signature."""
        try:
            session = enter(self._vault, Role.PHYSICIAN)
            for _ in itertools.count():
                _write_case(session, self._parts, tell)
        finally:
            os._exit(1)

    def _wrong(self) -> list[str]:
        session = enter(self._vault, Role.PHYSICIAN)
        problems = [str(session.alarm)] if session.alarm else []
        problem = session.tools.audit.verify().problem
        problems += [str(problem)] if problem else []
        problems += ["damaged page"] if connection.damaged_pages(session.db) else []
        problems += [p for case_id, version in self._acknowledged.items() for p in _lost(session, case_id, version)]
        problems += _half_written(session)
        session.abandon()
        return problems


def _write_case(session: Session, parts: tuple[Case, bytes, Draft], tell: int) -> None:
    case, source, draft = parts
    cases = Cases(session)
    case_id = cases.create(case, source)
    os.write(tell, f"{case_id} 0\n".encode())
    for number in range(3):
        cases.add_draft(case_id, draft, "edited", after=number)
        os.write(tell, f"{case_id} {number + 1}\n".encode())
    Signing(session).sign(case_id, 3, PASSPHRASE)
    os.write(tell, f"{case_id} 100\n".encode())


def _lost(session: Session, case_id: str, version: int) -> list[str]:
    """What was acknowledged of the case and is not there."""
    db = session.db
    if not db.execute("SELECT 1 FROM records WHERE case_id = ?", (case_id,)).fetchone():
        return ["a record is lost"]
    drafts = db.execute("SELECT count(*) FROM drafts WHERE case_id = ?", (case_id,)).fetchone()[0]
    signed = db.execute("SELECT count(*) FROM signatures WHERE case_id = ?", (case_id,)).fetchone()[0]
    return ["a text is lost"] * (drafts < min(version, 3)) + ["a signature is lost"] * (signed < version // 100)


def _half_written(session: Session) -> list[str]:
    """Cases without record, team, place in the index or entry of the log; texts without report."""
    wants = (
        "id NOT IN (SELECT case_id FROM records)",
        "id NOT IN (SELECT case_id FROM team)",
        "serial NOT IN (SELECT rowid FROM search)",
        "id NOT IN (SELECT case_id FROM audit)",
        "EXISTS (SELECT 1 FROM drafts d LEFT JOIN reports r ON r.case_id = d.case_id AND r.draft_version = d.version "
        "WHERE d.case_id = cases.id AND r.number IS NULL)",
    )
    counts = [session.db.execute(f"SELECT count(*) FROM cases WHERE {want}").fetchone()[0] for want in wants]  # noqa: S608  # the words above
    return [f"half-written: {want}" for want, count in zip(wants, counts, strict=True) if count]
