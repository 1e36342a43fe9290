"""The program has no code that downloads: who installs brings the models (packaging/model/fetch.py)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(p for folder in ("engine", "desktop") for p in (ROOT / folder).rglob("*.py"))
NETWORK = re.compile(
    r"socket|ssl|http|urllib|urllib3|ftplib|smtplib|poplib|imaplib|telnetlib|xmlrpc|socketserver|requests|httpx|aiohttp"
    r"|huggingface_hub|asyncio|PySide6\.QtNetwork|webbrowser"
)
ADDRESS = re.compile(r"\b(?:https?|ftp|wss?)://", re.IGNORECASE)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_of_the_program_reaches_a_network(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not ADDRESS.search(text)
    names = {name for node in ast.walk(ast.parse(text)) for name in _imported(node)}
    assert [
        n for n in names if NETWORK.fullmatch(n.split(".")[0]) or NETWORK.fullmatch(".".join(n.split(".")[:2]))
    ] == []


def test_every_process_of_the_program_gives_its_sockets_up_first() -> None:
    """The window and the command line before they look at what is asked, the model's process before it listens."""
    for name, function in (("engine/cli/main.py", "main"), ("desktop/app.py", "main")):
        tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
        body = next(n.body for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == function)
        assert ast.unparse(body[1]) == "if argv is None:\n    protect()", name  # body[0] is the docstring
    child = (ROOT / "engine" / "inference" / "child.py").read_text(encoding="utf-8")
    assert child.index("    confine()\n") < child.index("    asked, answered = silence()")


def test_onnxruntime_is_imported_where_it_is_kept_from_calling_home() -> None:
    importing = [p for p in SOURCES if re.search(r"^\s*(import|from) onnxruntime", p.read_text("utf-8"), re.MULTILINE)]
    assert [p.name for p in importing] == ["onnx_session.py"]
    text = importing[0].read_text(encoding="utf-8")
    assert text.index('os.environ["ORT_DISABLE_TELEMETRY"] = "1"') < text.index("\nimport onnxruntime")


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def test_a_hub_is_named_in_one_place() -> None:
    named = [
        path.relative_to(ROOT).as_posix()
        for folder in ("engine", "desktop", "packaging", "resources/models", "resources/acceptance")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".toml", ".md", ".jsonl") and "://" + "hugging" in path.read_text(encoding="utf-8")
    ]
    assert named == ["packaging/model/fetch.py"]
