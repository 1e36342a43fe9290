"""What a Hugging Face folder holds (Qwen2 or Llama): its shape and its weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open  # type: ignore[import-not-found]  # only in the training environment

Weights = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Shape:
    architecture: str  # «qwen2» or «llama»
    vocabulary: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    context: int
    rope_theta: float
    epsilon: float
    tied: bool  # the head is the embedding


def shape(folder: Path) -> Shape:
    """Reads `config.json`. Raises ValueError for another architecture, scaled positions or a sliding window."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    architecture = config["model_type"]
    if architecture not in ("qwen2", "llama"):
        raise ValueError(f"{architecture}: only Qwen2 and Llama are known")
    if config.get("use_sliding_window") or config.get("hidden_act", "silu") != "silu":
        raise ValueError("a sliding window or another activation than SiLU: neither is known")
    rope = _rope(config)
    heads = config["num_attention_heads"]
    return Shape(
        architecture=architecture,
        vocabulary=config["vocab_size"],
        hidden=config["hidden_size"],
        layers=config["num_hidden_layers"],
        heads=heads,
        kv_heads=config.get("num_key_value_heads") or heads,
        head_dim=config.get("head_dim") or config["hidden_size"] // heads,
        intermediate=config["intermediate_size"],
        context=config["max_position_embeddings"],
        rope_theta=rope,
        epsilon=config["rms_norm_eps"],
        tied=bool(config.get("tie_word_embeddings", False)),
    )


def _rope(config: dict[str, Any]) -> float:
    """The base of the rotary positions, where old and new versions of transformers write it."""
    new = config.get("rope_parameters") or {}
    told = config.get("rope_scaling") or new
    scaling = told.get("rope_type", told.get("type", "default"))  # older files have «type»
    if scaling != "default":
        raise ValueError(f"rope_scaling {scaling}: only unscaled positions are known")
    return float(new.get("rope_theta", config.get("rope_theta", 10000.0)))


def weights(folder: Path) -> Weights:
    """All tensors as 32-bit floats. Raises FileNotFoundError where there is no safetensors file."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise FileNotFoundError(f"{folder.name}: no safetensors file")
    found: Weights = {}
    for path in files:
        with safe_open(path, framework="pt") as tensors:  # numpy has no bfloat16
            names = tensors.keys()
            found |= {name: tensors.get_tensor(name).float().numpy() for name in names}
    return found
