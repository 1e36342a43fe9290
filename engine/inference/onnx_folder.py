"""An ONNX model's folder, looked at before any runtime sees it.

The layout is that of the `onnx-community` exports: config.json, tokenizer.json and one or more .onnx files, in the
folder or in its `onnx` folder, with their external data beside them. Of the graph only the wire format is read:
names of inputs, and where the weights are said to be.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final

from engine.errors import ModelRefused
from engine.inference.chat import MARKERS

# By `model_type`; the values are the names that GGUF files use.
ARCHITECTURES: Final = {
    "qwen2": "qwen2",
    "qwen3": "qwen3",
    "llama": "llama",
    "mistral": "llama",
    "gemma3_text": "gemma3",
}

# Of several graphs, the first of these is run: what is small is read fastest, and a processor computes in 32 bits.
_PREFERRED: Final = ("q4", "bnb4", "quantized", "int8", "uint8", "q4f16", "fp32", "fp16")
_COMPANIONS = ("tokenizer_config.json", "special_tokens_map.json", "generation_config.json")
_PROFILE: Final = "epicrisis_prompt_profile"  # written by packaging/model
_MAX_JSON = 64 << 20  # bytes
_MAX_DEPTH = 8  # graphs inside graphs
_MAX_TEXT = 4096  # bytes of a name or a path
# The fields through which tensors and names are reached, by kind of message of onnx.proto.
_MODEL: Final = {7: "graph", 25: "function"}
_INSIDE: Final = {
    "graph": {1: "node", 5: "tensor", 11: "input", 15: "sparse"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the folder says of a model that passed every check."""

    architecture: str
    chat_template: str  # a key of engine.inference.chat.TEMPLATES
    context: int
    files: tuple[str, ...]  # those of the model, by their name in the folder with «/»
    size: int  # bytes of all of them
    quantization: str  # what the file names say: «q4, q4f16»
    preferred: str  # the graph that a processor runs best
    prompt_profile: str  # «narrator» for a model that says it was trained on this program's prompt
    licence: str = ""


class _Damaged(Exception):
    """The bytes are no message of the kind expected."""


def inspect(folder: Path) -> Facts:
    """Raises ModelRefused, with what is wrong, where the folder is no sound model of a known kind."""
    try:
        return _Folder(folder).facts()
    except OSError:
        raise ModelRefused("model_unreadable", file=folder.name) from None


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def facts(self) -> Facts:
        config, tokens = self._json("config.json"), self._tokens()
        architecture = self._architecture(config)
        graphs = [p.relative_to(self._folder).as_posix() for place in ("", "onnx") for p in self._graphs(place)]
        if not graphs:
            raise self._damaged("*.onnx")
        data = sorted({name for graph in graphs for name in self._external(graph)})
        companions = [name for name in _COMPANIONS if (self._folder / name).is_file()]
        files = ("config.json", "tokenizer.json", *companions, *graphs, *data)
        context = config.get("max_position_embeddings", 0)
        return Facts(
            architecture=architecture,
            chat_template=self._template(tokens, architecture),
            context=context if isinstance(context, int) and 0 < context < 1 << 24 else 4096,
            files=files,
            size=sum(self._ordinary(name).stat().st_size for name in files),
            quantization=", ".join(_variant(name) for name in graphs),
            preferred=min(graphs, key=_rank),
            prompt_profile="narrator" if config.get(_PROFILE) == "narrator" else "instruct",
        )

    def _damaged(self, where: str) -> ModelRefused:
        return ModelRefused("model_onnx_damaged", file=self._folder.name, where=where)

    def _ordinary(self, name: str) -> Path:
        """A file of the folder that is itself there and no link to elsewhere."""
        path = self._folder / name
        inner = [path, *path.parents][: len(PurePosixPath(name).parts)]
        if any(p.is_symlink() for p in inner):
            raise ModelRefused("model_onnx_outside", file=self._folder.name)
        if not path.is_file():
            raise self._damaged(name)
        return path

    def _graphs(self, place: str) -> list[Path]:
        return sorted(p for p in (self._folder / place).glob("*.onnx") if not p.name.startswith("."))

    def _json(self, name: str) -> dict[str, Any]:
        path = self._ordinary(name)
        if path.stat().st_size > _MAX_JSON:
            raise self._damaged(name)
        try:
            found = json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            raise self._damaged(name) from None
        if not isinstance(found, dict):
            raise self._damaged(name)
        return found

    def _tokens(self) -> set[str]:
        """The added tokens and the vocabulary of tokenizer.json."""
        tokenizer = self._json("tokenizer.json")
        model, extra = tokenizer.get("model"), tokenizer.get("added_tokens", [])
        words = model.get("vocab") if isinstance(model, dict) else None
        if not isinstance(words, dict | list) or not isinstance(extra, list):
            raise self._damaged("tokenizer.json")
        added = {str(t["content"]) for t in extra if isinstance(t, dict) and "content" in t}
        return added | {w for w in words if isinstance(w, str)}

    def _architecture(self, config: dict[str, Any]) -> str:
        kind = config.get("model_type")
        if not isinstance(kind, str) or kind not in ARCHITECTURES:
            told = "".join(c for c in str(kind) if c.isprintable())[:32]
            raise ModelRefused("model_architecture", file=self._folder.name, architecture=told)
        return ARCHITECTURES[kind]

    def _template(self, tokens: set[str], architecture: str) -> str:
        for name, markers in MARKERS.items():
            if tokens.issuperset(markers) and (name != "qwen3" or architecture == "qwen3"):
                return name
        raise ModelRefused("model_no_template", file=self._folder.name)

    def _external(self, graph: str) -> Iterator[str]:
        """The external data files of one graph, each inside the folder and as long as the graph says."""
        path = self._ordinary(graph)
        with path.open("rb") as stream:
            try:
                inputs, places = _read_graph(_View(stream, 0, path.stat().st_size))
            except _Damaged:
                raise self._damaged(graph) from None
        if "input_ids" not in inputs:
            raise self._damaged(graph)
        base = PurePosixPath(graph).parent
        for location, offset, length in places:
            yield self._inside(base, location, offset + length, graph)

    def _inside(self, base: PurePosixPath, location: str, end: int, graph: str) -> str:
        parts = PurePosixPath(location).parts
        odd = not parts or location.startswith("/") or any(p == ".." for p in parts)
        if odd or "\\" in location or ":" in location or not location.isprintable():
            raise ModelRefused("model_onnx_outside", file=self._folder.name)
        name = (base / location).as_posix()
        if end > self._ordinary(name).stat().st_size:
            raise self._damaged(graph)
        return name


def _variant(graph: str) -> str:
    """«q4» of «onnx/model_q4.onnx»; «fp32» of «model.onnx»."""
    return PurePosixPath(graph).stem.partition("_")[2] or "fp32"


def _rank(graph: str) -> int:
    variant = _variant(graph)
    return _PREFERRED.index(variant) if variant in _PREFERRED else len(_PREFERRED)


def adds_in_place(graph: Path) -> bool:
    """Whether the graph can add to the very caches that it reads: GroupQueryAttention gives them all.

    Raises ModelRefused where the file is no graph.
    """
    try:
        with graph.open("rb") as stream:
            whole = _View(stream, 0, graph.stat().st_size)
            inside = list(_fields(next(_message(value) for number, value in _fields(whole) if number == 7)))
            nodes = [list(_fields(_message(value))) for number, value in inside if number == 1]
            given = {_text(v) for n, value in inside if n == 12 for m, v in _fields(_message(value)) if m == 1}
            attending = [node for node in nodes if "GroupQueryAttention" in (_text(v) for n, v in node if n == 4)]
            written = {_text(value) for node in attending for number, value in node if number == 2}
    except (OSError, _Damaged, StopIteration):
        raise ModelRefused("model_onnx_damaged", file=graph.parent.name, where=graph.name) from None
    return {name for name in given if name.startswith("present")} <= written


class _View:
    """A stretch of a file, read where it is asked: a graph may hold two gigabytes of weights that nobody looks at."""

    def __init__(self, stream: BinaryIO, start: int, end: int) -> None:
        self._stream, self._start, self._end = stream, start, end

    def __len__(self) -> int:
        return self._end - self._start

    def read(self, at: int, count: int) -> bytes:
        self._stream.seek(self._start + at)
        return self._stream.read(min(count, len(self) - at))

    def part(self, at: int, length: int) -> _View:
        return _View(self._stream, self._start + at, self._start + at + length)


def _read_graph(data: _View) -> tuple[set[str], set[tuple[str, int, int]]]:
    """Names of the inputs, and (location, offset, length) of all external data. Raises _Damaged."""
    inputs: set[str] = set()
    places: set[tuple[str, int, int]] = set()
    queue = [(_MODEL[n], _message(v), 0) for n, v in _fields(data) if n in _MODEL]
    if sum(kind == "graph" for kind, *_ in queue) != 1:
        raise _Damaged
    while queue:
        kind, message, depth = queue.pop()
        if depth > _MAX_DEPTH:
            raise _Damaged
        if kind == "tensor":
            places.update(_place(message))
        elif kind == "input":
            inputs.update(_text(v) for n, v in _fields(message) if n == 1)
        else:
            inside, deeper = _INSIDE[kind], depth + (kind == "graph")
            queue.extend((inside[n], _message(v), deeper) for n, v in _fields(message) if n in inside)
    return inputs, places


def _place(tensor: _View) -> Iterator[tuple[str, int, int]]:
    """Where the tensor's external data are; nothing for one whose data are in the graph itself."""
    entries: dict[str, str] = {}
    external = False
    for number, value in _fields(tensor):
        if number == 14:
            external = value == 1
        elif number == 13:
            pair = {n: _text(v) for n, v in _fields(_message(value)) if n in (1, 2)}
            entries[pair.get(1, "")] = pair.get(2, "")
    if external or entries:
        yield entries.get("location", ""), _count(entries.get("offset", "0")), _count(entries.get("length", "0"))


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise _Damaged
    return int(text)


def _message(value: _View | int) -> _View:
    if isinstance(value, int):
        raise _Damaged
    return value


def _text(value: _View | int) -> str:
    message = _message(value)
    if len(message) > _MAX_TEXT:
        raise _Damaged
    try:
        return message.read(0, len(message)).decode("utf-8")
    except UnicodeDecodeError:
        raise _Damaged from None


def _fields(data: _View) -> Iterator[tuple[int, _View | int]]:
    """(field number, value) of one message: a stretch for length-delimited fields, else a number. Raises _Damaged."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if number == 0 or wire not in (0, 1, 2, 5):
            raise _Damaged
        value, length = 0, {1: 8, 5: 4}.get(wire, 0)
        if wire == 0:
            value, at = _varint(data, at)
        elif wire == 2:
            length, at = _varint(data, at)
        if length > end - at:
            raise _Damaged
        if wire in (0, 2):
            yield number, data.part(at, length) if wire == 2 else value
        at += length


def _varint(data: _View, at: int) -> tuple[int, int]:
    value = 0
    for index, byte in enumerate(data.read(at, 10)):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value, at + index + 1
    raise _Damaged
