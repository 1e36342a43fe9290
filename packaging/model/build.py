"""The bundled model from nothing: `make model`, or `python packaging/model/build.py [SETTINGS] [--from STEP]`.

Makes its own environment (`.venv-model`), then records → tokenizer → shards → training → GGUF → evaluation → card.
Training goes on from its last checkpoint; `--from` skips the steps before one.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import project  # the standard library alone: the system's Python can read it

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
VENV = ROOT / ".venv-model"
TORCH = "torch==2.13.0"  # without a hash: its wheels differ by system and accelerator
STEPS = ("environment", "tokenizer", "data", "train", "convert", "evaluate", "card")


def run(*command: str | Path) -> None:
    """Raises CalledProcessError where the command fails."""
    print("+", *(Path(c).name if isinstance(c, Path) else c for c in command), flush=True)
    subprocess.run([str(c) for c in command], check=True, cwd=ROOT)  # noqa: S603  # our own scripts


def environment() -> None:
    python = VENV / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        run(sys.executable, "-m", "venv", VENV)
    run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", HERE / "requirements.lock")
    run(python, "-m", "pip", "install", "--quiet", TORCH)


def step(name: str, settings: Path, identifier: str, kind: str, threads: int) -> None:
    python = VENV / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    model = HERE / "work" / f"{identifier}-{kind}.gguf"
    extra: dict[str, list[str | Path]] = {
        "data": ["--processes", str(threads)],
        "train": ["--threads", str(threads)],
        "evaluate": ["--model", model],
        "card": ["--model", model, "--out", ROOT / "resources" / "models" / f"{identifier}.md"],
    }
    run(python, HERE / f"{name}.py", settings, *extra.get(name, []))
    if name == "card":
        shutil.copyfile(model, ROOT / "resources" / "models" / model.name)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("settings", type=Path, nargs="?", default=HERE / "mini.toml")
    options.add_argument("--from", dest="first", choices=STEPS, default=STEPS[0])
    options.add_argument("--kind", choices=("f16", "q8_0"), default="q8_0")
    options.add_argument("--threads", type=int, default=2)
    args = options.parse_args()
    identifier = project.load(args.settings).id
    for name in STEPS[STEPS.index(args.first) :]:
        if name == "environment":
            environment()
        else:
            step(name, args.settings.resolve(), identifier, args.kind, args.threads)


if __name__ == "__main__":
    main()
