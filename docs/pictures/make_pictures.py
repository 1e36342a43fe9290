"""Takes the pictures of the window for the documentation: `python docs/pictures/make_pictures.py`."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from PySide6.QtCore import QEventLoop
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from desktop.app import build_window, speak_spanish
from desktop.history import History
from desktop.theme import DARK, LIGHT, Theme
from desktop.views.main_window import MainWindow
from engine import history, services
from engine.domain.people import Role
from tests.helpers.store import PASSPHRASE, PEOPLE, new_store, place_in

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


def with_history(app: QApplication, theme: Theme, folder: Path) -> None:
    """The pages of coming in, and the list of cases."""
    made = history.Vault(new_store(folder).place, services.version())
    first = build_window(app, services, History(history.Vault(place_in(folder / "none"), "")))
    window = build_window(app, services, History(made))
    for shown in (first, window):
        shown.resize(1366, 728)
        shown.show()
        theme.use(LIGHT)
    picture(first, "first-start")
    first.close()
    picture(window, "entrance")
    window.entrance.door.given.emit(PEOPLE[Role.PHYSICIAN].login, PASSPHRASE)
    until(lambda: not window.covered)
    for sample in ("angina", "days"):
        window.request_open([SAMPLE.with_stem(sample)])
        until(lambda: bool(window.keeper and window.keeper.case_id) and window.session.resting)
        window.header.cases.trigger()
    until(lambda: len(window.home.model.rows) == 2)
    for name, colors in (("cases", LIGHT), ("cases-dark", DARK)):
        theme.use(colors)
        picture(window, name)
    window.close()
    until(lambda: not window.isVisible())


def until(happened: Callable[[], bool]) -> None:
    """Lets the window work until it has happened."""
    while not happened():
        QApplication.processEvents()


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
    with tempfile.TemporaryDirectory() as folder:
        with_history(app, theme, Path(folder))


if __name__ == "__main__":
    main()
