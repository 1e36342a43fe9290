"""Real windows on Qt's offscreen platform; nothing may be left running or undeleted after a test."""

from __future__ import annotations

import gc
import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QThread, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from desktop.app import build_window
from desktop.history import History
from desktop.operations import Services
from desktop.views.main_window import MainWindow
from engine import services
from engine.domain.people import Role
from engine.history import Session as StoreSession
from engine.history import Vault
from engine.paths import resource
from tests.helpers.store import CHEAP, PASSPHRASE, PEOPLE, Clock, new_store

T = TypeVar("T")

WAIT_MS = 20_000


@pytest.fixture
def samples() -> Path:
    return resource("samples")


@pytest.fixture(autouse=True)
def _nothing_left(qapp: QApplication) -> Iterator[None]:
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert [widget.objectName() for widget in qapp.allWidgets()] == []
    assert running_threads() == []


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot) -> Iterator[MainWindow]:
    yield from shown(qapp, qtbot, services)


def shown(qapp: QApplication, qtbot: QtBot, over: Services, history: History | None = None) -> Iterator[MainWindow]:
    """A window over these services, 1366×768, closed and deleted afterwards."""
    window = build_window(qapp, over, history)
    window.resize(1366, 768)
    window.show()
    window.activateWindow()
    qtbot.waitActive(window)
    yield window
    dispose(window, qtbot)


def dispose(window: MainWindow, qtbot: QtBot) -> None:
    """Closes the window without the question about unsaved text, and deletes it."""
    window.session.draft = None
    window.close()
    parts = [part for part in (window.session, window.history) if part is not None]
    qtbot.waitUntil(lambda: not window.isVisible() and all(part.resting for part in parts), timeout=WAIT_MS)
    window.deleteLater()


def open_sample(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.request_open([path])
    qtbot.waitUntil(lambda: window.session.resting, timeout=WAIT_MS)


def write_template(window: MainWindow, qtbot: QtBot) -> None:
    """Drafts with the template, as the user would choose it."""
    window.header.writer.setCurrentText("Plantilla")
    with qtbot.waitSignal(window.session.drafted, timeout=WAIT_MS):
        window.header.generate.trigger()
    qtbot.waitUntil(lambda: window.session.resting, timeout=WAIT_MS)


def drop(window: MainWindow, *paths: Path) -> bool:
    """Drags files over the window and drops them; tells whether the window took the drag."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(300, 300), copy, mime, left, none)
    enter.setAccepted(False)
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        QApplication.sendEvent(window, QDropEvent(QPointF(300, 300), copy, mime, left, none))
    return enter.isAccepted()


def running_threads() -> list[QThread]:
    """Every Qt thread that still runs, the window's own apart."""
    own = QThread.currentThread()
    threads = [found for found in gc.get_objects() if isinstance(found, QThread) and Shiboken.isValid(found)]
    return [thread for thread in threads if thread is not own and thread.isRunning()]


def over(vault: Vault) -> History:
    return History(vault, lambda: CHEAP)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A history that four people may open."""
    return new_store(tmp_path / "profile", Clock())


@pytest.fixture
def ward(qapp: QApplication, qtbot: QtBot, vault: Vault) -> Iterator[MainWindow]:
    """A window with a physician at the history."""
    for window in shown(qapp, qtbot, services, over(vault)):
        come_in(window, qtbot, Role.PHYSICIAN)
        yield window


def come_in(window: MainWindow, qtbot: QtBot, role: Role, passphrase: str = PASSPHRASE) -> None:
    """Types login and pass-phrase, and Enter; returns once it is answered."""
    door = window.entrance.door
    door.login.setText(PEOPLE[role].login)
    door.passphrase.setText(passphrase)
    qtbot.keyClick(door.passphrase, Qt.Key.Key_Return)
    settled(window, qtbot)


def settled(window: MainWindow, qtbot: QtBot) -> None:
    """Returns once nothing that was asked of the history is unanswered and no work runs."""
    qtbot.waitUntil(lambda: not window.history.busy and window.session.resting, timeout=WAIT_MS)


def asked(window: MainWindow, qtbot: QtBot, job: Callable[[StoreSession], T]) -> T:
    """What the job gives at the history of this window."""
    answers: list[T] = []
    window.history.ask(job, answers.append, pytest.fail)
    qtbot.waitUntil(lambda: bool(answers), timeout=WAIT_MS)
    return answers[0]
