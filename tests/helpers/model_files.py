"""Small model files written byte by byte, sound or with one thing wrong."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field, replace
from pathlib import Path

CHATML = ("<|im_start|>", "<|im_end|>", "a", "b")


def text(value: str | bytes) -> bytes:
    """A GGUF string."""
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(data)) + data


def number(value: int) -> bytes:
    """A GGUF value of type uint32."""
    return struct.pack("<II", 4, value)


def string(value: str | bytes) -> bytes:
    return struct.pack("<I", 8) + text(value)


def strings(values: tuple[str, ...], count: int | None = None) -> bytes:
    head = struct.pack("<IIQ", 9, 8, len(values) if count is None else count)
    return head + b"".join(text(v) for v in values)


def tensor(
    name: str | bytes = "token_embd.weight", *, shape: tuple[int, ...] = (32, 4), kind: int = 0, at: int = 0
) -> bytes:
    head = text(name) + struct.pack("<I", len(shape))
    return head + b"".join(struct.pack("<Q", n) for n in shape) + struct.pack("<IQ", kind, at)


def pairs(architecture: str = "qwen2", tokens: tuple[str, ...] = CHATML) -> tuple[tuple[str | bytes, bytes], ...]:
    """The metadata that every sound model has."""
    sizes = ("embedding_length", 32), ("block_count", 1), ("context_length", 2048), ("attention.head_count", 2)
    return (
        ("general.architecture", string(architecture)),
        *((f"{architecture}.{name}", number(value)) for name, value in sizes),
        ("tokenizer.ggml.tokens", strings(tokens)),
    )


@dataclass(frozen=True)
class Gguf:
    """A file of one F32 tensor of 512 bytes, unless told otherwise."""

    magic: bytes = b"GGUF"
    version: bytes = struct.pack("<I", 3)
    tensors: tuple[bytes, ...] = (tensor(),)
    keys: tuple[tuple[str | bytes, bytes], ...] = field(default_factory=pairs)
    tensor_count: int | None = None
    key_count: int | None = None
    data: int = 512
    more: tuple[tuple[str | bytes, bytes], ...] = ()

    def bytes(self) -> bytes:
        every = (*self.keys, *self.more)
        counts = (
            len(self.tensors) if self.tensor_count is None else self.tensor_count,
            len(every) if self.key_count is None else self.key_count,
        )
        head = self.magic + self.version + struct.pack("<QQ", *counts)
        head += b"".join(text(key) + value for key, value in every) + b"".join(self.tensors)
        return head + bytes(-len(head) % 32) + bytes(self.data)

    def without(self, key: str) -> Gguf:
        return replace(self, keys=tuple(p for p in self.keys if p[0] != key))


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def part(number: int, data: bytes | str) -> bytes:
    """A length-delimited protobuf field."""
    raw = data.encode() if isinstance(data, str) else data
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def external(location: str, offset: str = "0", length: str = "64") -> bytes:
    """A TensorProto whose data stand in another file."""
    entries = (("location", location), ("offset", offset), ("length", length))
    return part(8, "w") + b"".join(part(13, part(1, k) + part(2, v)) for k, v in entries) + varint(14 << 3) + varint(1)


def graph(*initializers: bytes, inputs: tuple[str, ...] = ("input_ids", "past_key_values.0.key")) -> bytes:
    """A ModelProto of one graph."""
    inside = b"".join(part(11, part(1, name)) for name in inputs) + b"".join(part(5, i) for i in initializers)
    return varint(1 << 3) + varint(8) + part(7, inside)


def write_onnx_folder(folder: Path, model: bytes | None = None, kind: str = "qwen2") -> Path:
    """Laid out as the onnx-community exports: one q4 graph with its data beside it."""
    (folder / "onnx").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": kind, "max_position_embeddings": 32768}))
    words = {"model": {"vocab": {"a": 0, "b": 1}}, "added_tokens": [{"content": t} for t in CHATML[:2]]}
    (folder / "tokenizer.json").write_text(json.dumps(words))
    (folder / "generation_config.json").write_text("{}")
    (folder / "README.md").write_text("not part of the model")
    (folder / "onnx" / "model_q4.onnx").write_bytes(graph(external("model_q4.onnx_data")) if model is None else model)
    (folder / "onnx" / "model_q4.onnx_data").write_bytes(bytes(range(64)))
    return folder
