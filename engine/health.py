"""Is the program ready on this computer? What informatics reads before it calls."""

from __future__ import annotations

from engine import privacy, services
from engine.cancellation import CancelToken
from engine.computer import free_memory
from engine.domain import Draft
from engine.errors import EpicrisisError
from engine.inference import models, preflight, runtimes
from engine.inference.catalog import ModelEntry
from engine.paths import resource


def health(cancel: CancelToken, lang: str) -> dict[str, object]:
    """The fields of `doctor --json`, after every check and a draft of a built-in record with the default model.

    `ready`: the program writes clean drafts, be it with the template alone (`fallbackMode`). Raises Cancelled.
    """
    entry = models.find(None)
    checks = list(preflight.preflight(entry, cancel))
    case = services.read(resource("samples/angina.json"))
    draft, cause = services.drafted(case, services.DraftOptions(kept=False), cancel)
    told = [_told(check.name, check.problem, lang) for check in checks]
    fine = draft.report.ok and not draft.fallback and all(check["ok"] for check in told)
    return {
        "status": "ok" if fine else "degraded",
        "ready": draft.report.ok,
        "modelPath": str(entry.path),
        "fallbackMode": draft.fallback,
        "backend": draft.model.backend,
        "threads": 0 if draft.fallback else runtimes.threads().writing,
        "tokensPerSecond": round(draft.usage.completion_tokens * 1000 / max(draft.usage.decode_ms, 1), 1),
        "memory": _memory(entry, draft),
        "checks": [*told, _told("draft", cause, lang)],
        "version": services.version(),
    }


def private(cancel: CancelToken, lang: str) -> dict[str, object]:
    """The fields of `doctor --privacy --json`, after a draft of a built-in record. Raises Cancelled."""
    case = services.read(resource("samples/angina.json"))
    services.drafted(case, services.DraftOptions(kept=False), cancel)
    checks = [_told(name, problem, lang) for name, problem in privacy.proofs(runtimes.model_process())]
    return {"private": all(check["ok"] for check in checks), "checks": checks, "version": services.version()}


def _memory(entry: ModelEntry, draft: Draft) -> dict[str, int]:
    """MB: free now, what the model needs, and what its process has held (0 where it did not draft)."""
    peak = 0 if draft.fallback else runtimes.peak_memory()
    needed = preflight.needed_memory(entry) if entry.memory or entry.present else 0
    return {name: count // 10**6 for name, count in (("free", free_memory()), ("needed", needed), ("peak", peak))}


def _told(name: str, problem: EpicrisisError | None, lang: str) -> dict[str, object]:
    return {
        "name": name,
        "ok": problem is None,
        "code": problem.code if problem else None,
        "message": problem.message(lang) if problem else None,
        "hint": problem.hint(lang) if problem else None,
    }
