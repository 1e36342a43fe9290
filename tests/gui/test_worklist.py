"""The cases of a physician: found, told apart by their state, opened again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.qtbot import QtBot

from desktop.models.found import places, searched
from desktop.views.main_window import MainWindow
from engine.history import PAGE, Cases
from engine.history import Session as StoreSession
from tests.gui.conftest import WAIT_MS, asked, open_sample, settled, write_template
from tests.helpers.store import a_case


def fill(session: StoreSession, count: int) -> None:
    for number in range(count):
        Cases(session).create(*a_case(name=f"Paciente {number:04d}"))


def listed(window: MainWindow, qtbot: QtBot, count: int) -> list[str]:
    """The names, once there are so many."""
    qtbot.waitUntil(lambda: len(window.home.model.rows) == count, timeout=WAIT_MS)
    return [card.text for card in window.home.model.cards]


def test_work_goes_to_the_list_and_comes_back_by_enter(ward: MainWindow, qtbot: QtBot, samples: Path) -> None:
    assert "Todavía no hay casos" in ward.home.title.text() or listed(ward, qtbot, 0) == []
    open_sample(ward, qtbot, samples / "days.json")
    write_template(ward, qtbot)
    qtbot.waitUntil(lambda: bool(ward.keeper.case_id), timeout=WAIT_MS)
    text = ward.session.text
    qtbot.keyClick(ward, Qt.Key.Key_F2)
    listed(ward, qtbot, 1)
    assert ward.pages.currentIndex() == 0
    assert ward.session.case is None
    assert ward.draft.editor.toPlainText() == ""
    assert not ward.draft.editor.document().isUndoAvailable()
    assert ward.home.model.cards[0].label == "borrador"
    qtbot.keyClick(ward.home.search, Qt.Key.Key_Down)
    with qtbot.waitSignal(ward.session.drafted, timeout=WAIT_MS):
        qtbot.keyClick(ward.home.list, Qt.Key.Key_Return)
    settled(ward, qtbot)
    assert ward.pages.currentIndex() == 1
    assert ward.draft.editor.toPlainText() == text


def test_a_search_finds_and_marks_the_beginnings_of_words(ward: MainWindow, qtbot: QtBot) -> None:
    asked(ward, qtbot, lambda session: fill(session, 3))
    asked(ward, qtbot, lambda session: Cases(session).create(*a_case(name="Ñandú Pérez")))
    ward.home.refresh()
    listed(ward, qtbot, 4)
    qtbot.keyClicks(ward.home.search, "perez")
    assert listed(ward, qtbot, 1) == ["Ñandú Pérez"]
    card = ward.home.model.cards[0]
    assert places(card.text, card.found) == [(6, 5)]
    assert "Encontrados" in ward.home.title.text()
    ward.home.search.setText("nadie")
    listed(ward, qtbot, 0)
    assert "Ningún caso" in ward.home.title.text()


def test_the_list_comes_in_pages(ward: MainWindow, qtbot: QtBot) -> None:
    asked(ward, qtbot, lambda session: fill(session, PAGE + 5))
    ward.home.refresh()
    first = listed(ward, qtbot, PAGE)
    assert ward.home.model.canFetchMore()
    ward.home.model.fetchMore(QModelIndex())
    names = listed(ward, qtbot, PAGE + 5)
    assert names[:PAGE] == first
    assert len(set(names)) == PAGE + 5
    assert not ward.home.model.canFetchMore()


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("María Ñúñez", "nun", [(6, 3)]),
        ("12.345.678-5", "345", [(3, 3)]),
        ("Rosa Rojas", "ro ros", [(0, 3), (5, 2)]),
        ("Rosa", "", []),
        ("İpek Ñ", "ñ", [(5, 1)]),
    ],
)
def test_marks_stand_where_the_words_begin(text: str, words: str, found: list[tuple[int, int]]) -> None:
    assert places(text, searched(words)) == found


def test_a_patients_name_is_nowhere_in_the_question_of_a_search(ward: MainWindow, qtbot: QtBot) -> None:
    """What was searched stays out of the log."""
    asked(ward, qtbot, lambda session: fill(session, 1))
    ward.home.search.setText("Paciente")
    listed(ward, qtbot, 1)
    entries = asked(ward, qtbot, lambda s: s.db.execute("SELECT detail FROM audit").fetchall())
    assert "Paciente" not in json.dumps(entries)
