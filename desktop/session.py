"""The state of one window: record, draft, text and the work in progress. No widgets."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.operations import (
    Drafted,
    Looked,
    PdfSaved,
    Rechecked,
    RecordRead,
    Services,
    check_text,
    look_at_model,
    read_record,
    save_pdf,
    write_draft,
)
from desktop.operations.keep import CaseOpened, Written
from desktop.problems import Problem, explain
from desktop.progress import Progress, progress_of
from desktop.recheck import Recheck
from desktop.tasks import Task, Work
from engine.domain import (
    Attestation,
    Case,
    Completeness,
    Declaration,
    Draft,
    DraftEvent,
    FellBack,
    Report,
    RequirementId,
    Retrying,
    Token,
    Violation,
)
from engine.domain.signing import Addendum, Signature
from engine.services import DraftOptions, ModelChoice, Review


class Phase(StrEnum):
    IDLE = "idle"
    READING = "reading"
    DRAFTING = "drafting"
    SAVING = "saving"


class Session(QObject):
    """One action at a time besides the live check; what fails or is cancelled changes nothing."""

    phase_changed = Signal(object)  # Phase
    opened = Signal(object)  # RecordRead
    forgotten = Signal()  # no record is in the window any more
    progressed = Signal(object)  # Progress
    streamed = Signal(str)  # more text of the attempt
    restarted = Signal()  # the attempt so far is discarded
    drafted = Signal(object, object)  # Draft, and the Problem for which the template took over or None
    checking = Signal()
    checked = Signal(object)  # Report
    unchecked = Signal()  # the check of the newest text failed
    not_attested = Signal(str)  # why a phrase cannot be added by the physician
    saved = Signal(object)  # PdfSaved
    failed = Signal(object)  # Problem
    unready = Signal(object)  # Problem: what keeps the model from drafting here
    cancelled = Signal()
    rested = Signal()  # no thread runs

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._task: Task | None = None
        self._looking: Task | None = None
        self.obstacle: Problem | None = None  # what keeps the model from drafting here, once it was looked at
        self._recheck = Recheck(self)
        self._recheck.checked.connect(self._on_recheck)
        self._recheck.failed.connect(self._on_check_failure)
        self._recheck.finished.connect(self._on_rest)
        self._fallback: Problem | None = None
        self._saved: Written | None = None
        self._edited_before = False  # when the case was opened again
        self._asked: tuple[DraftOptions, ...] = ()  # of the record's drafts so far
        self._newest: Attestation | None = None  # until its first report
        self.phase = Phase.IDLE
        self.case: Case | None = None
        self._review: Review | None = None  # of the case
        self.draft: Draft | None = None
        self.report = Report()
        self.text = ""
        self.attestations: tuple[Attestation, ...] = ()  # those that hold, and those whose phrase was edited since
        self.gate = Completeness()  # what the law asks of the record and, once there is one, of the text
        self.declarations: tuple[Declaration, ...] = ()  # «No consignado» on purpose; they belong to the record
        self.signature: Signature | None = None  # nothing is edited after
        self.addenda: tuple[Addendum, ...] = ()
        self.author: str | None = None  # who works in this window; asked once, before the first thing that is signed

    @property
    def offered(self) -> tuple[ModelChoice, ...]:
        """The models that are qualified for this computer, as they stand now."""
        return self._services.offered_models()

    @property
    def unsaved(self) -> bool:
        """True where a text would be lost."""
        return self.draft is not None and self.written != self._saved

    @property
    def written(self) -> Written:
        """The work as it stands."""
        return Written(self.text, self.attestations, self.declarations)

    @property
    def edited(self) -> bool:
        """True where the physician changed what was drafted."""
        return self.draft is not None and (self._edited_before or self.text != self.draft.text)

    @property
    def untouched(self) -> bool:
        """True while the draft stands as it was written, with its own report."""
        return self.draft is not None and self.text == self.draft.text and self.report is self.draft.report

    @property
    def resting(self) -> bool:
        """True where no thread runs and none is about to."""
        return self._task is None and self._looking is None and not self._recheck.pending

    @property
    def up_to_date(self) -> bool:
        """True where the report speaks of the text as it stands."""
        return not self._recheck.pending

    def look(self) -> None:
        """Looks beside all else whether the model can draft on this computer; call it once."""
        self._looking = task = Task(look_at_model(self._services), self)
        task.produced.connect(self._on_looked)
        task.failed.connect(self._on_failure)
        task.finished.connect(self._on_look_end)
        task.start()

    def open(self, path: Path) -> None:
        self._begin(Phase.READING, read_record(self._services, path))

    def restore(self, found: CaseOpened) -> None:
        """A case of the history as it was left; its text is checked again."""
        self._on_record(found.read)
        self.signature, self.addenda = found.signature, found.addenda
        if found.draft is None:
            return
        said = found.written
        self.draft, self.report, self.text = found.draft, found.draft.report, said.text
        self.attestations, self.declarations, self._saved = said.attestations, said.declarations, said
        self._edited_before = found.edited
        self.drafted.emit(found.draft, None)
        self._check(at_once=True)

    def forget(self) -> None:
        """No record is in the window: nothing of it stays in memory here."""
        self._recheck.stop()
        self.cancel()
        self.case, self._review, self.draft, self.report, self.text = None, None, None, Report(), ""
        self.attestations, self.declarations, self._newest, self._saved = (), (), None, None
        self.gate, self.signature, self.addenda, self._asked = Completeness(), None, (), ()
        self.forgotten.emit()

    def mark_kept(self, written: Written) -> None:
        """The history holds this of the work."""
        self._saved = written

    def generate(self, options: DraftOptions) -> None:
        """Writes a draft; asked again for the one that stands there, it writes another."""
        if self.case is None or self._review is None:
            return
        self._fallback = None
        while options in self._asked:
            options = options.again()
        work = write_draft(self._services, self.case, self._review, options, self.declarations)
        self._begin(Phase.DRAFTING, work)

    def save(self, path: Path) -> None:
        if self.case is not None and self._review is not None and self.draft is not None:
            said = self.attestations, self.declarations
            record = self.case, self._review
            self._begin(Phase.SAVING, save_pdf(self._services, *record, self.draft, self.text, path, *said))

    def edit(self, text: str) -> None:
        """The editor holds another text."""
        if self.draft is not None and text != self.text:
            self.text = text
            self._check()

    def phrase_of(self, violation: Violation) -> str:
        """The words that the physician would vouch for to keep what this violation of the last report names."""
        return self._services.phrase_to_attest(self.text, violation)

    def attest(self, phrase: str, author: str) -> None:
        """The physician vouches for a phrase of the text; `checked` or `not_attested` answers."""
        if self.draft is not None and phrase in self.text:
            self._newest = Attestation(phrase, author, _now())
            self.attestations = (*self.attestations, self._newest)
            self._check(at_once=True)

    def withdraw(self, attestation: Attestation) -> None:
        """The physician no longer vouches for it."""
        self.attestations = tuple(a for a in self.attestations if a != attestation)
        self._check(at_once=True)

    def declare(self, requirement: RequirementId, author: str) -> None:
        """The physician marks what the law asks and is missing «No consignado»; `checked` answers."""
        self._declare(requirement, Declaration(requirement, author, _now()))

    def undeclare(self, requirement: RequirementId) -> None:
        """It is missing again."""
        self._declare(requirement)

    def cancel(self) -> None:
        if self._task:
            self._task.cancel()

    def shut_down(self) -> None:
        """Cancels all work; `rested` follows if any was running."""
        self._recheck.stop()
        if self._looking:
            self._looking.cancel()
        self.cancel()

    def _check(self, *, at_once: bool = False) -> None:
        if self._review is not None:
            work = partial(check_text, self._review, self._written, self.attestations, self.declarations)
            self._recheck.request(self._written, work, at_once=at_once)
            self.checking.emit()

    def _declare(self, requirement: RequirementId, *said: Declaration) -> None:
        others = tuple(d for d in self.declarations if d.requirement != requirement)
        self.declarations = (*others, *said)
        self._check(at_once=True)

    @property
    def _written(self) -> str | None:
        """None before the first draft."""
        return self.text if self.draft else None

    def _begin(self, phase: Phase, work: Work) -> None:
        if self._task is not None:
            return
        task = Task(work, self)
        task.produced.connect(self._on_event)
        task.failed.connect(self._on_failure)
        task.cancelled.connect(self.cancelled)
        task.finished.connect(self._on_finished)
        self._task = task
        self._set_phase(phase)
        task.start()

    def _on_event(self, event: RecordRead | PdfSaved | Drafted | DraftEvent) -> None:
        match event:
            case RecordRead():
                self._on_record(event)
            case PdfSaved():
                self._saved = Written(event.text, event.attestations, event.declarations)
                self.saved.emit(event)
            case Token(text):
                self.streamed.emit(text)
            case Drafted():
                self._on_draft(event)
            case _:
                self._on_progress(event)

    def _on_progress(self, event: DraftEvent) -> None:
        if isinstance(event, FellBack):
            self._fallback = explain(event.cause)
        if isinstance(event, FellBack | Retrying):
            self.restarted.emit()
        progress: Progress | None = progress_of(event)
        if progress:
            self.progressed.emit(progress)

    def _on_record(self, read: RecordRead) -> None:
        self._recheck.stop()
        self.case, self._review = read.case, read.review
        self.draft, self.report, self.text = None, Report(), ""
        self.attestations, self._newest, self._saved = (), None, None
        self.declarations, self.gate = (), read.gate
        self._asked, self._edited_before = (), False
        self.signature, self.addenda = None, ()
        self.opened.emit(read)

    def _on_draft(self, made: Drafted) -> None:
        self._recheck.stop()
        draft = made.draft
        self.draft, self.report, self.text, self.gate = draft, draft.report, draft.text, made.gate
        self._asked = (*self._asked, made.options)
        self.attestations, self._newest, self._edited_before = (), None, False
        self.drafted.emit(draft, self._fallback)

    def _on_recheck(self, result: Rechecked) -> None:
        if result.text == self._written:
            self.report, self.gate = result.report, result.gate
            self._settle(result.report)
            self.checked.emit(result.report)

    def _settle(self, report: Report) -> None:
        """A phrase that never held is forgotten and the physician told why; one that lapsed may hold again."""
        newest, self._newest = self._newest, None
        reason = next((r.reason for r in report.refused if r.attestation == newest), None)
        if reason:
            self.attestations = tuple(a for a in self.attestations if a != newest)
            self.not_attested.emit(reason)

    def _on_looked(self, looked: Looked) -> None:
        if looked.problem:
            self.obstacle = explain(looked.problem)
            self.unready.emit(self.obstacle)

    def _on_look_end(self) -> None:
        self._looking = None
        self._on_rest()

    def _on_check_failure(self, error: Exception) -> None:
        self.unchecked.emit()
        self._on_failure(error)

    def _on_failure(self, error: Exception) -> None:
        self.failed.emit(explain(error))

    def _on_finished(self) -> None:
        self._task = None
        self._set_phase(Phase.IDLE)
        self._on_rest()

    def _on_rest(self) -> None:
        if self.resting:
            self.rested.emit()

    def _set_phase(self, phase: Phase) -> None:
        self.phase = phase
        self.phase_changed.emit(phase)


def _now() -> str:
    """ISO 8601 with the computer's zone."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
