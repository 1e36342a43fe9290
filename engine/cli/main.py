"""The entry point: parses, runs one command, tells failures in one line and an exit status."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from engine import services
from engine.cancellation import CancelToken
from engine.cli import arguments, batch, doctor, output
from engine.domain import Case, Done, Draft, Report
from engine.errors import EpicrisisError, InputRefused, UsageError

VIOLATIONS = 4
CANCELLED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the program; the exit status is that of docs/cli.md."""
    words = list(sys.argv[1:] if argv is None else argv)
    lang = "en" if words[:2] == ["--lang", "en"] or "--lang=en" in words[:1] else "es"
    cancel = CancelToken()
    before = signal.signal(signal.SIGINT, lambda *_: cancel.cancel())
    try:
        return _run(arguments.parser().parse_args(words), cancel)
    except EpicrisisError as error:
        print(f"epicrisis: {error.message(lang)}\n{error.hint(lang)}", file=sys.stderr)
        if "--json" in words:
            print_json(output.error_json(error, lang))
        return error.exit_status
    finally:
        signal.signal(signal.SIGINT, before)


def print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False))


def _run(args: argparse.Namespace, cancel: CancelToken) -> int:
    if args.version:
        print(services.version())
        return 0
    if args.command == "draft":
        return _draft(args, cancel)
    if args.command == "check":
        return _check_lines() if args.jsonl else _check(args)
    if args.command == "batch":
        return batch.run(args.source, args.out, arguments.options(args), args.pdf, cancel, args.lang)
    if args.command == "models":
        return doctor.models(args.action, as_json=args.json, lang=args.lang)
    if args.command == "doctor":
        return doctor.report(as_json=args.json, lang=args.lang, cancel=cancel)
    raise UsageError("usage", command="epicrisis")


def final_draft(case: Case, options: services.DraftOptions, cancel: CancelToken) -> Draft:
    """The draft at the end of the events."""
    for event in services.draft(case, options, cancel):
        if isinstance(event, Done):
            return event.draft
    raise AssertionError("drafting ends with Done")


def _draft(args: argparse.Namespace, cancel: CancelToken) -> int:
    case = services.read(args.case)
    draft = final_draft(case, arguments.options(args), cancel)
    if args.pdf:
        services.export_pdf(case, draft, args.pdf)
    if args.json:
        print_json(output.draft_json(draft))
    else:
        print(draft.text)
        _tell(draft, args.pdf)
    return 0 if draft.report.ok else VIOLATIONS


def _tell(draft: Draft, pdf: Path | None) -> None:
    """What a person wants to know besides the text; not part of the output that scripts read."""
    who = "la plantilla" if draft.model.backend == "template" else f"el modelo {draft.model.id}"
    print(
        f"\nRedactada por {who}{' (respaldo)' if draft.fallback else ''} en {draft.processing_ms / 1000:.1f} s.",
        file=sys.stderr,
    )
    _tell_report(draft.report)
    for warning in draft.warnings:
        print(f"Aviso de la ficha [{warning.pointer}]: {warning.reason}", file=sys.stderr)
    if pdf:
        print(f"PDF: {pdf}", file=sys.stderr)


def _tell_report(report: Report, stream: TextIO = sys.stderr) -> None:
    print(
        f"Comprobación: {'conforme' if report.ok else 'NO conforme'}, {len(report.violations)} hallazgos, "
        f"{len(report.spans)} datos respaldados por la ficha.",
        file=stream,
    )
    for v in report.violations:
        level = "bloqueante" if v.severity == "blocking" else "advertencia"
        print(f"  [{level}] {v.reason}", file=stream)


def _check(args: argparse.Namespace) -> int:
    if not args.case or not args.text:
        raise UsageError("usage", command="epicrisis check")
    report = services.check(services.read(args.case), _text(args.text))
    if args.json:
        print_json(output.report_json(report))
    else:
        _tell_report(report, sys.stdout)
    return 0 if report.ok else VIOLATIONS


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig").rstrip("\n")
    except FileNotFoundError:
        raise InputRefused("file_missing", file=path.name) from None
    except (OSError, UnicodeDecodeError):
        raise InputRefused("text_unreadable", file=path.name) from None


def _check_lines() -> int:
    """One report for each line of standard input; a bad line gives an error line and the rest go on."""
    status = 0
    for line in sys.stdin:
        if not line.strip():
            continue
        try:
            case, text = _pair(line)
            report = services.check(case, text)
            print_json(output.report_json(report))
            status = max(status, 0 if report.ok else VIOLATIONS)
        except EpicrisisError as error:
            print_json(output.error_json(error, "es"))
            status = max(status, error.exit_status)
        sys.stdout.flush()
    return status


def _pair(line: str) -> tuple[Case, str]:
    try:
        pair = json.loads(line)
        text = pair["text"]
        case = json.dumps(pair["case"], ensure_ascii=False)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputRefused("line_unreadable") from None
    if not isinstance(text, str):
        raise InputRefused("line_unreadable")
    return services.read(case.encode("utf-8", "surrogatepass")), text


if __name__ == "__main__":
    sys.exit(main())
