"""How far a converted file is from PyTorch in 32 bits: on the logits of texts and on what it writes greedily."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import llama_cpp
import numpy as np
import torch  # type: ignore[import-not-found]  # only in the training environment
from numpy.typing import NDArray
from transformers import AutoModelForCausalLM, DynamicCache  # type: ignore[import-not-found]  # likewise

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before the import: the runtime would call home
import onnxruntime  # type: ignore[import-untyped]  # has no annotations

Floats = NDArray[np.float32]
_CHUNKS = (7, 1, 1, 64, 1, 128)  # tokens of a step: prompts, single tokens and forced runs, each after a cache


class Runner(Protocol):
    """A model with its cache."""

    def reset(self) -> None: ...

    def step(self, ids: Sequence[int]) -> Floats:
        """Logits [tokens, vocabulary] of further tokens."""


@dataclass(frozen=True, slots=True)
class Parity:
    """Over all tokens of the texts; `written` of `asked` prompts were continued with the very same tokens."""

    largest: float  # difference of a logit
    divergence: float  # mean Kullback-Leibler divergence from PyTorch's distribution, nats
    agreed: float  # share of tokens for which the likeliest next one is the same
    written: int
    asked: int


class Torch:
    def __init__(self, folder: Path, threads: int) -> None:
        torch.set_num_threads(threads)
        self._model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.reset()

    def reset(self) -> None:
        self._cache = DynamicCache(config=self._model.config)

    def step(self, ids: Sequence[int]) -> Floats:
        with torch.no_grad():
            out = self._model(input_ids=torch.tensor([list(ids)]), past_key_values=self._cache, use_cache=True)
        logits: Floats = out.logits[0].float().numpy()
        return logits


class Llama:
    def __init__(self, path: Path, context: int, threads: int) -> None:
        self._llama = llama_cpp.Llama(str(path), n_ctx=context, n_threads=threads, logits_all=True, verbose=False)

    def reset(self) -> None:
        self._llama.reset()  # type: ignore[no-untyped-call]  # llama-cpp-python leaves it unannotated

    def tokens(self, text: str, special: bool) -> list[int]:
        return self._llama.tokenize(text.encode(), add_bos=False, special=special)

    def step(self, ids: Sequence[int]) -> Floats:
        before = self._llama.n_tokens
        self._llama.eval(list(ids))
        return np.array(self._llama.scores[before : before + len(ids)], np.float32)


class Onnx:
    def __init__(self, path: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.kept = 0  # logits of the last tokens; 0: of all
        self._inputs = [i for i in self._session.get_inputs() if i.name.startswith("past_key_values")]
        self.reset()

    def reset(self) -> None:
        self._length = 0
        kind = np.float16 if self._inputs[0].type == "tensor(float16)" else np.float32
        self._cache = {i.name: np.zeros((1, i.shape[1], 0, i.shape[3]), kind) for i in self._inputs}

    def step(self, ids: Sequence[int]) -> Floats:
        after = self._length + len(ids)
        given = {
            "input_ids": np.array([ids], np.int64),
            "attention_mask": np.ones((1, after), np.int64),
            "position_ids": np.arange(self._length, after, dtype=np.int64)[None],
            "num_logits_to_keep": np.array(self.kept, np.int64),
        }
        presents = [name.replace("past_key_values", "present") for name in self._cache]
        logits, *cache = self._session.run(["logits", *presents], given | self._cache)
        self._cache = dict(zip(self._cache, cache, strict=True))
        self._length = after
        return np.asarray(logits[0], np.float32)


class Reference:
    """What PyTorch says, computed once: logits of the texts, and `tokens` further tokens after each prompt."""

    def __init__(
        self, runner: Runner, texts: Sequence[Sequence[int]], prompts: Sequence[Sequence[int]], tokens: int
    ) -> None:
        self._texts, self._prompts, self._tokens = texts, prompts, tokens
        self._logits = [_logits(runner, t) for t in texts]
        self._written = [greedy(runner, p, tokens) for p in prompts]

    def compare(self, runner: Runner) -> Parity:
        """Texts are read in steps of several lengths, so that the cache is part of the comparison."""
        differences, divergences, agreed = [], [], []
        for text, ours in zip(self._texts, self._logits, strict=True):
            theirs = _logits(runner, text)
            differences.append(np.abs(ours - theirs).max())
            divergences.append(_divergence(ours, theirs))
            agreed.append(ours.argmax(-1) == theirs.argmax(-1))
        same = [greedy(runner, p, self._tokens) == w for p, w in zip(self._prompts, self._written, strict=True)]
        return Parity(
            float(max(differences)),
            float(np.concatenate(divergences).mean()),
            float(np.concatenate(agreed).mean()),
            sum(same),
            len(same),
        )


def greedy(runner: Runner, prompt: Sequence[int], tokens: int) -> list[int]:
    """The likeliest tokens, one step each."""
    runner.reset()
    written = [int(runner.step(prompt)[-1].argmax())]
    while len(written) < tokens:
        written.append(int(runner.step(written[-1:])[-1].argmax()))
    return written


def _logits(runner: Runner, text: Sequence[int]) -> Floats:
    runner.reset()
    parts, done, turn = [], 0, 0
    while done < len(text):
        chunk = text[done : done + _CHUNKS[turn % len(_CHUNKS)]]
        parts.append(runner.step(chunk))
        done, turn = done + len(chunk), turn + 1
    return np.concatenate(parts)


def _divergence(ours: Floats, theirs: Floats) -> Floats:
    p, q = _log_softmax(ours), _log_softmax(theirs)
    found: Floats = (np.exp(p) * (p - q)).sum(-1)
    return found


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(-1, keepdims=True)
    found: Floats = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return found
