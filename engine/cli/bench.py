"""How fast is a model on this computer? For hospital IT."""

from __future__ import annotations

import argparse
from typing import Any

from engine import services
from engine.bench import Benched, Speed, bench
from engine.cancellation import CancelToken
from engine.cli import output
from engine.cli.progress import Progress
from engine.computer import this_computer


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Exit status 0: there is no speed that is wrong. Raises as `bench`."""
    with Progress() as progress:
        for event in bench(args.model, args.backend, cancel):
            if isinstance(event, Benched):
                progress.show("Midiendo", event.done, event.total)
            else:
                speed = event
    if args.json:
        output.say_json(_json(speed))
    else:
        output.say(_table(speed))
    return 0


def _json(speed: Speed) -> dict[str, Any]:
    entry, computer = speed.entry, this_computer()
    return {
        "model": {"id": entry.id, "sha256": entry.sha256, "backend": entry.backend},
        "drafts": speed.drafts,
        "loadMs": speed.load,
        "firstTokenMs": speed.first_token,
        "draftMs": speed.draft,
        "slowestDraftMs": speed.slowest,
        "promptTokensPerSecond": round(speed.reading, 1),
        "tokensPerSecond": round(speed.writing, 1),
        "memoryMB": speed.memory // 10**6,
        "threads": {"prompt": speed.threads.reading, "text": speed.threads.writing},
        "computer": {"cpu": computer.cpu, "threads": computer.threads, "memoryGB": computer.memory},
        "version": services.version(),
    }


def _table(speed: Speed) -> str:
    computer = this_computer()
    rows = (
        ("Carga del modelo", f"{speed.load} ms"),
        ("Primer token (mediana)", f"{speed.first_token} ms"),
        ("Borrador completo (mediana)", f"{speed.draft} ms"),
        ("Borrador más lento", f"{speed.slowest} ms"),
        ("Lectura de la ficha", f"{speed.reading:.1f} tokens/s"),
        ("Escritura", f"{speed.writing:.1f} tokens/s"),
        ("Memoria más alta del modelo", f"{speed.memory // 10**6} MB"),
        ("Hilos al leer y al escribir", f"{speed.threads.reading} y {speed.threads.writing}"),
    )
    return "\n".join(
        [
            f"{speed.entry.id} en {computer.cpu}, {computer.threads} hilos, {computer.memory} GB",
            f"{speed.drafts} borradores de fichas incluidas, versión {services.version()}",
            "",
            *(f"{name:30} {told:>18}" for name, told in rows),
        ]
    )
