"""What each number of threads gives, what the program chooses, and what flash attention would give.

    python -m tests.benchmarks.threads --model FILE.gguf [--prompt N] [--text N] [--rounds N]

Reads a prompt and writes a text of random tokens, in turns with each number of threads from 1 to the physical cores,
with flash attention off (as the program has it) and on; then as the program does, which chooses itself. Tokens a
second, medians. Prints one line of JSON. To be run on an idle computer, and again with one core kept busy.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import llama_cpp

from engine.cancellation import CancelToken
from engine.inference.cores import physical_cores
from engine.inference.decoding import CHUNK
from engine.inference.llama import LlamaRuntime
from engine.inference.threads import Pace


@contextmanager
def flash_attention(*, on: bool) -> Iterator[None]:
    """Of the models that are opened within."""
    usual = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
    llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED if on else usual
    try:
        yield
    finally:
        llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED = usual


class Bench:
    def __init__(self, model: Path, prompt: int, text: int) -> None:
        self.model, self.prompt, self.text = model, prompt, text

    def opened(self, *, flash: bool) -> LlamaRuntime:
        with flash_attention(on=flash):
            return LlamaRuntime(
                self.model, "chatml", self.prompt + self.text, CancelToken(), most=max(physical_cores(), 2)
            )

    def speeds(self, runtime: LlamaRuntime, seed: int) -> tuple[float, float]:
        """Of a prompt and of a text, in tokens a second."""
        rng, cancel = random.Random(seed), CancelToken()
        tokens = [rng.randrange(256, 1024) for _ in range(self.prompt + self.text)]
        runtime.reuse([-1])  # nothing of the last round
        began = time.perf_counter()
        for start in range(0, self.prompt, CHUNK):
            runtime.evaluate(tokens[start : min(start + CHUNK, self.prompt)], cancel)
        read = time.perf_counter()
        for token in tokens[self.prompt :]:
            runtime.evaluate([token], cancel)
        return self.prompt / (read - began), self.text / (time.perf_counter() - read)

    def measured(self, rounds: int) -> dict[str, Any]:
        sides = [(flash, threads) for flash in (False, True) for threads in range(1, physical_cores() + 1)]
        found: dict[tuple[bool, int], list[tuple[float, float]]] = {side: [] for side in sides}
        models = {flash: self.opened(flash=flash) for flash in (False, True)}
        for number in range(rounds):
            for flash, threads in sides:
                runtime = models[flash]
                runtime._reading, runtime._writing = Pace(threads, 1 << 30), Pace(threads, 1 << 30)
                found[flash, threads].append(self.speeds(runtime, number))
        for runtime in models.values():
            runtime.close()
        return {_name(flash, threads): _median(speeds) for (flash, threads), speeds in found.items()}

    def chosen(self, rounds: int) -> dict[str, Any]:
        runtime = self.opened(flash=False)
        speeds = [self.speeds(runtime, number) for number in range(rounds)]
        threads = asdict(runtime.threads)
        runtime.close()
        return {**threads, "first": _median(speeds[:1]), "later": _median(speeds[1:] or speeds)}


def _name(flash: bool, threads: int) -> str:
    return f"{threads} threads{', flash attention' if flash else ''}"


def _median(speeds: list[tuple[float, float]]) -> dict[str, float]:
    reading, writing = zip(*speeds, strict=True)
    return {"reading": round(statistics.median(reading), 1), "writing": round(statistics.median(writing), 1)}


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--model", type=Path, required=True)
    for name, usual in (("prompt", 700), ("text", 200), ("rounds", 5)):
        words.add_argument(f"--{name}", type=int, default=usual)
    args = words.parse_args()
    bench = Bench(args.model, args.prompt, args.text)
    print(json.dumps({"fixed": bench.measured(args.rounds), "chosen": bench.chosen(args.rounds)}))


if __name__ == "__main__":
    main()
