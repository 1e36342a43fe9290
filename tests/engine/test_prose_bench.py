"""The count of the blind reading: each pair once, an «=» is none for the model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks.prose import Pair, preference, write

KEY: list[dict[str, object]] = [{"pair": 1, "model": "A"}, {"pair": 2, "model": "B"}, {"pair": 3, "model": "B"}]


def _verdicts(*letters: str) -> list[dict[str, object]]:
    return [{"pair": i, "preferred": letter} for i, letter in enumerate(letters, 1)]


def test_the_share_counts_the_models_pairs() -> None:
    assert preference(KEY, _verdicts("A", "A", "=")) == {"pairs": 3, "model": 1, "equal": 1, "share": 0.333}


@pytest.mark.parametrize("letters", [("A", "B"), ("A", "B", "C"), ("A", "B", "A", "A")])
def test_a_missing_or_an_unknown_verdict_is_refused(letters: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="one verdict"):
        preference(KEY, _verdicts(*letters))


def test_two_verdicts_for_one_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="one verdict"):
        preference(KEY, [*_verdicts("A", "B", "A"), {"pair": 1, "preferred": "B"}])


def test_the_pairs_do_not_tell_whose_they_are(tmp_path: Path) -> None:
    write(tmp_path, [Pair("ficha", "Uno.", "Dos.", "B")])
    shown = (tmp_path / "pairs.md").read_text(encoding="utf-8")
    assert "**A.** Uno." in shown
    assert "ficha" not in shown
    assert json.loads((tmp_path / "key.json").read_text(encoding="utf-8"))[0]["model"] == "B"
