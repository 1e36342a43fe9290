"""A physician adds what the record lacks, sees it marked, takes it back; the real engine behind the window."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QTextCursor
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from desktop.models.cards import Tone
from desktop.views.dialogs import AuthorDialog
from desktop.views.main_window import MainWindow
from tests.gui.conftest import WAIT_MS, open_sample, write_template

ADDED = "Presentó melena y palidez, sin hematemesis. "
WHO = "Dra. Paz Ñanco"


@pytest.fixture
def added(window: MainWindow, qtbot: QtBot, samples: Path) -> MainWindow:
    """A template text with two findings that the record lacks."""
    open_sample(window, qtbot, samples / "angina.json")
    write_template(window, qtbot)
    window.draft.review.open_findings()
    before_discharge(window, qtbot, ADDED)
    return window


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.session.resting, timeout=WAIT_MS)


def type_before(window: MainWindow, qtbot: QtBot, place: str, words: str) -> None:
    cursor = window.draft.editor.document().find(place, 0)
    cursor.setPosition(cursor.selectionStart())
    cursor.insertText(words)
    settle(window, qtbot)


def before_discharge(window: MainWindow, qtbot: QtBot, sentence: str) -> None:
    """Types a sentence before the one that tells the discharge diagnosis, however that begins."""
    text = window.draft.editor.toPlainText()
    cursor = QTextCursor(window.draft.editor.document())
    cursor.setPosition(text.rindex(". ", 0, text.index("infarto")) + 2)
    cursor.insertText(sentence)
    settle(window, qtbot)


def row_of(window: MainWindow, mention: str) -> int:
    return next(i for i, v in enumerate(window.session.report.violations) if v.mention == mention)


def mentions(window: MainWindow) -> list[str]:
    return [v.mention for v in window.session.report.violations if v.severity == "blocking"]


def dashed(window: MainWindow) -> list[str]:
    """The words under a dashed line."""
    return [
        mark.cursor.selectedText()
        for mark in window.draft.editor.extraSelections()
        if mark.format.underlineStyle() is mark.format.UnderlineStyle.DashUnderline
    ]


def answer(window: MainWindow, qtbot: QtBot, button: str) -> None:
    box = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
    pressed = next(found for found in box.findChildren(QPushButton) if found.text() == button)
    qtbot.mouseClick(pressed, Qt.MouseButton.LeftButton)
    settle(window, qtbot)


def attest(window: MainWindow, qtbot: QtBot, mention: str) -> None:
    """As from the list of findings, the name known."""
    window.session.author = WHO
    listed = window.draft.findings.list
    index = listed.cards.index(row_of(window, mention))
    listed.scrollTo(index)
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=listed.visualRect(index).center())
    qtbot.mouseClick(window.draft.findings.act, Qt.MouseButton.LeftButton)
    answer(window, qtbot, "Agregar")


def action_at(window: MainWindow, words: str) -> QAction:
    """The last entry of the editor's menu over these words."""
    cursor = window.draft.editor.document().find(words, 0)
    return window.draft.editor.menu_at(cursor.selectionStart() + 1).actions()[-1]


def test_a_finding_is_added_by_the_physician_from_the_list(added: MainWindow, qtbot: QtBot) -> None:
    window = added
    assert mentions(window) == ["melena", "palidez", "hematemesis"]
    listed = window.draft.findings.list
    assert not window.draft.findings.act.isVisible()
    index = listed.cards.index(row_of(window, "melena"))
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=listed.visualRect(index).center())
    assert window.draft.findings.act.text() == "Agregado por el médico…"
    qtbot.mouseClick(window.draft.findings.act, Qt.MouseButton.LeftButton)
    dialog = next(dialog for dialog in window.findChildren(AuthorDialog) if dialog.isVisible())
    dialog.name.setText(WHO)
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    box = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
    assert "«melena»" in box.text()
    assert WHO in box.informativeText()
    answer(window, qtbot, "Agregar")
    assert mentions(window) == ["palidez", "hematemesis"]
    assert dashed(window) == ["melena"]
    (card,) = [card for card in listed.cards.cards if card.tone is Tone.ATTESTED]
    assert (card.label, card.text) == ("Agregado", "«melena»")
    assert re.fullmatch(rf"{WHO}, \d\d-\d\d-\d{{4}} \d\d:\d\d", card.detail)
    assert window.draft.findings.count.text() == "2 bloquean · 1 agregada"
    assert window.draft.legend.isVisible()
    assert "agregado por el médico" in window.draft.legend.accessibleName()


def test_the_editors_menu_adds_with_the_negation_and_takes_back(added: MainWindow, qtbot: QtBot) -> None:
    window = added
    window.session.author = WHO
    act = action_at(window, "hematemesis")
    assert act.text() == "Agregado por el médico…"
    act.trigger()
    answer(window, qtbot, "Agregar")
    assert dashed(window) == ["sin hematemesis"]
    editor = window.draft.editor
    place = editor.document().find("hematemesis", 0)
    place.setPosition(place.selectionStart() + 2)
    assert editor.tip_at(editor.cursorRect(place).center()).startswith(f"Agregado por el médico: {WHO}, ")
    back = action_at(window, "hematemesis")
    assert back.text() == "Quitar lo agregado por el médico"
    back.trigger()
    settle(window, qtbot)
    assert dashed(window) == []
    assert window.session.attestations == ()
    assert not window.draft.legend.isVisible()
    assert mentions(window) == ["melena", "palidez", "hematemesis"]


def test_the_list_takes_back_too(added: MainWindow, qtbot: QtBot) -> None:
    attest(added, qtbot, "melena")
    listed = added.draft.findings.list
    listed.setCurrentIndex(listed.cards.index(len(added.session.report.violations)))
    assert added.draft.findings.act.text() == "Quitar lo agregado"
    qtbot.mouseClick(added.draft.findings.act, Qt.MouseButton.LeftButton)
    settle(added, qtbot)
    assert added.session.report.attested == ()


def test_the_selected_words_are_added_whole(added: MainWindow, qtbot: QtBot) -> None:
    added.session.author = WHO
    added.draft.editor.setTextCursor(added.draft.editor.document().find("melena y palidez, sin hematemesis", 0))
    action_at(added, "palidez").trigger()
    answer(added, qtbot, "Agregar")
    assert dashed(added) == ["melena y palidez, sin hematemesis"]
    assert added.session.report.ok


def test_nothing_happens_where_the_physician_turns_back(added: MainWindow, qtbot: QtBot) -> None:
    added.session.author = WHO
    action_at(added, "melena").trigger()
    answer(added, qtbot, "Volver al texto")
    assert added.session.attestations == ()
    added.session.author = None
    action_at(added, "melena").trigger()
    qtbot.keyClick(next(d for d in added.findChildren(AuthorDialog) if d.isVisible()), Qt.Key.Key_Escape)
    assert added.session.attestations == ()
    assert [box for box in added.findChildren(QMessageBox) if box.isVisible()] == []


@pytest.mark.parametrize("reason", [QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard])
def test_the_menu_opens_by_mouse_and_by_key(added: MainWindow, qtbot: QtBot, reason: QContextMenuEvent.Reason) -> None:
    editor = added.draft.editor
    place = editor.document().find("melena", 0)
    place.setPosition(place.selectionStart() + 1)
    editor.setTextCursor(place)
    at = editor.cursorRect().center()
    event = QContextMenuEvent(reason, at, editor.viewport().mapToGlobal(at))
    QApplication.sendEvent(editor.viewport(), event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert menu.actions()[-1].text() == "Agregado por el médico…"
    menu.close()


def test_a_drug_is_offered_to_nobody(added: MainWindow, qtbot: QtBot) -> None:
    before_discharge(added, qtbot, "Se agregó tramadol 50 mg. ")
    act = action_at(added, "tramadol")
    assert not act.isEnabled()
    assert "se corrige" in act.text()
    listed = added.draft.findings.list
    listed.setCurrentIndex(listed.cards.index(row_of(added, "tramadol")))
    assert not added.draft.findings.act.isVisible()


def test_a_selection_with_a_drug_is_refused_and_told(added: MainWindow, qtbot: QtBot) -> None:
    type_before(added, qtbot, "Presentó melena", "Se agregó tramadol por dolor. ")
    added.session.author = WHO
    added.draft.editor.setTextCursor(added.draft.editor.document().find("tramadol por dolor. Presentó melena", 0))
    action_at(added, "melena").trigger()
    answer(added, qtbot, "Agregar")
    assert added.session.attestations == ()
    assert dashed(added) == []
    assert added.banner.isVisible()
    assert "no se agregó" in added.banner.text
    assert "melena" in mentions(added)


def test_an_edit_ends_it_and_undo_brings_it_back(added: MainWindow, qtbot: QtBot) -> None:
    attest(added, qtbot, "melena")
    place = added.draft.editor.document().find("melena", 0)
    place.insertText("hematuria")
    settle(added, qtbot)
    assert dashed(added) == []
    assert "hematuria" in mentions(added)
    added.draft.editor.undo()
    settle(added, qtbot)
    assert dashed(added) == ["melena"]
    type_before(added, qtbot, "Presentó melena", "Sin incidentes. ")
    assert dashed(added) == ["melena"]


def test_a_negation_typed_before_it_ends_it(added: MainWindow, qtbot: QtBot) -> None:
    attest(added, qtbot, "melena")
    type_before(added, qtbot, "melena", "sin ")
    assert dashed(added) == []
    assert "melena" in mentions(added)


@pytest.mark.parametrize("again", ["draft", "record"])
def test_another_draft_or_record_begins_without_additions(
    added: MainWindow, qtbot: QtBot, samples: Path, again: str
) -> None:
    attest(added, qtbot, "melena")
    if again == "draft":
        write_template(added, qtbot)
        added.draft.editor.undo()
        settle(added, qtbot)
        assert "melena" in mentions(added)
    else:
        added.session.draft = None  # no question about the text
        open_sample(added, qtbot, samples / "days.json")
    assert added.session.attestations == ()
    assert dashed(added) == []
    assert not added.draft.legend.isVisible()


def test_the_saved_document_says_who_added_what(added: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    attest(added, qtbot, "melena")
    target = tmp_path / "salida.pdf"
    with qtbot.waitSignal(added.session.saved, timeout=WAIT_MS):
        added.session.save(target)
    settle(added, qtbot)
    words = " ".join(" ".join(page.extract_text() for page in PdfReader(target).pages).split())
    assert "melena[a]" in words
    assert re.search(rf"\[a\] Agregado por el médico: «melena» — {WHO}, \d\d-\d\d-\d{{4}} \d\d:\d\d", words)
    assert not added.session.unsaved
    added.session.withdraw(added.session.attestations[0])
    assert added.session.unsaved
    settle(added, qtbot)


def test_words_of_the_name_are_never_markup(added: MainWindow, qtbot: QtBot) -> None:
    added.session.author = "<b>Dra.</b> & Soto"
    action_at(added, "melena").trigger()
    box = next(box for box in added.findChildren(QMessageBox) if box.isVisible())
    assert box.textFormat() is Qt.TextFormat.PlainText
    answer(added, qtbot, "Agregar")
    (card,) = [card for card in added.draft.findings.list.cards.cards if card.tone is Tone.ATTESTED]
    assert card.detail.startswith("<b>Dra.</b> & Soto, ")


@pytest.mark.parametrize(("width", "height"), [(1366, 728), (683, 364)], ids=["100 %", "200 %"])
def test_marks_legend_and_button_fit_the_screen(added: MainWindow, qtbot: QtBot, width: int, height: int) -> None:
    attest(added, qtbot, "melena")
    listed = added.draft.findings.list
    listed.setCurrentIndex(listed.cards.index(len(added.session.report.violations)))
    added.resize(width, height)
    QApplication.processEvents()
    assert (added.width(), added.height()) == (width, height)
    for control in (
        added.draft.editor,
        added.draft.legend,
        listed,
        added.draft.findings.act,
        added.draft.findings.count,
    ):
        corner = control.mapTo(added, QPoint(0, 0))
        assert control.isVisible()
        assert added.rect().contains(corner)
        assert added.rect().contains(corner + QPoint(control.width() - 1, control.height() - 1))
    assert added.draft.editor.height() >= 80
    assert listed.height() >= 40


def test_an_emoji_before_the_phrase_does_not_shift_it(added: MainWindow, qtbot: QtBot) -> None:
    QTextCursor(added.draft.editor.document()).insertText("😀 ")
    settle(added, qtbot)
    attest(added, qtbot, "melena")
    assert dashed(added) == ["melena"]
