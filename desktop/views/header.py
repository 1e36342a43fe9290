"""The buttons, in the order in which they are used."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QWidget

from desktop.session import Phase
from desktop.theme import STEP
from engine.services import DraftOptions, ModelChoice


class Header(QWidget):
    """Every button is an action of the window with its shortcut in the tip."""

    def __init__(self, parent: QWidget, offered: Sequence[ModelChoice]) -> None:
        super().__init__(parent)
        self.open = self._action(self.tr("Abrir…"), self.tr("Abrir una atención"), "Ctrl+O")
        self.generate = self._action(self.tr("Generar"), self.tr("Escribir el borrador"), "Ctrl+G")
        self.cancel = self._action(self.tr("Cancelar"), self.tr("Detener; queda el texto anterior"), "Esc")
        self.save = self._action(self.tr("Guardar PDF…"), self.tr("Guardar el texto como PDF"), "Ctrl+S")
        self.cases: QAction | None = None
        self.writer = QComboBox(self)
        self.writer.setMinimumHeight(STEP * 4)
        self.writer.setAccessibleName(self.tr("Quién escribe el borrador"))
        self._offer(offered)
        self._build()

    @property
    def options(self) -> DraftOptions:
        """What was chosen beside «Generar»."""
        options = self.writer.currentData()
        if not isinstance(options, DraftOptions):
            raise TypeError(type(options).__name__)
        return options

    def add_history(self) -> tuple[QAction, QAction]:
        """The way back to the cases and the lock, where there is a history."""
        self.cases = cases = self._action(self.tr("Casos"), self.tr("Volver a los casos; todo queda guardado"), "F2")
        lock = self._action(self.tr("Bloquear"), self.tr("Guardar todo y cubrir la ventana"), "Ctrl+L")
        self._row.insertWidget(0, self._button(cases))
        self._row.addWidget(self._button(lock))
        return cases, lock

    def show_state(self, phase: Phase, *, has_case: bool, has_draft: bool) -> None:
        """Enables what can be done now."""
        idle = phase is Phase.IDLE
        self.open.setEnabled(idle)
        if self.cases is not None:
            self.cases.setEnabled(idle and has_case)
        self.writer.setEnabled(idle)
        self.generate.setEnabled(idle and has_case)
        self.cancel.setEnabled(phase in (Phase.READING, Phase.DRAFTING))
        self.save.setEnabled(idle and has_draft)

    def _offer(self, offered: Sequence[ModelChoice]) -> None:
        """The bundled model is just «Modelo»; those that informatics added have their names."""
        for model in offered:
            known = DraftOptions() if model.bundled else DraftOptions(model=model.id)
            self.writer.addItem(self.tr("Modelo") if model.bundled else model.name, known)
        self.writer.addItem(self.tr("Plantilla"), DraftOptions(backend="template"))
        self.writer.setToolTip(
            self.tr("Modelo: redacta el modelo incluido. Plantilla: copia la ficha en frases fijas, sin modelo.")
        )

    def _action(self, text: str, tip: str, keys: str) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.setToolTip(f"{tip} ({keys})")
        self.window().addAction(action)
        return action

    def _build(self) -> None:
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(STEP)
        row.addWidget(self._button(self.open))
        row.addSpacing(STEP)
        row.addWidget(self.writer)
        row.addWidget(self._button(self.generate, primary=True))
        row.addWidget(self._button(self.cancel))
        row.addStretch(1)
        row.addWidget(self._button(self.save))

    def _button(self, action: QAction, *, primary: bool = False) -> QPushButton:
        button = QPushButton(action.text(), self)
        button.setToolTip(action.toolTip())
        button.setAccessibleName(action.toolTip())
        button.setProperty("primary", primary)
        button.setEnabled(action.isEnabled())
        button.clicked.connect(action.trigger)
        action.enabledChanged.connect(button.setEnabled)
        return button
