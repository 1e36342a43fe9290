"""Many records, one after another, in order; a bad one gives an error line and the rest go on."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from engine import services
from engine.cancellation import CancelToken
from engine.cli import output
from engine.cli.failures import told
from engine.cli.lines import members
from engine.errors import Cancelled, EpicrisisError, InputRefused, UsageError


def run(
    source: Path, target: Path, options: services.DraftOptions, pdf: Path | None, cancel: CancelToken, lang: str
) -> int:
    """Exit status: 3 if a record was refused, else 4 if a text has violations, else 0."""
    records = list(_records(source))
    sink = _sink(source, target)
    if pdf:
        _make_folder(pdf)
    statuses = [0]
    try:
        for number, (name, record) in enumerate(records, 1):
            result, status = _one(name, record, options, pdf, cancel, lang)
            sink.write(name, result)
            statuses.append(status)
            print(f"\r{number}/{len(records)}", end="", file=sys.stderr, flush=True)
    finally:
        print(file=sys.stderr)
    return next((s for s in (1, 3, 5, 4) if s in statuses), 0)


def _one(
    name: str, record: Path | bytes, options: services.DraftOptions, pdf: Path | None, cancel: CancelToken, lang: str
) -> tuple[dict[str, object], int]:
    try:
        case = services.read(record)
        draft, _ = services.drafted(case, options, cancel)
        gate = services.completeness(case, draft.text, report=draft.report)
        if pdf:
            services.export_pdf(case, draft, pdf / f"{name}.pdf")
    except Cancelled:
        raise
    except Exception as failure:  # told in its line; the next ones are other patients
        error = told(failure)
        return output.error_json(error, lang), error.exit_status
    return output.draft_json(draft, gate), output.status(draft.report)


def _records(source: Path) -> Iterator[tuple[str, Path | bytes]]:
    """Name and record of each: files of a folder, or lines of a .jsonl (as they are, or under `input`)."""
    try:
        if source.is_dir():
            yield from ((path.stem, path) for path in sorted(source.glob("*.json")))
            return
        lines = source.read_bytes().splitlines()
    except FileNotFoundError:
        raise InputRefused("file_missing", file=source.name) from None
    except OSError:
        raise InputRefused("file_unreadable", file=source.name) from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield f"{number:05d}", _unwrapped(line)


def _unwrapped(line: bytes) -> bytes:
    """The record of a line such as {"input": {…}, …}; any other line is read as it stands, and judged by intake."""
    try:
        inner = members(line).get("input", "")
    except (ValueError, RecursionError):
        return line
    return inner.encode("utf-8") if inner.startswith("{") else line


class _Sink(Protocol):
    def write(self, name: str, result: dict[str, object]) -> None:
        """Keeps one result. Raises EpicrisisError."""


def _sink(source: Path, target: Path) -> _Sink:
    """A file of lines where `target` is named so, or where lines came in and it is no folder; else a folder."""
    if target.resolve() == source.resolve():
        raise UsageError("out_is_source")
    as_lines = target.suffix == ".jsonl" or source.is_file()
    return _Lines(target) if as_lines and not target.is_dir() else _Folder(target)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EpicrisisError("write_failed", reason=error.strerror or "?") from None


class _Lines:
    """One line each, written as they come, so that a stopped batch keeps what it has."""

    def __init__(self, path: Path) -> None:
        _make_folder(path.parent)
        self._path = path
        self._put("w", "")

    def write(self, _name: str, result: dict[str, object]) -> None:
        self._put("a", json.dumps(result, ensure_ascii=False) + "\n")

    def _put(self, mode: str, text: str) -> None:
        try:
            with self._path.open(mode, encoding="utf-8", newline="\n") as stream:
                stream.write(text)
        except OSError as error:
            raise EpicrisisError("write_failed", reason=error.strerror or "?") from None


class _Folder:
    def __init__(self, path: Path) -> None:
        _make_folder(path)
        self._path = path

    def write(self, name: str, result: dict[str, object]) -> None:
        data = json.dumps(result, ensure_ascii=False, indent=1).encode()
        services.write_whole(self._path / f"{name}.json", data)
