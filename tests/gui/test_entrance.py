"""Coming in: the first start, the pass-phrase, the waits, the recovery key; and working without a history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.history import Access
from desktop.views.main_window import MainWindow
from engine import services
from engine.domain.people import Role
from engine.store.users import Users
from engine.store.vault import Vault
from tests.gui.conftest import WAIT_MS, come_in, drop, open_sample, over, shown, write_template
from tests.helpers.store import PASSPHRASE, PEOPLE, Clock, new_store, place_in


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Vault:
    return new_store(tmp_path / "profile", clock)


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot, vault: Vault) -> Iterator[MainWindow]:
    """Before a history that four people may open."""
    yield from shown(qapp, qtbot, services, over(vault))


@pytest.fixture
def first(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """On a computer where nobody has set a history up."""
    yield from shown(qapp, qtbot, services, over(Vault(place_in(tmp_path / "profile"), "1.2.3")))


def type_in(qtbot: QtBot, field: QLineEdit, text: str) -> None:
    """By the keys, where Qt's test keyboard has them."""
    field.clear()
    if text.isascii():
        qtbot.keyClicks(field, text)
    else:
        field.insert(text)


def fill(window: MainWindow, qtbot: QtBot, role: Role) -> None:
    page, person = window.entrance.currentWidget(), PEOPLE[role]
    type_in(qtbot, page.name, person.name)
    type_in(qtbot, page.rut, person.rut)
    type_in(qtbot, page.login, person.login)
    for field in (page.passphrase, page.again):
        field.setText(PASSPHRASE)
    qtbot.keyClick(page.again, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.history.busy, timeout=WAIT_MS)


def test_the_first_start_from_choice_to_work(first: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    entrance = first.entrance
    assert entrance.currentWidget() is entrance.choice
    qtbot.mouseClick(entrance.choice.configure, Qt.MouseButton.LeftButton)
    assert entrance.administrator.name.hasFocus()
    fill(first, qtbot, Role.IT)
    assert entrance.currentWidget() is entrance.key
    printed = entrance.key.key.text().replace("\n", "-").replace("  –  ", "-")
    assert [len(group) for group in printed.split("-")] == [4] * 9
    assert_nowhere(tmp_path, printed)
    type_in(qtbot, entrance.key.last, "0000")
    qtbot.keyClick(entrance.key.last, Qt.Key.Key_Return)
    assert entrance.currentWidget() is entrance.key
    type_in(qtbot, entrance.key.last, printed[-4:].lower())
    qtbot.keyClick(entrance.key.last, Qt.Key.Key_Return)
    assert entrance.currentWidget() is entrance.people
    assert entrance.key.key.text() == ""
    fill(first, qtbot, Role.PHYSICIAN)
    assert "mrojas" in entrance.people.message.text()
    assert entrance.people.passphrase.text() == ""
    with qtbot.waitSignal(first.history.changed, timeout=WAIT_MS):
        entrance.people.leave_asked.emit()
    assert entrance.currentWidget() is entrance.door
    assert entrance.door.login.text() == "mrojas"
    come_in(first, qtbot, Role.PHYSICIAN)
    assert not first.covered
    assert first.history.user.person.name == "María Rojas"


def assert_nowhere(folder: Path, printed: str) -> None:
    """Neither the key nor its letters without hyphens stand in any file."""
    for file in (path for path in folder.rglob("*") if path.is_file()):
        assert printed.encode() not in file.read_bytes()
        assert printed.replace("-", "").encode() not in file.read_bytes()


def test_without_a_history_the_window_works_and_nothing_is_written(
    first: MainWindow, qtbot: QtBot, samples: Path, tmp_path: Path
) -> None:
    assert first.covered
    qtbot.keyClick(first.entrance.choice.without, Qt.Key.Key_Space)
    assert first.history.access is Access.UNUSED
    open_sample(first, qtbot, samples / "days.json")
    write_template(first, qtbot)
    assert first.history.resting
    assert not (tmp_path / "profile").exists()


def test_what_is_brought_before_anybody_is_in_waits(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    assert not drop(window, samples / "days.json")
    window.request_open([samples / "days.json"])
    assert window.session.resting
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        come_in(window, qtbot, Role.PHYSICIAN)
    qtbot.waitUntil(lambda: window.session.resting, timeout=WAIT_MS)


def test_no_key_reaches_the_work_while_it_is_covered(window: MainWindow) -> None:
    enabled = [action.shortcut().toString() for action in window.actions() if action.isEnabled()]
    assert enabled == ["Ctrl+Q"]


def test_a_wrong_one_is_told_and_the_fourth_makes_wait(window: MainWindow, qtbot: QtBot, clock: Clock) -> None:
    door = window.entrance.door
    for _ in range(4):
        come_in(window, qtbot, Role.PHYSICIAN, "caballo grapa batería errada")
        assert "no son correctos" in door.message.text()
        assert door.passphrase.text() == ""
        assert door.passphrase.hasFocus()
    come_in(window, qtbot, Role.PHYSICIAN)
    assert door.message.text() == "Varios intentos errados. Espere 2 s."
    assert not door.enter.isEnabled()
    door.count_down()
    assert "1 s" in door.message.text()
    door.count_down()
    assert door.enter.isEnabled()
    clock.pass_seconds(2)
    come_in(window, qtbot, Role.PHYSICIAN)
    assert not window.covered


def test_caps_lock_is_told(window: MainWindow, qtbot: QtBot) -> None:
    door = window.entrance.door
    qtbot.keyClick(door.passphrase, Qt.Key.Key_A)
    assert "Mayúsculas" not in door._hint.text()
    qtbot.keyClick(door.passphrase, "A")  # without Shift
    assert "Mayúsculas" in door._hint.text()
    qtbot.keyClick(door.passphrase, "A", Qt.KeyboardModifier.ShiftModifier)
    assert door._hint.text() == ""


def test_a_rut_is_checked_while_it_is_typed(first: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(first.entrance.choice.configure, Qt.MouseButton.LeftButton)
    page = first.entrance.administrator
    for typed, said in (("12.345.678", "Con guion"), ("12.345.678-4", "no existe"), ("12.345.678-5", "válido")):
        type_in(qtbot, page.rut, typed)
        assert said in page._rut_hint.text()


def test_enter_leads_to_what_is_missing(first: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(first.entrance.choice.configure, Qt.MouseButton.LeftButton)
    page = first.entrance.administrator
    for field, text, then in (
        (page.name, "María Rojas Soto", page.rut),
        (page.rut, "12345678-5", page.passphrase),
        (page.passphrase, PASSPHRASE, page.again),
    ):
        type_in(qtbot, field, text)
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert then.hasFocus()
    assert page.login.text() == "mrojas"


def test_an_administrator_comes_back_by_the_recovery_key(window: MainWindow, qtbot: QtBot, vault: Vault) -> None:
    session = vault.unlock(PEOPLE[Role.IT].login, PASSPHRASE)
    key = Users(session).new_recovery_key()
    session.close()
    entrance, page = window.entrance, window.entrance.recovery
    entrance.door.login.setText("admin")
    qtbot.mouseClick(entrance.door.forgot, Qt.MouseButton.LeftButton)
    assert page.key.hasFocus()
    for field in (page.passphrase, page.again):
        field.setText("otra frase muy distinta")
    for typed, shown_page in (("mal escrita", page), (key.lower(), entrance.key)):
        page.key.setText(typed)
        qtbot.keyClick(page.again, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: not window.history.busy, timeout=WAIT_MS)
        assert entrance.currentWidget() is shown_page
    assert page.passphrase.text() == ""


def test_whoever_administers_sees_no_case(window: MainWindow, qtbot: QtBot) -> None:
    come_in(window, qtbot, Role.IT)
    assert window.covered
    assert window.entrance.currentWidget() is window.entrance.people
    fill(window, qtbot, Role.PHYSICIAN)
    assert "Ya hay una persona con ese usuario" in window.entrance.people.message.text()
