"""Greedy decoding without a grammar, by either runtime: what evaluation looks at."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import llama_cpp
import numpy as np
from examples import ENDS
from tokenizers import Tokenizer

from engine.inference import chat
from engine.inference.protocol import Message

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before onnxruntime is imported: it opens connections otherwise

NEW_TOKENS = 1400
Template = Callable[[Sequence[Message]], chat.Pieces]
Write = Callable[[Sequence[Message]], tuple[str, bool]]  # the text, and whether the model ended it itself


def writer(model: Path, template: str, context: int) -> Write:
    """For a GGUF, or for one ONNX file of a folder with `tokenizer.json`. `template` is a key of chat.TEMPLATES."""
    make = _llama if model.suffix == ".gguf" else _onnx
    return make(model, chat.TEMPLATES[template], context)


def _llama(model: Path, opening: Template, context: int) -> Write:
    llama = llama_cpp.Llama(str(model), n_ctx=context, n_threads=1, n_threads_batch=1, verbose=False)

    def write(messages: Sequence[Message]) -> tuple[str, bool]:
        tokens = [
            token
            for text, special in opening(messages)
            for token in llama.tokenize(text.encode(), add_bos=False, special=special)
        ]
        room = min(NEW_TOKENS, context - len(tokens))
        answer = llama.create_completion(tokens, max_tokens=room, temperature=0.0, repeat_penalty=1.0)
        if not isinstance(answer, dict):
            raise TypeError("llama-cpp-python streamed an answer that was not asked to be streamed")
        choice = answer["choices"][0]
        return choice["text"], choice["finish_reason"] == "stop"

    return write


def _onnx(model: Path, opening: Template, context: int) -> Write:
    import onnxruntime  # type: ignore[import-untyped]  # only after its telemetry was switched off

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    folder = model.parent if (model.parent / "tokenizer.json").exists() else model.parent.parent
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    end = frozenset(vocabulary[e] for e in ENDS.values() if e in vocabulary)
    caches = [i for i in session.get_inputs() if i.name.startswith("past_key_values")]
    asked = ["logits", *(c.name.replace("past_key_values", "present") for c in caches)]

    def write(messages: Sequence[Message]) -> tuple[str, bool]:
        fed = [
            token
            for text, special in opening(messages)
            for token in ([vocabulary[text]] if special else tokenizer.encode(text, add_special_tokens=False).ids)
        ]
        past = {c.name: np.zeros((1, c.shape[1], 0, c.shape[3]), _dtype(c.type)) for c in caches}
        written: list[int] = []
        length = 0
        while len(written) < min(NEW_TOKENS, context - length) and (not written or written[-1] not in end):
            length += len(fed)
            feed = {
                "input_ids": np.array([fed], np.int64),
                "attention_mask": np.ones((1, length), np.int64),
                "position_ids": np.arange(length - len(fed), length, dtype=np.int64)[None],
                **past,
            }
            logits, *present = session.run(asked, feed)
            past = dict(zip(past, present, strict=True))
            fed = [int(logits[0, -1].argmax())]
            written += fed
        ended = written[-1] in end
        return tokenizer.decode(written[:-1] if ended else written), ended

    return write


def _dtype(name: str) -> type:
    return np.float16 if "float16" in name else np.float32
