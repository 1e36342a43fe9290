"""Takes the pictures of the window for the documentation: `python docs/pictures/make_pictures.py`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from PySide6.QtCore import QEventLoop
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from desktop.app import build_window, speak_spanish
from desktop.theme import DARK, LIGHT, Theme
from desktop.views.main_window import MainWindow
from engine import services

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parent.parent / "resources" / "samples" / "days.json"


def wait(window: MainWindow) -> None:
    """Returns once no work runs."""
    loop = QEventLoop()
    window.session.rested.connect(loop.quit)
    if not window.session.resting:
        loop.exec()


def change_a_dose(window: MainWindow) -> None:
    """Makes the mistake that the pictures show being caught."""
    editor = window.draft.editor
    found = editor.document().find("amlodipino 5 mg")
    found.insertText("amlodipino 50 mg")
    editor.moveCursor(QTextCursor.MoveOperation.Start)


def picture(window: MainWindow, name: str) -> None:
    QApplication.processEvents()
    window.grab().save(str(HERE / f"{name}.png"))


def main() -> None:
    app = QApplication(["pictures"])
    speak_spanish(app)
    window = build_window(app, services)
    theme = app.findChild(Theme)
    window.resize(1366, 728)
    window.show()
    picture(window, "empty")
    window.request_open([SAMPLE])
    wait(window)
    window.header.writer.setCurrentText("Modelo")
    window.header.generate.trigger()
    wait(window)
    change_a_dose(window)
    wait(window)
    for name, colors in (("light", LIGHT), ("dark", DARK)):
        theme.use(colors)
        picture(window, name)
    window.session.draft = None  # no question about unsaved text
    window.close()


if __name__ == "__main__":
    main()
