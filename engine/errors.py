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


def _joined(names: list[str], types: dict[str, str], lang: str) -> str:
    """Empty where a name is no JSON type."""
    known = [types[f"{name}_{lang}"] for name in names if f"{name}_{lang}" in types]
    return (" o " if lang == "es" else " or ").join(known) if len(known) == len(names) else ""


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
        text = _catalog()[self.code][lang].format(**self._spoken(lang))
        return f"{text} [{self.pointer}]" if self.pointer else text

    def hint(self, lang: str = "es") -> str:
        """One line that says what to do."""
        return _catalog()[self.code][f"hint_{lang}"].format(**self._spoken(lang))

    def _spoken(self, lang: str) -> dict[str, str | int]:
        """The facts with the names of JSON types in the user's language («array, string» → «una lista o un texto»)."""
        types = _catalog()["json_types"]
        return {name: _joined(str(value).split(", "), types, lang) or value for name, value in self.facts.items()}


class UsageError(EpicrisisError):
    """The command line does not fit."""

    exit_status = 2


class InputRefused(EpicrisisError):
    """The record cannot be read; nothing was written."""

    exit_status = 3


class StoreRefused(EpicrisisError):
    """The encrypted history does not open, or does not allow this; nothing was changed."""

    exit_status = 3


class ModelRefused(EpicrisisError):
    """The model file is missing, altered, unsupported or failed."""

    exit_status = 5


class RuntimeDied(ModelRefused):
    """The process of the model ended or hung under the work; another attempt may succeed."""


class Cancelled(EpicrisisError):
    """The user stopped the work; silent in the window."""

    exit_status = 130

    def __init__(self) -> None:
        super().__init__("cancelled")
