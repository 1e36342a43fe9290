"""The command line in bad hands: nothing hangs, nothing is lost, no traceback and no word of a record on stderr."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from engine import services
from engine.cli import main
from engine.cli.lines import members

PROGRAM = Path(sys.executable).with_name("epicrisis")
SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
ANGINA = SAMPLES / "angina.json"
RECORD = json.dumps(json.loads(ANGINA.read_text(encoding="utf-8")), ensure_ascii=False)
TEMPLATE = ("--backend", "template")


def _start(*words: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    environment = {**os.environ, **(env or {})}
    return subprocess.Popen([PROGRAM, *words], stdin=pipe, stdout=pipe, stderr=pipe, env=environment)


def _fail(*_: object) -> None:
    raise ValueError("Rosa Ñancupil")


def test_a_bug_is_one_line_without_words_of_the_record(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(services, "read", _fail)
    assert main(["draft", str(ANGINA), "--json"]) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["error"]["code"] == "bug"
    assert "ValueError en test_command_line.py:" in captured.err
    assert len(captured.err.splitlines()) == 2
    assert "Ñancupil" not in captured.out + captured.err


def test_a_bug_in_one_record_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = services.read
    monkeypatch.setattr(services, "read", lambda source: _fail() if b"fallar" in source else real(source))
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(f'{RECORD}\n{{"fallar": 1}}\n{RECORD}\n', encoding="utf-8")
    assert main(["batch", str(source), "--out", str(out), *TEMPLATE]) == 1
    results = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert ["text" in r for r in results] == [True, False, True]
    assert results[1]["error"]["code"] == "bug"


def test_a_reader_that_leaves_is_no_failure() -> None:
    program = _start("draft", str(ANGINA), "--json", *TEMPLATE)
    assert program.stdout
    program.stdout.close()
    program.stdout = None
    _, told = program.communicate(timeout=60)
    assert told == b""
    assert program.returncode == 130


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_told() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [PROGRAM, "draft", str(ANGINA), *TEMPLATE],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr


def test_a_pipe_gets_utf8_whatever_the_system() -> None:
    out, _ = _start("draft", str(ANGINA), "--json", *TEMPLATE, env={"PYTHONIOENCODING": "ascii"}).communicate(
        timeout=60
    )
    assert "dolor torácico" in json.loads(out.decode("utf-8"))["text"]


def test_interrupting_a_batch_keeps_what_is_written(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(f"{RECORD}\n" * 1000, encoding="utf-8")
    program = _start("batch", str(source), "--out", str(out), *TEMPLATE)
    assert program.stderr
    seen = b""
    while not seen.endswith(b"\r3/"):
        seen += program.stderr.read(1) or pytest.fail("the batch ended by itself")
    program.send_signal(signal.SIGINT)
    _, told = program.communicate(timeout=60)
    results = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert program.returncode == 130
    assert b"Traceback" not in told
    assert 2 <= len(results) < 1000
    assert all(r["validation"]["ok"] for r in results)


def test_interrupting_a_check_that_waits_ends_it() -> None:
    program = _start("check", "--jsonl")
    assert program.stdin
    assert program.stdout
    program.stdin.write(b"{}\n")
    program.stdin.flush()
    assert b"line_unreadable" in program.stdout.readline()
    program.send_signal(signal.SIGINT)
    assert program.wait(timeout=60) == 130
    program.communicate()


def test_lines_that_are_not_text_are_told_in_the_chosen_language() -> None:
    program = _start("check", "--jsonl", "--lang", "en")
    out, _ = program.communicate(b'{"case": "\xff\xf1"}\n\n[1]\n', timeout=60)
    errors = [json.loads(line)["error"] for line in out.splitlines()]
    assert [e["code"] for e in errors] == ["line_unreadable"] * 2
    assert all("no JSON object" in e["message"] for e in errors)
    assert program.returncode == 3


def test_results_never_replace_the_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "fichas.jsonl"
    file.write_text(RECORD, encoding="utf-8")
    (tmp_path / "a.json").write_text(RECORD, encoding="utf-8")
    assert main(["batch", str(file), "--out", str(tmp_path / "." / "fichas.jsonl"), *TEMPLATE]) == 2
    assert main(["batch", str(tmp_path), "--out", str(tmp_path), *TEMPLATE]) == 2
    assert "el mismo lugar" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == RECORD
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == RECORD


def test_a_folder_among_the_records_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "in" / "a.json").mkdir(parents=True)
    (tmp_path / "in" / "b.json").write_text(RECORD, encoding="utf-8")
    out = tmp_path / "out.jsonl"
    assert main(["batch", str(tmp_path / "in"), "--out", str(out), *TEMPLATE]) == 3
    first, second = (json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    assert first["error"]["code"] == "file_unreadable"
    assert second["validation"]["ok"]


@pytest.mark.parametrize("option", ["--out", "--pdf"])
def test_a_folder_that_cannot_be_made_is_told(option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "occupied").write_text("", encoding="utf-8")
    words = ["batch", str(SAMPLES), "--out", str(tmp_path / "out"), *TEMPLATE, option, str(tmp_path / "occupied")]
    assert main(words) == 1
    assert "no se pudo guardar" in capsys.readouterr().err.lower()


def test_a_text_is_not_lost_with_its_pdf(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draft", str(ANGINA), *TEMPLATE, "--pdf", str(tmp_path / "no" / "x.pdf")]) == 3
    assert "dolor torácico" in capsys.readouterr().out


def test_a_wrapped_record_is_read_as_it_is_written(tmp_path: Path) -> None:
    line = '\ufeff {"id" : 7, "input":{"creatinina": 2.40, "a": 1, "a": 2 } , "x":[{}]}\r\n'
    assert members(line.encode()) == {"id": "7", "input": '{"creatinina": 2.40, "a": 1, "a": 2 }', "x": "[{}]"}
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(line, encoding="utf-8")
    assert main(["batch", str(source), "--out", str(out), *TEMPLATE]) == 3
    assert json.loads(out.read_text(encoding="utf-8"))["error"]["code"] == "duplicate_key"


@pytest.mark.parametrize("line", ["", "{", "{}", "[1]", '"a"', '{"a":1}}', '{"a":1 "b":2}', '{"a":1,"a":2}', '{"a" 1}'])
def test_what_is_no_object_has_no_members(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        members(line.encode())


def test_check_counts_the_characters_of_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "\ufeffPaciente ingresa.\r\nSe indicó warfarina 5 mg.\r\n"
    (tmp_path / "t.txt").write_bytes(text.encode())
    assert main(["check", str(ANGINA), str(tmp_path / "t.txt"), "--json"]) == 4
    found = json.loads(capsys.readouterr().out)["validation"]["violations"]
    marked = [v for v in found if v["start"] < v["end"]]
    assert any("warfarina" in v["mention"] for v in marked)
    assert all(text[1:][v["start"] : v["end"]] == v["mention"] for v in marked)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["draft", "LONG"], 3),
        (["check", str(ANGINA), "LONG"], 3),
        (["draft", str(ANGINA), "--model", "LONG"], 5),
        (["draft", str(ANGINA), *TEMPLATE, "--pdf", "LONG"], 1),
        (["batch", "LONG", "--out", "x.jsonl", *TEMPLATE], 3),
        (["batch", str(SAMPLES), "--out", "LONG", *TEMPLATE], 1),
    ],
)
def test_a_name_too_long_for_the_system_is_told(
    words: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([word.replace("LONG", "a" * 300) for word in words]) == status
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 2
    assert "inesperado" not in told[0]
