"""Is the program ready on this computer? For hospital IT."""

from __future__ import annotations

from engine import services
from engine.cancellation import CancelToken
from engine.cli import output


def models(action: str, *, as_json: bool, lang: str) -> int:
    """`models list` and `models verify`: 5 where a listed file is missing or altered."""
    found = services.model_list(verify=action == "verify")
    if as_json:
        output.say_json([_model_json(m, lang) for m in found])
    else:
        for m in found:
            state = m.problem.message(lang) if m.problem else "conforme" if action == "verify" else "instalado"
            size = f"{m.entry.size / 1e6:8.1f} MB"
            output.say(f"{m.entry.id:24} {m.entry.architecture:8} {size}  {m.entry.licence:12} {state}")
    return 5 if any(m.problem for m in found) else 0


def _model_json(status: services.ModelStatus, lang: str) -> dict[str, object]:
    entry = status.entry
    return {
        "id": entry.id,
        "file": entry.file,
        "sha256": entry.sha256,
        "architecture": entry.architecture,
        "chatTemplate": entry.chat_template,
        "promptProfile": entry.prompt_profile,
        "licence": entry.licence,
        "ok": status.problem is None,
        "problem": status.problem.message(lang) if status.problem else None,
    }


def report(*, as_json: bool, lang: str, cancel: CancelToken) -> int:
    """Exit status 0 where the model drafts, 5 where only the template does."""
    health = services.health(cancel, lang)
    if as_json:
        output.say_json(health)
    else:
        for name, value in health.items():
            output.say(f"{name:18} {value}")
    return 0 if health["ready"] and not health["fallbackMode"] else 5
