"""The decoding loop, the same for every runtime: masks, forced runs, sampling, events."""

from __future__ import annotations

import codecs
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from llguidance import LLMatcher, LLTokenizer

from engine.cancellation import CancelToken
from engine.domain import Usage
from engine.errors import ModelRefused
from engine.inference.protocol import (
    Finished,
    Piece,
    Prompt,
    PromptChosen,
    PromptRead,
    Request,
    Sampling,
    Segment,
    SegmentStarted,
    StreamEvent,
)
from engine.inference.sampling import REMEMBERED, Logits, allowed_tokens, choose

_LEAST = 64  # tokens of the shortest answer
_LONGER = 1.2  # how much longer than the usual answer another one may be
CHUNK = 128  # tokens evaluated at once: between two reports of progress, and all that a runtime is given


class Backend(Protocol):
    """A runtime with one sequence in its cache."""

    vocabulary: int
    context: int
    end: frozenset[int]  # tokens that end the turn
    matcher_tokenizer: LLTokenizer

    def encode(self, prompt: Prompt) -> list[int]: ...
    def count(self, text: str) -> int:
        """Tokens of a plain text."""

    def piece(self, token: int) -> bytes: ...
    def reuse(self, tokens: Sequence[int]) -> int:
        """Trims the cache to the longest prefix shared with `tokens`; its length (less than all)."""

    def evaluate(self, tokens: Sequence[int], cancel: CancelToken) -> Logits:
        """Appends at most CHUNK tokens; logits after the last one, good until the next call. Raises Cancelled."""


def shared(tokens: Sequence[int], cached: Sequence[int]) -> int:
    """Length of the prefix that both have; less than all of `tokens`, as the last one's logits are wanted."""
    pairs = zip(tokens[:-1], cached, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(tokens) - 1, len(cached)))


@dataclass
class _State:
    """Counters of one request."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    forced: int = 0
    started: float = 0.0
    prefill_ms: int = 0
    first_ms: int = 0
    recent: deque[int] = field(default_factory=lambda: deque(maxlen=REMEMBERED))  # tokens read or written

    def usage(self) -> Usage:
        total = _ms_since(self.started)
        return Usage(
            prompt_tokens=self.prompt,
            cached_tokens=self.cached,
            completion_tokens=self.completion,
            forced_tokens=self.forced,
            first_token_ms=self.first_ms,
            prefill_ms=self.prefill_ms,
            decode_ms=total - self.prefill_ms,
        )


def _ms_since(start: float) -> int:
    return round((time.perf_counter() - start) * 1000)


class _Writer:
    """Tokens to text: a letter may span two tokens."""

    def __init__(self, backend: Backend, state: _State) -> None:
        self._backend = backend
        self._state = state
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def piece(self, tokens: Sequence[int], *, forced: bool) -> Piece:
        if not self._state.completion:
            self._state.first_ms = _ms_since(self._state.started)
        self._state.completion += len(tokens)
        self._state.forced += len(tokens) if forced else 0
        self._state.recent.extend(tokens)
        return Piece(self._decoder.decode(b"".join(self._backend.piece(t) for t in tokens)), forced)


def generate(backend: Backend, request: Request, cancel: CancelToken) -> Generator[StreamEvent, None, None]:
    """Reads the prompt, then writes each segment under its grammar."""
    state = _State(started=time.perf_counter())
    without, prompt = _fitting(backend, request, cancel)
    if without:
        yield PromptChosen(without)
    state.prompt, state.cached = len(prompt), backend.reuse(prompt)
    state.recent.extend(prompt[-REMEMBERED:])
    logits = None
    for start in range(state.cached, len(prompt), CHUNK):
        yield PromptRead(start, len(prompt))
        logits = backend.evaluate(prompt[start : start + CHUNK], cancel)
    yield PromptRead(len(prompt), len(prompt))
    state.prefill_ms = _ms_since(state.started)
    assert logits is not None, "reuse leaves at least one prompt token"  # noqa: S101  (narrowing for mypy)
    loop = _Loop(backend, request.sampling, state, logits, cancel)
    for segment in request.segments:
        yield SegmentStarted(segment.name)
        yield from loop.run(segment)
    yield Finished(state.usage(), loop.complete)


def _fitting(backend: Backend, request: Request, cancel: CancelToken) -> tuple[tuple[str, ...], list[int]]:
    """The first prompt that leaves room for the answer, with what it lacks. Raises ModelRefused where none does."""
    room = backend.context - max(_LEAST, round(_LONGER * backend.count(request.answer)))
    for prompt in request.prompts:
        cancel.check()
        tokens = backend.encode(prompt)
        if len(tokens) <= room:
            return prompt.without, tokens
    raise ModelRefused("prompt_too_long", limit=backend.context)


class _Loop:
    """Writes segments one after another over the same cache."""

    def __init__(
        self, backend: Backend, sampling: Sampling, state: _State, logits: Logits, cancel: CancelToken
    ) -> None:
        self._backend, self._sampling, self._state, self._cancel = backend, sampling, state, cancel
        self._logits = logits
        self._rng = np.random.default_rng(sampling.seed)
        self._writer = _Writer(backend, state)
        self.complete = True

    def run(self, segment: Segment) -> Iterator[StreamEvent]:
        if segment.grammar is None:
            yield from self._free()
        else:
            yield from self._constrained(segment.grammar)

    def _free(self) -> Iterator[StreamEvent]:
        for _ in range(self._sampling.max_tokens):
            token = choose(self._logits, None, self._sampling, self._rng, self._state.recent)
            if token in self._backend.end:
                return
            yield self._writer.piece([token], forced=False)
            self._evaluate([token])
        self.complete = False

    def _constrained(self, grammar: str) -> Iterator[StreamEvent]:
        matcher = LLMatcher(self._backend.matcher_tokenizer, LLMatcher.grammar_from_lark(grammar))
        if matcher.is_error():
            raise ModelRefused("grammar_failed")
        pending: list[int] = []
        while True:
            forced = matcher.compute_ff_tokens()
            if forced:
                matcher.consume_tokens(forced)
                yield self._writer.piece(forced, forced=True)
            self._evaluate([*pending, *forced])
            if matcher.is_stopped() or matcher.is_error():
                break
            allowed = allowed_tokens(matcher.compute_bitmask(), self._backend.vocabulary)
            token = choose(self._logits, allowed, self._sampling, self._rng, self._state.recent)
            if token in self._backend.end:
                break
            matcher.consume_token(token)
            yield self._writer.piece([token], forced=False)
            pending = [token]
        if matcher.is_error():
            raise ModelRefused("grammar_failed")

    def _evaluate(self, tokens: Sequence[int]) -> None:
        """Nothing may be written past the context: the text would lose its beginning."""
        self._cancel.check()
        if self._state.prompt + self._state.completion >= self._backend.context:
            raise ModelRefused("prompt_too_long", limit=self._backend.context)
        for start in range(0, len(tokens), CHUNK):
            self._logits = self._backend.evaluate(tokens[start : start + CHUNK], self._cancel)
