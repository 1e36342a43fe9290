"""How long cases are kept: 15 years from the last thing written of them (Ley 20.584, art. 13), never less."""

from __future__ import annotations

from datetime import datetime

from engine.domain.people import Act
from engine.errors import StoreRefused
from engine.store import index
from engine.store.cases import Summary
from engine.store.connection import Database
from engine.store.session import Session
from engine.store.settings import value_of

_LAST = """
    SELECT max(at) FROM (
        SELECT changed_at AS at FROM cases WHERE id = :id
        UNION ALL SELECT at FROM records WHERE case_id = :id
        UNION ALL SELECT at FROM drafts WHERE case_id = :id
        UNION ALL SELECT at FROM reports WHERE case_id = :id
        UNION ALL SELECT at FROM signatures WHERE case_id = :id
        UNION ALL SELECT at FROM addenda WHERE case_id = :id)"""
_AWAY = (
    "DELETE FROM emergencies WHERE case_id = ?",
    "DELETE FROM addenda WHERE case_id = ?",
    "DELETE FROM signatures WHERE case_id = ?",
    "DELETE FROM reports WHERE case_id = ?",
    "DELETE FROM drafts WHERE case_id = ?",
    "DELETE FROM records WHERE case_id = ?",
    "DELETE FROM team WHERE case_id = ?",
)


class Retention:
    """Each method raises StoreRefused as `Session.act`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def due(self) -> tuple[Summary, ...]:
        """The cases that may be purged, the oldest first."""
        db = self._session.db
        with self._session.act(Act.PURGE) as deed:
            rows = db.execute(
                "SELECT id, name, rut, admitted, discharged, service, changed_at FROM cases ORDER BY serial"
            ).fetchall()
            found = tuple(Summary(*row) for row in rows if self._over(row[0]))
            deed.detail = f"due {len(found)}"
        return found

    def purge(self, case_id: str) -> None:
        """Takes a case away for good; the log keeps that there was one. Raises StoreRefused: `retention_holds`."""
        db = self._session.db
        with self._session.act(Act.PURGE, case_id):
            if not self._over(case_id):
                raise StoreRefused("retention_holds", years=value_of(db, "retention_years"))
            _take_away(db, case_id)
        db.execute("INSERT INTO search (search) VALUES ('optimize')")  # what was deleted leaves the index as well
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _over(self, case_id: str) -> bool:
        last = datetime.fromisoformat(self._session.db.execute(_LAST, {"id": case_id}).fetchone()[0])
        years = value_of(self._session.db, "retention_years")
        return years_after(last, years) <= self._session.tools.clock()


def years_after(moment: datetime, years: int) -> datetime:
    """The same day so many years later; the 29th of February becomes the 1st of March."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, month=3, day=1)


def _take_away(db: Database, case_id: str) -> None:
    db.execute("INSERT INTO purging VALUES (?)", (case_id,))
    for statement in _AWAY:
        db.execute(statement, (case_id,))
    index.take_away(db, case_id)
    db.execute("DELETE FROM cases WHERE id = ?", (case_id,))
    db.execute("DELETE FROM purging WHERE case_id = ?", (case_id,))
