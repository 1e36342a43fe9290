"""What is searched: names, RUT, diagnoses and procedures with their codes, the service. Words, no query language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.domain import Case, Condition, Procedure
from engine.domain.people import Role, User, rut
from engine.store.connection import Database

_WORD = re.compile(r"\w+")
_MOST_WORDS = 12
_ABOVE_ALL = 1 << 62  # no serial number is so large


def terms(case: Case) -> str:
    """The words of a case besides name and RUT."""
    return " ".join(_terms(case))


def put(db: Database, case_id: str) -> None:
    """What can be found of the case as its row and its team are now, within the transaction that is open."""
    row = db.execute("SELECT serial, name, rut, terms FROM cases WHERE id = ?", (case_id,)).fetchone()
    db.execute(
        "INSERT OR REPLACE INTO search (rowid, name, rut, terms, team) VALUES (?, ?, ?, ?, ?)",
        (row[0], row[1], _rut_words(row[2]), row[3], _team(db, case_id)),
    )


def take_away(db: Database, case_id: str) -> None:
    db.execute("DELETE FROM search WHERE rowid = (SELECT serial FROM cases WHERE id = ?)", (case_id,))


def found(db: Database, words: str, user: User, limit: int, before: int | None = None) -> list[int]:
    """Serial numbers, the newest first; only those below `before` where it is given."""
    rows = db.execute(
        "SELECT rowid FROM search WHERE search MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
        (_query(words, user), _ABOVE_ALL if before is None else before, limit),
    )
    return [row[0] for row in rows]


def _query(words: str, user: User) -> str:
    """Every word must begin one of the case; what a physician has no part in is found by name and RUT alone."""
    whole = rut(words)
    told = [whole.replace("-", "")] if whole else _WORD.findall(words)[:_MOST_WORDS]
    asked = " AND ".join(f'"{word}" *' for word in told)
    if user.role is Role.CHIEF:
        return f"{{name rut terms}} : ({asked})" if asked else 'team : "any"'
    own = f'team : "{user.id}"'
    return f"({own} AND {{name rut terms}} : ({asked})) OR {{name rut}} : ({asked})" if asked else own


def _rut_words(identifier: str) -> str:
    """As people type it: whole, with and without its check digit, and in the groups that dots make."""
    valid = rut(identifier)
    if valid is None:
        return identifier
    digits, check = valid.split("-")
    return f"{digits}{check} {digits} {int(digits):,}".replace(",", " ")


def _terms(case: Case) -> Iterator[str]:
    coded: tuple[Condition | Procedure, ...] = (*case.admission, *case.discharge, *case.procedures)
    for item in coded:
        for text in (item.name, item.code):
            if text:
                yield text.value
    if case.stay.service:
        yield case.stay.service.value


def _team(db: Database, case_id: str) -> str:
    rows = db.execute("SELECT user_id FROM team WHERE case_id = ? ORDER BY user_id", (case_id,))
    return " ".join(["any", *(row[0] for row in rows)])
