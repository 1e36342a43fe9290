"""Real windows on Qt's offscreen platform; nothing may be left running or undeleted after a test."""

from __future__ import annotations

import gc
import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported

from collections.abc import Iterator
from pathlib import Path

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
from engine.paths import resource

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
    resting = (part.resting for part in (window.session, window.history) if part is not None)
    qtbot.waitUntil(lambda: not window.isVisible() and all(resting), timeout=WAIT_MS)
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
