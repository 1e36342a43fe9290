"""Results as the JSON of docs/cli.md, and the way out for them."""

from __future__ import annotations

import io
import json
import os
import sys

from engine.domain import Attestation, Completeness, Draft, RecordWarning, Report, Requirement, Span, Usage
from engine.errors import EpicrisisError


def use_utf8() -> None:
    """A file or a pipe gets UTF-8 on every system; a terminal keeps its own, and shows what it lacks as «\\u2265»."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding = None if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")


def say(text: str) -> None:
    """One line on standard output, at once. Raises BrokenPipeError, EpicrisisError where the disk is full."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        hang_up()
        raise EpicrisisError("write_failed", reason=error.strerror or "?") from None


def say_json(value: object) -> None:
    say(json.dumps(value, ensure_ascii=False))


def hang_up() -> None:
    """Nothing more can be written: what is left in the buffers must not fail again when the program ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def status(report: Report) -> int:
    """The exit status of a text that was written: 0, or 4 where violations block it."""
    return 0 if report.ok else 4


def draft_json(draft: Draft, gate: Completeness) -> dict[str, object]:
    """The object that `draft --json` prints and each line of `batch` holds."""
    return {
        "text": draft.text,
        **report_json(draft.report, gate),
        "recordWarnings": warnings_json(draft.warnings),
        "generatedAt": draft.generated_at,
        "processingTimeMs": draft.processing_ms,
        "model": {"id": draft.model.id, "sha256": draft.model.sha256, "backend": draft.model.backend},
        "fallbackMode": draft.fallback,
        "attempts": draft.attempts,
        "cached": draft.cached,
        "usage": _usage(draft.usage),
    }


def report_json(report: Report, gate: Completeness) -> dict[str, object]:
    """`validation`, `spans`, what physicians vouched for, and what the law asks; offsets count code points."""
    violations = [
        {
            "type": v.type,
            "mention": v.mention,
            "reason": v.reason,
            "severity": v.severity,
            "start": v.start,
            "end": v.end,
            "evidence": list(v.evidence),
            "attestable": v.attestable,
        }
        for v in report.violations
    ]
    return {
        "validation": {"ok": report.ok, "violations": violations},
        "spans": [_span(span) for span in report.spans],
        "attested": [{"start": a.start, "end": a.end, **_attestation(a.attestation)} for a in report.attested],
        "notAttested": [{**_attestation(r.attestation), "reason": r.reason} for r in report.refused],
        "completeness": {"ok": gate.ok, "requirements": [_requirement(r) for r in gate.requirements]},
    }


def _requirement(found: Requirement) -> dict[str, object]:
    return {
        "id": found.id,
        "state": found.state,
        "reason": found.reason,
        "pointer": found.pointer,
        "evidence": list(found.evidence),
    }


def _span(span: Span) -> dict[str, object]:
    by = {"attestation": _attestation(span.attestation)} if span.attestation else {}
    return {"start": span.start, "end": span.end, "evidence": list(span.evidence), "kind": span.kind, **by}


def _attestation(attestation: Attestation) -> dict[str, str]:
    return {"phrase": attestation.phrase, "author": attestation.author, "at": attestation.at}


def warnings_json(warnings: tuple[RecordWarning, ...]) -> list[dict[str, str]]:
    return [{"type": w.type, "pointer": w.pointer, "reason": w.reason} for w in warnings]


def error_json(error: EpicrisisError, lang: str) -> dict[str, object]:
    return {"error": {"code": error.code, "message": error.message(lang), "pointer": error.pointer}}


def _usage(usage: Usage) -> dict[str, int]:
    return {
        "promptTokens": usage.prompt_tokens,
        "cachedTokens": usage.cached_tokens,
        "completionTokens": usage.completion_tokens,
        "forcedTokens": usage.forced_tokens,
        "loadMs": usage.load_ms,
        "firstTokenMs": usage.first_token_ms,
        "prefillMs": usage.prefill_ms,
        "decodeMs": usage.decode_ms,
    }
