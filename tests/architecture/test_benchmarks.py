"""Benches are run by hand, so a change that breaks one would go unseen."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

BENCHES = sorted((Path(__file__).parents[1] / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("bench", BENCHES, ids=lambda path: path.stem)
def test_a_bench_can_be_started(bench: Path) -> None:
    module = importlib.import_module(f"tests.benchmarks.{bench.stem}")
    assert module.__doc__
