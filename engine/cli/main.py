"""The entry point: parses, runs one command, tells failures in one line and an exit status."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from engine import services
from engine.cancellation import CancelToken
from engine.cli import arguments, attestations, batch, bench, doctor, lines, models, output, store
from engine.cli.failures import told
from engine.domain import Completeness, Draft, Report
from engine.errors import Cancelled, EpicrisisError, InputRefused, UsageError
from engine.hardening import protect

CANCELLED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the program; the exit status is that of docs/cli.md.

    Without `argv` it is the program itself, and its process is protected for good.
    """
    if argv is None:
        protect()
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _guarded(words)
    except BrokenPipeError:  # whoever read the output wants no more
        output.hang_up()
        return CANCELLED


def _guarded(words: list[str]) -> int:
    output.use_utf8()
    try:
        return _run(arguments.parser().parse_args(words))
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        return _fail(Cancelled(), words)
    except Exception as failure:  # a bug, too, is one line and a status
        return _fail(told(failure), words)


def _fail(error: EpicrisisError, words: list[str]) -> int:
    lang = "en" if "--lang=en" in words or ("--lang", "en") in pairwise(words) else "es"
    print(f"epicrisis: {error.message(lang)}\n{error.hint(lang)}", file=sys.stderr)
    if "--json" in words:
        output.say_json(output.error_json(error, lang))
    return error.exit_status


@contextmanager
def _interruptible() -> Iterator[CancelToken]:
    """Ctrl+C asks the drafting to stop, which leaves the model usable and the files whole."""
    cancel = CancelToken()
    before = signal.signal(signal.SIGINT, lambda *_: cancel.cancel())
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)


def _run(args: argparse.Namespace) -> int:
    if args.version:
        output.say(services.version())
        return 0
    if args.command == "check":
        if args.jsonl and args.attestations:  # each line brings its own
            raise UsageError("usage", command="epicrisis check")
        return lines.check(sys.stdin.buffer, args.lang) if args.jsonl else _check(args)
    if args.command in store.COMMANDS:  # Ctrl+C leaves the question for the pass-phrase at once
        return store.run(args)
    with _interruptible() as cancel:
        if args.command == "models":
            return models.run(args, cancel)
        if args.command == "draft":
            return _draft(args, cancel)
        if args.command == "batch":
            options = arguments.options(args)
            models.warn_unless_offered(options, cancel, args.lang)
            return batch.run(args.source, args.out, options, args.pdf, cancel, args.lang, resume=args.resume)
        if args.command == "bench":
            return bench.run(args, cancel)
        if args.command == "doctor":
            report = doctor.privacy if args.privacy else doctor.report
            return report(as_json=args.json, lang=args.lang, cancel=cancel)
    raise UsageError("usage", command="epicrisis")


def _draft(args: argparse.Namespace, cancel: CancelToken) -> int:
    case, options = services.read(args.case), arguments.options(args)
    models.warn_unless_offered(options, cancel, args.lang)
    draft, cause = services.drafted(case, options, cancel)
    if not args.json:
        output.say(draft.text)  # first: where the PDF cannot be written, the text is not lost
    if args.pdf:
        services.export_pdf(case, draft, args.pdf)
    gate = services.completeness(case, draft.text, report=draft.report)
    if args.json:
        output.say_json(output.draft_json(draft, gate))
    else:
        _tell(draft, gate, args.pdf)
    if cause:
        print(f"epicrisis: {cause.message(args.lang)}\n{cause.hint(args.lang)}", file=sys.stderr)
    return output.status(draft.report)


def _tell(draft: Draft, gate: Completeness, pdf: Path | None) -> None:
    """What a person wants to know besides the text; not part of the output that scripts read."""
    who = "la plantilla" if draft.model.backend == "template" else f"el modelo {draft.model.id}"
    print(
        f"\nRedactada por {who}{' (respaldo)' if draft.fallback else ''} en {draft.processing_ms / 1000:.1f} s.",
        file=sys.stderr,
    )
    print(_verdict(draft.report), file=sys.stderr)
    _tell_gate(gate)
    for warning in draft.warnings:
        print(f"Aviso de la ficha [{warning.pointer}]: {warning.reason}", file=sys.stderr)
    if pdf:
        print(f"PDF: {pdf}", file=sys.stderr)


def _verdict(report: Report) -> str:
    """One line for the whole and one for each finding."""
    whole = (
        f"Comprobación: {'conforme' if report.ok else 'NO conforme'}, {len(report.violations)} hallazgos, "
        f"{len(report.spans)} datos respaldados por la ficha."
    )
    levels = {"blocking": "bloqueante", "warning": "advertencia"}
    found = [f"  [{levels[v.severity]}] {v.reason}" for v in report.violations]
    added = [
        f"  [agregado por el médico] «{a.attestation.phrase}» — {a.attestation.author}, {a.attestation.at}"
        for a in report.attested
    ]
    refused = [f"  [atestación sin efecto] «{r.attestation.phrase}»: {r.reason}" for r in report.refused]
    return "\n".join([whole, *found, *added, *refused])


def _tell_gate(gate: Completeness) -> None:
    """One line for the whole and one for each thing that the law asks and is missing."""
    lacking = f"faltan {len(gate.missing)} de {len(gate.requirements)}" if gate.missing else "completa"
    print(f"Ley 20.584, art. 11: {lacking}.", file=sys.stderr)
    for found in gate.missing:
        print(f"  [falta] {found.label}: {found.reason} [{found.pointer}]", file=sys.stderr)


def _check(args: argparse.Namespace) -> int:
    if not args.case or not args.text:
        raise UsageError("usage", command="epicrisis check")
    attested = attestations.read(args.attestations) if args.attestations else ()
    case, text = services.read(args.case), _text(args.text)
    report = services.check(case, text, attested)
    gate = services.completeness(case, text, report=report)
    if args.json:
        output.say_json(output.report_json(report, gate))
    else:
        output.say(_verdict(report))
        _tell_gate(gate)
    return output.status(report)


def _text(path: Path) -> str:
    """As it stands in the file, so that offsets count the file's own characters; but for BOM and last line break."""
    try:
        if not path.exists():
            raise InputRefused("file_missing", file=path.name)
        if not path.is_file():
            raise InputRefused("text_unreadable", file=path.name)
        return path.read_bytes().decode("utf-8-sig").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise InputRefused("text_unreadable", file=path.name) from None


if __name__ == "__main__":
    sys.exit(main())
