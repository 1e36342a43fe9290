"""The physician's name: asked once, before the first thing that carries it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.views.dialogs import AuthorDialog, with_author
from desktop.views.main_window import MainWindow
from engine.domain import author_name
from tests.gui.conftest import open_sample


def asked(window: MainWindow) -> AuthorDialog:
    return next(dialog for dialog in window.findChildren(AuthorDialog) if dialog.isVisible())


def test_the_name_is_asked_once_and_proposes_the_treating_professional(
    window: MainWindow, qtbot: QtBot, samples: Path
) -> None:
    open_sample(window, qtbot, samples / "days.json")
    names: list[str] = []
    with_author(window, window.session, names.append)
    dialog = asked(window)
    treating = window.session.case.stay.practitioner
    assert dialog.name.text() == (treating.value if treating else "")
    dialog.name.setText("  Dra.   Paz Ñanco ")
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    with_author(window, window.session, names.append)
    assert names == ["Dra. Paz Ñanco"] * 2
    assert window.session.author == "Dra. Paz Ñanco"


def test_escape_cancels_the_action_and_the_next_one_asks_again(window: MainWindow, qtbot: QtBot) -> None:
    names: list[str] = []
    with_author(window, window.session, names.append)
    dialog = asked(window)
    dialog.name.setText("Dr. Soto")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert names == []
    assert window.session.author is None
    with_author(window, window.session, names.append)
    asked(window).reject()


def test_nobody_can_go_on_without_a_name(window: MainWindow, qtbot: QtBot) -> None:
    names: list[str] = []
    with_author(window, window.session, names.append)
    dialog = asked(window)
    go_on = next(button for button in dialog.findChildren(QPushButton) if button.text() == "Continuar")
    for nothing in ("", "   ", "123", "…"):
        dialog.name.setText(nothing)
        assert not go_on.isEnabled()
        qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
        assert dialog.isVisible()
    dialog.name.setText("x" * 200)
    assert len(dialog.name.text()) == 80
    dialog.reject()
    assert names == []


@pytest.mark.parametrize("bad", ["", " \t", "12", "x" * 81, "Dra. \u202ezaP", "Dra.\x00"])
def test_what_is_no_name(bad: str) -> None:
    assert author_name(bad) is None
