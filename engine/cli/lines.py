"""Lines of JSON: what stands in one, and `check --jsonl`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final

from engine import services
from engine.cli import attestations, output
from engine.cli.failures import told
from engine.domain import Attestation, Case
from engine.errors import InputRefused

_DECODER: Final = json.JSONDecoder()
_BEFORE_KEY: Final = re.compile(r"\s*[{,]\s*")
_BEFORE_VALUE: Final = re.compile(r"\s*:\s*")
_AFTER: Final = re.compile(r"\s*(?=[,}])")


def members(line: bytes) -> dict[str, str]:
    """The members of a line's object as they are written: parsing a record here would lose digits and repeated keys.

    Raises ValueError where the line is no such object or a key stands twice.
    """
    text = line.decode("utf-8-sig").strip()
    found: dict[str, str] = {}
    at = 0
    while not found or at < len(text) - 1:  # the last character is the closing brace
        key, at = _DECODER.raw_decode(text, _past(_BEFORE_KEY, text, at))
        start = _past(_BEFORE_VALUE, text, at)
        _, end = _DECODER.raw_decode(text, start)
        if key in found:
            raise ValueError("repeated key")
        found[key] = text[start:end]
        at = _past(_AFTER, text, end)
    return found


def _past(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    if match is None:
        raise ValueError("no object")
    return match.end()


def check(lines: Iterable[bytes], lang: str) -> int:
    """One report for each line; a bad line gives an error line and the rest go on. The exit status."""
    status = 0
    for line in lines:
        if line.strip():
            status = max(status, _check(line, lang))
    return status


def _check(line: bytes, lang: str) -> int:
    try:
        case, text, attested = _asked(line)
        report = services.check(case, text, attested)
        gate = services.completeness(case, text, report=report)
    except Exception as failure:  # told in its line; the next ones are other patients
        error = told(failure)
        output.say_json(output.error_json(error, lang))
        return error.exit_status
    output.say_json(output.report_json(report, gate))
    return output.status(report)


def _asked(line: bytes) -> tuple[Case, str, tuple[Attestation, ...]]:
    try:
        found = members(line)
        case, text = found["case"], json.loads(found["text"])
    except (ValueError, KeyError, RecursionError):
        raise InputRefused("line_unreadable") from None
    if not isinstance(text, str):
        raise InputRefused("line_unreadable")
    attested = attestations.parse(found.get("attestations", "[]"))
    return services.read(case.encode("utf-8")), text, attested
