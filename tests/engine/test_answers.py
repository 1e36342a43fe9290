"""Answers once given: the same question is answered at once, another one is not, and nothing of it outlives a lock."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine import services
from engine.answers import MOST, Answers, key_of
from engine.cancellation import CancelToken
from engine.cli import main
from engine.domain import Case, Done, Draft, FellBack, ModelRef, Report, Token
from engine.paths import resource
from engine.services import DraftOptions

SAMPLE = resource("samples/angina.json").read_bytes()
CASE = services.read(SAMPLE)


def _draft(options: DraftOptions, case: Case = CASE) -> Draft:
    draft, _ = services.drafted(case, options, CancelToken())
    return draft


@pytest.fixture
def options(random_model: Path) -> DraftOptions:
    return DraftOptions(model=str(random_model), temperature=1.0)


def test_the_same_question_has_the_same_answer_at_once(options: DraftOptions) -> None:
    first = _draft(options)
    again = list(services.draft(CASE, options, CancelToken()))
    assert again == [Done(replace(first, cached=True, processing_ms=again[0].draft.processing_ms))]  # type: ignore[union-attr]
    assert not first.cached


def test_the_layout_of_the_file_is_not_part_of_the_question(options: DraftOptions) -> None:
    _draft(options)
    laid_out = json.dumps(json.loads(SAMPLE), ensure_ascii=True, indent=7).encode()
    assert laid_out != SAMPLE
    assert _draft(options, services.read(laid_out)).cached


def test_another_record_setting_or_model_is_another_question(options: DraftOptions, tmp_path: Path) -> None:
    _draft(options)
    record = json.loads(SAMPLE)
    record["motivo_ingreso"] = "Dolor torácico de reposo"
    copy = tmp_path / "copia.gguf"
    copy.write_bytes(Path(str(options.model)).read_bytes())
    others = [
        _draft(options, services.read(json.dumps(record).encode())),
        _draft(replace(options, temperature=0.9)),
        _draft(replace(options, constrained=False)),
        _draft(replace(options, model=str(copy))),
        _draft(replace(options, seed=1)),
    ]
    assert [draft.cached for draft in others] == [False] * len(others)


def test_asking_again_writes_another_text(options: DraftOptions) -> None:
    first, second = _draft(options), _draft(options.again())
    assert not second.cached
    assert second.text != first.text
    assert _draft(options).text == first.text


def test_whoever_measures_is_never_answered_from_memory(options: DraftOptions) -> None:
    measured = replace(options, kept=False)
    assert not _draft(measured).cached
    assert not _draft(options).cached
    assert not _draft(measured).cached


def test_nothing_is_left_once_it_is_forgotten(options: DraftOptions) -> None:
    _draft(options)
    services.forget()
    assert not _draft(options).cached


def test_what_the_template_wrote_for_a_model_that_failed_is_tried_again(tmp_path: Path) -> None:
    broken = tmp_path / "roto.gguf"
    broken.write_bytes(b"GGUF" + bytes(100))
    for _ in range(2):
        events = list(services.draft(CASE, DraftOptions(model=str(broken)), CancelToken()))
        assert any(isinstance(event, FellBack) for event in events)
        assert any(isinstance(event, Token) for event in events)


def test_a_batch_writes_a_repeated_record_once(options: DraftOptions, tmp_path: Path) -> None:
    source, target = tmp_path / "fichas.jsonl", tmp_path / "textos.jsonl"
    line = json.dumps(json.loads(SAMPLE)) + "\n"
    source.write_text(line * 2, encoding="utf-8")
    assert main(["batch", str(source), "--out", str(target), "--model", str(options.model)]) == 0
    first, second = map(json.loads, target.read_text(encoding="utf-8").splitlines())
    assert (first["cached"], second["cached"]) == (False, True)
    assert second["text"] == first["text"]
    assert second["usage"] == first["usage"]


def test_no_more_than_so_many_are_kept_and_the_oldest_goes_first() -> None:
    answers = Answers()
    drafts = [Draft(str(n), Report(), (), ModelRef("m", "", "llama"), "", 0) for n in range(MOST + 1)]
    for number, draft in enumerate(drafts[:-1]):
        answers.keep(str(number), draft)
    assert answers.given("0") == drafts[0]  # asked for since: the second is the oldest now
    answers.keep("last", drafts[-1])
    assert len(answers) == MOST
    assert answers.given("1") is None
    assert answers.given("0") == drafts[0]
    answers.forget()
    assert len(answers) == 0


def test_a_key_tells_nothing_of_the_patient() -> None:
    key = key_of(CASE, "m")
    assert len(key) == 64
    assert set(key) <= set("0123456789abcdef")
