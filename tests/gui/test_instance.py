"""One window for each user; a window that was killed stands in nobody's way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from desktop import app
from desktop.instance import claim, remove_temporary_files
from engine import paths

ROOT = Path(__file__).resolve().parents[2]
HOLDING = """
from desktop.instance import claim
from engine.hardening import protect
protect()
lock = claim()
print(lock is not None, flush=True)
import time; time.sleep(60)
"""


def _holder() -> subprocess.Popen[str]:
    """Another process of this user that has its window open."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", HOLDING], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "True\n"
    return process


def test_a_second_window_says_so_and_a_killed_one_frees_the_place(qapp: QApplication) -> None:
    read: list[str] = []

    def look() -> None:
        box = next(widget for widget in qapp.topLevelWidgets() if isinstance(widget, QMessageBox))
        read.append(f"{box.text()} {box.informativeText()}")
        box.accept()

    with _holder() as other:
        QTimer.singleShot(0, look)
        assert app.main([]) == app.ALREADY_OPEN
        other.kill()
    assert read == ["Epicrisis ya está abierto. Use la ventana que está abierta: la ficha se puede arrastrar a ella."]
    lock = claim()
    assert isinstance(lock, QLockFile)
    assert lock.isLocked()
    lock.unlock()


def test_a_profile_that_cannot_be_written_does_not_keep_the_window_shut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "archivo").touch()
    monkeypatch.setattr(paths, "user_lock", lambda: tmp_path / "archivo" / "window.lock")
    lock = claim()
    assert lock is not None
    assert not lock.isLocked()


def test_what_an_earlier_window_left_is_removed_and_what_a_link_names_is_not(tmp_path: Path) -> None:
    kept = tmp_path / "documentos"
    kept.mkdir()
    (kept / "carta.txt").touch()
    folder = paths.user_temporary()
    (folder / "impresión").mkdir(parents=True)
    (folder / "impresión" / "página").touch()
    (folder / "cups").touch()
    (folder / "enlace").symlink_to(kept)
    remove_temporary_files()
    assert list(folder.iterdir()) == []
    assert (kept / "carta.txt").exists()
