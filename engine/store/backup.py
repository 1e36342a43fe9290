"""Encrypted copies of the store, each verified by opening it; a copy takes the store's place whole or not at all.

    FOLDER/epicrisis-20260302-080000/   history.db, keys.json, manifest.json

A copy opens with the pass-phrases that held when it was made. Its manifest is sealed with the key of the audit log.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from engine import files
from engine.domain.people import Act
from engine.errors import StoreRefused
from engine.store import connection, keys, migrations
from engine.store.audit import Mark, entries_of, verified
from engine.store.connection import Database
from engine.store.session import Session, Tools
from engine.store.settings import value_of

_PREFIX, _STAMP = "epicrisis-", "%Y%m%d-%H%M%S"  # in UTC
_FILES = ("history.db", "keys.json", "manifest.json")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a store or a copy holds, counted; `at` is when it was counted, ISO 8601 with zone."""

    store_id: str
    at: str
    program: str
    schema: int
    cases: int
    signed: int
    users: int
    entries: int
    mac: str  # of the last entry of its log
    newest: str  # when a case was changed last, «» where there is none


class Backups:
    """Each method raises StoreRefused as `Session.act`; OSError where the folder cannot be written."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _tools(self) -> Tools:
        return self._session.tools

    def make(self, folder: Path) -> Path:
        """A new copy in `folder`, verified; older ones beyond the setting are taken away. The copy's folder.

        Raises StoreRefused: `backup_bad` where what was copied does not open whole.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # one that is there already keeps its rights
        stamp = self._tools.clock().astimezone(UTC).strftime(_STAMP)
        target = folder / f"{_PREFIX}{stamp}-{secrets.token_hex(2)}"
        beside = folder / f".{target.name}.tmp"
        with self._session.act(Act.BACK_UP, detail=stamp):
            pass  # the copy holds the entry that tells of it
        try:
            files.private_folder(beside)
            self._write(beside)
            verify(beside, self._tools.root)
            files.sync_folder(beside)
            beside.rename(target)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        files.sync_folder(folder)
        self._take_away_older(folder)
        return target

    def due(self, folder: Path) -> bool:
        """Whether the newest copy in `folder` is older than the setting says, or there is none."""
        hours = value_of(self._session.db, "backup_hours")
        newest = max((_made_at(path) for path in folder.glob(f"{_PREFIX}*")), default=datetime.min.replace(tzinfo=UTC))
        return self._tools.clock() - newest >= timedelta(hours=hours)

    def _write(self, folder: Path) -> None:
        database, key_file, manifest = (folder / name for name in _FILES)
        connection.copy(self._session.db, database, keys.derived(self._tools.root, "database"))
        keys.write(key_file, keys.read(self._tools.generation.keys))
        counted = contents(self._session.db, keys.read(key_file).store_id, self._tools.program, self._session.now())
        files.replace(manifest, _sealed(counted, self._tools.root))

    def _take_away_older(self, folder: Path) -> None:
        """Only what has the look of a copy of this store, and whose manifest this store sealed."""
        kept = value_of(self._session.db, "backups_kept")
        for path in sorted(folder.glob(f"{_PREFIX}*"), reverse=True)[kept:]:
            if _is_copy(path, self._tools.root):
                shutil.rmtree(path)


def _made_at(copy: Path) -> datetime:
    """By its name; what has another is no copy."""
    try:
        return datetime.strptime(copy.name[len(_PREFIX) :][:15], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def contents(db: Database, store_id: str, program: str, at: str) -> Contents:
    """Counts what an open database holds."""
    cases, signed, users, newest = db.execute(
        "SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM signatures), "
        "(SELECT count(*) FROM users WHERE active), (SELECT coalesce(max(changed_at), '') FROM cases)"
    ).fetchone()
    row = db.execute("SELECT n, mac FROM audit ORDER BY n DESC LIMIT 1").fetchone()
    mark = Mark(row[0], row[1]) if row else Mark()
    return Contents(store_id, at, program, migrations.schema(db), cases, signed, users, mark.n, mark.mac.hex(), newest)


def verify(copy: Path, root: bytes) -> Contents:
    """Opens a copy, reads every page and the whole log. Raises StoreRefused: `backup_bad`."""
    told = _manifest(copy, root)
    try:
        db = connection.connect(copy / "history.db", keys.derived(root, "database"), read_only=True)
    except StoreRefused:
        raise StoreRefused("backup_bad") from None
    try:
        if migrations.schema(db) > len(migrations.MIGRATIONS):
            raise StoreRefused("store_newer")
        if connection.damaged_pages(db):
            raise StoreRefused("backup_bad")
        log = verified(entries_of(db), keys.derived(root, "audit"), Mark(told.entries, bytes.fromhex(told.mac)))
        if log.problem or contents(db, told.store_id, told.program, told.at) != told:
            raise StoreRefused("backup_bad")
    except connection.DatabaseError:
        raise StoreRefused("backup_bad") from None
    finally:
        db.close()
    return told


def _sealed(counted: Contents, root: bytes) -> bytes:
    content = {name: getattr(counted, name) for name in Contents.__dataclass_fields__}
    return json.dumps({**content, "seal": _seal(content, root)}, indent=1).encode()


def _seal(content: dict[str, Any], root: bytes) -> str:
    plain = json.dumps(content, sort_keys=True).encode()
    return hmac.new(keys.derived(root, "backup"), plain, hashlib.sha256).hexdigest()


def _manifest(copy: Path, root: bytes) -> Contents:
    try:
        content = json.loads((copy / "manifest.json").read_bytes())
        seal = str(content.pop("seal"))
        if hmac.compare_digest(seal, _seal(content, root)):
            return Contents(**content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise StoreRefused("backup_bad") from None
    raise StoreRefused("backup_bad")


def _is_copy(path: Path, root: bytes) -> bool:
    if path.is_symlink() or not path.is_dir() or {p.name for p in path.iterdir()} != set(_FILES):
        return False
    try:
        _manifest(path, root)
    except StoreRefused:
        return False
    return True
