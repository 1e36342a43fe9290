"""What keeps the model from drafting here is told when the window opens, and nothing waits for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.views.main_window import MainWindow
from engine import services
from engine.errors import ModelRefused
from engine.inference import models
from tests.gui.conftest import WAIT_MS, open_sample, running_threads, shown, write_template


@pytest.fixture
def truncated(random_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only model of the program, of which half was copied."""
    path = Path(shutil.copy(random_model, tmp_path / "modelo.gguf"))
    entry = replace(models.find(str(path)), id="incluido", bundled=True)
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size // 2)
    monkeypatch.setattr(models, "catalog", lambda: (entry,))
    return path


@pytest.fixture
def hindered(truncated: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[MainWindow]:
    yield from shown(qapp, qtbot, services)


def _look(window: MainWindow, qtbot: QtBot) -> None:
    window.session.look()
    qtbot.waitUntil(lambda: window.session.resting, timeout=WAIT_MS)


def test_a_model_that_cannot_draft_is_told_with_what_to_do(hindered: MainWindow, qtbot: QtBot, samples: Path) -> None:
    _look(hindered, qtbot)
    problem = ModelRefused("model_truncated", file="modelo.gguf")
    assert problem.message() in hindered.banner.text
    assert problem.hint() in hindered.banner.text
    assert hindered.status.text() == problem.message()
    open_sample(hindered, qtbot, samples / "angina.json")
    write_template(hindered, qtbot)
    assert "plantilla" in hindered.status.text()


def test_what_was_told_since_stays(hindered: MainWindow, qtbot: QtBot) -> None:
    hindered.request_open([Path("a.json"), Path("b.json")])
    _look(hindered, qtbot)
    assert "un solo archivo" in hindered.banner.text


def test_nothing_is_told_of_a_model_that_can(window: MainWindow, qtbot: QtBot) -> None:
    _look(window, qtbot)
    assert not window.banner.isVisible()
    assert window.session.obstacle is None
    assert "Ctrl+O" in window.status.text()


def test_a_window_that_closes_stops_looking(window: MainWindow, qtbot: QtBot) -> None:
    window.session.look()
    assert not window.session.resting
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=WAIT_MS)
    assert running_threads() == []
