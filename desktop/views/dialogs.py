"""Questions to the user; each opens without stopping the window and answers through a signal."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QSize, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget


def ask_record(parent: QWidget) -> QFileDialog:
    """Asks for a record to open; `fileSelected` answers."""
    tr = QCoreApplication.translate
    dialog = QFileDialog(
        parent,
        tr("Dialogs", "Abrir una atención"),
        _documents(),
        tr("Dialogs", "Atenciones (*.json);;Todos los archivos (*)"),
    )
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return _opened(dialog)


def ask_pdf(parent: QWidget) -> QFileDialog:
    """Asks where to save; the proposed name tells the time and nothing of the patient."""
    tr = QCoreApplication.translate
    dialog = QFileDialog(parent, tr("Dialogs", "Guardar PDF"), _documents(), tr("Dialogs", "PDF (*.pdf)"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("pdf")
    dialog.selectFile(f"epicrisis-{datetime.now():%Y%m%d-%H%M}.pdf")
    return _opened(dialog)


def ask_discard(parent: QWidget) -> QMessageBox:
    """Asks before a text is lost; `accepted` means that it may be."""
    tr = QCoreApplication.translate
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(tr("Dialogs", "Texto sin guardar"))
    box.setText(tr("Dialogs", "Hay un texto que no se ha guardado como PDF."))
    box.setInformativeText(tr("Dialogs", "Si continúa, el texto se pierde."))
    discard = box.addButton(tr("Dialogs", "Descartar el texto"), QMessageBox.ButtonRole.AcceptRole)
    keep = box.addButton(tr("Dialogs", "Volver al texto"), QMessageBox.ButtonRole.RejectRole)
    discard.setAutoDefault(False)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
    return box


def _documents() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)


def _opened(dialog: QFileDialog) -> QFileDialog:
    tr, part = QCoreApplication.translate, QFileDialog.DialogLabel  # Qt's own Spanish lacks these two
    dialog.setLabelText(part.LookIn, tr("Dialogs", "Buscar en:"))
    dialog.setLabelText(part.FileType, tr("Dialogs", "Tipo de archivo:"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.resize(QSize(640, 400).boundedTo(dialog.screen().availableSize() * 0.8))
    dialog.open()
    return dialog
