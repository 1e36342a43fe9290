"""Wires the window to the engine; nothing else in the desktop makes these objects."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from desktop.history import History
from desktop.instance import claim, remove_temporary_files, tell_already_open
from desktop.keeper import Keeper
from desktop.operations import Services
from desktop.plugins import leave_out_network_plugins
from desktop.problems import explain, log_bug
from desktop.session import Session
from desktop.theme import Theme
from desktop.views.main_window import MainWindow
from engine import history as engine_history
from engine import services as engine_services
from engine.hardening import protect
from engine.paths import resource

ENGINE: Services = engine_services
ALREADY_OPEN = 3  # the exit status of what is refused
WITHOUT_HISTORY = "--without-history"


def main(argv: Sequence[str] | None = None) -> int:
    """Opens the window, with the record named in `argv` if any; gives the exit status.

    Without `argv` it is the program itself, and its process is protected for good. `--without-history` leaves the
    encrypted history alone: nothing is kept but the PDF that is saved.
    """
    if argv is None:
        protect()
    leave_out_network_plugins(os.environ)
    names = list(sys.argv[1:] if argv is None else argv)
    with_history = WITHOUT_HISTORY not in names
    names = [name for name in names if name != WITHOUT_HISTORY]
    app = _application()
    app.setApplicationDisplayName("Epicrisis")
    app.setWindowIcon(QIcon(str(resource("icons/epicrisis.svg"))))
    speak_spanish(app)
    lock = claim()
    if lock is None:
        tell_already_open()
        return ALREADY_OPEN
    remove_temporary_files()
    history = History(engine_history.vault()) if with_history else None
    window = build_window(app, ENGINE, history)
    catch_bugs(window)
    window.show()
    window.session.look()
    if names:
        window.request_open([Path(name) for name in names])
    status = app.exec()
    window.deleteLater()  # its widgets go before the application does
    lock.unlock()
    return status


def _application() -> QApplication:
    running = QApplication.instance()
    return running if isinstance(running, QApplication) else QApplication(["epicrisis-desktop"])


def build_window(app: QApplication, services: Services, history: History | None = None) -> MainWindow:
    """A window over these services, painted as the system asks; without a history nothing is kept of the work."""
    session = Session(services)
    return MainWindow(session, Theme(app), Keeper(session, history, services) if history else None)


def speak_spanish(app: QApplication) -> None:
    """Qt's own dialogs in Spanish; they stay in English where Qt was packed without translations."""
    translator = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(QLocale(QLocale.Language.Spanish), "qtbase", "_", folder):
        app.installTranslator(translator)


def catch_bugs(window: MainWindow) -> None:
    """An exception that nobody expected is logged without its words and told in the window."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if window.isVisible():
            window.show_problem(explain(error))
        else:
            log_bug(error)

    sys.excepthook = hook


if __name__ == "__main__":
    sys.exit(main())
