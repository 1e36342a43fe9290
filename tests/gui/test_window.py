"""The window over the real engine: what a physician does, and what must never happen."""

from __future__ import annotations

import logging
import re
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QMessageBox, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.app import catch_bugs
from desktop.models.cards import LIT_ROLE, Tone
from desktop.session import Phase
from desktop.views.cards import CardList
from desktop.views.main_window import MainWindow
from tests.gui.conftest import WAIT_MS, drop, open_sample, write_template


def change(window: MainWindow, old: str, new: str) -> None:
    """Types `new` over the first `old` of the text."""
    editor = window.draft.editor
    cursor = editor.document().find(old, 0)
    assert not cursor.isNull()
    editor.setTextCursor(cursor)
    cursor.insertText(new)


def wait_checked(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.session.resting, timeout=WAIT_MS)


def marked(window: MainWindow) -> list[str]:
    """The words under a wavy line."""
    return [
        mark.cursor.selectedText()
        for mark in window.draft.editor.extraSelections()
        if mark.format.underlineStyle() is mark.format.UnderlineStyle.WaveUnderline
    ]


def test_a_dropped_record_is_shown_readable(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        assert drop(window, samples / "days.json")
    cards = window.record.list.cards.cards
    assert window.pages.currentIndex() == 1
    assert [card.text for card in cards if card.tone is Tone.ALLERGY] == ["Penicilina (rash)"]
    assert any(card.text == "Neumonia, no especificada" and card.code == "J18.9" for card in cards)


def test_the_title_names_no_patient(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "days.json")
    assert window.windowTitle() == "Epicrisis"


def test_two_files_at_once_are_not_opened(window: MainWindow, samples: Path) -> None:
    assert drop(window, samples / "days.json", samples / "angina.json")
    assert window.session.phase is Phase.IDLE
    assert window.banner.isVisible()
    assert "un solo archivo" in window.banner.text


def test_a_bad_file_gives_a_banner_and_keeps_the_record(
    window: MainWindow, qtbot: QtBot, samples: Path, tmp_path: Path
) -> None:
    open_sample(window, qtbot, samples / "days.json")
    before = window.record.list.cards.cards
    bad = tmp_path / "mala.json"
    bad.write_text('{"motivo_ingreso": ', encoding="utf-8")
    with qtbot.waitSignal(window.session.failed, timeout=WAIT_MS):
        drop(window, bad)
    wait_checked(window, qtbot)
    assert window.isVisible()
    assert window.banner.isVisible()
    assert len(window.banner.text) > 20
    assert window.record.list.cards.cards == before


def test_a_missing_file_gives_a_banner(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(window.session.failed, timeout=WAIT_MS):
        window.request_open([tmp_path / "no está.json"])
    assert window.banner.isVisible()
    assert window.pages.currentIndex() == 0


def test_the_template_drafts_and_says_so(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "days.json")
    streamed: list[str] = []
    window.session.streamed.connect(streamed.append)
    write_template(window, qtbot)
    text = window.draft.editor.toPlainText()
    assert "J18.9" in text
    assert "".join(streamed) == text
    assert window.draft.origin.isVisible()
    assert "PLANTILLA" in window.draft.origin.text()
    assert "plantilla" in window.status.text()
    assert not window.draft.editor.isReadOnly()


def test_ctrl_g_drafts(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "angina.json")
    window.header.writer.setCurrentText("Plantilla")
    with qtbot.waitSignal(window.session.drafted, timeout=WAIT_MS):
        qtbot.keyClick(window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)


def test_a_second_draft_can_be_taken_back(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "days.json")
    write_template(window, qtbot)
    change(window, "Amlodipino", "Amlodipino indicado")
    mine = window.draft.editor.toPlainText()
    write_template(window, qtbot)
    assert window.draft.editor.toPlainText() != mine
    window.draft.editor.undo()
    assert window.draft.editor.toPlainText() == mine


def test_a_changed_dose_is_marked_while_editing(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "days.json")
    write_template(window, qtbot)
    before = marked(window)
    change(window, "5 mg", "50 mg")
    assert window.draft.findings.count.text() == "Comprobando…"
    qtbot.waitUntil(lambda: any("50" in words for words in marked(window)), timeout=WAIT_MS)
    cards = window.draft.findings.list.cards.cards
    assert any(card.tone is Tone.BLOCKING and card.label == "Bloquea" and "50" in card.text for card in cards)
    assert "bloquea" in window.draft.findings.count.text()
    assert "editado" in window.status.text()
    window.draft.editor.undo()
    qtbot.waitUntil(lambda: marked(window) == before, timeout=WAIT_MS)


def test_only_the_newest_text_is_told(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "days.json")
    write_template(window, qtbot)
    texts: list[str] = []
    window.session.checked.connect(lambda report: texts.append(window.draft.editor.toPlainText()))
    for dose in ("6 mg", "7 mg", "8 mg"):
        change(window, re.search(r"\d mg", window.draft.editor.toPlainText()).group(), dose)
    wait_checked(window, qtbot)
    assert len(texts) == 1
    assert "8 mg" in texts[0]


def test_choosing_a_finding_selects_its_words(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "days.json")
    write_template(window, qtbot)
    change(window, "5 mg", "50 mg")
    qtbot.waitUntil(lambda: any("50" in words for words in marked(window)), timeout=WAIT_MS)
    listed = window.draft.findings.list
    row = next(at for at, card in enumerate(listed.cards.cards) if "50" in card.text)
    place = listed.visualRect(listed.cards.index(row)).center()
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert "50" in window.draft.editor.textCursor().selectedText()
    assert window.draft.editor.hasFocus()


def test_f8_goes_through_the_findings(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "days.json")
    write_template(window, qtbot)
    change(window, "5 mg", "50 mg")
    qtbot.waitUntil(lambda: any("50" in words for words in marked(window)), timeout=WAIT_MS)
    qtbot.keyClick(window.draft.editor, Qt.Key.Key_F8)
    assert window.draft.findings.list.currentIndex().row() == 0


def test_a_phrase_lights_its_rows_and_a_row_lights_its_phrases(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "days.json")
    write_template(window, qtbot)
    cards, editor = window.record.list.cards, window.draft.editor
    place = editor.document().find("J01MA12", 0)
    place.setPosition(place.selectionStart() + 1)
    editor.setTextCursor(place)
    lit = [card.code for row, card in enumerate(cards.cards) if cards.data(cards.index(row), LIT_ROLE)]
    assert lit == ["J01MA12"]
    row = next(at for at, card in enumerate(cards.cards) if card.code == "A10AB01")
    window.record.list.scrollTo(cards.index(row))
    where = window.record.list.visualRect(cards.index(row)).center()
    qtbot.mouseClick(window.record.list.viewport(), Qt.MouseButton.LeftButton, pos=where)
    words = " ".join(mark.cursor.selectedText() for mark in editor.extraSelections())
    assert "A10AB01" in words
    assert "J01MA12" not in words


def test_saved_pdf_is_a_real_draft_document(window: MainWindow, qtbot: QtBot, samples: Path, tmp_path: Path) -> None:
    open_sample(window, qtbot, samples / "days.json")
    write_template(window, qtbot)
    change(window, "5 mg", "50 mg")
    wait_checked(window, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    assert re.fullmatch(r"epicrisis-\d{8}-\d{4}\.pdf", Path(dialog.selectedFiles()[0]).name)
    target = tmp_path / "salida.pdf"
    dialog.selectFile(str(target))
    with qtbot.waitSignal(window.session.saved, timeout=WAIT_MS):
        dialog.accept()
    words = " ".join(page.extract_text() for page in PdfReader(target).pages)
    assert "borrador" in words.lower()
    assert "Amlodipino" in words
    assert "50 mg" in words
    assert not window.session.unsaved
    assert "bloquean" in window.banner.text


def test_a_pdf_that_cannot_be_written_gives_a_banner(
    window: MainWindow, qtbot: QtBot, samples: Path, tmp_path: Path
) -> None:
    open_sample(window, qtbot, samples / "angina.json")
    write_template(window, qtbot)
    with qtbot.waitSignal(window.session.failed, timeout=WAIT_MS):
        window.session.save(tmp_path / "no existe" / "salida.pdf")
    assert window.banner.isVisible()
    assert window.session.unsaved


def test_opening_another_record_asks_before_a_text_is_lost(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "days.json")
    write_template(window, qtbot)
    text = window.draft.editor.toPlainText()
    window.request_open([samples / "angina.json"])
    window.findChild(QMessageBox).reject()
    assert window.session.phase is Phase.IDLE
    assert window.draft.editor.toPlainText() == text
    QApplication.processEvents()
    window.request_open([samples / "angina.json"])
    box = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
    discard = next(button for button in box.findChildren(QPushButton) if "Descartar" in button.text())
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        qtbot.mouseClick(discard, Qt.MouseButton.LeftButton)
    assert window.draft.editor.toPlainText() == ""
    assert not window.draft.editor.document().isUndoAvailable()


def test_closing_asks_before_a_text_is_lost(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "angina.json")
    write_template(window, qtbot)
    assert not window.close()
    window.findChild(QMessageBox).reject()
    assert window.isVisible()


def test_a_bug_is_told_in_the_window_and_logged_without_its_words(
    window: MainWindow, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    catch_bugs(window)
    with caplog.at_level(logging.ERROR):
        try:
            raise ValueError("Rosa Elena")
        except ValueError as error:
            sys.excepthook(type(error), error, error.__traceback__)
    assert window.banner.isVisible()
    assert "error inesperado" in window.banner.text
    assert "Rosa" not in caplog.text
    assert re.search(r"ValueError at test_window\.py:\d+", caplog.text)


def test_every_control_has_a_name_and_tab_reaches_all(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "angina.json")
    write_template(window, qtbot)
    kinds = (QPushButton, QComboBox, QPlainTextEdit, CardList)
    controls = [control for kind in kinds for control in window.findChildren(kind) if control.isVisible()]
    assert [type(control).__name__ for control in controls if not control.accessibleName()] == []
    window.header.writer.setFocus()
    reached = set()
    for _ in range(20):
        reached.add(QApplication.focusWidget())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert {control for control in controls if control.isEnabled()} <= reached


@pytest.mark.parametrize(("width", "height"), [(1366, 728), (683, 364)], ids=["100 %", "200 %"])
def test_everything_fits_the_screen(window: MainWindow, qtbot: QtBot, samples: Path, width: int, height: int) -> None:
    open_sample(window, qtbot, samples / "days.json")
    write_template(window, qtbot)
    window.resize(width, height)
    qtbot.waitUntil(lambda: window.draft.findings.list.isVisible())
    assert (window.width(), window.height()) == (width, height)
    inside = window.rect()
    for control in (
        *window.header.findChildren(QPushButton),
        window.record.list,
        window.draft.editor,
        window.draft.findings.list,
        window.status,
    ):
        corner = control.mapTo(window, QPoint(0, 0))
        assert inside.contains(corner)
        assert inside.contains(corner + QPoint(control.width() - 1, control.height() - 1))
        assert control.width() >= control.minimumSizeHint().width()
    assert window.draft.editor.height() >= 80


def test_an_emoji_in_the_text_does_not_shift_the_marks(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "days.json")
    write_template(window, qtbot)
    start = QTextCursor(window.draft.editor.document())
    start.insertText("😀 ")
    change(window, "5 mg", "50 mg")
    wait_checked(window, qtbot)
    assert any("50" in words for words in marked(window))
    text, violations = window.session.text, window.session.report.violations
    assert marked(window) == [text[found.start : found.end] for found in violations if found.start < found.end]


def test_words_that_no_field_supports_are_dotted_and_told(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "angina.json")
    write_template(window, qtbot)
    editor = window.draft.editor
    with qtbot.waitSignal(window.session.checked, timeout=WAIT_MS):
        editor.appendPlainText("Se conversa con la hija.")
    dotted = [
        mark.cursor.selectedText()
        for mark in editor.extraSelections()
        if mark.format.underlineStyle() is mark.format.UnderlineStyle.DotLine
    ]
    assert dotted == ["conversa con la hija"]
    place = editor.document().find("hija", 0)
    place.setPosition(place.selectionStart() + 1)
    assert editor.tip_at(editor.cursorRect(place).center()) == "La ficha no respalda estas palabras."


def test_a_draft_asked_again_is_another_and_an_earlier_one_is_told_as_such(
    window: MainWindow, qtbot: QtBot, samples: Path
) -> None:
    open_sample(window, qtbot, samples / "days.json")
    for _ in range(2):
        with qtbot.waitSignal(window.session.drafted, timeout=WAIT_MS):
            window.header.generate.trigger()
        qtbot.waitUntil(lambda: window.session.resting, timeout=WAIT_MS)
        assert "redactada antes" not in window.status.text()
    window.session.draft = None  # nothing to ask about
    open_sample(window, qtbot, samples / "days.json")
    with qtbot.waitSignal(window.session.drafted, timeout=WAIT_MS):
        window.header.generate.trigger()
    qtbot.waitUntil(lambda: window.session.resting, timeout=WAIT_MS)
    assert "redactada antes" in window.status.text()
    assert window.session.draft is not None
    assert window.draft.editor.toPlainText() == window.session.draft.text
