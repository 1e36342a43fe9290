"""Named colours, light and dark, and the stylesheet made of them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

STEP = 8  # px; every distance is a multiple or a half of it


@dataclass(frozen=True, slots=True)
class Colors:
    """Every text colour keeps a contrast of at least 4.5:1 on the grounds where it is used."""

    window: str
    surface: str
    text: str
    muted: str
    border: str
    accent: str
    on_accent: str
    accent_soft: str
    blocking: str
    blocking_soft: str
    warning: str
    warning_soft: str
    good: str
    good_soft: str


LIGHT = Colors(
    window="#eef1f4",
    surface="#ffffff",
    text="#17202b",
    muted="#4f5b69",
    border="#b9c3cd",
    accent="#0b5c8a",
    on_accent="#ffffff",
    accent_soft="#d3e8f6",
    blocking="#a8201a",
    blocking_soft="#fbe3e1",
    warning="#7a4b00",
    warning_soft="#ffefcf",
    good="#17602f",
    good_soft="#dcf2e3",
)
DARK = Colors(
    window="#14181d",
    surface="#1c2229",
    text="#e8edf2",
    muted="#a9b4c0",
    border="#465260",
    accent="#6cb8e6",
    on_accent="#08202f",
    accent_soft="#17405a",
    blocking="#ff9a91",
    blocking_soft="#4b201e",
    warning="#f4bd55",
    warning_soft="#43320f",
    good="#86dba2",
    good_soft="#173c26",
)

_SHEET = """
QWidget {{ color: {text}; }}
QMainWindow, QDialog, QMessageBox {{ background: {window}; }}
QPlainTextEdit, QListView {{ background: {surface}; border: 1px solid {border}; border-radius: 4px;
    selection-background-color: {accent}; selection-color: {on_accent}; }}
QPlainTextEdit {{ padding: 8px; placeholder-text-color: {muted}; }}
QPlainTextEdit:focus, QListView:focus {{ border: 2px solid {accent}; }}
QPlainTextEdit:focus {{ padding: 7px; }}
QLineEdit {{ background: {surface}; border: 1px solid {border}; border-radius: 4px; padding: 4px 8px;
    selection-background-color: {accent}; selection-color: {on_accent}; }}
QLineEdit:focus {{ border: 2px solid {accent}; padding: 3px 7px; }}
QPushButton {{ background: {surface}; border: 1px solid {border}; border-radius: 4px;
    padding: 4px 12px; min-height: 22px; }}
QPushButton[big="true"] {{ padding: 8px 16px; font-size: 11pt; }}
QPushButton[big="true"]:focus {{ padding: 7px 15px; }}
QLineEdit[big="true"] {{ padding: 7px 8px; font-size: 11pt; }}
QLineEdit[big="true"]:focus {{ padding: 6px 7px; }}
QPushButton:hover {{ border-color: {accent}; }}
QPushButton:focus {{ border: 2px solid {accent}; padding: 3px 11px; }}
QPushButton:pressed {{ background: {accent_soft}; }}
QPushButton:disabled {{ color: {muted}; background: {window}; border-color: {border}; }}
QPushButton[primary="true"] {{ background: {accent}; color: {on_accent}; border-color: {accent};
    font-weight: 600; }}
QPushButton[primary="true"]:focus {{ border: 2px solid {text}; }}
QPushButton[primary="true"]:disabled {{ background: {window}; color: {muted}; border-color: {border}; }}
QProgressBar {{ background: {border}; border: none; border-radius: 2px; min-height: 4px; max-height: 4px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 2px; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 2px; }}
QScrollBar::handle:vertical {{ background: {muted}; border-radius: 3px; min-height: 24px; margin: 0 1px; }}
QScrollBar::handle:vertical:hover {{ background: {accent}; }}
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical {{ height: 0; }}
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical {{ background: transparent; }}
QTabBar {{ qproperty-drawBase: 0; }}
QTabBar::tab {{ background: transparent; border: 1px solid transparent; border-bottom: 2px solid transparent;
    padding: 3px 10px; font-weight: 600; color: {muted}; }}
QTabBar::tab:selected {{ color: {text}; border-bottom-color: {accent}; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:focus {{ border: 1px solid {accent}; border-bottom: 2px solid {accent}; border-radius: 4px; }}
QSplitter::handle {{ background: transparent; }}
QSplitter::handle:hover {{ background: {border}; }}
QToolTip {{ background: {surface}; color: {text}; border: 1px solid {border}; padding: 4px; }}
QLabel[role="title"] {{ font-weight: 600; }}
QLabel[role="muted"] {{ color: {muted}; }}
QLabel[role="invite"] {{ font-size: 14pt; }}
QLabel[role="heading"] {{ font-size: 16pt; font-weight: 600; }}
QLabel[role="key"] {{ font-family: monospace; font-size: 16pt; font-weight: 600; background: {surface};
    border: 1px solid {border}; border-radius: 4px; padding: 12px; }}
QScrollArea, QWidget#ground {{ background: {window}; border: none; }}
QLabel[tone="good"] {{ color: {good}; font-weight: 600; }}
QLabel[tone="warning"] {{ color: {warning}; font-weight: 600; }}
QLabel[tone="blocking"] {{ color: {blocking}; font-weight: 600; }}
QLabel[tone="chip"] {{ background: {accent_soft}; border-radius: 4px; padding: 2px 8px; }}
QLabel[tone="chip-warning"] {{ background: {warning_soft}; color: {warning}; border: 1px solid {warning};
    border-radius: 4px; padding: 1px 7px; font-weight: 600; }}
QFrame#dropArea {{ background: {surface}; border: 2px dashed {border}; border-radius: 8px; }}
QFrame#dropArea[dragging="true"] {{ border-color: {accent}; background: {accent_soft}; }}
QFrame#banner {{ border: 1px solid {border}; border-radius: 4px; }}
QFrame#banner[tone="blocking"] {{ background: {blocking_soft}; border-color: {blocking}; }}
QFrame#banner[tone="warning"] {{ background: {warning_soft}; border-color: {warning}; }}
QFrame#banner[tone="good"] {{ background: {good_soft}; border-color: {good}; }}
"""


class Theme(QObject):
    """Follows the system's light or dark scheme; `changed` says that `colors` is another."""

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self.colors = LIGHT
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self._follow(app.styleHints().colorScheme())

    def use(self, colors: Colors) -> None:
        """Paints the whole program with these colours."""
        self.colors = colors
        self._app.setPalette(_palette(colors))
        self._app.setStyleSheet(stylesheet(colors))
        self.changed.emit()

    def _follow(self, scheme: Qt.ColorScheme) -> None:
        self.use(DARK if scheme is Qt.ColorScheme.Dark else LIGHT)


def stylesheet(colors: Colors) -> str:
    return _SHEET.format(**{name: getattr(colors, name) for name in Colors.__slots__})


def contrast(first: str, second: str) -> float:
    """WCAG contrast of two colours, from 1 to 21."""
    light, dark = sorted((_luminance(QColor(first)), _luminance(QColor(second))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def _palette(colors: Colors) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for names, color in (
        ((role.Window, role.AlternateBase, role.Button), colors.window),
        ((role.Base, role.ToolTipBase), colors.surface),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), colors.text),
        ((role.PlaceholderText,), colors.muted),
        ((role.Highlight, role.Accent, role.Link), colors.accent),
        ((role.HighlightedText,), colors.on_accent),
    ):
        for name in names:
            palette.setColor(name, QColor(color))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(colors.muted))
    return palette
