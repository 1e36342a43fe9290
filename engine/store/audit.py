"""The audit log: who did what to which case, when, with which version; each entry chained to the one before it.

An entry holds no clinical text: acts are words of `Act`, cases and users are opaque identifiers, details are numbers
and words of the program. The last entry's number and code are also kept outside the database (`Head`), so a log that
was cut, or a whole database put back to an older state, does not go unseen.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sqlite_utils import Database

from engine import files
from engine.domain.people import Act

Fault = Literal["edited", "missing", "cut", "rewritten", "head_missing", "head_damaged"]
_START = hashlib.sha256(b"epicrisis audit 1").digest()


@dataclass(frozen=True, slots=True)
class Entry:
    """`n` counts from 1 without a gap; `at` is ISO 8601 in UTC with microseconds; `program` is its version."""

    n: int
    at: str
    user_id: str
    act: str
    case_id: str
    detail: str
    program: str
    mac: bytes


@dataclass(frozen=True, slots=True)
class Problem:
    """The first bad entry and what is wrong with it.

    edited: its content is not what was written (or it stands in another's place); missing: there is no such entry;
    cut: the log, or the whole database, ends before what the head remembers; rewritten: as long as the head
    remembers, with another content; head_missing, head_damaged: nothing outside the database can vouch for it.
    """

    fault: Fault
    n: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a whole reading of the log came to; `turned_back` are entries whose clock is before the previous one's."""

    entries: int
    problem: Problem | None
    turned_back: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """The last entry that was written: 0 and the start of the chain where there is none."""

    n: int = 0
    mac: bytes = _START


class Head:
    """The mark in a file of its own, sealed with the key of the log.

    It is overwritten in place, always in the same few bytes of one disk sector, and not flushed: a kill leaves one mark
    or the other, a power cut at worst an older one, and a head behind its log is no fault. So an act costs one flush.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key

    def keep(self, mark: Mark) -> None:
        """Raises OSError; the older mark stays then, and still vouches for what it remembers."""
        content = {"format": 1, "n": f"{mark.n:020}", "mac": mark.mac.hex(), "seal": self._seal(mark)}
        data = json.dumps(content).encode()
        if not self._path.is_file() or self._path.stat().st_size != len(data):
            files.replace(self._path, data)
            return
        with self._path.open("r+b", buffering=0) as file:
            file.write(data)

    def read(self) -> Mark | Problem:
        try:
            content = json.loads(self._path.read_bytes())
            mark = Mark(int(content["n"]), bytes.fromhex(content["mac"]))
            if hmac.compare_digest(str(content["seal"]), self._seal(mark)):
                return mark
        except FileNotFoundError:
            return Problem("head_missing", 0)
        except (OSError, ValueError, KeyError, TypeError):
            return Problem("head_damaged", 0)
        return Problem("head_damaged", 0)

    def _seal(self, mark: Mark) -> str:
        return hmac.new(self._key, b"head" + mark.n.to_bytes(8, "big") + mark.mac, hashlib.sha256).hexdigest()


class Audit:
    """The log of one open database."""

    def __init__(self, db: Database, key: bytes, head: Head, program: str, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._key = key
        self._head = head
        self._program = program
        self._clock = clock
        self._mark = self._last()
        self.head_behind = False
        self.alarm = self._compared()

    @property
    def mark(self) -> Mark:
        return self._mark

    def append(self, user_id: str, act: Act, case_id: str = "", detail: str = "") -> Entry:
        """Writes one entry in the transaction that is open; `commit` follows when that has ended well."""
        at = self._clock().astimezone(UTC).isoformat(timespec="microseconds")
        last = self._last()
        entry = Entry(last.n + 1, at, user_id, act, case_id, detail, self._program, b"")
        mac = code(self._key, last.mac, entry)
        self._db.execute(
            "INSERT INTO audit (n, at, user_id, act, case_id, detail, program, mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (entry.n, at, user_id, act, case_id, detail, self._program, mac),
        )
        return Entry(entry.n, at, user_id, act, case_id, detail, self._program, mac)

    def commit(self, entry: Entry) -> None:
        """The entry is on disk: the head follows, unless an alarm stands, which must not be painted over."""
        self._mark = Mark(entry.n, entry.mac)
        if self.alarm is None:
            self._advance()

    def accept_alarm(self) -> None:
        """From here on the head vouches for the log as it stands; the entry that says so comes with it."""
        self.alarm = None
        self._advance()

    def _advance(self) -> None:
        """What was written is written, whether or not its mark is: an older mark is caught up with later."""
        try:
            self._head.keep(self._mark)
            self.head_behind = False
        except OSError:
            self.head_behind = True

    def entries(self) -> Iterator[Entry]:
        """From the first on, in the order of their numbers."""
        return entries_of(self._db)

    def verify(self) -> Verdict:
        """Reads the whole log and the head, and names the first bad entry."""
        return verified(self.entries(), self._key, self._head.read())

    def _last(self) -> Mark:
        row = self._db.execute("SELECT n, mac FROM audit ORDER BY n DESC LIMIT 1").fetchone()
        return Mark(row[0], row[1]) if row else Mark()

    def _compared(self) -> Problem | None:
        """What the head says of the log, in as much time as there are entries after it."""
        head = self._head.read()
        if isinstance(head, Problem):
            return head
        rows = self._db.execute(
            "SELECT n, at, user_id, act, case_id, detail, program, mac FROM audit WHERE n >= ? ORDER BY n", (head.n,)
        )
        return _after(head, (Entry(*row) for row in rows), self._key)


def entries_of(db: Database) -> Iterator[Entry]:
    """Every entry of a database, in the order of their numbers."""
    rows = db.execute("SELECT n, at, user_id, act, case_id, detail, program, mac FROM audit ORDER BY n")
    return (Entry(*row) for row in rows)


def code(key: bytes, previous: bytes, entry: Entry) -> bytes:
    """HMAC-SHA-256 over the code before it and every field, none of which can be mistaken for another."""
    fields = [entry.n, entry.at, entry.user_id, entry.act, entry.case_id, entry.detail, entry.program]
    return hmac.new(key, previous + json.dumps(fields).encode(), hashlib.sha256).digest()


def verified(entries: Iterator[Entry], key: bytes, head: Mark | Problem) -> Verdict:
    """The whole chain from its start, against what is remembered outside of it."""
    turned: list[int] = []
    last, before = Mark(), ""
    for entry in entries:
        problem = _fault(entry, last, key)
        if problem is None and isinstance(head, Mark) and entry.n == head.n and entry.mac != head.mac:
            problem = Problem("rewritten", entry.n)
        if problem:
            return Verdict(last.n, problem, tuple(turned))
        if entry.at < before:
            turned.append(entry.n)
        last, before = Mark(entry.n, entry.mac), entry.at
    if isinstance(head, Problem):
        return Verdict(last.n, head, tuple(turned))
    return Verdict(last.n, Problem("cut", last.n + 1) if last.n < head.n else None, tuple(turned))


def _after(head: Mark, entries: Iterator[Entry], key: bytes) -> Problem | None:
    """The same from the entry that the head remembers on."""
    if head.n:
        first = next(entries, None)
        if first is None:
            return Problem("cut", head.n)
        if first.n != head.n:
            return Problem("missing", head.n)
        if first.mac != head.mac:
            return Problem("rewritten", head.n)
    last = head
    for entry in entries:
        problem = _fault(entry, last, key)
        if problem:
            return problem
        last = Mark(entry.n, entry.mac)
    return None


def _fault(entry: Entry, last: Mark, key: bytes) -> Problem | None:
    if entry.n != last.n + 1:
        return Problem("missing", last.n + 1)
    if not hmac.compare_digest(entry.mac, code(key, last.mac, entry)):
        return Problem("edited", entry.n)
    return None
