"""The window: shows what the session tells and passes on what the user does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QDialog, QLabel, QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from desktop.clipboard import ClipboardGuard
from desktop.history import Access, History
from desktop.idle import Idle
from desktop.keeper import Keeper
from desktop.models.origin import origin_line, status_line
from desktop.models.worklist import same_stay
from desktop.operations import PdfSaved, RecordRead
from desktop.problems import Problem, explain
from desktop.session import Phase, Session
from desktop.theme import STEP, Theme
from desktop.views.banner import Banner
from desktop.views.dialogs import ask_attestation, ask_discard, ask_known, ask_pdf, ask_record, with_author
from desktop.views.draft_panel import DraftPanel
from desktop.views.drop_area import DropArea
from desktop.views.entrance import Entrance
from desktop.views.header import Header
from desktop.views.home import Home
from desktop.views.record_panel import RecordPanel
from engine.domain import Draft, Report, Requirement
from engine.history import SETTINGS, Listed


class MainWindow(QMainWindow):
    """One record at a time. Its title never names the patient. Without a history nothing is kept of it."""

    def __init__(self, session: Session, theme: Theme, keeper: Keeper | None = None) -> None:
        super().__init__()
        self.session, self.keeper = session, keeper
        self.history: History | None = keeper.history if keeper else None
        session.setParent(self)
        self.header = Header(self, session.offered)
        self.banner = Banner(self)
        self.empty = DropArea(self)
        self.record = RecordPanel(theme, self)
        self.draft = DraftPanel(theme, self)
        self.status = QLabel(self)
        self.rooms = QStackedWidget(self)  # the work, and before it the entrance where there is a history
        self._closing = False
        self.clipboard = ClipboardGuard(lambda: self._setting("clipboard_seconds"), self)
        self._left = ("", "")  # who was here when it was locked, and at which case
        self._brought: Sequence[Path] = ()  # what was to be opened before anybody was in
        self._build()
        self._connect_session()
        self._connect_controls()
        if keeper is not None:
            keeper.setParent(self)
            self._add_entrance(keeper, theme)
        self._refresh()

    @property
    def covered(self) -> bool:
        """True while nobody may see the work."""
        return self.rooms.currentIndex() > 0

    def request_open(self, paths: Sequence[Path]) -> None:
        """Opens the one file of `paths`; asks first where a text would be lost. Before somebody is in it waits."""
        if self.covered:
            self._brought = paths
        elif len(paths) != 1:
            self.banner.tell(
                "warning",
                self.tr("Elija un solo archivo."),
                self.tr("Cada ventana muestra una atención, para no mezclar pacientes."),
            )
        else:
            self._unless_unsaved(lambda: self.session.open(paths[0]))

    def show_problem(self, problem: Problem) -> None:
        self.banner.tell("blocking", problem.message, problem.hint)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        if self._to_save and not self._closing:
            event.ignore()
            self._unless_unsaved(self._close_anyway)
            return
        self._closing = True
        self.session.shut_down()
        if self.history is not None:
            self.history.shut_down()
        self.setEnabled(self._resting)
        event.setAccepted(self._resting)  # else `rested` closes the window, once no thread runs

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 (Qt's name)
        if event.mimeData().hasUrls() and self.session.phase is Phase.IDLE and not self.covered:
            event.acceptProposedAction()
            self.empty.show_dragging(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802 (Qt's name)
        self.empty.show_dragging(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 (Qt's name)
        self.empty.show_dragging(False)
        event.acceptProposedAction()
        self.request_open([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])

    def _build(self) -> None:
        self.setWindowTitle(self.tr("Epicrisis"))
        self.setAcceptDrops(True)
        self.resize(QSize(1280, 720).boundedTo(self.screen().availableSize()))
        self.setMinimumSize(600, 340)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(STEP * 2)
        split.addWidget(self.record)
        split.addWidget(self.draft)
        split.setStretchFactor(0, 9)
        split.setStretchFactor(1, 11)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.empty)
        self.pages.addWidget(split)
        self.status.setProperty("role", "muted")
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setAccessibleName(self.tr("Estado"))
        self._stack_rows()

    def _stack_rows(self) -> None:
        body = QWidget(self)
        rows = QVBoxLayout(body)
        rows.setContentsMargins(STEP * 2, STEP, STEP * 2, STEP)
        rows.setSpacing(STEP)
        for widget in (self.header, self.banner, self.pages, self.status):
            rows.addWidget(widget, int(widget is self.pages))
        self.rooms.addWidget(body)
        self.setCentralWidget(self.rooms)

    def _add_entrance(self, keeper: Keeper, theme: Theme) -> None:
        history = keeper.history
        history.setParent(self)
        keeper.patient_known.connect(self._on_known)
        keeper.failed.connect(lambda error: self.show_problem(explain(error)))
        self.entrance = Entrance(history, self)
        self.entrance.passed.connect(self._on_passed)
        history.rested.connect(self._on_rested)
        self.rooms.addWidget(self.entrance)
        self.home = Home(history, theme, self.empty, self)
        self.home.chosen.connect(lambda row: keeper.reopen(row.summary.id))
        self.home.failed.connect(lambda error: self.show_problem(explain(error)))
        self.pages.insertWidget(0, self.home)
        self.idle = Idle(lambda: self._setting("lock_seconds"), self)
        self.idle.left.connect(self.lock)
        self.session.progressed.connect(lambda _: self.idle.touch())  # a draft is being written for somebody
        cases, lock = self.header.add_history()
        cases.triggered.connect(lambda: self._unless_unsaved(self.session.forget))
        lock.triggered.connect(self.lock)
        self.rooms.setCurrentWidget(self.entrance)

    def _on_passed(self) -> None:
        self.rooms.setCurrentIndex(0)
        self._on_forgotten()
        brought, self._brought = self._brought, ()
        (user_id, case_id), self._left = self._left, ("", "")
        user = self.history.user if self.history else None
        if brought:
            self.request_open(brought)
        elif self.keeper is not None and case_id and user is not None and user.id == user_id:
            self.keeper.reopen(case_id)

    def _connect_session(self) -> None:
        session, draft = self.session, self.draft
        session.phase_changed.connect(self._refresh)
        session.opened.connect(self._on_opened)
        session.forgotten.connect(self._on_forgotten)
        session.progressed.connect(draft.show_progress)
        session.streamed.connect(draft.append)
        session.restarted.connect(draft.stream.clear)
        session.drafted.connect(self._on_drafted)
        session.checking.connect(lambda: draft.show_checking(written=session.draft is not None))
        session.checked.connect(self._on_checked)
        session.unchecked.connect(draft.review.show_unchecked)
        session.not_attested.connect(self._on_not_attested)
        session.saved.connect(self._on_saved)
        session.failed.connect(self.show_problem)
        session.unready.connect(self._on_unready)
        session.rested.connect(self._on_rested)

    def _connect_controls(self) -> None:
        header, draft = self.header, self.draft
        header.open.triggered.connect(self._ask_record)
        header.generate.triggered.connect(self._generate)
        header.cancel.triggered.connect(self.session.cancel)
        header.save.triggered.connect(self._ask_pdf)
        draft.editor.textChanged.connect(self._on_text)
        draft.editor.phrase_entered.connect(self.record.light)
        draft.findings.finding_chosen.connect(self._on_finding)
        for source in (draft.editor, draft.findings):
            source.attest_asked.connect(self._ask_attestation)
            source.withdraw_asked.connect(self.session.withdraw)
        draft.gate.place_asked.connect(self._on_requirement)
        draft.gate.declare_asked.connect(self._ask_declaration)
        draft.gate.undeclare_asked.connect(lambda found: self.session.undeclare(found.id))
        self.record.row_chosen.connect(draft.editor.light)
        self._shortcut("F8", draft.review.step_findings)
        self._shortcut("F9", draft.review.step_gate)
        self.leave = self._shortcut("Ctrl+Q", self.close)

    def _shortcut(self, keys: str, do: Callable[[], object]) -> QAction:
        action = QAction(self)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(do)
        self.addAction(action)
        return action

    def _setting(self, name: str) -> int:
        """As the history says, or as it is decided where there is none."""
        found = self.history.settings if self.history else {}
        return found.get(name, SETTINGS[name].default)

    @property
    def _to_save(self) -> bool:
        return self.session.unsaved or (self.keeper is not None and self.keeper.pending)

    def _unless_unsaved(self, do: Callable[[], None]) -> None:
        """At once, after all is in the history, or after the user has agreed to lose the text."""
        if not self._to_save:
            do()
        elif self.keeper is not None and self.keeper.history.access is Access.OPEN:
            self.keeper.flush(do, lambda: self._ask_discard(do))
        else:
            self._ask_discard(do)

    def _ask_discard(self, do: Callable[[], None]) -> None:
        ask_discard(self).accepted.connect(do)

    def _close_anyway(self) -> None:
        self._closing = True
        self.close()

    def _ask_record(self) -> None:
        ask_record(self).fileSelected.connect(lambda name: self.request_open([Path(name)]))

    def lock(self) -> None:
        """Covers the window, saves, empties it and drops the key; the work is there when the same person comes back.

        What cannot be saved is not thrown away: then the window stays open and says why.
        """
        keeper = self.keeper
        if keeper is None or keeper.history.access is not Access.OPEN:
            return
        if self.covered:
            self.entrance.leave()
            return
        self.rooms.setCurrentWidget(self.entrance)
        for dialog in self.findChildren(QDialog):
            dialog.reject()
        self.session.cancel()
        keeper.flush(self._empty, self._uncover)
        self._refresh()

    def _empty(self) -> None:
        keeper, user = self.keeper, self.history.user if self.history else None
        if keeper is not None and user is not None:
            self._left = (user.id, keeper.case_id)
            self.clipboard.clear()
            self.session.forget()
            keeper.history.lock()

    def _uncover(self) -> None:
        self.rooms.setCurrentIndex(0)
        self._refresh()

    def _on_known(self, known: tuple[Listed, ...]) -> None:
        keeper, case = self.keeper, self.session.case
        if keeper is None or case is None:
            return
        box = ask_known(self, known[0], same_stay=same_stay(case, known[0]))
        box.accepted.connect(lambda: keeper.keep_as(known[0].summary.id))
        box.rejected.connect(keeper.keep_as)

    def _ask_pdf(self) -> None:
        ask_pdf(self).fileSelected.connect(lambda name: self.session.save(Path(name)))

    def _ask_attestation(self, row: int) -> None:
        """The physician vouches for the selected words around a violation, else for its own."""
        if not self.session.up_to_date:
            return
        phrase = self.draft.editor.chosen_around(row) or self.session.phrase_of(self.session.report.violations[row])

        def confirm(author: str) -> None:
            ask_attestation(self, phrase, author).accepted.connect(lambda: self.session.attest(phrase, author))

        with_author(self, self.session, confirm)

    def _ask_declaration(self, found: Requirement) -> None:
        with_author(self, self.session, lambda author: self.session.declare(found.id, author))

    def _on_not_attested(self, reason: str) -> None:
        self.banner.tell("warning", self.tr("La frase no se agregó."), reason)

    def _generate(self) -> None:
        self.banner.hide()
        self.session.generate(self.header.options)

    def _refresh(self) -> None:
        session = self.session
        for action in self.actions():
            action.setEnabled(not self.covered or action is self.leave)
        if not self.covered:
            self.header.show_state(
                session.phase, has_case=session.case is not None, has_draft=session.draft is not None
            )
        writing = session.phase is Phase.DRAFTING
        if writing != self.draft.writing:
            self.draft.show_writing(writing)
        self.draft.editor.setReadOnly(session.draft is None or session.signature is not None)
        hindered = session.obstacle.message if session.obstacle else ""
        self.status.setText(status_line(session.draft, edited=session.edited, hindered=hindered))

    def _on_unready(self, obstacle: Problem) -> None:
        """Nothing that was told since is covered; the line below says it too."""
        if self.banner.isHidden():
            self.banner.tell("warning", obstacle.message, obstacle.hint)
        self._refresh()

    def _on_opened(self, read: RecordRead) -> None:
        self.banner.hide()
        self.draft.forget()
        self.record.show_record(read)
        self.draft.review.show_gate(read.gate)
        self.draft.review.open_gate()
        self.pages.setCurrentIndex(1)
        self._refresh()

    def _on_forgotten(self) -> None:
        """No record is here: back to where the work begins."""
        if self.keeper is not None:
            self.keeper.forget()
            if self.covered:
                self.home.forget()
            else:
                self.home.show_list(shown=self.keeper.history.access is Access.OPEN)
        self.banner.forget()
        self.draft.forget()
        self.record.forget()
        self.pages.setCurrentIndex(0)
        self._refresh()

    def _on_drafted(self, draft: Draft, fallback: Problem | None) -> None:
        self.draft.editor.replace_text(draft.text)
        self._on_checked(draft.report)
        self.draft.review.open_first(draft.report, self.session.gate)
        self.draft.show_origin(origin_line(draft), template=draft.model.backend == "template")
        if fallback:
            told = self.tr("La plantilla escribió el texto. {why}").format(why=fallback.message)
            self.banner.tell("warning", told, fallback.hint)
        self.draft.editor.setFocus()

    def _on_text(self) -> None:
        self.session.edit(self.draft.editor.toPlainText())
        self._refresh()

    def _on_checked(self, report: Report) -> None:
        if self.session.draft is not None:
            self.draft.show_report(report)
        self.draft.review.show_gate(self.session.gate)
        self._refresh()

    def _on_finding(self, row: int) -> None:
        violations = self.session.report.violations
        self.draft.editor.select_finding(row)
        self.record.light(violations[row].evidence if row < len(violations) else ())
        self.draft.editor.setFocus()

    def _on_requirement(self, found: Requirement) -> None:
        """Lights its fields and what the text tells of them, or the place in the record where its datum belongs."""
        self.record.light(found.evidence, found.id if found.state != "met" else "")
        self.draft.editor.light(found.evidence)

    def _on_saved(self, saved: PdfSaved) -> None:
        told = self.tr("PDF guardado como borrador: {name}").format(name=saved.path.name)
        left = self.tr("Quedan observaciones que bloquean: corríjalas antes de aprobar.")
        lacking = self.tr("Falta lo que exige la Ley 20.584: complételo o márquelo «No consignado» antes de aprobar.")
        hints = (left, saved.report.ok), (lacking, self.session.gate.ok)
        self.banner.tell("good", told, " ".join(hint for hint, fine in hints if not fine))

    @property
    def _resting(self) -> bool:
        return self.session.resting and (self.history is None or self.history.resting)

    def _on_rested(self) -> None:
        if self._closing and self._resting:
            self.close()
