"""What the model's own process costs, and how fast it obeys and comes back.

    python -m tests.benchmarks.isolation [--model ID|FILE] [--cancels N] [--loads N] [--starts N] [--deaths N]
        [--drafts N]

Cancels drafts at random moments, and loads, and measures until the process is idle (or was ended because it did not
obey in time); ends it in the middle of drafts and measures until the model is loaded again; writes the same drafts
with and without a process of its own, in turns. Times in milliseconds. Prints one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import threading
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

from engine import services
from engine.cancellation import CancelToken
from engine.drafting.prompt import Profile
from engine.drafting.writer import request
from engine.errors import Cancelled, RuntimeDied
from engine.inference import backends, models
from engine.inference.confinement import memory_limit
from engine.inference.models import ModelEntry
from engine.inference.protocol import Prompt, Request, Runtime, Sampling, StreamEvent
from engine.inference.supervisor import Confined, Supervisor
from engine.paths import resource


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def asked(entry: ModelEntry, number: int) -> Request:
    """A draft of which nothing was read before: its prompt begins with a number of its own."""
    evidence = services.evidence_of(services.read(resource("samples/days.json")))
    whole = request(evidence, cast(Profile, entry.prompt_profile), Sampling(seed=number), constrained=True)
    return replace(whole, prompts=tuple(_numbered(prompt, number) for prompt in whole.prompts))


def _numbered(prompt: Prompt, number: int) -> Prompt:
    first, *rest = prompt.messages
    return replace(prompt, messages=(replace(first, content=f"{number} {first.content}"), *rest))


def obeyed(work: Callable[[CancelToken], object], after: float) -> float | None:
    """Milliseconds from a cancel, so many milliseconds after the beginning, to the idle process; None where it came
    too late."""
    cancel, rang = CancelToken(), [0.0]

    def ring() -> None:
        rang[0] = time.perf_counter()
        cancel.cancel()

    alarm = threading.Timer(after / 1000, ring)
    alarm.start()
    try:
        work(cancel)
    except Cancelled:
        return (time.perf_counter() - rang[0]) * 1000
    finally:
        alarm.cancel()
    return None


class Bench:
    """One model in its own process."""

    def __init__(self, entry: ModelEntry) -> None:
        self.entry = entry
        self.spec = backends.ModelSpec(
            entry.backend, str(entry.path), entry.id, entry.sha256, entry.chat_template, entry.context
        )
        size = sum(part.size for part in models.verified(entry))
        self.model = Confined(self.spec, memory_limit(entry, size))
        self.runtime = Supervisor(self.model)
        self.rng = random.Random(1)

    def draft(self, number: int, cancel: CancelToken, runtime: Runtime | None = None) -> None:
        for _ in (runtime or self.runtime).stream(asked(self.entry, number), cancel):
            pass

    def cancels(self, count: int) -> dict[str, object]:
        whole = milliseconds(lambda: self.draft(count, CancelToken()))
        times, ended = [], 0
        for number in range(count):
            self.runtime.load(CancelToken())
            before = self.runtime.pid
            took = obeyed(lambda cancel, n=number: self.draft(n, cancel), self.rng.uniform(0, whole))  # type: ignore[misc]
            times += [took] if took is not None else []
            ended += self.runtime.pid != before
        return {**_told("cancel", times), "cancelProcessEnded": ended}

    def loads(self, count: int) -> dict[str, object]:
        """Cancels while the process starts and the model loads."""
        times = []
        for _ in range(count):
            runtime = Supervisor(self.model)
            took = obeyed(runtime.load, self.rng.uniform(0, 1000))
            times += [took] if took is not None else []
            runtime.close()
        return _told("cancelLoad", times)

    def starts(self, count: int) -> dict[str, object]:
        """Processor time of a process from its start to the loaded model, which does not depend on other work."""
        times = []
        for _ in range(count):
            before, runtime = os.times(), Supervisor(self.model)
            runtime.load(CancelToken())
            runtime.close()
            after = os.times()
            spent = after.children_user + after.children_system - before.children_user - before.children_system
            times.append(spent * 1000)
        return _told("startProcessor", times)

    def deaths(self, count: int) -> dict[str, object]:
        told, again = [], []
        for number in range(count):
            events = self.runtime.stream(asked(self.entry, number), CancelToken())
            next(events)
            assert self.runtime.pid
            os.kill(self.runtime.pid, signal.SIGKILL)
            told.append(milliseconds(lambda rest=events: _exhausted(rest)))  # type: ignore[misc]
            again.append(told[-1] + milliseconds(lambda: self.runtime.load(CancelToken())))
            self.draft(number, CancelToken())
        return {**_told("deathTold", told), **_told("restart", again)}

    def overhead(self, count: int) -> dict[str, object]:
        """The same drafts here and there, in turns."""
        here: Any = backends.open_runtime(self.spec, CancelToken())
        within, apart = [], []
        for number in range(count):
            within.append(milliseconds(lambda n=number: self.draft(n, CancelToken(), here)))  # type: ignore[misc]
            apart.append(milliseconds(lambda n=number: self.draft(n, CancelToken())))  # type: ignore[misc]
        here.close()
        ratio = statistics.median(b / a for a, b in zip(within, apart, strict=True)) if count else 0.0
        return {**_told("draftWithin", within), **_told("draftApart", apart), "apartOverWithin": round(ratio, 3)}


def _exhausted(events: Generator[StreamEvent, None, None]) -> None:
    with suppress(RuntimeDied):
        for _ in events:
            pass


def _told(name: str, times: list[float]) -> dict[str, object]:
    if not times:
        return {f"{name}s": 0}
    worst, middle = max(times), statistics.median(times)
    return {f"{name}s": len(times), f"{name}Median": round(middle, 1), f"{name}Worst": round(worst, 1)}


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--model")
    for name, usual in (("cancels", 100), ("loads", 20), ("starts", 5), ("deaths", 10), ("drafts", 10)):
        words.add_argument(f"--{name}", type=int, default=usual)
    args = words.parse_args()
    bench = Bench(models.find(args.model))
    start = milliseconds(lambda: bench.runtime.load(CancelToken()))
    found = {
        "model": args.model or "bundled",
        "startAndLoad": round(start),
        **bench.cancels(args.cancels),
        **bench.loads(args.loads),
        **bench.starts(args.starts),
        **bench.deaths(args.deaths),
        **bench.overhead(args.drafts),
        "processMemoryMB": round(bench.runtime.peak_memory / 1e6),
    }
    bench.runtime.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
