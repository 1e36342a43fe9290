"""Is the program ready on this computer? For hospital IT."""

from __future__ import annotations

from engine import services
from engine.cancellation import CancelToken
from engine.cli import output


def report(*, as_json: bool, lang: str, cancel: CancelToken) -> int:
    """Exit status 0 where the model drafts, 5 where only the template does."""
    health = services.health(cancel, lang)
    if as_json:
        output.say_json(health)
    else:
        for name, value in health.items():
            output.say(f"{name:18} {value}")
    return 0 if health["ready"] and not health["fallbackMode"] else 5
