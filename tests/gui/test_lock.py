"""After the lock nothing of a patient is in the window, its undo stacks or the clipboard; the work comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QListView, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.clipboard import ClipboardGuard
from desktop.history import Access
from desktop.idle import Idle
from desktop.models.cards import CARD_ROLE
from desktop.views.dialogs import with_author
from desktop.views.main_window import MainWindow
from engine.domain.people import Role
from engine.errors import StoreRefused
from engine.store.cases import Cases
from tests.gui.conftest import WAIT_MS, come_in, open_sample, settled, write_template

CANARY = "Zorzalina"


@pytest.fixture
def record(samples: Path, tmp_path: Path) -> Path:
    """A record of a patient whose name nobody else has."""
    content = json.loads((samples / "days.json").read_text(encoding="utf-8"))
    content["paciente"] = {"nombre": f"{CANARY} Soto", "rut": "12.345.678-5"}
    path = tmp_path / "canario.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def shown_words(window: QWidget) -> Iterator[str]:
    """Everything that a widget of the program holds, shown or not, and the clipboard."""
    for widget in QApplication.allWidgets():
        yield from (widget.accessibleName(), widget.accessibleDescription(), widget.toolTip(), widget.windowTitle())
        match widget:
            case QLabel() | QLineEdit() | QPushButton():
                yield widget.text()
            case QPlainTextEdit():
                yield widget.toPlainText()
                yield from (mark.cursor.selectedText() for mark in widget.extraSelections())
            case QListView():
                model = widget.model()
                yield from (str(model.index(row, 0).data(CARD_ROLE)) for row in range(model.rowCount()))
    yield QApplication.clipboard().text()


def work(window: MainWindow, qtbot: QtBot, record: Path) -> str:
    """A text with the canary in it, copied, searched for and half told in a dialog."""
    open_sample(window, qtbot, record)
    qtbot.waitUntil(lambda: bool(window.keeper.case_id), timeout=WAIT_MS)
    write_template(window, qtbot)
    window.draft.editor.insertPlainText(f"{CANARY}. ")
    window.home.search.setText(CANARY)
    window.draft.editor.selectAll()
    window.draft.editor.setFocus()
    window.draft.editor.copy()
    window.banner.tell("warning", CANARY)
    with_author(window, window.session, lambda _: None)
    assert any(CANARY in words for words in shown_words(window))
    return window.draft.editor.toPlainText()


def locked(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.history.access is Access.LOCKED, timeout=WAIT_MS)
    settled(window, qtbot)
    QApplication.processEvents()


def test_ctrl_l_leaves_no_word_and_the_work_comes_back(ward: MainWindow, qtbot: QtBot, record: Path) -> None:
    text = work(ward, qtbot, record)
    next(box for box in ward.findChildren(QDialog) if box.isVisible()).reject()
    qtbot.keyClick(ward, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert ward.covered
    locked(ward, qtbot)
    assert [words for words in shown_words(ward) if CANARY in words] == []
    assert not any(edit.document().isUndoAvailable() for edit in ward.findChildren(QPlainTextEdit))
    assert not any(field.isUndoAvailable() for field in ward.findChildren(QLineEdit))
    assert (ward.session.case, ward.session.draft, ward.session.text) == (None, None, "")
    with qtbot.waitSignal(ward.session.drafted, timeout=WAIT_MS):
        come_in(ward, qtbot, Role.PHYSICIAN)
    settled(ward, qtbot)
    assert ward.draft.editor.toPlainText() == text


def test_idleness_locks_under_an_open_dialog_and_another_person_does_not_see_the_case(
    ward: MainWindow, qtbot: QtBot, record: Path
) -> None:
    work(ward, qtbot, record)
    ward.idle.left.emit()
    locked(ward, qtbot)
    assert not any(box.isVisible() for box in ward.findChildren(QDialog))
    come_in(ward, qtbot, Role.CHIEF)
    assert not ward.covered
    assert ward.pages.currentIndex() == 0
    assert ward.session.case is None


def test_what_cannot_be_saved_is_not_thrown_away(
    ward: MainWindow, qtbot: QtBot, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise StoreRefused("store_disk")

    text = work(ward, qtbot, record)
    monkeypatch.setattr(Cases, "add_draft", full)
    with qtbot.waitSignal(ward.keeper.failed, timeout=WAIT_MS):
        ward.lock()
    assert not ward.covered
    assert ward.history.access is Access.OPEN
    assert ward.draft.editor.toPlainText() == text


def test_whoever_administers_is_left_out_too(ward: MainWindow, qtbot: QtBot) -> None:
    ward.lock()
    locked(ward, qtbot)
    come_in(ward, qtbot, Role.IT)
    ward.entrance.people.name.setText("Alguien")
    ward.idle.left.emit()
    locked(ward, qtbot)
    assert ward.entrance.people.name.text() == ""


def test_idleness_is_told_once_until_somebody_is_back(qapp: QApplication, qtbot: QtBot) -> None:
    parent, times, told = QObject(), [0.0], []
    idle = Idle(lambda: 180, parent, lambda: times[0])
    idle.left.connect(lambda: told.append(times[0]))
    for moment in (179.0, 180.0, 400.0):
        times[0] = moment
        idle.look()
    assert told == [180.0]
    idle.touch()
    times[0] = 580.0
    idle.look()
    assert told == [180.0, 580.0]
    parent.deleteLater()


def test_a_copy_of_the_program_leaves_the_clipboard(qapp: QApplication, qtbot: QtBot) -> None:
    field = QLineEdit("Zorzalina")
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    qtbot.waitUntil(field.hasFocus, timeout=WAIT_MS)
    QApplication.clipboard().setText("de antes")
    guard = ClipboardGuard(lambda: 0, field)
    guard.clear()
    assert QApplication.clipboard().text() == "de antes"
    field.selectAll()
    field.copy()
    assert QApplication.clipboard().text() == "Zorzalina"
    qtbot.waitUntil(lambda: QApplication.clipboard().text() == "", timeout=WAIT_MS)
