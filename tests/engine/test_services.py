"""The use cases with a real runtime: correction, fallback and what is told of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine import checking, correction, services
from engine.cancellation import CancelToken
from engine.domain import Checked, Done, Draft, DraftEvent, FellBack, Report, Retrying, SectionStarted, Token, Violation
from engine.evidence import Evidence
from engine.health import health
from engine.inference import models
from engine.paths import resource
from engine.services import DraftOptions

CASE = services.read(resource("samples/angina.json"))
_NOTE = "TOLERA RÉGIMEN {} EN EL TURNO {}, DEAMBULA CON AYUDA EN EL PASILLO LARGO DE LA SALA, SUEÑO CONSERVADO."
WRONG = Violation("number", "123", "No está en la ficha.", "blocking", 0, 3)


def _events(options: DraftOptions) -> list[DraftEvent]:
    return list(services.draft(CASE, options, CancelToken()))


def _draft(events: list[DraftEvent]) -> Draft:
    assert isinstance(events[-1], Done)
    return events[-1].draft


def _cause(events: list[DraftEvent]) -> str:
    (fallback,) = [e for e in events if isinstance(e, FellBack)]
    return fallback.cause.code


def _reject(monkeypatch: pytest.MonkeyPatch, times: int) -> list[str]:
    """The checker refuses the first texts; gives the list in which every text checked will stand."""
    texts: list[str] = []
    real = checking.check

    def check(evidence: Evidence, text: str) -> Report:
        texts.append(text)
        return Report((WRONG,)) if len(texts) <= times else real(evidence, text)

    monkeypatch.setattr(checking, "check", check)
    return texts


@pytest.fixture
def options(random_model: Path) -> DraftOptions:
    return DraftOptions(model=str(random_model), temperature=1.0)


@pytest.fixture
def altered(random_model: Path, monkeypatch: pytest.MonkeyPatch) -> models.ModelEntry:
    """The only model of the catalogue is not the file that it was."""
    entry = replace(models.find(str(random_model)), id="alterado", sha256="0" * 64, bundled=True)
    monkeypatch.setattr(models, "catalog", lambda: (entry,))
    return entry


def test_a_rejected_draft_is_written_again(options: DraftOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = _reject(monkeypatch, 1)
    events = _events(options)
    draft = _draft(events)
    assert [e.attempt for e in events if isinstance(e, Retrying)] == [2]
    assert [(e.attempt, e.report.ok) for e in events if isinstance(e, Checked)] == [(1, False), (2, True)]
    assert (draft.attempts, draft.fallback, draft.model.backend) == (2, False, "llama")
    assert draft.text == texts[1] != texts[0]
    again = next(at for at, e in enumerate(events) if isinstance(e, Retrying))
    assert "".join(e.text for e in events[again:] if isinstance(e, Token)) == draft.text


def test_after_two_corrections_the_template_takes_over(options: DraftOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    _reject(monkeypatch, 3)
    events = _events(options)
    draft = _draft(events)
    assert [e.attempt for e in events if isinstance(e, Retrying)] == [2, 3]
    assert _cause(events) == "draft_rejected"
    assert (draft.attempts, draft.fallback, draft.model) == (4, True, correction.TEMPLATE)
    assert draft.report.ok


def test_a_model_that_is_too_slow_gives_way(options: DraftOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correction, "SECONDS_PER_ATTEMPT", -1.0)
    events = _events(options)
    assert _cause(events) == "model_timeout"
    assert _draft(events).fallback
    assert _draft(events).report.ok


def test_an_altered_model_is_not_loaded(altered: models.ModelEntry) -> None:
    events = _events(DraftOptions())
    assert _cause(events) == "model_altered"
    assert _draft(events).model == correction.TEMPLATE
    (status,) = [s for s in services.verify_models(CancelToken()) if isinstance(s, services.ModelStatus)]
    assert status.problem is not None
    assert status.problem.code == "model_altered"


def test_the_health_check_tells_that_only_the_template_writes(altered: models.ModelEntry) -> None:
    found = health(CancelToken(), "es")
    assert (found["status"], found["ready"], found["fallbackMode"]) == ("degraded", True, True)
    checks = {check["name"]: check for check in found["checks"]}  # type: ignore[attr-defined]  # a list of objects
    assert "SHA-256" in checks["hash"]["message"]
    assert checks["draft"]["code"] == "model_altered"
    assert "memory" not in checks


def test_a_free_attempt_stays_as_the_model_wrote_it(options: DraftOptions) -> None:
    events = _events(replace(options, constrained=False))
    draft = _draft(events)
    assert [e.section for e in events if isinstance(e, SectionStarted)] == ["free"]
    assert (draft.attempts, draft.fallback, draft.model.backend) == (1, False, "llama")
    assert not draft.report.ok
    assert draft.usage.forced_tokens == 0


def test_a_record_longer_than_the_context_is_drafted_by_the_model_and_says_what_it_has_not_read() -> None:
    record = json.loads(resource("samples/days.json").read_text(encoding="utf-8"))
    record["evolucion_resumen"] = [
        {"dia": day, "texto": f"{' '.join(_NOTE.format(day, part) for part in range(30))}"} for day in range(1, 13)
    ]
    case = services.read(json.dumps(record, ensure_ascii=False).encode())
    draft, cause = services.drafted(case, DraftOptions(), CancelToken())
    assert cause is None
    assert not draft.fallback
    assert draft.report.ok
    assert [w.type for w in draft.warnings].count("context") == 1
