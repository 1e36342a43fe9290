"""How fast a model drafts on this computer, with the built-in records alone: for whoever judges a computer."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine import services
from engine.cancellation import CancelToken
from engine.domain import Draft
from engine.inference import models, runtimes
from engine.inference.catalog import ModelEntry
from engine.inference.protocol import Threads
from engine.paths import resource

# In turns: what a draft has of the last one's prompt it need not read, and the same record twice would have all of it.
_SAMPLES: Final = ("angina", "days")
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Benched:
    """`done` of `total` drafts are written."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Times in milliseconds, medians of the drafts; speeds in tokens a second over all of them."""

    entry: ModelEntry
    drafts: int
    load: int  # the model's process started and the model loaded; the file was read before
    first_token: int
    draft: int  # from the record to the checked text
    slowest: int
    reading: float
    writing: float  # forced tokens count, too
    memory: int  # bytes that the model's process has held at most
    threads: Threads


def bench(model: str | None, backend: str | None, cancel: CancelToken) -> Iterator[Benched | Speed]:
    """Drafts the built-in records some times with one model; the last event is the result.

    Raises ModelRefused where the model is unknown, cannot be loaded, or left a draft to the template; Cancelled.
    """
    entry = models.find(model, backend, cancel)
    models.verified(entry, cancel)
    runtimes.unload()
    began = time.perf_counter()
    runtimes.loaded(entry, cancel)
    load = round((time.perf_counter() - began) * 1000)
    drafts: list[Draft] = []
    for seed in range(_ROUNDS):
        for name in _SAMPLES:
            options = services.DraftOptions(model=model, backend=backend, seed=seed, kept=False)
            made, cause = services.drafted(services.read(resource(f"samples/{name}.json")), options, cancel)
            if cause:
                raise cause
            drafts.append(made)
            yield Benched(len(drafts), _ROUNDS * len(_SAMPLES))
    yield _speed(entry, load, drafts)


def _speed(entry: ModelEntry, load: int, drafts: list[Draft]) -> Speed:
    used = [draft.usage for draft in drafts]
    read, written = sum(u.prompt_tokens - u.cached_tokens for u in used), sum(u.completion_tokens for u in used)
    return Speed(
        entry=entry,
        drafts=len(drafts),
        load=load,
        first_token=round(statistics.median(u.first_token_ms for u in used)),
        draft=round(statistics.median(d.processing_ms for d in drafts)),
        slowest=max(d.processing_ms for d in drafts),
        reading=read * 1000 / max(sum(u.prefill_ms for u in used), 1),
        writing=written * 1000 / max(sum(u.decode_ms for u in used), 1),
        memory=runtimes.peak_memory(),
        threads=runtimes.threads(),
    )
