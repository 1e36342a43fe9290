"""The command line's words."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from engine.errors import UsageError
from engine.services import DraftOptions


class _Formatter(argparse.HelpFormatter):
    def add_usage(
        self, usage: str | None, actions: Iterable[argparse.Action], groups: Iterable[Any], prefix: str | None = None
    ) -> None:
        super().add_usage(usage, actions, groups, "uso: " if prefix is None else prefix)


class _Parser(argparse.ArgumentParser):
    """argparse whose complaints are UsageErrors and whose headings are Spanish."""

    def __init__(self, prog: str | None = None, description: str | None = None) -> None:
        super().__init__(
            prog=prog, description=description, add_help=False, allow_abbrev=False, formatter_class=_Formatter
        )
        self._positionals.title = "argumentos"
        self._optionals.title = "opciones"
        self.add_argument("-h", "--help", action="help", help="muestra esta ayuda")
        self.add_argument(
            "--lang", choices=("es", "en"), default=argparse.SUPPRESS, help="idioma de los mensajes de error"
        )

    def error(self, message: str) -> NoReturn:
        raise UsageError("usage", command=self.prog)


def parser() -> argparse.ArgumentParser:
    """Every command and option of the program."""
    main = _Parser(prog="epicrisis", description="Borradores de epicrisis sin red, comprobados contra la ficha.")
    main.set_defaults(lang="es")
    main.add_argument("--version", action="store_true", help="muestra la versión")
    commands = main.add_subparsers(dest="command", metavar="orden", parser_class=_Parser)
    _draft(commands.add_parser("draft", help="redacta la epicrisis de una ficha"))
    _check(commands.add_parser("check", help="comprueba un texto contra su ficha"))
    _batch(commands.add_parser("batch", help="redacta muchas fichas"))
    _models(commands.add_parser("models", help="modelos instalados"))
    _store(commands)
    doctor = commands.add_parser("doctor", help="estado del programa en este computador")
    doctor.add_argument("--privacy", action="store_true", help="prueba de que nada sale de este computador")
    doctor.add_argument("--json", action="store_true", help="resultado en JSON")
    bench = commands.add_parser("bench", help="velocidad de un modelo en este computador")
    _model(bench, ("llama", "onnx"))
    bench.add_argument("--json", action="store_true", help="resultado en JSON")
    return main


def _draft(command: argparse.ArgumentParser) -> None:
    command.add_argument("case", type=Path, metavar="CASE.json", help="ficha clínica")
    _options(command)
    command.add_argument("--json", action="store_true", help="resultado en JSON")
    command.add_argument("--pdf", type=Path, metavar="ARCHIVO", help="escribe además el PDF")


def _options(command: argparse.ArgumentParser) -> None:
    _model(command, ("llama", "onnx", "template"))
    command.add_argument("--seed", type=_seed, default=0, help="semilla (0 o mayor)")
    command.add_argument(
        "--temperature", type=_temperature, default=0.3, help="de 0.01 a 10, o 0: siempre la opción más probable"
    )
    command.add_argument(
        "--unconstrained", action="store_true", help="un intento libre, sin corrección ni plantilla; solo para evaluar"
    )


def _model(command: argparse.ArgumentParser, backends: tuple[str, ...]) -> None:
    command.add_argument("--model", metavar="ID|ARCHIVO", help="modelo instalado, archivo GGUF o carpeta ONNX")
    command.add_argument("--backend", choices=backends, help="motor de redacción")


def _seed(text: str) -> int:
    seed = int(text)
    if seed < 0:
        raise ValueError
    return seed


def _temperature(text: str) -> float:
    """NaN, infinity and what would overflow the weights are no temperatures."""
    temperature = float(text)
    if temperature and not 0.01 <= temperature <= 10:
        raise ValueError
    return temperature


def _check(command: argparse.ArgumentParser) -> None:
    command.add_argument("case", type=Path, nargs="?", metavar="CASE.json", help="ficha clínica")
    command.add_argument("text", type=Path, nargs="?", metavar="TEXT.txt", help="texto por comprobar")
    command.add_argument("--json", action="store_true", help="resultado en JSON")
    command.add_argument("--jsonl", action="store_true", help='lee {"case", "text"} por línea de la entrada estándar')
    command.add_argument(
        "--attestations",
        type=Path,
        metavar="ARCHIVO.json",
        help="lo que el médico agrega al texto: frase, autor y hora",
    )


def _batch(command: argparse.ArgumentParser) -> None:
    command.add_argument("source", type=Path, metavar="IN", help="archivo .jsonl o carpeta de .json")
    command.add_argument("--out", type=Path, required=True, help="archivo .jsonl o carpeta")
    _options(command)
    command.add_argument("--pdf", type=Path, metavar="CARPETA", help="escribe además un PDF por ficha")
    command.add_argument("--resume", action="store_true", help="sigue donde quedó una salida interrumpida")


def _models(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="acción", required=True, parser_class=_Parser)
    for name, text in (
        ("list", "los modelos instalados y si son aptos en este computador"),
        ("add", "agrega un archivo GGUF o una carpeta ONNX"),
        ("verify", "comprueba el SHA-256 de cada modelo"),
        ("qualify", "redacta la colección de aceptación con un modelo y decide si es apto"),
    ):
        action = actions.add_parser(name, help=text)
        if name == "add":
            action.add_argument("file", type=Path, metavar="ARCHIVO", help="archivo .gguf o carpeta con los .onnx")
        if name == "qualify":
            action.add_argument("model", metavar="ID", help="identificador de «models list»")
        action.add_argument("--json", action="store_true", help="resultado en JSON")


def _store(commands: Any) -> None:
    """What is done with the encrypted history, by somebody who has access to it."""
    audit = commands.add_parser("audit", help="registro de auditoría de la historia guardada")
    actions = audit.add_subparsers(dest="action", metavar="acción", required=True, parser_class=_Parser)
    verify = actions.add_parser("verify", help="comprueba que nadie lo haya alterado")
    verify.add_argument("--against", type=Path, metavar="ARCHIVO", help="una exportación anterior del mismo registro")
    export = actions.add_parser("export", help="lo escribe como líneas JSON firmadas")
    export.add_argument("--out", type=Path, required=True, metavar="ARCHIVO", help="archivo .jsonl")
    backup = commands.add_parser("backup", help="copia cifrada de la historia guardada")
    backup.add_argument("folder", type=Path, metavar="CARPETA", help="donde se guardan las copias")
    restore = commands.add_parser("restore", help="muestra una copia y, con --apply, la restaura")
    restore.add_argument("copy", type=Path, metavar="COPIA", help="carpeta epicrisis-AAAAMMDD-HHMMSS-…")
    restore.add_argument("--apply", action="store_true", help="reemplaza la historia de este computador")
    for command in (verify, export, backup, restore):
        command.add_argument("--user", required=True, metavar="USUARIO", help="quién lo hace")
        command.add_argument(
            "--passphrase-fd", type=_seed, metavar="N", help="lee la frase clave de este descriptor, no de la terminal"
        )
        command.add_argument("--json", action="store_true", help="resultado en JSON")


def options(arguments: argparse.Namespace) -> DraftOptions:
    """The drafting options of a parsed command line."""
    return DraftOptions(
        model=arguments.model,
        backend=arguments.backend,
        seed=arguments.seed,
        temperature=arguments.temperature,
        constrained=not arguments.unconstrained,
    )
