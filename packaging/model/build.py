"""The bundled model from nothing: `make model`, or `python packaging/model/build.py [SETTINGS] [--from STEP]`.

Makes its own environment (`.venv-model`), then records → tokenizer → shards → training → GGUF and ONNX → evaluation →
card. Training goes on from its last checkpoint; `--from` skips the steps before one, `--only` does one.
Settings with [lora] and `--init-from FOLDER` fine-tune a given checkpoint: no tokenizer, no card, nothing is bundled.
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
PRODUCT = ROOT / ".venv"
MODELS = ROOT / "resources" / "models"
TORCH = "torch==2.13.0"  # without a hash: its wheels differ by system and accelerator
STEPS = ("environment", "tokenizer", "data", "train", "convert", "evaluate", "card")
FINE_TUNING = ("environment", "train", "convert", "evaluate")  # the shards are made by train.py
COMPARED = ("--free", "--limit", "100")  # how each other file is evaluated
LARGEST = 90_000_000  # bytes of what is bundled: one GGUF and one ONNX


def run(*command: str | Path) -> None:
    """Raises CalledProcessError where the command fails."""
    print("+", *(Path(c).name if isinstance(c, Path) else c for c in command), flush=True)
    subprocess.run([str(c) for c in command], check=True, cwd=ROOT)  # noqa: S603  # our own scripts


def environment() -> None:
    python = VENV / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        run(sys.executable, "-m", "venv", VENV)
    lock = HERE / "requirements.lock"  # whole but for torch, so nothing else is looked up
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", lock)
    run(python, "-m", "pip", "install", "--quiet", TORCH)


def step(name: str, args: argparse.Namespace, settings: project.Settings) -> None:
    # Evaluation drafts as the program does, so it runs in the program's environment (`make setup`).
    python = (PRODUCT if name == "evaluate" else VENV) / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    model = settings.work / f"{settings.id}-{args.kind}.gguf"
    threads: list[str | Path] = ["--threads", str(args.threads)]
    extra: dict[str, list[str | Path]] = {
        "data": ["--processes", str(args.threads)],
        "train": [*threads, *(["--init-from", args.init_from.resolve()] if args.init_from else [])],
        "convert": threads,
        "evaluate": ["--model", model],
        "card": ["--model", model, "--out", MODELS / f"{settings.id}.md"],
    }
    run(python, HERE / f"{name}.py", args.settings.resolve(), *extra.get(name, []))
    if name == "evaluate":
        for other in (*settings.work.glob("*.gguf"), *(settings.work / f"{settings.id}-onnx").glob("onnx/*.onnx")):
            if other != model:
                run(python, HERE / "evaluate.py", args.settings.resolve(), "--model", other, *COMPARED)
    if name == "card":
        bundle(model, settings.work / f"{settings.id}-onnx", args.onnx)


def bundle(model: Path, folder: Path, name: str) -> None:
    """Copies the GGUF and one graph of the ONNX folder with its files. Raises SystemExit where they are too large."""
    graph = folder / "onnx" / f"{name}.onnx"
    files = [model, graph, *(p for p in folder.iterdir() if p.is_file())]
    if (size := sum(p.stat().st_size for p in files)) > LARGEST:
        raise SystemExit(f"{model.name} and {graph.name} have {size} bytes together, more than {LARGEST}")
    shutil.rmtree(MODELS / folder.name, ignore_errors=True)
    (MODELS / folder.name / "onnx").mkdir(parents=True)
    shutil.copyfile(model, MODELS / model.name)
    for path in files[1:]:
        shutil.copyfile(path, MODELS / path.relative_to(folder.parent))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("settings", type=Path, nargs="?", default=HERE / "mini.toml")
    options.add_argument("--from", dest="first", choices=STEPS, default=STEPS[0])
    options.add_argument("--only", choices=STEPS)
    options.add_argument("--kind", choices=("f16", "q8_0", "q4_k_m"), default="q8_0")
    options.add_argument("--onnx", choices=("model_quantized", "model_q4", "model_q4f16"), default="model_quantized")
    options.add_argument("--init-from", type=Path, help="Hugging Face folder to fine-tune")
    options.add_argument("--threads", type=int, default=2)
    args = options.parse_args()
    settings = project.load(args.settings)
    steps = FINE_TUNING if settings.lora else STEPS
    chosen = (args.only,) if args.only else STEPS[STEPS.index(args.first) :]
    for name in (s for s in steps if s in chosen):
        if name == "environment":
            environment()
        else:
            step(name, args, settings)


if __name__ == "__main__":
    main()
