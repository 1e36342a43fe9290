"""Keeps the work of one window in the history while it is done: a power cut loses a second at most. No widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.history import Access, History
from desktop.operations import RecordRead, Services
from desktop.operations.keep import CaseOpened, Written, find_patient, keep_record, keep_report, keep_text, open_case
from desktop.session import Session
from engine.history import Origin

_TYPED_MS = 800  # from a change to its being saved, also while the typing goes on
_QUIET_MS = 4000  # without a change until the report, which is much longer than the text, is saved as well


class Keeper(QObject):
    """One save at a time, in the order of the work. What cannot be saved stays in the window and is told."""

    patient_known = Signal(object)  # tuple of Listed: the record may belong to one of these; `keep_as` goes on
    failed = Signal(object)  # the exception
    kept = Signal()  # nothing is left to save

    def __init__(self, session: Session, history: History, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.history, self.case_id = history, ""
        self._session, self._services = session, services
        self._read: RecordRead | None = None  # of the window
        self._restoring = False
        self._version, self._kept, self._reported = 0, Written("", (), ()), True
        self._saving = False
        self._after: list[tuple[Callable[[], None], Callable[[], None]]] = []  # who waits for `kept`, or for a failure
        self._typed = QTimer(self, singleShot=True, interval=_TYPED_MS)
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._typed.timeout.connect(self._save)
        self._quiet.timeout.connect(partial(self._save, whole=True))
        session.opened.connect(self._on_record)
        for change in (session.drafted, session.checking, session.checked):
            change.connect(self._on_change)

    @property
    def pending(self) -> bool:
        """True where something is not saved yet."""
        return self._saving or (self._keeps and (self._changed or not self._reported))

    def flush(self, then: Callable[[], None], otherwise: Callable[[], None] | None = None) -> None:
        """Saves at once; `then` once all is saved, `otherwise` where it cannot be."""
        self._after.append((then, otherwise or (lambda: None)))
        if self._read is None and self._session.unsaved:
            self._release()
        else:
            self._save(whole=True)

    def keep_as(self, case_id: str = "") -> None:
        """The record becomes a new case, or the next version of this one, whose text comes back."""
        read = self._read
        if read is not None:
            done = partial(self._on_case, read, bool(case_id))
            self.history.ask(keep_record(read, case_id), done, self._on_record_failure)

    def reopen(self, case_id: str) -> None:
        """The case as it was left."""
        self.history.ask(open_case(self._services, case_id), self._on_opened, self.failed.emit)

    def forget(self) -> None:
        """No case is in the window."""
        self._typed.stop()
        self._quiet.stop()
        self._read, self.case_id = None, ""
        self._version, self._kept, self._reported = 0, Written("", (), ()), True

    @property
    def _keeps(self) -> bool:
        session = self._session
        open_here = self.history.access is Access.OPEN and self._read is not None
        return open_here and session.draft is not None and session.signature is None

    @property
    def _changed(self) -> bool:
        return not self._version or self._session.written != self._kept

    def _on_record(self, read: RecordRead) -> None:
        if self._restoring or self.history.access is not Access.OPEN:
            return
        self.forget()
        self._read = read
        self.history.ask(find_patient(read.case), partial(self._on_found, read), self._on_record_failure)

    def _on_found(self, read: RecordRead, known: tuple[object, ...]) -> None:
        if read is not self._read:
            return
        if known:
            self.patient_known.emit(known)
        else:
            self.keep_as()

    def _on_case(self, read: RecordRead, old: bool, case_id: str) -> None:
        if read is not self._read:
            return
        if old:
            self.reopen(case_id)
        else:
            self.case_id = case_id
            self._save()

    def _on_opened(self, found: CaseOpened) -> None:
        self.forget()
        self._read, self.case_id, self._version = found.read, found.case_id, found.version
        self._kept = found.written
        self._restoring = True
        self._session.restore(found)
        self._restoring = False

    def _on_change(self) -> None:
        if self._restoring or not self._keeps:
            return
        if self._changed:
            self._reported = False
            if not self._typed.isActive():
                self._typed.start()
        if not self._reported:
            self._quiet.start()

    def _save(self, *, whole: bool = False) -> None:
        """With `whole` the report too, where it speaks of the text as it stands."""
        if self._saving or (self._keeps and not self.case_id):
            return  # what comes goes on
        fresh = self._session.untouched
        checked = fresh or (whole and self._session.up_to_date)
        if self._keeps and self._changed:
            self._save_text(checked=checked)
        elif self._keeps and not self._reported and checked:
            self._saving = True
            job = keep_report(self.case_id, self._version, self._session.report)
            self.history.ask(job, lambda _: self._on_saved(self._version, self._kept, True), self._on_failure)
        else:
            self._tell()

    def _save_text(self, *, checked: bool) -> None:
        session = self._session
        if session.draft is None:
            return
        self._saving, written = True, session.written
        draft = replace(session.draft, text=written.text, report=session.report)
        origin: Origin = "edited" if session.edited else "template" if draft.model.backend == "template" else "model"
        job = keep_text(self.case_id, draft, written, origin, after=self._version, checked=checked)
        self.history.ask(job, lambda version: self._on_saved(version, written, checked), self._on_failure)

    def _on_saved(self, version: int, written: Written, reported: bool) -> None:
        self._saving = False
        self._version, self._kept, self._reported = version, written, reported
        self._session.mark_kept(written)
        if self._after:
            self._save(whole=True)
        elif self._changed:
            self._on_change()
        else:
            self._tell()

    def _on_record_failure(self, error: Exception) -> None:
        """Nothing of this record can be kept: its text is as in a window without a history."""
        self._read = None
        self._on_failure(error)

    def _on_failure(self, error: Exception) -> None:
        self._saving = False
        self.failed.emit(error)
        self._release()

    def _release(self) -> None:
        waiting, self._after = self._after, []
        for _, otherwise in waiting:
            otherwise()

    def _tell(self) -> None:
        waiting, self._after = self._after, []
        self.kept.emit()
        for then, _ in waiting:
            then()
