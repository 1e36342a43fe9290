"""The header of a GGUF file, read and checked before any runtime sees it.

llama.cpp trusts counts, lengths and offsets of the file more than a stranger's file deserves. Nothing here allocates
by a number of the file before that many bytes are known to be there.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.errors import ModelRefused
from engine.inference.chat import MARKERS

ARCHITECTURES: Final = frozenset({"qwen2", "qwen3", "llama", "gemma3"})  # Mistral's files say «llama»
VERSIONS: Final = (2, 3)

_MAX_KEYS, _MAX_TENSORS = 4096, 65536
_MAX_NAME, _MAX_KEY = 64, 65535  # bytes; ggml's and the format's own limits
_MAX_DIMENSIONS = 4
_STRING, _ARRAY = 8, 9
_MAX_HEADER = 64 << 20  # bytes; the largest vocabularies in use (262,144 tokens with scores) take some 12 MB
_FORMATS: Final = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<B", 10: "<Q", 11: "<q", 12: "<d"}
_BLOCKS: Final = {  # ggml type: elements of a block, bytes of a block; those that are stored in files
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82),
    23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2),
}  # fmt: skip
_FILE_TYPES: Final = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
    12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 32: "BF16",
}  # fmt: skip

_PROFILE: Final = "epicrisis.prompt_profile"  # written by packaging/model

Scalar = str | int | float


@dataclass(frozen=True, slots=True)
class Facts:
    """What the header says of a model that passed every check."""

    architecture: str
    chat_template: str  # a key of engine.inference.chat.TEMPLATES
    context: int  # tokens it was trained for
    vocabulary: int
    tensors: int
    quantization: str  # «Q4_K_M»; empty where the file does not say
    name: str  # printable, at most 80 characters; empty where the file does not say
    licence: str  # likewise
    prompt_profile: str  # «narrator» for a model that says it was trained on this program's prompt


@dataclass(slots=True)
class _Header:
    values: dict[str, Scalar] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)  # of the arrays
    markers: set[str] = field(default_factory=set)  # those of the known formats that are in the vocabulary
    tensors: dict[str, tuple[int, int]] = field(default_factory=dict)  # name: offset, bytes


def inspect(path: Path) -> Facts:
    """Raises ModelRefused, with what is wrong, where the file is no sound model of a known kind."""
    try:
        with path.open("rb") as stream:
            # Read, not mapped: a disk that is pulled out would then end the program and not only the reading.
            head, size = stream.read(_MAX_HEADER), os.fstat(stream.fileno()).st_size
    except OSError:
        raise ModelRefused("model_unreadable", file=path.name) from None
    _check_start(head, path.name)
    return _Reader(head, size, path.name).facts()


def _check_start(head: bytes, name: str) -> None:
    if head[:4] != b"GGUF":
        raise ModelRefused("model_not_gguf", file=name)
    if len(head) < 24:
        raise ModelRefused("model_truncated", file=name)
    version = int(struct.unpack_from("<I", head, 4)[0])
    if version & 0xFFFF == 0 and version:  # the low half of a small number written the other way round
        raise ModelRefused("model_big_endian", file=name)
    if version not in VERSIONS:
        raise ModelRefused("model_gguf_version", file=name, version=version)


class _Reader:
    """Reads on; every read looks first whether the file has those bytes."""

    def __init__(self, data: bytes, size: int, name: str) -> None:
        self._data, self._size, self._name = data, size, name
        self._at = 8
        self._header = _Header()

    def facts(self) -> Facts:
        tensors, keys = self._number("<Q"), self._number("<Q")
        if not 0 < tensors <= _MAX_TENSORS:
            raise self._damaged("tensor_count")
        if not 0 < keys <= _MAX_KEYS:
            raise self._damaged("kv_count")
        for _ in range(keys):
            self._pair()
        self._check_model()
        for _ in range(tensors):
            self._tensor()
        self._check_tensors()
        return self._told()

    def _damaged(self, where: str) -> ModelRefused:
        return ModelRefused("model_header_damaged", file=self._name, where=where)

    def _need(self, count: int) -> int:
        """The present place, once `count` bytes are known to follow it; the reader stands after them."""
        start = self._at
        if count > len(self._data) - start:
            raise self._too_short()
        self._at += count
        return start

    def _too_short(self) -> ModelRefused:
        return ModelRefused("model_truncated", file=self._name)

    def _number(self, form: str) -> int:
        return int(struct.unpack_from(form, self._data, self._need(struct.calcsize(form)))[0])

    def _bytes(self, limit: int, where: str) -> bytes:
        length = self._number("<Q")
        if length > limit:
            raise self._damaged(where)
        start = self._need(length)
        return self._data[start : start + length]

    def _key(self, limit: int, where: str) -> str:
        raw = self._bytes(limit, where)
        try:
            key = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise self._damaged(where) from None
        if not key or not key.isprintable():
            raise self._damaged(where)
        return key

    def _pair(self) -> None:
        key = self._key(_MAX_KEY, "key")
        if key in self._header.values or key in self._header.lengths:
            raise self._damaged("repeated key")
        kind = self._number("<I")
        if kind == _ARRAY:
            self._header.lengths[key] = self._array(key)
        elif kind == _STRING:
            self._header.values[key] = self._bytes(len(self._data), "string").decode("utf-8", "replace")
        elif kind in _FORMATS:
            start = self._need(struct.calcsize(_FORMATS[kind]))
            self._header.values[key] = struct.unpack_from(_FORMATS[kind], self._data, start)[0]
        else:
            raise self._damaged("value type")

    def _array(self, key: str) -> int:
        kind, count = self._number("<I"), self._number("<Q")
        if kind in _FORMATS:
            self._need(struct.calcsize(_FORMATS[kind]) * count)
        elif kind == _STRING:
            self._strings(count, seen=self._header.markers if key == "tokenizer.ggml.tokens" else None)
        else:  # the format allows arrays of arrays; no model has them, and llama.cpp refuses them
            raise self._damaged("array type")
        return count

    def _strings(self, count: int, seen: set[str] | None) -> None:
        """Skips strings, a hundred thousand of them in a tenth of a second; `seen` gets the known markers."""
        if count > len(self._data) // 8:
            raise self._too_short()
        data, at, end, length_at = self._data, self._at, len(self._data), struct.Struct("<Q").unpack_from
        wanted = {m.encode(): m for markers in MARKERS.values() for m in markers}
        lengths = {len(w) for w in wanted}
        for _ in range(count):
            if at + 8 > end:
                raise self._too_short()
            (length,) = length_at(data, at)
            at += 8
            if length > end - at:
                raise self._too_short()
            if seen is not None and length in lengths and data[at : at + length] in wanted:
                seen.add(wanted[data[at : at + length]])
            at += length
        self._at = at

    def _tensor(self) -> None:
        name = self._key(_MAX_NAME, "tensor name")
        if name in self._header.tensors:
            raise self._damaged("repeated tensor")
        dimensions = self._number("<I")
        if not 0 < dimensions <= _MAX_DIMENSIONS:
            raise self._damaged("tensor dimensions")
        shape = [self._number("<Q") for _ in range(dimensions)]
        kind, offset = self._number("<I"), self._number("<Q")
        if kind not in _BLOCKS:
            raise self._damaged("tensor type")
        elements, size = _BLOCKS[kind]
        if 0 in shape or shape[0] % elements:
            raise self._damaged("tensor shape")
        count = 1
        for length in shape:
            count *= length  # Python's integers do not wrap, as C's did in old readers
        self._header.tensors[name] = (offset, count // elements * size)

    def _check_model(self) -> None:
        architecture = self._header.values.get("general.architecture")
        if architecture not in ARCHITECTURES:
            told = _printable(architecture, 32) or "?"
            raise ModelRefused("model_architecture", file=self._name, architecture=told)
        for key in ("embedding_length", "block_count", "context_length", "attention.head_count"):
            value = self._header.values.get(f"{architecture}.{key}")
            if not isinstance(value, int) or not 0 < value < 1 << 24:
                raise self._damaged(key)
        if not self._header.lengths.get("tokenizer.ggml.tokens"):
            raise ModelRefused("model_no_vocabulary", file=self._name)

    def _check_tensors(self) -> None:
        """Each aligned, inside the file and apart from the others."""
        alignment = self._header.values.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment < 8 or alignment & (alignment - 1) or alignment > 1 << 16:
            raise self._damaged("alignment")
        begin = -(-self._at // alignment) * alignment
        reached = 0
        for offset, size in sorted(self._header.tensors.values()):
            if offset % alignment:
                raise self._damaged("tensor offset")
            if offset < reached:
                raise self._damaged("tensors overlap")
            reached = offset + size
            if begin + reached > self._size:
                raise self._too_short()
        if "token_embd.weight" not in self._header.tensors:
            raise self._damaged("token_embd.weight")

    def _told(self) -> Facts:
        values = self._header.values
        architecture = str(values["general.architecture"])
        return Facts(
            architecture=architecture,
            chat_template=self._template(architecture),
            context=int(values[f"{architecture}.context_length"]),
            vocabulary=self._header.lengths["tokenizer.ggml.tokens"],
            tensors=len(self._header.tensors),
            quantization=_FILE_TYPES.get(_whole(values.get("general.file_type")), ""),
            name=_printable(values.get("general.name"), 80),
            licence=_printable(values.get("general.license"), 80),
            prompt_profile="narrator" if values.get(_PROFILE) == "narrator" else "instruct",
        )

    def _template(self, architecture: str) -> str:
        """The first format all of whose markers are in the vocabulary; Zephyr's roles are named only in the template.

        The template's text is searched, never run.
        """
        found = [name for name, markers in MARKERS.items() if self._header.markers.issuperset(markers)]
        found = [name for name in found if name != "qwen3" or architecture == "qwen3"]
        written = str(self._header.values.get("tokenizer.chat_template", ""))
        if not found and architecture == "llama" and all(m in written for m in ("<|user|>", "<|assistant|>")):
            found = ["zephyr"]
        if not found:
            raise ModelRefused("model_no_template", file=self._name)
        return found[0]


def _whole(value: Scalar | None) -> int:
    return value if isinstance(value, int) else -1


def _printable(value: Scalar | None, length: int) -> str:
    """A stranger's text, fit for a terminal."""
    return "".join(c for c in str(value or "") if c.isprintable())[:length]
