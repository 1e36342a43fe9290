"""The models of this computer, for hospital IT: list, add, verify, qualify."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from engine import qualification, services
from engine.cancellation import CancelToken
from engine.cli import output
from engine.cli.progress import Progress
from engine.errors import ModelRefused
from engine.qualification import Qualifying
from engine.services import Added, Copied, Hashing, ModelStatus, Verdict

_STATES: Final = {"suitable": "apto", "unsuitable": "no apto", "unqualified": "sin calificar"}


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """One action of `models`; the exit status."""
    if args.action == "add":
        return _add(args.file, cancel, as_json=args.json)
    if args.action == "qualify":
        return _qualify(args.model, cancel, as_json=args.json)
    found = list(_verified(cancel)) if args.action == "verify" else services.model_list()
    if args.json:
        output.say_json([_model_json(status, args.lang) for status in found])
    else:
        for status in found:
            output.say(_line(status, args.lang, verified=args.action == "verify"))
    return 5 if any(status.problem for status in found) else 0


def _verified(cancel: CancelToken) -> Iterator[ModelStatus]:
    with Progress() as progress:
        for event in services.verify_models(cancel):
            if isinstance(event, Hashing):
                progress.show(f"Comprobando {event.model}", event.done, event.total)
            else:
                yield event


def _add(file: Path, cancel: CancelToken, *, as_json: bool) -> int:
    with Progress() as progress:
        for event in services.add_model(file, cancel):
            if isinstance(event, Copied):
                progress.show("Copiando", event.done, event.total)
            else:
                added = event
    if as_json:
        output.say_json({**_entry_json(added.entry), "already": added.already})
    else:
        output.say(_added(added))
    return 0


def _added(added: Added) -> str:
    entry = added.entry
    lines = [
        f"{'Ya estaba agregado' if added.already else 'Agregado'}: {entry.id}",
        f"  SHA-256       {entry.sha256}",
        f"  arquitectura  {entry.architecture} {entry.quantization}",
        f"  conversación  {entry.chat_template}",
    ]
    if not entry.bundled:
        lines.append(f"No se ofrece a los médicos hasta que resulte apto: epicrisis models qualify {entry.id}")
    return "\n".join(lines)


def _qualify(model: str, cancel: CancelToken, *, as_json: bool) -> int:
    """0 where the model is suitable, 4 where it is not."""
    with Progress() as progress:
        for event in qualification.qualify(model, cancel):
            if isinstance(event, Qualifying):
                progress.show(f"Calificando ({event.seconds:.1f} s)", event.done, event.total)
            else:
                verdict = event
    if as_json:
        output.say_json({"id": model, **verdict_json(verdict)})
    else:
        output.say(table(model, verdict))
    return 0 if verdict.suitable else 4


def table(model: str, verdict: Verdict) -> str:
    """What was measured beside what is asked, and what it comes to."""
    computer = verdict.computer
    rows = [
        f"{model} en {computer.cpu}, {computer.threads} hilos, {computer.memory} GB",
        f"{verdict.records} fichas de la colección de aceptación, versión {verdict.version}",
        "",
    ]
    for name, figure in qualification.figures(verdict).items():
        line = qualification.thresholds()[name]
        asked = f"≥ {_told(name, line.least)}" if line.least is not None else f"≤ {_told(name, line.most or 0.0)}"
        mark = "no cumple" if name in verdict.failed else "cumple"
        rows.append(f"{line.name:58} {_told(name, figure):>8}  {asked:>8}  {mark}")
    rows.append(f"{'Tokens por segundo al escribir':58} {verdict.tokens_per_second:8.1f}")
    rows.append(f"{'Memoria más alta del programa, MB':58} {verdict.peak_memory:8}")
    rows += ["", f"{'APTO' if verdict.suitable else 'NO APTO'} para este computador."]
    rows += [f"  {qualification.thresholds()[name].reason}" for name in verdict.failed]
    return "\n".join(rows)


def _told(name: str, figure: float) -> str:
    if name in ("coverage", "fallback", "memory"):
        return f"{100 * figure:.1f} %"
    return f"{figure:.2f}" if name == "violations" else f"{figure:.1f} s"


def _line(status: ModelStatus, lang: str, *, verified: bool) -> str:
    entry = status.entry
    size = f"{entry.size / 1e6:8.1f} MB"
    state = status.problem.message(lang) if status.problem else "conforme" if verified else state_of(status)
    return f"{entry.id:32} {entry.architecture:8} {entry.quantization:8} {size}  {entry.licence:28} {state}"


def state_of(status: ModelStatus) -> str:
    """What the state means for whoever reads it."""
    if status.entry.bundled and status.verdict is None:
        return "incluido: apto según su ficha; sin calificar en este computador"
    return _STATES[status.state]


def _model_json(status: ModelStatus, lang: str) -> dict[str, object]:
    return {
        **_entry_json(status.entry),
        "bundled": status.entry.bundled,
        "ok": status.problem is None,
        "problem": status.problem.message(lang) if status.problem else None,
        "state": status.state,
        "offered": status.offered,
        "qualification": verdict_json(status.verdict) if status.verdict else None,
    }


def _entry_json(entry: services.ModelEntry) -> dict[str, object]:
    return {
        "id": entry.id,
        "file": entry.file,
        "sha256": entry.sha256,
        "architecture": entry.architecture,
        "backend": entry.backend,
        "quantization": entry.quantization,
        "chatTemplate": entry.chat_template,
        "promptProfile": entry.prompt_profile,
        "licence": entry.licence,
    }


def verdict_json(verdict: Verdict) -> dict[str, object]:
    computer = verdict.computer
    return {
        "suitable": verdict.suitable,
        "failed": list(verdict.failed),
        "records": verdict.records,
        "coverage": round(verdict.coverage, 4),
        "violationsBeforeCorrection": round(verdict.violations, 4),
        "fallbackShare": round(verdict.fallback, 4),
        "tokensPerSecond": round(verdict.tokens_per_second, 1),
        "secondsPerDraft": round(verdict.seconds, 2),
        "slowestSeconds": round(verdict.slowest, 2),
        "peakMemoryMB": verdict.peak_memory,
        "version": verdict.version,
        "computer": {"cpu": computer.cpu, "threads": computer.threads, "memoryGB": computer.memory},
        "at": verdict.at,
    }


def warn_unless_offered(options: services.DraftOptions, cancel: CancelToken, lang: str) -> None:
    """The command line may draft with any model; whoever reads the text should know which."""
    if not services.is_offered(options, cancel):
        warning = ModelRefused("model_not_suitable", model=Path(options.model or "").name)
        print(f"epicrisis: {warning.message(lang)}\n{warning.hint(lang)}", file=sys.stderr)
