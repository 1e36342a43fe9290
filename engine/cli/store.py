"""The encrypted history without a window: its audit log, copies and their way back.

The pass-phrase comes from the terminal or from a file descriptor, never from the command line or the environment,
which every program of the computer can read.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from typing import Final

from engine import history
from engine.cli import output
from engine.errors import UsageError
from engine.history import Contents, Problem, Verdict

COMMANDS: Final = ("audit", "backup", "restore")
_LONGEST = 4096  # bytes of a pass-phrase read from a descriptor
_FAULTS: Final = {
    "edited": "fue cambiada",
    "missing": "falta",
    "cut": "falta, y todo lo que venía después (registro recortado o base de datos anterior)",
    "rewritten": "no es la que se escribió",
    "head_missing": "falta la marca que se guarda fuera de la base de datos",
    "head_damaged": "la marca que se guarda fuera de la base de datos fue alterada",
}


def run(args: argparse.Namespace) -> int:
    """One command of `COMMANDS`; the exit status."""
    passphrase = _passphrase(args.passphrase_fd)
    if args.command == "restore":
        return _restore(args, passphrase)
    with history.unlocked(args.user, passphrase) as session:
        if args.command == "backup":
            return _back_up(args, session)
        return _verify(args, session) if args.action == "verify" else _export(args, session)


def _passphrase(descriptor: int | None) -> str:
    """One line. Raises UsageError where there is neither a terminal nor a descriptor, or this is no text."""
    if descriptor is None:
        if not sys.stdin.isatty():
            raise UsageError("passphrase_source")
        return getpass.getpass("Frase clave: ")
    try:
        return _first_line(descriptor).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError("passphrase_source") from None


def _first_line(descriptor: int) -> bytes:
    data = b""
    while b"\n" not in data and len(data) < _LONGEST:
        more = os.read(descriptor, _LONGEST)
        if not more:
            break
        data += more
    return data.split(b"\n", 1)[0].removesuffix(b"\r")


def _verify(args: argparse.Namespace, session: history.Session) -> int:
    """0 where the log is whole, 4 where it was altered."""
    verdict = history.verify_audit(session, args.against)
    if args.json:
        output.say_json(_verdict_json(verdict))
    else:
        output.say(_verdict(verdict))
    return 4 if verdict.problem else 0


def _verdict(verdict: Verdict) -> str:
    problem = verdict.problem
    whole = f"Registro de auditoría íntegro: {verdict.entries} entradas." if problem is None else _told(problem)
    turned = [f"  [aviso] el reloj del computador retrocedió antes de la entrada {n}" for n in verdict.turned_back]
    return "\n".join([whole, *turned])


def _told(problem: Problem) -> str:
    if problem.fault.startswith("head"):
        return f"Registro de auditoría ALTERADO: {_FAULTS[problem.fault]}."
    return f"Registro de auditoría ALTERADO: la entrada {problem.n} {_FAULTS[problem.fault]}."


def _verdict_json(verdict: Verdict) -> dict[str, object]:
    problem = verdict.problem
    return {
        "ok": problem is None,
        "entries": verdict.entries,
        "problem": {"fault": problem.fault, "entry": problem.n} if problem else None,
        "clockTurnedBack": list(verdict.turned_back),
    }


def _export(args: argparse.Namespace, session: history.Session) -> int:
    entries = history.export_audit(session, args.out)
    if args.json:
        output.say_json({"entries": entries})
    else:
        output.say(f"Exportadas {entries} entradas, firmadas.")
    return 0


def _back_up(args: argparse.Namespace, session: history.Session) -> int:
    copy = history.back_up(session, args.folder)
    if args.json:
        output.say_json({"copy": copy.name})
    else:
        output.say(f"Copia cifrada y comprobada: {copy.name}")
    return 0


def _restore(args: argparse.Namespace, passphrase: str) -> int:
    """Without `--apply` nothing is changed."""
    preview = history.preview_restore(args.copy, args.user, passphrase)
    if args.apply:
        history.restore(args.copy, args.user, passphrase)
    if args.json:
        output.say_json({"copy": _contents_json(preview.copy), "lostEntries": preview.lost, "restored": args.apply})
    else:
        output.say(_previewed(preview, applied=args.apply))
    return 0


def _previewed(preview: history.Preview, *, applied: bool) -> str:
    copy = preview.copy
    lost = "no hay historia que reemplazar" if preview.lost is None else f"{preview.lost} entradas del registro"
    lines = [
        f"Copia del {copy.at}, programa {copy.program}, esquema {copy.schema}",
        f"  casos            {copy.cases} ({copy.signed} firmados; el último cambio, {copy.newest or 'ninguno'})",
        f"  personas         {copy.users}, con las frases clave de ese día",
        f"  registro         {copy.entries} entradas",
        f"  lo que se pierde {lost}",
        "Restaurada." if applied else "No se cambió nada. Para restaurarla: --apply",
    ]
    return "\n".join(lines)


def _contents_json(copy: Contents) -> dict[str, object]:
    return {
        "at": copy.at,
        "program": copy.program,
        "schema": copy.schema,
        "cases": copy.cases,
        "signed": copy.signed,
        "users": copy.users,
        "entries": copy.entries,
        "newest": copy.newest,
    }
