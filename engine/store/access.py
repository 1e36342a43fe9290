"""Whose a case is: its team, and the emergency that opens it to one physician more."""

from __future__ import annotations

from engine.domain.people import Act, Role
from engine.errors import StoreRefused
from engine.store import index
from engine.store.session import Session

REASON_LENGTH = (10, 500)  # characters


class Access:
    """Each method raises StoreRefused as `Session.act`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def team(self, case_id: str) -> tuple[str, ...]:
        """The identifiers of its users."""
        with self._session.act(Act.READ_CASE, case_id, "team"):
            rows = self._session.db.execute("SELECT user_id FROM team WHERE case_id = ? ORDER BY user_id", (case_id,))
            return tuple(row[0] for row in rows)

    def share(self, case_id: str, user_id: str) -> None:
        """One physician or chief more in its team. Raises StoreRefused: `user_unknown`."""
        with self._session.act(Act.SHARE_CASE, case_id, f"+{user_id}"):
            row = self._session.db.execute("SELECT role FROM users WHERE id = ? AND active", (user_id,)).fetchone()
            if row is None or row[0] not in (Role.PHYSICIAN, Role.CHIEF):
                raise StoreRefused("user_unknown")
            self._session.db.execute("INSERT OR IGNORE INTO team VALUES (?, ?)", (case_id, user_id))
            index.put(self._session.db, case_id)

    def unshare(self, case_id: str, user_id: str) -> None:
        """One less. Raises StoreRefused: `team_last`: a case has somebody who answers for it."""
        db = self._session.db
        with self._session.act(Act.SHARE_CASE, case_id, f"-{user_id}"):
            db.execute("DELETE FROM team WHERE case_id = ? AND user_id = ?", (case_id, user_id))
            if not db.execute("SELECT count(*) FROM team WHERE case_id = ?", (case_id,)).fetchone()[0]:
                raise StoreRefused("team_last")
            index.put(db, case_id)

    def break_glass(self, case_id: str, reason: str) -> None:
        """Opens a case of another team until the session ends; the reason is kept, the log points to it.

        The words stay out of the log, as they may be clinical. Raises StoreRefused: `reason_length`.
        """
        least, most = REASON_LENGTH
        if not least <= len(reason.strip()) <= most:
            raise StoreRefused("reason_length", least=least, most=most)
        with self._session.act(Act.BREAK_GLASS, case_id) as deed:
            self._session.db.execute(
                "INSERT INTO emergencies (entry, case_id, user_id, reason, at) VALUES (?, ?, ?, ?, ?)",
                (deed.entry, case_id, self._session.user.id, reason.strip(), self._session.now()),
            )
        self._session.emergencies.add(case_id)
