"""The small random model of the engine's tests, as GGUF and as an ONNX folder with the same weights.

`.venv-model/bin/python packaging/model/tiny.py` writes `tests/models/tiny-f16.gguf` and `tests/models/tiny-onnx/`.
Seeded: the same versions of the packages write the same weights. One of the graphs is in the manner of older
`onnx-community` exports: attention in single operators, each step giving a longer cache and logits for every token.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import checkpoint
import gguf_file
import numpy as np
import onnx_file
import tokenizer
from examples import ENDS, SPECIAL, pieces
from numpy.typing import NDArray
from onnx import TensorProto, helper  # type: ignore[import-not-found]  # only in the training environment
from onnx_graph import Decoder
from safetensors.numpy import save_file  # type: ignore[import-not-found]  # only in the training environment

_OUT = Path(__file__).resolve().parents[2] / "tests" / "models"
_GRAPHS = ("model", "model_q4f16")
_LENGTHENING = "model_int8"
_WIDTH, _LAYERS, _HEADS, _KV_HEADS, _INNER, _TOKENS, _CONTEXT = 32, 2, 2, 1, 32, 448, 4096
_SPREAD = 0.2  # of the weights: logits apart enough for a likeliest token


def write(out: Path) -> None:
    """Writes both files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        built = tokenizer.build(_texts(), _TOKENS)
        built.save(str(folder / "tokenizer.json"))
        end = built.get_vocab()[ENDS["chatml"]]
        (folder / "config.json").write_text(json.dumps(_config(end)), encoding="utf-8")
        save_file(_weights(), folder / "model.safetensors")
        about = gguf_file.About("Tiny", "Random weights, for tests", "Apache-2.0")
        out.mkdir(parents=True, exist_ok=True)
        gguf_file.write(folder, out / f"tiny-{gguf_file.EXACT}.gguf", about)
        onnx_file.write(folder, out / "tiny-onnx", _GRAPHS)
        decoder = Lengthening(
            checkpoint.shape(folder), checkpoint.weights(folder), onnx_file.PRECISIONS["model_quantized"]
        )
        onnx_file.save(decoder.model(), out / "tiny-onnx" / "onnx" / f"{_LENGTHENING}.onnx")


class Lengthening(Decoder):
    """Attention node by node over the old cache with the new keys and values behind it; one key-value head."""

    def _attention(self, layer: int, packed: str) -> str:
        name, size = f"model.layers.{layer}", self.shape.head_dim
        sizes = self._whole("packed.sizes", [self.shape.heads * size, size, size])
        queries, keys, values = (f"{name}.{part}" for part in ("queries", "keys", "values"))
        self._nodes.append(helper.make_node("Split", [packed, sizes], [queries, keys, values], axis=-1))
        queries = self._turned(self._heads(queries, self.shape.heads))
        keys = self._longer(layer, "key", self._turned(self._heads(keys, 1)))
        values = self._longer(layer, "value", self._heads(values, 1))
        columns = self._op("Transpose", [keys], f"{keys}.columns", perm=[0, 1, 3, 2])
        products = self._op("MatMul", [queries, columns], f"{name}.products")
        scores = self._op("Mul", [products, self._floats("scale", np.array(size**-0.5))], f"{name}.scores")
        seen = self._op("Where", [self._visible(name), scores, self._floats("never", np.array(-1e9))], f"{name}.seen")
        mixed = self._op("MatMul", [self._op("Softmax", [seen], f"{name}.shares"), values], f"{name}.mixed")
        rows = self._op("Transpose", [mixed], f"{name}.rows", perm=[0, 2, 1, 3])
        return self._op("Reshape", [rows, self._whole("joined", [0, 0, -1])], f"{name}.attended")

    def _asked_for(self, normal: str) -> str:
        return normal

    def _heads(self, value: str, count: int) -> str:
        """[1, tokens, count × size] → [1, count, tokens, size]"""
        size = self._whole(f"heads.{count}", [0, 0, count, self.shape.head_dim])
        apart = self._op("Reshape", [value, size], f"{value}.apart")
        return self._op("Transpose", [apart], f"{value}.heads", perm=[0, 2, 1, 3])

    def _turned(self, value: str) -> str:
        """By the angles of the positions."""
        one, two, first, second = (f"{value}.{part}" for part in ("one", "two", "first", "second"))
        self._nodes.append(helper.make_node("Split", [value], [one, two], axis=-1, num_outputs=2))
        angles = [
            self._op(
                "Unsqueeze",
                [self._op("Gather", [table, "position_ids"], f"{value}.{table}.of"), self._whole("heads", [1])],
                f"{value}.{table}",
            )
            for table in ("cosines", "sines")
        ]
        for target, kind, left, right in ((first, "Sub", one, two), (second, "Add", two, one)):
            pairs = enumerate(zip((left, right), angles, strict=True))
            parts = [self._op("Mul", pair, f"{target}.{n}") for n, pair in pairs]
            self._op(kind, parts, target)
        return self._op("Concat", [first, second], f"{value}.turned", axis=-1)

    def _longer(self, layer: int, part: str, new: str) -> str:
        return self._op("Concat", [f"past_key_values.{layer}.{part}", new], f"present.{layer}.{part}", axis=2)

    def _visible(self, name: str) -> str:
        """[1, 1, tokens, length]: what stands at or before the token and is not masked."""
        numbers = [self._whole("nought", 0), "mask.length", self._whole("step", 1)]
        every = self._op("Range", numbers, f"{name}.every")
        own = self._op("Unsqueeze", ["position_ids", self._whole("own", [1, 3])], f"{name}.own")
        before = self._op("LessOrEqual", [every, own], f"{name}.before")
        mask = self._op("Cast", ["attention_mask"], f"{name}.mask", to=TensorProto.BOOL)
        kept = self._op("Unsqueeze", [mask, self._whole("kept", [1, 2])], f"{name}.kept")
        return self._op("And", [before, kept], f"{name}.visible")


def _texts() -> Iterator[str]:
    for seed in range(30):
        yield from (p.text for p in pieces(seed) if p.role != SPECIAL)


def _config(end: int) -> dict[str, object]:
    return {
        "model_type": "qwen2",
        "vocab_size": _TOKENS,
        "hidden_size": _WIDTH,
        "num_hidden_layers": _LAYERS,
        "num_attention_heads": _HEADS,
        "num_key_value_heads": _KV_HEADS,
        "intermediate_size": _INNER,
        "max_position_embeddings": _CONTEXT,
        "rope_theta": 1000000.0,
        "rms_norm_eps": 1e-6,
        "tie_word_embeddings": True,
        "eos_token_id": end,
    }


def _weights() -> dict[str, NDArray[np.float32]]:
    """Of 16 bits, so that both files hold the very same numbers."""
    rng = np.random.default_rng(11)
    found: dict[str, NDArray[np.float32]] = {}

    def add(name: str, *size: int, middle: float = 0.0) -> None:
        found[name] = (middle + rng.normal(0, _SPREAD, size)).astype(np.float16).astype(np.float32)

    narrow = _WIDTH // _HEADS * _KV_HEADS
    add("model.embed_tokens.weight", _TOKENS, _WIDTH)
    add("model.norm.weight", _WIDTH, middle=1.0)
    for layer in range(_LAYERS):
        part = f"model.layers.{layer}"
        for norm in ("input_layernorm", "post_attention_layernorm"):
            add(f"{part}.{norm}.weight", _WIDTH, middle=1.0)
        for kind, rows in (("q", _WIDTH), ("k", narrow), ("v", narrow)):
            add(f"{part}.self_attn.{kind}_proj.weight", rows, _WIDTH)
            add(f"{part}.self_attn.{kind}_proj.bias", rows)
        add(f"{part}.self_attn.o_proj.weight", _WIDTH, _WIDTH)
        for kind, rows, columns in (("gate", _INNER, _WIDTH), ("up", _INNER, _WIDTH), ("down", _WIDTH, _INNER)):
            add(f"{part}.mlp.{kind}_proj.weight", rows, columns)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=_OUT)
    write(options.parse_args().out)


if __name__ == "__main__":
    main()
