"""A batch that was interrupted goes on where it stopped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine import services
from engine.cli import main
from engine.paths import resource

RECORD = json.dumps(json.loads(resource("samples/angina.json").read_text(encoding="utf-8")), ensure_ascii=False)
REFUSED = '{"dx": 3}'


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path | bytes]:
    """The records that the program reads."""
    seen: list[Path | bytes] = []
    real = services.read

    def reading(source: Path | bytes) -> services.Case:
        seen.append(source)
        return real(source)

    monkeypatch.setattr(services, "read", reading)
    return seen


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "fichas.jsonl"
    path.write_text("\n".join([REFUSED, RECORD, RECORD]), encoding="utf-8")
    return path


def _batch(source: Path, target: Path, *more: str) -> int:
    return main(["batch", str(source), "--out", str(target), "--backend", "template", *more])


def _texts(target: Path) -> list[str | None]:
    return [json.loads(line).get("text") for line in target.read_bytes().splitlines()]


def test_lines_that_are_there_stay_and_a_cut_one_is_written_anew(
    source: Path, tmp_path: Path, read: list[Path | bytes]
) -> None:
    target = tmp_path / "salida.jsonl"
    assert _batch(source, target) == 3
    whole, texts = target.read_bytes(), _texts(target)
    first, second, third = whole.splitlines(keepends=True)
    target.write_bytes(first + second + third[:100])
    read.clear()
    assert _batch(source, target, "--resume") == 3  # the first record was refused then
    assert len(read) == 1
    assert target.read_bytes().startswith(first + second)
    assert _texts(target) == texts
    assert _batch(source, target, "--resume") == 3
    assert len(read) == 1  # nothing was left to do
    assert _texts(target) == texts


def test_without_an_earlier_output_it_begins(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "salida.jsonl"
    assert _batch(source, target, "--resume") == 3
    assert [text is None for text in _texts(target)] == [True, False, False]


def test_files_of_a_folder_that_are_there_stay(source: Path, tmp_path: Path, read: list[Path | bytes]) -> None:
    target = tmp_path / "salida"
    target.mkdir()
    assert _batch(source, target) == 3
    (target / "00002.json").unlink()
    kept = (target / "00003.json").read_bytes()
    read.clear()
    assert _batch(source, target, "--resume") == 3
    assert len(read) == 1
    assert (target / "00003.json").read_bytes() == kept
    assert (target / "00002.json").exists()


@pytest.mark.parametrize("words", [b"lo de otro\n", b"lo de otro", b'{"text": 1}\n', b"[]\n"])
def test_a_file_of_something_else_is_not_touched(
    words: bytes, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "notas.txt"
    target.write_bytes(words)
    assert _batch(source, target, "--resume") == 2
    assert target.read_bytes() == words
    assert "notas.txt" in capsys.readouterr().err
