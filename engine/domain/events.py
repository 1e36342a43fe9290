"""What happens while a draft is written, in order, for whoever watches."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.report import Draft, Report
from engine.errors import EpicrisisError


@dataclass(frozen=True, slots=True)
class Loading:
    """The model file is being read; `fraction` from 0 to 1."""

    fraction: float


@dataclass(frozen=True, slots=True)
class PromptProgress:
    """Tokens of the prompt evaluated so far."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Token:
    """More text. Forced runs arrive as one event."""

    text: str
    forced: bool


@dataclass(frozen=True, slots=True)
class SectionStarted:
    """The text entered one of the five parts (`evidence.Section` value)."""

    section: str


@dataclass(frozen=True, slots=True)
class Checked:
    """An attempt (from 1) was written whole and checked."""

    report: Report
    attempt: int


@dataclass(frozen=True, slots=True)
class Retrying:
    """The text so far is discarded and another attempt begins: a corrected one, or the same after a failure."""

    attempt: int
    cause: EpicrisisError | None = None  # why the attempt that stood there failed; None where it was rejected


@dataclass(frozen=True, slots=True)
class FellBack:
    """The template takes over; the text so far is discarded. The cause tells the user why."""

    cause: EpicrisisError


@dataclass(frozen=True, slots=True)
class Done:
    draft: Draft


DraftEvent = Loading | PromptProgress | Token | SectionStarted | Checked | Retrying | FellBack | Done
