"""Labels whose look depends on what they say."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel


def set_tone(label: QLabel, tone: str, text: str) -> None:
    """Another text, painted with the stylesheet's rule for `tone`."""
    label.setProperty("tone", tone)
    label.style().unpolish(label)
    label.style().polish(label)
    label.setText(text)  # after the polish, so that the size counts the tone's padding
    label.updateGeometry()
