"""Faithful by construction: whatever the model, all that is required is written and nothing is invented."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine import services
from engine.cancellation import CancelToken
from engine.domain import Done, Draft
from tests.helpers.facts import count

SAMPLES = sorted((Path(__file__).resolve().parents[2] / "resources" / "samples").glob("*.json"))


def _draft(path: Path, options: services.DraftOptions) -> Draft:
    events = list(services.draft(services.read(path), options, CancelToken()))
    done = events[-1]
    assert isinstance(done, Done)
    return done.draft


def _record(path: Path) -> object:
    data = path.read_bytes()
    try:
        return json.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        return json.loads(data.decode("cp1252"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_random_model_can_neither_invent_nor_omit(path: Path, seed: int, random_model: Path) -> None:
    options = services.DraftOptions(model=str(random_model), seed=seed, temperature=1.5)
    draft = _draft(path, options)
    found = count(_record(path), draft.text)
    assert (found.missing_codes, found.missing_names) == ((), ())
    assert found.invented == 0, found
    assert not draft.fallback
    assert draft.report.ok


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_the_template_is_complete(path: Path) -> None:
    draft = _draft(path, services.DraftOptions(backend="template"))
    found = count(_record(path), draft.text)
    assert found.covered
    assert found.invented == 0
    assert "  " not in draft.text
    assert "\n" not in draft.text


def test_ten_seeds_give_different_texts(random_model: Path) -> None:
    path = next(p for p in SAMPLES if p.stem == "angina")
    texts = {
        _draft(path, services.DraftOptions(model=str(random_model), seed=s, temperature=0.8)).text for s in range(10)
    }
    assert len(texts) >= 8
