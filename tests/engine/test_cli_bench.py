"""`epicrisis bench`: the figures of a model on this computer, or why there are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine import bench, correction
from engine.cli import main

CLI = Path(__file__).resolve().parents[2] / "docs" / "cli.md"


@pytest.fixture(autouse=True)
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each record is drafted once."""
    monkeypatch.setattr(bench, "_ROUNDS", 1)


def test_the_figures_are_told_to_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--json"]) == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert found["model"]["backend"] == "llama"
    assert found["drafts"] == 2
    assert found["threads"] == {"prompt": 1, "text": 1}  # a small model
    speeds = "loadMs firstTokenMs draftMs slowestDraftMs promptTokensPerSecond tokensPerSecond memoryMB".split()
    assert all(found[name] > 0 for name in speeds)
    assert found["firstTokenMs"] <= found["draftMs"] <= found["slowestDraftMs"]
    assert "Midiendo: 2/2" in told.err
    document = CLI.read_text(encoding="utf-8")
    assert all(f'"{name}"' in document for name in found)


def test_the_figures_are_told_to_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench"]) == 0
    table = capsys.readouterr().out
    assert table.startswith("epicrisis-mini en ")
    assert "2 borradores de fichas incluidas" in table
    assert sum("tokens/s" in line for line in table.splitlines()) == 2


def test_a_model_that_leaves_a_draft_to_the_template_has_no_figures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(correction, "SECONDS_PER_ATTEMPT", -1.0)
    assert main(["bench", "--json"]) == 5
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "model_timeout"


def test_an_unknown_model_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--model", "ninguno", "--json"]) == 5
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "model_unknown"
