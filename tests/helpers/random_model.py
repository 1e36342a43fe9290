"""A GGUF of Qwen2 architecture with random weights and a real vocabulary: the hostile model.

The vocabulary comes from a file of llama.cpp's source (`ggml-vocab-qwen2.gguf`), which `make setup` takes out of
llama-cpp-python's source package into build/vocab/.
"""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path

import gguf
import llama_cpp
import numpy as np


@dataclass(frozen=True)
class Shape:
    """Sizes of a Qwen2 model; the default is small, for speed."""

    width: int = 64
    layers: int = 2
    heads: int = 4
    kv_heads: int = 2
    feed_forward: int = 128
    context: int = 4096


_silent = llama_cpp.llama_log_callback(lambda _level, _text, _data: None)

QWEN_0_5B = Shape(width=896, layers=24, heads=14, kv_heads=2, feed_forward=4864)


def write_random_model(path: Path, vocabulary: Path, shape: Shape = Shape(), seed: int = 1) -> None:
    """Writes an F16 model with normal random weights (σ = 0.05) and the tokenizer of `vocabulary`."""
    reader = gguf.GGUFReader(vocabulary)
    writer = gguf.GGUFWriter(path, "qwen2")
    _copy_tokenizer(reader, writer)
    _finish(writer, shape, len(reader.fields["tokenizer.ggml.tokens"].data), seed)


def write_mute_model(path: Path, tokens: int = 64) -> None:
    """The same without any tokenizer: llama.cpp loads it, and cannot write a word with it."""
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_tokenizer_model("no_vocab")
    writer.add_vocab_size(tokens)
    _finish(writer, Shape(), tokens, seed=1)


def _finish(writer: gguf.GGUFWriter, shape: Shape, tokens: int, seed: int) -> None:
    _add_shape(writer, shape)
    _add_tensors(writer, shape, tokens, np.random.default_rng(seed))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _copy_tokenizer(reader: gguf.GGUFReader, writer: gguf.GGUFWriter) -> None:
    for name, field in reader.fields.items():
        if not name.startswith("tokenizer."):
            continue
        sub_type = field.types[-1] if field.types[0] is gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), field.types[0], sub_type)


def _add_shape(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_freq_base(1_000_000.0)
    writer.add_layer_norm_rms_eps(1e-6)


def _add_tensors(writer: gguf.GGUFWriter, shape: Shape, tokens: int, rng: np.random.Generator) -> None:
    head = shape.width // shape.heads

    def matrix(name: str, rows: int, columns: int) -> None:
        writer.add_tensor(name, rng.normal(0, 0.05, (rows, columns)).astype(np.float16))

    def vector(name: str, size: int, value: float) -> None:
        writer.add_tensor(name, np.full(size, value, dtype=np.float32))

    matrix("token_embd.weight", tokens, shape.width)
    vector("output_norm.weight", shape.width, 1.0)
    for i in range(shape.layers):
        for part, rows in (("q", shape.width), ("k", shape.kv_heads * head), ("v", shape.kv_heads * head)):
            matrix(f"blk.{i}.attn_{part}.weight", rows, shape.width)
            vector(f"blk.{i}.attn_{part}.bias", rows, 0.0)
        matrix(f"blk.{i}.attn_output.weight", shape.width, shape.width)
        matrix(f"blk.{i}.ffn_gate.weight", shape.feed_forward, shape.width)
        matrix(f"blk.{i}.ffn_up.weight", shape.feed_forward, shape.width)
        matrix(f"blk.{i}.ffn_down.weight", shape.width, shape.feed_forward)
        vector(f"blk.{i}.attn_norm.weight", shape.width, 1.0)
        vector(f"blk.{i}.ffn_norm.weight", shape.width, 1.0)


def write_quantized_model(path: Path, vocabulary: Path, shape: Shape = Shape(), seed: int = 1) -> None:
    """The same as Q4_K_M: the size and the speed of the file that a hospital would install."""
    llama_cpp.llama_log_set(_silent, ctypes.c_void_p(0))
    whole = path.with_suffix(".f16.gguf")
    write_random_model(whole, vocabulary, shape, seed)
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M
    failed = llama_cpp.llama_model_quantize(os.fsencode(whole), os.fsencode(path), ctypes.byref(params))
    whole.unlink()
    if failed:
        raise OSError("the model could not be quantized")
