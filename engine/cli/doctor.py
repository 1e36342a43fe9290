"""Is the program ready on this computer? For hospital IT."""

from __future__ import annotations

from engine.cancellation import CancelToken
from engine.cli import output
from engine.health import health


def report(*, as_json: bool, lang: str, cancel: CancelToken) -> int:
    """Exit status 0 where the model drafts, 5 where only the template does."""
    found = health(cancel, lang)
    if as_json:
        output.say_json(found)
    else:
        for name, value in found.items():
            output.say(f"{name:18} {value}")
    return 0 if found["ready"] and not found["fallbackMode"] else 5
