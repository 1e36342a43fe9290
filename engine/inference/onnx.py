"""ONNX Runtime on the layout of the `onnx-community` exports. Nothing here knows about records."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from llguidance import LLTokenizer

from engine.cancellation import CancelToken
from engine.errors import ModelRefused
from engine.inference import onnx_folder
from engine.inference.chat import TEMPLATES
from engine.inference.decoding import CHUNK, generate, shared
from engine.inference.onnx_cache import Cache, InPlace, Lengthened, Slot, bound
from engine.inference.onnx_session import Session, Tensor
from engine.inference.protocol import Prompt, Request, StreamEvent, Threads
from engine.inference.sampling import Logits
from engine.inference.threads import fixed_threads
from engine.inference.tokens import Words

# Tokens of one step where the graph gives logits for each of them. It looks at the cancel flag between its nodes: more
# would cost memory (a megabyte for two tokens of Qwen2) and time to stop, and gain hardly any speed.
_STEP: Final = 32
_CACHE: Final = "past_key_values."
_KEPT: Final = "num_logits_to_keep"  # an input of graphs that can give the last logits alone
_WHOLE: Final = ("input_ids", "attention_mask", "position_ids", _KEPT)  # inputs that are whole numbers


class OnnxRuntime:
    """A model's folder in memory: `graph` of it, or the one that suits a processor best.

    Raises ModelRefused where the folder is unsound or ONNX Runtime cannot load it, Cancelled while loading.
    """

    def __init__(
        self, folder: Path, template: str, context: int, cancel: CancelToken, graph: str | None = None
    ) -> None:
        facts = onnx_folder.inspect(folder)
        path = folder / (graph or facts.preferred)
        self._folder, self._template = folder, TEMPLATES[template]
        self.context = min(context, facts.context)
        size = sum(p.stat().st_size for p in path.parent.iterdir() if p.name.startswith(path.name))  # with its data
        count = fixed_threads(size)
        self.threads = Threads(count, count)
        self._session = Session(path, count, cancel)
        optional = (t for t in self._session.optional if t.name == _KEPT and t.kind is np.int64)
        self._asked = {t.name: t for t in (*self._session.inputs, *optional)}
        self._keeps = _KEPT in self._asked
        slots, logits = self._slots(), self._output("logits")
        self.vocabulary = self._fixed(logits, -1)
        self._words = Words(folder, template, self.vocabulary)
        self.matcher_tokenizer: LLTokenizer = self._words.matcher
        self.end = self._words.ends(t for t in _ends(folder) if t < self.vocabulary)
        self._open(slots, logits, in_place=onnx_folder.adds_in_place(path))

    def _open(self, slots: Sequence[Slot], logits: Tensor, *, in_place: bool) -> None:
        try:
            self._cache: Cache = (InPlace if in_place else Lengthened)(slots, self.context)
            self._logits = np.zeros((1 if self._keeps else _STEP, self.vocabulary), logits.kind)
        except (MemoryError, ValueError):  # numpy has a size above which it does not even ask
            raise ModelRefused("model_no_memory", file=self._folder.name) from None
        self._binding = self._session.binding()
        self._ids = np.zeros(CHUNK, np.int64)
        self._ones = np.ones(self.context, np.int64)
        self._places = np.arange(self.context, dtype=np.int64)
        self._cached: list[int] = []

    def _slots(self) -> list[Slot]:
        """The caches that the graph asks for. Raises ModelRefused where it asks for anything unknown."""
        slots = []
        for tensor in self._session.inputs:
            if tensor.name.startswith(_CACHE) and len(tensor.shape) == 4:
                present = self._output(f"present.{tensor.name.removeprefix(_CACHE)}")
                if present.kind is not tensor.kind:
                    raise self._strange(tensor.name)
                sizes = self._fixed(tensor, 1), self._fixed(tensor, 3)
                slots.append(Slot(tensor.name, present.name, *sizes, present.kind))
            elif tensor.name not in _WHOLE or tensor.kind is not np.int64:
                raise self._strange(tensor.name)
        return slots

    def _output(self, name: str) -> Tensor:
        found = next((t for t in self._session.outputs if t.name == name), None)
        if found is None or found.kind not in (np.float32, np.float16):
            raise self._strange(name)
        return found

    def _fixed(self, tensor: Tensor, dimension: int) -> int:
        size = tensor.shape[dimension] if tensor.shape else None
        if not isinstance(size, int) or size < 1:
            raise self._strange(tensor.name)
        return size

    def _strange(self, name: str) -> ModelRefused:
        told = "".join(c for c in name if c.isprintable())[:64]
        return ModelRefused("model_onnx_unknown", file=self._folder.name, name=told)

    def stream(self, request: Request, cancel: CancelToken) -> Generator[StreamEvent, None, None]:
        return generate(self, request, cancel)

    def close(self) -> None:
        """Frees the memory."""
        del self._binding, self._session, self._cache

    def encode(self, prompt: Prompt) -> list[int]:
        tokens: list[int] = []
        for text, special in self._template(prompt.messages):
            tokens += [self._words.marker(text)] if special else self._words.plain(text)
        return tokens

    def count(self, text: str) -> int:
        return len(self._words.plain(text))

    def piece(self, token: int) -> bytes:
        return self._words.piece(token)

    def reuse(self, tokens: Sequence[int]) -> int:
        length = shared(tokens, self._cached)
        del self._cached[length:]
        self._cache.trim(length)
        return length

    def evaluate(self, tokens: Sequence[int], cancel: CancelToken) -> Logits:
        size = CHUNK if self._keeps else _STEP
        for start in range(0, len(tokens), size):
            last = self._step(tokens[start : start + size], cancel)
        return last

    def _step(self, tokens: Sequence[int], cancel: CancelToken) -> Logits:
        """Where it fails or is cancelled, the cache is as before."""
        count, past = len(tokens), len(self._cached)
        total = past + count
        self._ids[:count] = tokens
        for name, array, shape in (
            ("input_ids", self._ids, (1, count)),
            ("attention_mask", self._ones, (1, total)),
            ("position_ids", self._places[past:], (1, count)),
            (_KEPT, self._ones, (1,) * len(self._asked[_KEPT].shape) if self._keeps else ()),
        ):
            if name in self._asked:
                bound(self._binding.bind_input, name, array, shape)
        rows = 1 if self._keeps else count
        bound(self._binding.bind_output, "logits", self._logits, (1, rows, self.vocabulary))
        self._cache.bind(self._binding, total)
        self._session.run(self._binding, cancel)
        self._cache.keep(total)
        self._cached.extend(tokens)
        logits: Logits = self._logits[rows - 1].astype(np.float32, copy=False)
        return logits


def _ends(folder: Path) -> Iterator[int]:
    """The tokens that end an answer, as the model's files say."""
    for name in ("config.json", "generation_config.json"):
        path = folder / name
        told = json.loads(path.read_bytes()).get("eos_token_id") if path.is_file() else None
        yield from (t for t in (told if isinstance(told, list) else [told]) if isinstance(t, int) and t >= 0)
