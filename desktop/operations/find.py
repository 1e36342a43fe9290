"""Find cases in the history."""

from __future__ import annotations

from collections.abc import Callable

from engine import history


def find_cases(words: str, before: int | None = None) -> Callable[[history.Session], tuple[history.Listed, ...]]:
    """A page of the user's cases, or of those that the words find, the newest first. Raises StoreRefused."""
    return lambda session: history.Worklist(session).page(words, before)
