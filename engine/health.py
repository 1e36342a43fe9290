"""Is the program ready on this computer? What informatics reads before it calls."""

from __future__ import annotations

from engine import services
from engine.cancellation import CancelToken
from engine.errors import ModelRefused
from engine.inference import models
from engine.paths import resource


def health(cancel: CancelToken, lang: str) -> dict[str, object]:
    """The fields of a health check, after drafting a built-in record with the default model."""
    entry = models.find(None)
    case = services.read(resource("samples/angina.json"))
    done, _ = services.drafted(case, services.DraftOptions(kept=False), cancel)
    problem = _problem(entry, cancel)
    return {
        "status": "ok" if done.report.ok and not done.fallback else "degraded",
        "ready": done.report.ok,
        "modelPath": str(entry.path),
        "fallbackMode": done.fallback,
        "backend": done.model.backend,
        "tokensPerSecond": round(done.usage.completion_tokens * 1000 / max(done.usage.decode_ms, 1), 1),
        "problem": problem.message(lang) if problem else None,
        "version": services.version(),
    }


def _problem(entry: models.ModelEntry, cancel: CancelToken) -> ModelRefused | None:
    try:
        models.verified(entry, cancel)
    except ModelRefused as refusal:
        return refusal
    return None
