"""The program as it is started."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication

from desktop.app import WITHOUT_HISTORY, main
from desktop.views.main_window import MainWindow


@pytest.mark.parametrize("flags", [[], [WITHOUT_HISTORY]], ids=["asked", "by the command line"])
def test_the_record_of_the_command_line_is_opened(
    qapp: QApplication, samples: Path, monkeypatch: pytest.MonkeyPatch, flags: list[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    shown: list[tuple[int, str]] = []
    timer = QTimer(interval=20)

    def look() -> None:
        window = next(widget for widget in qapp.topLevelWidgets() if isinstance(widget, MainWindow))
        if window.covered:
            window.entrance.choice.without.click()
        if window.session.case is not None and window.session.resting:
            timer.stop()
            shown.append((window.pages.currentIndex(), QCoreApplication.translate("QPlatformTheme", "Cancel")))
            window.close()

    timer.timeout.connect(look)
    timer.start()
    assert main([*flags, str(samples / "days.json")]) == 0
    assert shown == [(1, "Cancelar")]
