"""Many records, one after another, in order; a bad one gives an error line and the rest go on."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from engine import services
from engine.cancellation import CancelToken
from engine.cli import output
from engine.domain import Done
from engine.errors import Cancelled, EpicrisisError, InputRefused

VIOLATIONS = 4


def run(
    source: Path, target: Path, options: services.DraftOptions, pdf: Path | None, cancel: CancelToken, lang: str
) -> int:
    """Exit status: 3 if a record was refused, else 4 if a text has violations, else 0."""
    records = list(_records(source))
    sink = _Lines(target) if source.is_file() else _Folder(target)
    statuses = [0]
    for number, (name, data) in enumerate(records, 1):
        result, status = _one(name, data, options, pdf, cancel, lang)
        sink.write(name, result)
        statuses.append(status)
        print(f"\r{number}/{len(records)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return next((s for s in (1, 3, 5, VIOLATIONS) if s in statuses), 0)


def _one(
    name: str, data: bytes, options: services.DraftOptions, pdf: Path | None, cancel: CancelToken, lang: str
) -> tuple[dict[str, object], int]:
    try:
        case = services.read(data)
        done = [e for e in services.draft(case, options, cancel) if isinstance(e, Done)][-1]
        if pdf:
            pdf.mkdir(parents=True, exist_ok=True)
            services.export_pdf(case, done.draft, pdf / f"{name}.pdf")
    except Cancelled:
        raise
    except EpicrisisError as error:
        return output.error_json(error, lang), error.exit_status
    return output.draft_json(done.draft), 0 if done.draft.report.ok else VIOLATIONS


def _records(source: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each record: files of a folder, or lines of a .jsonl (as they are, or under `input`)."""
    if source.is_dir():
        for path in sorted(source.glob("*.json")):
            yield path.stem, path.read_bytes()
        return
    try:
        lines = source.read_bytes().splitlines()
    except OSError:
        raise InputRefused("file_missing", file=source.name) from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield f"{number:05d}", _unwrapped(line)


def _unwrapped(line: bytes) -> bytes:
    """The record of a line such as {"input": {…}, …}; any other line is read as it stands, and judged by intake."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return line
    if isinstance(value, dict) and isinstance(value.get("input"), dict):
        return json.dumps(value["input"], ensure_ascii=False).encode("utf-8", "surrogatepass")
    return line


class _Lines:
    """One line each, written as they come, so that a stopped batch keeps what it has."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        path.write_text("", encoding="utf-8")

    def write(self, _name: str, result: dict[str, object]) -> None:
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(result, ensure_ascii=False) + "\n")


class _Folder:
    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._path = path

    def write(self, name: str, result: dict[str, object]) -> None:
        data = json.dumps(result, ensure_ascii=False, indent=1).encode()
        services.write_whole(self._path / f"{name}.json", data)
