"""Questions to the user; each opens without stopping the window and answers through a signal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QSize, QStandardPaths, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from desktop.models.worklist import case_line
from desktop.session import Session
from desktop.theme import STEP
from engine import history
from engine.domain import AUTHOR_LENGTH, author_name


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


def ask_known(parent: QWidget, known: history.Listed, *, same_stay: bool) -> QMessageBox:
    """The patient has a case already; `accepted` means that the record is its next version, `rejected` a new case."""
    tr = QCoreApplication.translate
    box = QMessageBox(parent)
    box.setWindowTitle(tr("Dialogs", "Paciente conocido"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(tr("Dialogs", "Este paciente ya tiene un caso sin firmar."))
    box.setInformativeText(case_line(known))
    box.setStyleSheet(f"QLabel {{ min-width: {STEP * 45}px; }}")
    update = box.addButton(tr("Dialogs", "Actualizar ese caso"), QMessageBox.ButtonRole.AcceptRole)
    new = box.addButton(tr("Dialogs", "Es otra hospitalización"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(update if same_stay else new)
    box.setEscapeButton(new)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
    return box


def ask_attestation(parent: QWidget, phrase: str, author: str) -> QMessageBox:
    """Shows what the physician is about to vouch for; `accepted` means that it is so."""
    tr = QCoreApplication.translate
    box = QMessageBox(parent)
    box.setWindowTitle(tr("Dialogs", "Agregado por el médico"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(tr("Dialogs", "La ficha no dice «{phrase}».").format(phrase=phrase))
    told = tr("Dialogs", "Si la agrega, la epicrisis dirá que la agregó {author}, con fecha y hora.")
    more = tr("Dialogs", "Para abarcar más palabras, selecciónelas antes en el texto.")
    box.setInformativeText(f"{told.format(author=author)}\n{more}")
    box.setStyleSheet(f"QLabel {{ min-width: {STEP * 45}px; }}")
    add = box.addButton(tr("Dialogs", "Agregar"), QMessageBox.ButtonRole.AcceptRole)
    leave = box.addButton(tr("Dialogs", "Volver al texto"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(add)
    box.setEscapeButton(leave)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
    return box


class AuthorDialog(QDialog):
    """Asks for the physician's name; `named` gives it trimmed. Esc and «Cancelar» give nothing."""

    named = Signal(str)

    def __init__(self, proposed: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("¿Quién escribe?"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.name = QLineEdit(proposed, self, maxLength=AUTHOR_LENGTH)
        self.name.setAccessibleName(self.tr("Nombre del médico"))
        self.name.setMinimumWidth(STEP * 45)
        self.name.selectAll()
        self._buttons = QDialogButtonBox(self)
        self._continue = self._buttons.addButton(self.tr("Continuar"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._continue.setProperty("primary", True)
        self._buttons.addButton(self.tr("Cancelar"), QDialogButtonBox.ButtonRole.RejectRole)
        self._build()
        self._allow()

    def accept(self) -> None:
        name = author_name(self.name.text())
        if name:
            super().accept()
            self.named.emit(name)

    def _build(self) -> None:
        label = QLabel(self.tr("&Nombre del médico"), self)
        label.setBuddy(self.name)
        use = QLabel(
            self.tr("Queda junto a lo que usted agrega o decide, con fecha y hora, y se imprime en la epicrisis."), self
        )
        use.setWordWrap(True)
        use.setProperty("role", "muted")
        rows = QVBoxLayout(self)
        rows.setContentsMargins(STEP * 2, STEP * 2, STEP * 2, STEP * 2)
        rows.setSpacing(STEP)
        for widget in (label, self.name, use, self._buttons):
            rows.addWidget(widget)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self.name.textChanged.connect(self._allow)

    def _allow(self) -> None:
        self._continue.setEnabled(author_name(self.name.text()) is not None)


def with_author(parent: QWidget, session: Session, do: Callable[[str], None]) -> None:
    """Runs `do` with the physician's name; asks for it first where this window does not know it yet.

    A cancelled question runs nothing, and is asked again the next time.
    """
    if session.author is not None:
        do(session.author)
        return

    def go_on(name: str) -> None:
        session.author = name
        do(name)

    treating = session.case.stay.practitioner if session.case else None
    dialog = AuthorDialog(author_name(treating.value) or "" if treating else "", parent)
    dialog.named.connect(go_on)
    dialog.open()


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
