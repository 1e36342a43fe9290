"""Many records, one after another, in order; a bad one gives an error line and the rest go on."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from engine import services
from engine.cancellation import CancelToken
from engine.cli import output
from engine.cli.failures import told
from engine.cli.lines import members
from engine.errors import Cancelled, EpicrisisError, InputRefused, UsageError

_STARTS: Final = (b'{"text": ', b'{"error": ')  # of a line of the output


def run(
    source: Path,
    target: Path,
    options: services.DraftOptions,
    pdf: Path | None,
    cancel: CancelToken,
    lang: str,
    *,
    resume: bool = False,
) -> int:
    """Exit status: 3 if a record was refused, else 4 if a text has violations, else 0.

    `resume`: what `target` has of an earlier run stays, counts for the exit status, and is not written again.
    """
    records = list(_records(source))
    sink = _sink(source, target, resume=resume)
    if pdf:
        _make_folder(pdf)
    statuses = [0]
    try:
        for number, (name, record) in enumerate(records, 1):
            earlier = sink.earlier(name)
            if earlier is None:
                result, status = _one(name, record, options, pdf, cancel, lang)
                sink.write(name, result)
            else:
                status = _status(earlier)
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


def _status(result: dict[str, Any]) -> int:
    """Of a result as it was written."""
    if "error" in result:
        return 1 if result["error"]["code"] == "bug" else InputRefused.exit_status
    return 0 if result["validation"]["ok"] else 4


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
    def earlier(self, name: str) -> dict[str, Any] | None:
        """What an earlier run wrote of the next record, where that is to stay."""

    def write(self, name: str, result: dict[str, object]) -> None:
        """Keeps one result. Raises EpicrisisError."""


def _sink(source: Path, target: Path, *, resume: bool) -> _Sink:
    """A file of lines where `target` is named so, or where lines came in and it is no folder; else a folder."""
    if target.resolve() == source.resolve():
        raise UsageError("out_is_source")
    as_lines = target.suffix == ".jsonl" or source.is_file()
    return (_Lines if as_lines and not target.is_dir() else _Folder)(target, resume=resume)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EpicrisisError("write_failed", reason=error.strerror or "?") from None


def _result(data: bytes, path: Path) -> dict[str, Any]:
    """Raises UsageError where these are the words of something else than a batch."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not ({"error"} <= found.keys() or {"text", "validation"} <= found.keys()):
        raise UsageError("resume_other", file=path.name)
    return found


class _Lines:
    """One line each, written as they come, so that a stopped batch keeps what it has."""

    def __init__(self, path: Path, *, resume: bool) -> None:
        _make_folder(path.parent)
        self._path = path
        self._earlier = self._kept() if resume else iter(())
        if not resume:
            self._put("wb", b"")

    def _kept(self) -> Iterator[dict[str, Any]]:
        """The lines that are there; a last one that was cut is taken away."""
        try:
            data = self._path.read_bytes() if self._path.exists() else b""
            whole = data.rfind(b"\n") + 1
            kept = [_result(line, self._path) for line in data[:whole].splitlines()]
            if not any(data[whole:].startswith(start[: len(data) - whole]) for start in _STARTS):
                raise UsageError("resume_other", file=self._path.name)
            if whole < len(data):
                os.truncate(self._path, whole)
        except OSError as error:
            raise EpicrisisError("write_failed", reason=error.strerror or "?") from None
        return iter(kept)

    def earlier(self, _name: str) -> dict[str, Any] | None:
        return next(self._earlier, None)

    def write(self, _name: str, result: dict[str, object]) -> None:
        self._put("ab", json.dumps(result, ensure_ascii=False).encode() + b"\n")

    def _put(self, mode: Literal["wb", "ab"], data: bytes) -> None:
        try:
            with self._path.open(mode) as stream:
                stream.write(data)
        except OSError as error:
            raise EpicrisisError("write_failed", reason=error.strerror or "?") from None


class _Folder:
    """A file each, whole or not there."""

    def __init__(self, path: Path, *, resume: bool) -> None:
        _make_folder(path)
        self._path, self._resume = path, resume

    def earlier(self, name: str) -> dict[str, Any] | None:
        path = self._path / f"{name}.json"
        try:
            return _result(path.read_bytes(), path) if self._resume and path.exists() else None
        except OSError:
            raise UsageError("resume_other", file=path.name) from None

    def write(self, name: str, result: dict[str, object]) -> None:
        data = json.dumps(result, ensure_ascii=False, indent=1).encode()
        services.write_whole(self._path / f"{name}.json", data)
