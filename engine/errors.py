"""Every expected failure, told to the user by code; texts stand in resources/i18n/messages.toml.

An error carries the JSON pointer and counts, never a value of the record (it may reach a log).
"""

from __future__ import annotations

import tomllib
from functools import lru_cache

from engine.paths import resource


@lru_cache(maxsize=1)
def _catalog() -> dict[str, dict[str, str]]:
    return tomllib.loads(resource("i18n/messages.toml").read_text(encoding="utf-8"))


class EpicrisisError(Exception):
    """A failure with something the user can do. `facts` fill the message's fields."""

    exit_status = 1

    def __init__(self, code: str, *, pointer: str = "", **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.pointer = pointer
        self.facts = facts

    def message(self, lang: str = "es") -> str:
        """One line that says what is wrong and where."""
        text = _catalog()[self.code][lang].format(**self.facts)
        return f"{text} [{self.pointer}]" if self.pointer else text

    def hint(self, lang: str = "es") -> str:
        """One line that says what to do."""
        return _catalog()[self.code][f"hint_{lang}"].format(**self.facts)


class UsageError(EpicrisisError):
    """The command line does not fit."""

    exit_status = 2


class InputRefused(EpicrisisError):
    """The record cannot be read; nothing was written."""

    exit_status = 3


class ModelRefused(EpicrisisError):
    """The model file is missing, altered, unsupported or failed."""

    exit_status = 5


class Cancelled(EpicrisisError):
    """The user stopped the work; silent in the window."""

    exit_status = 130

    def __init__(self) -> None:
        super().__init__("cancelled")
