"""Is the program ready on this computer? For hospital IT."""

from __future__ import annotations

from typing import Any

from engine.cancellation import CancelToken
from engine.cli import output
from engine.health import health, private


def report(*, as_json: bool, lang: str, cancel: CancelToken) -> int:
    """Exit status 0 where the model drafts, 5 where only the template does."""
    found: dict[str, Any] = health(cancel, lang)
    _say(found, as_json=as_json)
    return 0 if found["ready"] and not found["fallbackMode"] else 5


def privacy(*, as_json: bool, lang: str, cancel: CancelToken) -> int:
    """The proof of privacy; exit status 0 where every claim holds on this computer, else 4."""
    found: dict[str, Any] = private(cancel, lang)
    _say(found, as_json=as_json)
    return 0 if found["private"] else 4


def _say(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        output.say_json(found)
    else:
        for line in _lines(found):
            output.say(line)


def _lines(found: dict[str, Any]) -> list[str]:
    """A line for each field and each check; below a failed one, what is wrong and what to do."""
    told = dict(found)
    checks = told.pop("checks")
    if "memory" in told:
        told["memory"] = ", ".join(f"{name} {count} MB" for name, count in told["memory"].items())
    lines = [f"{name:18} {value}" for name, value in told.items()]
    for check in checks:
        lines.append(f"{check['name']:18} {'ok' if check['ok'] else check['code']}")
        lines += [] if check["ok"] else [f"  {check['message']}", f"  {check['hint']}"]
    return lines
