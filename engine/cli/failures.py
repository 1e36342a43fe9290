"""Every exception as something to tell: a bug becomes its class and its place, never its words."""

from __future__ import annotations

import traceback
from pathlib import Path

from engine.errors import EpicrisisError


def told(error: Exception) -> EpicrisisError:
    """The failure itself where it was expected. The text of any other exception may hold words of a record."""
    if isinstance(error, EpicrisisError):
        return error
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return EpicrisisError("bug", kind=type(error).__name__, place=place)
