"""What was copied in the program leaves the clipboard after a while, unless something else was copied since."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication


class ClipboardGuard(QObject):
    """It remembers a SHA-256 of what was copied, not the words. Copies of other programs are left alone."""

    def __init__(self, seconds: Callable[[], int], parent: QObject) -> None:
        super().__init__(parent)
        self._seconds = seconds
        self._clipboard: QClipboard = QGuiApplication.clipboard()
        self._copied = b""
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.clear)
        self._clipboard.dataChanged.connect(self._on_change)

    def clear(self) -> None:
        """Empties the clipboard where it still holds what was copied here."""
        self._timer.stop()
        copied, self._copied = self._copied, b""
        if copied and _digest(self._clipboard.text()) == copied:
            self._clipboard.clear()

    def _on_change(self) -> None:
        """A copy is the program's own where one of its windows has the keyboard."""
        text = self._clipboard.text() if QGuiApplication.focusObject() is not None else ""
        self._copied = _digest(text) if text else b""
        if text:
            self._timer.start(self._seconds() * 1000)
        else:
            self._timer.stop()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
