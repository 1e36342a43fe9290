"""The work is kept while it is done: every record, text, attestation and answer is there when the case is opened."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from desktop.views.main_window import MainWindow
from engine import history
from engine.domain.people import Role
from engine.errors import StoreRefused
from engine.store.cases import Cases
from tests.gui.conftest import WAIT_MS, asked, open_sample, settled, write_template
from tests.helpers.store import PASSPHRASE, PEOPLE

AUTHOR = "María Rojas"


def opened(window: MainWindow, qtbot: QtBot, path: Path) -> str:
    """The case of a record that was opened."""
    open_sample(window, qtbot, path)
    qtbot.waitUntil(lambda: bool(window.keeper.case_id), timeout=WAIT_MS)
    return window.keeper.case_id


def flushed(window: MainWindow, qtbot: QtBot) -> None:
    settled(window, qtbot)
    with qtbot.waitSignal(window.keeper.kept, timeout=WAIT_MS):
        window.keeper.flush(lambda: None)


def stored(window: MainWindow, qtbot: QtBot, case_id: str) -> history.CaseFile:
    return asked(window, qtbot, lambda session: Cases(session).open(case_id))


def test_record_draft_and_edits_are_versions_of_one_case(ward: MainWindow, qtbot: QtBot, samples: Path) -> None:
    case_id = opened(ward, qtbot, samples / "days.json")
    write_template(ward, qtbot)
    flushed(ward, qtbot)
    first = stored(ward, qtbot, case_id).draft
    assert (first.version, first.origin, first.draft.text) == (1, "template", ward.session.text)
    with qtbot.waitSignal(ward.keeper.kept, timeout=WAIT_MS):  # by itself, once the typing pauses
        ward.draft.editor.insertPlainText("Hoy. ")
    flushed(ward, qtbot)
    last = stored(ward, qtbot, case_id)
    assert last.draft.origin == "edited"
    assert last.draft.draft.text.startswith("Hoy. ")
    assert last.draft.draft.report == ward.session.report
    assert last.record.source == (samples / "days.json").read_bytes()
    assert not ward.session.unsaved


def test_what_is_saved_before_it_is_checked_cannot_pass_for_checked(
    ward: MainWindow, qtbot: QtBot, samples: Path
) -> None:
    case_id = opened(ward, qtbot, samples / "days.json")
    write_template(ward, qtbot)
    flushed(ward, qtbot)
    ward.draft.editor.insertPlainText("Hoy. ")
    assert not ward.session.up_to_date
    ward.keeper.flush(lambda: None)
    assert not stored(ward, qtbot, case_id).draft.draft.report.ok


def test_a_case_comes_back_as_it_was_left(ward: MainWindow, qtbot: QtBot, samples: Path) -> None:
    case_id = opened(ward, qtbot, samples / "days.json")
    write_template(ward, qtbot)
    place = ward.draft.editor.document().find("Egresa", 0)
    place.setPosition(place.selectionStart())
    place.insertText("Presentó melena y palidez, sin hematemesis. ")
    settled(ward, qtbot)
    found = next(v for v in ward.session.report.violations if v.attestable)
    ward.session.attest(ward.session.phrase_of(found), AUTHOR)
    ward.session.declare("follow_up", AUTHOR)
    settled(ward, qtbot)
    left = ward.session.written, ward.session.report, ward.session.gate
    open_sample(ward, qtbot, samples / "angina.json")
    qtbot.waitUntil(lambda: ward.keeper.case_id not in ("", case_id), timeout=WAIT_MS)
    assert ward.session.written.text == ""
    with qtbot.waitSignal(ward.session.drafted, timeout=WAIT_MS):
        ward.keeper.reopen(case_id)
    settled(ward, qtbot)
    assert (ward.session.written, ward.session.report, ward.session.gate) == left
    assert ward.draft.editor.toPlainText() == left[0].text
    assert ward.session.edited
    assert not ward.session.unsaved


@pytest.mark.parametrize(("answer", "same"), [("Actualizar", True), ("otra hospitalización", False)])
def test_a_newer_file_of_the_same_patient_is_offered_as_the_next_version(
    ward: MainWindow, qtbot: QtBot, samples: Path, tmp_path: Path, answer: str, *, same: bool
) -> None:
    case_id = opened(ward, qtbot, samples / "days.json")
    write_template(ward, qtbot)
    text = ward.session.text
    newer = tmp_path / "nueva.json"
    newer.write_bytes((samples / "days.json").read_bytes() + b"\n")
    with qtbot.waitSignal(ward.keeper.patient_known, timeout=WAIT_MS):
        ward.request_open([newer])
    box = next(box for box in ward.findChildren(QMessageBox) if box.isVisible())
    assert "Rosa" not in box.text() + box.informativeText()
    next(button for button in box.findChildren(QPushButton) if answer in button.text()).click()
    qtbot.waitUntil(lambda: bool(ward.keeper.case_id), timeout=WAIT_MS)
    settled(ward, qtbot)
    assert (ward.keeper.case_id == case_id) is same
    assert ward.session.text == (text if same else "")
    assert stored(ward, qtbot, case_id).record.version == (2 if same else 1)


def test_closing_at_once_loses_nothing(ward: MainWindow, qtbot: QtBot, samples: Path, vault: history.Vault) -> None:
    case_id = opened(ward, qtbot, samples / "days.json")
    write_template(ward, qtbot)
    ward.draft.editor.insertPlainText("Hoy. ")
    ward.close()
    qtbot.waitUntil(lambda: not ward.isVisible(), timeout=WAIT_MS)
    session = vault.unlock(PEOPLE[Role.PHYSICIAN].login, PASSPHRASE)
    assert Cases(session).open(case_id).draft.draft.text.startswith("Hoy. ")
    session.close()


def test_a_full_disk_is_told_and_the_text_stays(
    ward: MainWindow, qtbot: QtBot, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(ward, qtbot, samples / "days.json")

    def full(*_: object, **__: object) -> int:
        raise StoreRefused("store_disk")

    monkeypatch.setattr(Cases, "add_draft", full)
    with qtbot.waitSignal(ward.keeper.failed, timeout=WAIT_MS):
        write_template(ward, qtbot)
    assert "disco" in ward.banner.text
    assert ward.session.unsaved
    ward.close()
    qtbot.waitUntil(lambda: any(box.isVisible() for box in ward.findChildren(QMessageBox)), timeout=WAIT_MS)
    assert ward.isVisible()
    next(box for box in ward.findChildren(QMessageBox) if box.isVisible()).reject()


def test_no_call_of_the_history_runs_in_the_windows_thread(ward: MainWindow, qtbot: QtBot) -> None:
    from threading import get_ident

    assert asked(ward, qtbot, lambda _: get_ident()) != get_ident()
