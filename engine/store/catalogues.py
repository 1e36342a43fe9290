"""Catalogues that the hospital loads: lists of codes and names, searched as they are typed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from engine.domain.people import Act
from engine.store.connection import Database
from engine.store.session import Session

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Term:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`sha256` is of the file it came from; `at` when it was loaded, ISO 8601 with zone."""

    name: str
    version: str
    sha256: str
    at: str


class Catalogues:
    """They hold nothing of any patient: reading them is no entry of the log, loading one is."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _db(self) -> Database:
        return self._session.db

    def load(self, name: str, version: str, sha256: str, terms: Iterable[Term]) -> int:
        """Puts a catalogue in the place of its older version, whole or not at all; how many terms it has."""
        with self._session.act(Act.LOAD_CATALOGUE, detail=f"{name} {version}"):
            self._take_away(name)
            row = (name, version, sha256, self._session.now())
            self._db.execute("INSERT INTO catalogues (name, version, sha256, at) VALUES (?, ?, ?, ?)", row)
            self._db.conn.executemany(
                "INSERT INTO terms (catalogue, code, name) VALUES (?, ?, ?)", ((name, t.code, t.name) for t in terms)
            )
            self._db.execute(
                "INSERT INTO terms_search (rowid, code, name) SELECT id, code, name FROM terms WHERE catalogue = ?",
                (name,),
            )
            return int(self._db.execute("SELECT count(*) FROM terms WHERE catalogue = ?", (name,)).fetchone()[0])

    def all(self) -> tuple[Catalogue, ...]:
        rows = self._db.execute("SELECT name, version, sha256, at FROM catalogues ORDER BY name")
        return tuple(Catalogue(*row) for row in rows)

    def search(self, name: str, words: str, limit: int = 50) -> tuple[Term, ...]:
        """Terms of which each word begins a word of code or name, the best first."""
        asked = " AND ".join(f'"{word}" *' for word in _WORD.findall(words))
        if not asked:
            return ()
        rows = self._db.execute(
            "SELECT t.code, t.name FROM terms_search s JOIN terms t ON t.id = s.rowid "
            "WHERE terms_search MATCH ? AND t.catalogue = ? ORDER BY rank LIMIT ?",
            (asked, name, limit),
        )
        return tuple(Term(*row) for row in rows)

    def _take_away(self, name: str) -> None:
        self._db.execute(
            "INSERT INTO terms_search (terms_search, rowid, code, name) "
            "SELECT 'delete', id, code, name FROM terms WHERE catalogue = ?",
            (name,),
        )
        self._db.execute("DELETE FROM catalogues WHERE name = ?", (name,))
