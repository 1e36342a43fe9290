"""Cancelling and closing at every moment; the text that stood there is never lost."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.session import Phase
from desktop.views.main_window import MainWindow
from engine import services
from engine.cancellation import CancelToken
from engine.domain import (
    Attestation,
    Case,
    Declaration,
    Done,
    Draft,
    DraftEvent,
    FellBack,
    PromptProgress,
    RecordWarning,
    Report,
    Token,
    Violation,
)
from engine.errors import ModelRefused
from engine.services import DraftOptions
from tests.gui.conftest import WAIT_MS, dispose, drop, open_sample, running_threads, shown, write_template


class HeldEngine:
    """The real engine, whose drafts stop after the first text until they are let go, fail there or fall back.

    Where its checker is `broken`, it fails over every text.
    """

    def __init__(self) -> None:
        self.go = threading.Event()
        self.go.set()
        self.fails = False
        self.broken = False
        self.falls_back = False
        self.reviews = 0  # records made ready

    def offered_models(self) -> tuple[services.ModelChoice, ...]:
        return services.offered_models()

    def model_checks(self, cancel: CancelToken) -> Iterator[services.Check]:
        return services.model_checks(cancel)

    def read(self, source: Path | bytes) -> Case:
        return services.read(source)

    def draft(self, case: Case, options: DraftOptions, cancel: CancelToken) -> Iterator[DraftEvent]:
        if self.falls_back:
            yield Token("Texto a medias", forced=False)
            yield FellBack(ModelRefused("model_failed"))
        for event in services.draft(case, options, cancel):
            yield Done(replace(event.draft, fallback=self.falls_back)) if isinstance(event, Done) else event
            if isinstance(event, Token):
                self.go.wait()
                if self.fails:
                    raise ModelRefused("cancelled")

    def review(self, case: Case) -> services.Review:
        self.reviews += 1
        return HeldReview(case, self)

    def phrase_to_attest(self, text: str, violation: Violation) -> str:
        return services.phrase_to_attest(text, violation)

    def record_warnings(self, case: Case) -> tuple[RecordWarning, ...]:
        return services.record_warnings(case)

    def export_pdf(
        self, case: Case, draft: Draft, path: Path, *, approved: bool = False, declarations: Iterable[Declaration] = ()
    ) -> None:
        services.export_pdf(case, draft, path, approved=approved, declarations=declarations)


class HeldReview(services.Review):
    """The real review, which fails over every text while the engine's checker is broken."""

    def __init__(self, case: Case, engine: HeldEngine) -> None:
        super().__init__(case)
        self._engine = engine

    def check(self, text: str, attestations: Sequence[Attestation] = ()) -> Report:
        if self._engine.broken:
            raise ZeroDivisionError
        return super().check(text, attestations)


@pytest.fixture
def engine() -> Iterator[HeldEngine]:
    held = HeldEngine()
    yield held
    held.go.set()


@pytest.fixture
def held(qapp: QApplication, qtbot: QtBot, engine: HeldEngine) -> Iterator[MainWindow]:
    yield from shown(qapp, qtbot, engine)


def hold_while_writing(window: MainWindow, engine: HeldEngine, qtbot: QtBot) -> None:
    """Starts a draft with the template and returns while its first words stand on the screen."""
    engine.go.clear()
    window.header.writer.setCurrentText("Plantilla")
    with qtbot.waitSignal(window.session.streamed, timeout=WAIT_MS):
        window.header.generate.trigger()


def test_a_record_is_made_ready_once_for_all_its_texts(
    held: MainWindow, engine: HeldEngine, qtbot: QtBot, samples: Path
) -> None:
    open_sample(held, qtbot, samples / "days.json")
    write_template(held, qtbot)
    for added in ("Una nota.", "Otra nota."):
        with qtbot.waitSignal(held.session.checked, timeout=WAIT_MS):
            held.draft.editor.appendPlainText(added)
    assert engine.reviews == 1
    with qtbot.waitSignal(held.session.opened, timeout=WAIT_MS):
        held.session.open(samples / "angina.json")
    assert engine.reviews == 2


def test_esc_while_writing_brings_the_former_text_back(
    held: MainWindow, engine: HeldEngine, qtbot: QtBot, samples: Path
) -> None:
    open_sample(held, qtbot, samples / "days.json")
    write_template(held, qtbot)
    held.draft.editor.appendPlainText("Mi nota.")
    mine = held.draft.editor.toPlainText()
    hold_while_writing(held, engine, qtbot)
    assert held.draft.stream.isVisible()
    assert held.draft.stream.toPlainText()
    assert held.header.cancel.isEnabled()
    with qtbot.waitSignal(held.session.cancelled, timeout=WAIT_MS):
        qtbot.keyClick(held, Qt.Key.Key_Escape)
        engine.go.set()
    qtbot.waitUntil(lambda: held.session.resting, timeout=WAIT_MS)
    assert held.draft.editor.isVisible()
    assert held.draft.editor.toPlainText() == mine
    assert held.draft.editor.document().isUndoAvailable()
    assert not held.banner.isVisible()


def test_a_failure_while_writing_keeps_the_former_text(
    held: MainWindow, engine: HeldEngine, qtbot: QtBot, samples: Path
) -> None:
    open_sample(held, qtbot, samples / "days.json")
    write_template(held, qtbot)
    mine = held.draft.editor.toPlainText()
    engine.fails = True
    with qtbot.waitSignal(held.session.failed, timeout=WAIT_MS):
        held.header.generate.trigger()
    qtbot.waitUntil(lambda: held.session.resting, timeout=WAIT_MS)
    assert held.draft.editor.toPlainText() == mine
    assert held.banner.isVisible()


def test_a_check_that_fails_leaves_no_verdict_standing(
    held: MainWindow, engine: HeldEngine, qtbot: QtBot, samples: Path
) -> None:
    open_sample(held, qtbot, samples / "days.json")
    write_template(held, qtbot)
    engine.broken = True
    with qtbot.waitSignal(held.session.failed, timeout=WAIT_MS):
        held.draft.editor.insertPlainText("x")
    qtbot.waitUntil(lambda: held.session.resting, timeout=WAIT_MS)
    assert held.draft.findings.count.text() == "Sin comprobar"
    tabs = held.draft.review.tabs
    assert all(tabs.tabIcon(tab).isNull() for tab in range(tabs.count()))
    assert [tabs.tabText(tab) for tab in range(tabs.count())] == ["&Observaciones", "&Ley 20.584, art. 11"]
    assert not held.draft.gate.mark.isEnabled()
    engine.broken = False
    with qtbot.waitSignal(held.session.checked, timeout=WAIT_MS):
        held.draft.editor.insertPlainText("Recibió warfarina 5 mg. ")
    assert "bloquea" in held.draft.findings.count.text()
    assert not any(tabs.tabIcon(tab).isNull() for tab in range(tabs.count()))


def test_the_template_that_took_over_says_so_and_why(
    held: MainWindow, engine: HeldEngine, qtbot: QtBot, samples: Path
) -> None:
    open_sample(held, qtbot, samples / "days.json")
    engine.falls_back = True
    write_template(held, qtbot)
    assert "a medias" not in held.draft.stream.toPlainText()
    assert held.draft.origin.text() == "PLANTILLA (falló el modelo)"
    assert held.banner.text.startswith("La plantilla escribió el texto.")
    assert ModelRefused("model_failed").message() in held.banner.text


def test_closing_while_writing_cancels_and_waits(
    held: MainWindow, engine: HeldEngine, qtbot: QtBot, samples: Path
) -> None:
    open_sample(held, qtbot, samples / "days.json")
    hold_while_writing(held, engine, qtbot)
    assert not held.close()
    assert running_threads()
    engine.go.set()
    qtbot.waitUntil(lambda: not held.isVisible(), timeout=WAIT_MS)
    assert running_threads() == []


def test_nothing_else_can_start_while_writing(
    held: MainWindow, engine: HeldEngine, qtbot: QtBot, samples: Path
) -> None:
    open_sample(held, qtbot, samples / "days.json")
    hold_while_writing(held, engine, qtbot)
    assert not held.header.open.isEnabled()
    assert not held.header.generate.isEnabled()
    assert not held.header.save.isEnabled()
    assert not drop(held, samples / "angina.json")
    assert held.session.phase is Phase.DRAFTING
    held.header.cancel.trigger()
    engine.go.set()
    qtbot.waitUntil(lambda: held.session.resting, timeout=WAIT_MS)


def choose(window: MainWindow, writer: str, random_model: Path) -> None:
    """Chooses the bundled model, or one with random weights that needs no trained file."""
    window.header.writer.addItem("Azar", DraftOptions(model=str(random_model), temperature=1.0))
    window.header.writer.setCurrentText(writer)


WRITERS = pytest.mark.parametrize("writer", ["Azar", "Modelo"])


@WRITERS
@pytest.mark.parametrize("moment", [PromptProgress, Token], ids=["reading", "writing"])
def test_esc_stops_a_model_at_any_moment(
    window: MainWindow, qtbot: QtBot, samples: Path, random_model: Path, writer: str, moment: type[DraftEvent]
) -> None:
    open_sample(window, qtbot, samples / "days.json")
    write_template(window, qtbot)
    mine = window.draft.editor.toPlainText()
    choose(window, writer, random_model)
    at = window.session.streamed if moment is Token else window.session.progressed
    with qtbot.waitSignal(at, timeout=WAIT_MS, check_params_cb=lambda told: moment is Token or "leyendo" in told.text):
        window.header.generate.trigger()
    with qtbot.waitSignal(window.session.cancelled, timeout=WAIT_MS):
        qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.session.resting, timeout=WAIT_MS)
    assert window.draft.editor.toPlainText() == mine


@WRITERS
def test_a_model_drafts_step_by_step(
    window: MainWindow, qtbot: QtBot, samples: Path, random_model: Path, writer: str
) -> None:
    open_sample(window, qtbot, samples / "angina.json")
    steps: list[str] = []
    window.session.progressed.connect(lambda progress: steps.append(progress.text))
    choose(window, writer, random_model)
    window.header.generate.trigger()
    qtbot.waitUntil(lambda: window.session.resting, timeout=6 * WAIT_MS)
    assert window.session.draft is not None, window.banner.text
    assert "I20.0" in window.draft.editor.toPlainText()
    assert any("leyendo" in step for step in steps)
    assert any("escribiendo" in step for step in steps)
    assert window.draft.origin.text().startswith(("Modelo ", "PLANTILLA"))


@WRITERS
def test_closing_while_a_model_writes_ends_every_thread(
    window: MainWindow, qtbot: QtBot, samples: Path, random_model: Path, writer: str
) -> None:
    open_sample(window, qtbot, samples / "angina.json")
    choose(window, writer, random_model)
    with qtbot.waitSignal(window.session.streamed, timeout=WAIT_MS):
        window.header.generate.trigger()
    dispose(window, qtbot)
    assert running_threads() == []
