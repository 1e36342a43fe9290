"""What the constraint costs: compiling the grammars of one record, and its share of decoding.

    python -m tests.benchmarks.constraint [--model ID|FILE] [--limit N] [CORPUS.jsonl …]
    python -m tests.benchmarks.constraint --qwen FILE      builds a random model of the Qwen2.5-0.5B shape there first

The share is the time within the constraint engine (masks, forced runs, steps) and the unpacking of its masks, over the
time of decoding; compiling stands apart. Prints one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import llguidance

from engine import intake, services
from engine.cancellation import CancelToken
from engine.drafting import grammar, plan
from engine.evidence import build
from engine.inference import decoding, models, runtimes
from engine.inference.backends import ModelSpec, open_runtime
from engine.inference.catalog import ModelEntry
from engine.inference.protocol import Runtime
from tests.benchmarks.construction import ROOT, records
from tests.helpers.random_model import QWEN_0_5B, write_quantized_model

ITEMS = 60


class Clock:
    """Seconds within the functions that it watches."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def watched(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*args, **named)
            finally:
                self.seconds += time.perf_counter() - start

        return timed


@contextmanager
def watching(constraint: Clock, compiling: Clock) -> Iterator[None]:
    """Puts the clocks around what the decoding loop calls."""
    real_matcher, real_allowed = decoding.LLMatcher, decoding.allowed_tokens

    class Matcher:
        grammar_from_lark = staticmethod(real_matcher.grammar_from_lark)

        def __init__(self, *args: Any) -> None:
            self._real = compiling.watched(real_matcher)(*args)

        def __getattr__(self, name: str) -> Callable[..., Any]:
            return constraint.watched(getattr(self._real, name))

    decoding.LLMatcher = Matcher  # type: ignore[assignment,misc]
    decoding.allowed_tokens = constraint.watched(real_allowed)
    try:
        yield
    finally:
        decoding.LLMatcher, decoding.allowed_tokens = real_matcher, real_allowed  # type: ignore[misc]


def large_record() -> bytes:
    """A record of 60 items: 10 diagnoses, 10 procedures, 20 treatments, 20 discharge drugs."""
    record = json.loads((ROOT / "resources/samples/angina.json").read_text(encoding="utf-8"))
    several = {"diagnostico_ingreso": 5, "diagnostico_egreso": 5, "procedimientos": 10, "tratamientos_intrahosp": 20}
    for key, count in several.items():
        record[key] = [_numbered(record[key][0], n) for n in range(count)]
    drugs = record["indicaciones_alta"]["medicamentos"]
    record["indicaciones_alta"]["medicamentos"] = [_numbered(drugs[0], n) for n in range(20)]
    return json.dumps(record, ensure_ascii=False).encode()


def _numbered(item: dict[str, str], number: int) -> dict[str, str]:
    letters = "".join(chr(ord("a") + int(digit)) for digit in f"{number:02}")
    return {**item, "nombre": f"{item['nombre']} tipo {letters}"}


def compile_ms(tokenizer: llguidance.LLTokenizer) -> float:
    """Median milliseconds from the evidence of the 60-item record to five compiled grammars."""
    evidence = build(intake.read_case(large_record()))
    times = []
    for _ in range(9):
        start = time.perf_counter()
        for _, node in plan.build(evidence):
            matcher = llguidance.LLMatcher(tokenizer, llguidance.LLMatcher.grammar_from_lark(grammar.lark(node)))
            assert not matcher.is_error()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def within_this_process(entry: ModelEntry) -> Runtime:
    """The runtime where the clocks can see it; drafts are written with it from now on."""
    spec = ModelSpec(entry.backend, str(entry.path), entry.id, entry.sha256, entry.chat_template, entry.context)
    runtime = open_runtime(spec, CancelToken())
    runtimes.loaded = lambda _entry, _cancel: runtime
    return runtime


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("corpora", nargs="*", type=Path)
    words.add_argument("--model")
    words.add_argument("--qwen", type=Path)
    words.add_argument("--limit", type=int)
    args = words.parse_args()
    if args.qwen:
        write_quantized_model(args.qwen, ROOT / "build/vocab/ggml-vocab-qwen2.gguf", QWEN_0_5B)
    options = services.DraftOptions(model=str(args.qwen) if args.qwen else args.model)
    runtime: Any = within_this_process(models.find(options.model))
    constraint, compiling = Clock(), Clock()
    decode_ms = tokens = drafts = 0
    with watching(constraint, compiling):
        for _, data in records(args.corpora, args.limit):
            draft, _ = services.drafted(services.read(data), options, CancelToken())
            drafts += 1
            decode_ms += draft.usage.decode_ms
            tokens += draft.usage.completion_tokens
    shares = {
        "drafts": drafts,
        "compileMs60Items": round(compile_ms(runtime.matcher_tokenizer), 1),
        "compileMsADraft": round(compiling.seconds * 1000 / drafts, 1),
        "constraintShare": round(constraint.seconds * 1000 / max(decode_ms, 1), 3),
        "tokensPerSecond": round(tokens * 1000 / max(decode_ms, 1), 1),
    }
    print(json.dumps({"model": options.model or "bundled", **shares}))


if __name__ == "__main__":
    main()
