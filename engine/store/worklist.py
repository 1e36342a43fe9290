"""The list of cases: a page at a time, with how each one stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.domain.people import Act, rut
from engine.store import index
from engine.store.cases import Summary
from engine.store.session import Session

State = Literal["record", "draft", "signed", "addendum"]
PAGE = 100
_ROW = """SELECT id, name, rut, admitted, discharged, service, changed_at,
    CASE WHEN EXISTS (SELECT 1 FROM addenda WHERE case_id = cases.id) THEN 'addendum'
         WHEN EXISTS (SELECT 1 FROM signatures WHERE case_id = cases.id) THEN 'signed'
         WHEN EXISTS (SELECT 1 FROM drafts WHERE case_id = cases.id) THEN 'draft' ELSE 'record' END
    FROM cases WHERE serial = ?"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A row. `serial` is its place in the list; `own` tells whether this user may open it."""

    serial: int
    summary: Summary
    state: State
    own: bool


class Worklist:
    """Each method raises StoreRefused as `Session.act`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def page(self, words: str = "", before: int | None = None, limit: int = PAGE) -> tuple[Listed, ...]:
        """The newest cases that `Cases.search` finds, or those older than the row `before`.

        The log says that somebody searched and how much was found, not for what.
        """
        with self._session.act(Act.SEARCH) as deed:
            found = index.found(self._session.db, words, self._session.user, limit, before)
            rows = tuple(self._listed(serial) for serial in found)
            deed.detail = str(len(rows))
        return rows

    def of_patient(self, patient: str) -> tuple[Listed, ...]:
        """The patient's cases that this user may go on with: their own ones that nobody signed. () without a RUT."""
        wanted = rut(patient)
        if wanted is None:
            return ()
        return tuple(
            row
            for row in self.page(wanted)
            if row.own and row.state in ("record", "draft") and rut(row.summary.rut) == wanted
        )

    def _listed(self, serial: int) -> Listed:
        *summary, state = self._session.db.execute(_ROW, (serial,)).fetchone()
        shown = Summary(*summary)
        return Listed(serial, shown, state, self._session.may_open(shown.id))
