"""The small random model of tests/models, which packaging/model/tiny.py writes: the same weights in every file."""

from __future__ import annotations

import shutil
from pathlib import Path

MODELS = Path(__file__).resolve().parents[1] / "models"
GGUF = MODELS / "tiny-f16.gguf"
FOLDER = MODELS / "tiny-onnx"
# 32 bits and 4 bits with 16-bit caches in place; 8 bits with a cache that each step gives anew.
GRAPHS = ("model", "model_q4f16", "model_int8")


def folder_of(graph: str, target: Path) -> Path:
    """A copy of the folder with this graph alone."""
    (target / "onnx").mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", f"onnx/{graph}.onnx"):
        shutil.copyfile(FOLDER / name, target / name)
    return target
