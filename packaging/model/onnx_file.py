"""A Hugging Face folder as the folder of an `onnx-community` export: its own files and `onnx/model*.onnx`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import checkpoint
import onnx  # type: ignore[import-not-found]  # only in the training environment
from onnx_graph import Decoder, Precision

# Weight-only 8 bits lose far less than 8-bit products with dynamic scales (README.md). With 4 bits, what bears the
# least keeps 8, as llama.cpp's Q4_K_M keeps some matrices finer.
PRECISIONS = {
    "model": Precision(None, None, half=False),
    "model_fp16": Precision(None, None, half=True),
    "model_quantized": Precision(8, 8, half=False),
    "model_q4": Precision(4, 8, half=False),
    "model_q4f16": Precision(4, 8, half=True),
}
EXACT = "model"  # the one that must agree with PyTorch
_FILES = (
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
)
_WHOLE = 1_900_000_000  # bytes; a protocol buffer cannot have more than 2 GiB


def write(folder: Path, out: Path, names: tuple[str, ...] = tuple(PRECISIONS)) -> list[Path]:
    """Writes the files of these precisions and returns them. Raises ValueError, KeyError, FileNotFoundError for a
    folder that is no Qwen2 or Llama checkpoint.
    """
    shape, weights = checkpoint.shape(folder), checkpoint.weights(folder)
    (out / "onnx").mkdir(parents=True, exist_ok=True)
    _accompany(folder, out)
    paths = []
    for name in names:
        path = out / "onnx" / f"{name}.onnx"
        save(Decoder(shape, weights, PRECISIONS[name]).model(), path)
        paths.append(path)
    return paths


def size(path: Path) -> int:
    """Bytes of a file and of what `onnx` put beside it."""
    return sum(p.stat().st_size for p in path.parent.glob(f"{path.name}*"))


def save(model: onnx.ModelProto, path: Path) -> None:
    """With the weights in a file beside it where they are more than one file may hold."""
    beside = path.with_name(f"{path.name}_data")
    beside.unlink(missing_ok=True)  # onnx appends to it
    large = sum(len(t.raw_data) for t in model.graph.initializer) > _WHOLE
    onnx.save_model(model, path, save_as_external_data=large, location=beside.name if large else None)


def _accompany(folder: Path, out: Path) -> None:
    """The files that whoever loads the graph needs; the configuration says which caches have 16 bits."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    halves = {n.removeprefix("model_"): "float16" for n, p in PRECISIONS.items() if p.half}
    config["transformers.js_config"] = {"kv_cache_dtype": halves}
    config["epicrisis_prompt_profile"] = "narrator"  # what it was trained to read
    (out / "config.json").write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for name in _FILES:
        if (folder / name).exists():
            shutil.copyfile(folder / name, out / name)
