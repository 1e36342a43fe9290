"""One window for each user: a lock file, which a killed program does not keep."""

from __future__ import annotations

import shutil
from contextlib import suppress

from PySide6.QtCore import QCoreApplication, QLockFile
from PySide6.QtWidgets import QMessageBox

from engine import files, paths


def claim() -> QLockFile | None:
    """The lock, to be held while the window is open; None where another window of this user holds it.

    Where the folder cannot be written, the window opens all the same, and its look at the computer tells.
    """
    with suppress(OSError):
        files.private_folder(paths.user_lock().parent)
    lock = QLockFile(str(paths.user_lock()))
    lock.setStaleLockTime(0)  # as long as its process lives
    return lock if lock.tryLock(0) or lock.error() != QLockFile.LockError.LockFailedError else None


def remove_temporary_files() -> None:
    """What an earlier window left when it was killed. Only for who holds the lock."""
    folder = paths.user_temporary()
    for left in folder.iterdir() if folder.is_dir() else ():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            with suppress(OSError):
                left.unlink()


def tell_already_open() -> None:
    """Waits until the user has read it."""
    tr = QCoreApplication.translate
    box = QMessageBox(QMessageBox.Icon.Information, "Epicrisis", tr("Instance", "Epicrisis ya está abierto."))
    box.setObjectName("already-open")
    box.setInformativeText(tr("Instance", "Use la ventana que está abierta: la ficha se puede arrastrar a ella."))
    box.exec()
