"""Qualifying a model for a computer, and what is then offered to physicians."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from engine import correction, qualification, services
from engine.cancellation import CancelToken
from engine.computer import Computer, memory_bytes, peak_memory, this_computer
from engine.domain import Report, Violation
from engine.errors import Cancelled, ModelRefused
from engine.inference import library
from engine.paths import resource, user_models
from engine.qualification import Qualifying
from engine.services import Added, DraftOptions, Verdict

BUNDLED = "epicrisis-mini"


def _status(model: str) -> services.ModelStatus:
    return next(s for s in services.model_list() if s.entry.id == model)


@pytest.fixture
def added(random_model: Path) -> str:
    """The random model in the user's folder; its id."""
    *_, done = services.add_model(random_model, CancelToken())
    assert isinstance(done, Added)
    return done.entry.id


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """An acceptance set of three of its records."""
    cases = qualification.acceptance_set()[:3]
    monkeypatch.setattr(qualification, "acceptance_set", lambda: cases)
    return len(cases)


def _qualify(model: str) -> Verdict:
    *steps, verdict = qualification.qualify(model, CancelToken())
    assert all(isinstance(step, Qualifying) for step in steps)
    assert isinstance(verdict, Verdict)
    return verdict


def test_the_acceptance_set_covers_what_wards_write() -> None:
    lines = [json.loads(x) for x in resource("acceptance/records.jsonl").read_text(encoding="utf-8").splitlines()]
    wards = Counter(line["ward"] for line in lines)
    features = Counter(feature for line in lines for feature in line["features"])
    assert len(lines) == 30
    assert {"Medicina", "Cirugía", "Pediatría", "Traumatología", "UCI", "Psiquiatría"} <= set(wards)
    assert any(ward.startswith("Obstetricia") for ward in wards)
    assert set(features) == {"death", "transfer", "many_drugs", "empty_fields", "long_stay"}
    assert min(features.values()) >= 2
    drafts = [
        services.drafted(c, DraftOptions(backend="template"), CancelToken()) for c in qualification.acceptance_set()
    ]
    assert all(draft.report.ok for draft, _ in drafts)


def test_the_bundled_model_is_suitable_and_said_so(few: int) -> None:
    assert _status(BUNDLED).offered
    verdict = _qualify(BUNDLED)
    assert verdict.suitable
    assert (verdict.records, verdict.fallback, verdict.violations) == (few, 0.0, 0.0)
    assert 0.9 <= verdict.coverage <= 1.0
    assert 0 < verdict.seconds <= verdict.slowest
    assert 20 < verdict.peak_memory < 20_000
    assert _status(BUNDLED).verdict == verdict


def test_an_added_model_is_offered_only_once_it_is_suitable(added: str, few: int) -> None:
    assert [c.id for c in services.offered_models()] == [BUNDLED]
    assert not services.is_offered(DraftOptions(model=added), CancelToken())
    assert _qualify(added).suitable
    assert [c.id for c in services.offered_models()] == [BUNDLED, added]
    assert services.is_offered(DraftOptions(model=added), CancelToken())


def test_a_model_that_is_too_slow_is_not_offered(added: str, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = qualification.thresholds()
    slow = {**limits, "seconds": replace(limits["seconds"], most=0.0)}
    monkeypatch.setattr(qualification, "thresholds", lambda: slow)
    verdict = _qualify(added)
    assert (verdict.suitable, verdict.failed) == (False, ("seconds",))
    assert (_status(added).state, _status(added).offered) == ("unsuitable", False)


def test_a_bundled_model_that_proves_unsuitable_here_is_not_offered(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correction, "SECONDS_PER_ATTEMPT", -1.0)
    verdict = _qualify(BUNDLED)
    assert verdict.failed == ("fallback",)
    assert verdict.records == 1  # the template wrote it: one of three is more than is allowed, the rest is spared
    assert services.offered_models() == ()


def test_violations_are_those_before_correction(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    real, wrong = services.checking.check, Violation("number", "123", "No está en la ficha.", "blocking", 0, 3)
    texts: list[str] = []

    def check(evidence: services.Evidence, text: str) -> Report:
        texts.append(text)
        return Report((wrong,)) if len(texts) == 1 else real(evidence, text)

    monkeypatch.setattr(services.checking, "check", check)
    verdict = _qualify(BUNDLED)
    assert (verdict.violations, verdict.fallback, verdict.failed) == (1 / few, 0.0, ("violations",))


@pytest.mark.parametrize("change", ["version", "computer", "bytes"])
def test_a_verdict_holds_for_the_program_the_computer_and_the_bytes(
    change: str, added: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = _qualify(added)
    if change == "version":
        monkeypatch.setattr(services, "version", lambda: "9.9.9")
    else:
        other = {"computer": Computer("otro", 64, 512)} if change == "computer" else {"sha256": "0" * 64}
        (user_models() / "verdicts.json").unlink()
        library.keep(replace(verdict, **other))  # type: ignore[arg-type]  # one of two kinds of change
    assert _status(added).state == "unqualified"
    assert [c.id for c in services.offered_models()] == [BUNDLED]


def test_a_second_qualification_takes_the_place_of_the_first(added: str, few: int) -> None:
    first, second = _qualify(added), _qualify(added)
    assert library.verdicts() == (second,)
    assert first.computer == second.computer == this_computer()


def test_a_cancelled_qualification_keeps_nothing(added: str, few: int) -> None:
    cancel = CancelToken()
    work = qualification.qualify(added, cancel)
    next(work)
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(work)
    assert library.verdicts() == ()


def test_only_an_installed_model_is_qualified(random_model: Path) -> None:
    for name in (str(random_model), "qwen3-0.6b"):
        with pytest.raises(ModelRefused) as refusal:
            list(qualification.qualify(name, CancelToken()))
        assert refusal.value.code == "model_unknown"


def test_the_computer_is_told_without_a_name() -> None:
    told = this_computer()
    assert told.cpu
    assert told.threads >= 1
    assert 0 < peak_memory() < memory_bytes()
