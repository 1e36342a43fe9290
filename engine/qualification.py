"""Is a model fit for this computer? The acceptance set is drafted with it and the figures decide."""

from __future__ import annotations

import json
import statistics
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache

from engine import services
from engine.cancellation import CancelToken
from engine.computer import memory_bytes, peak_memory, this_computer
from engine.domain import Case, Checked, Done, Report
from engine.errors import ModelRefused
from engine.inference import library, models, runtimes
from engine.inference.library import Verdict
from engine.paths import resource


@dataclass(frozen=True, slots=True)
class Qualifying:
    """`done` of `total` records are drafted; the last one took `seconds`."""

    done: int
    total: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """A line of resources/acceptance/thresholds.toml."""

    name: str
    reason: str
    least: float | None = None
    most: float | None = None

    def met(self, figure: float) -> bool:
        return (self.least is None or figure >= self.least) and (self.most is None or figure <= self.most)


@lru_cache(maxsize=1)
def thresholds() -> dict[str, Threshold]:
    """By the name of the figure."""
    table = tomllib.loads(resource("acceptance/thresholds.toml").read_text(encoding="utf-8"))
    return {figure: Threshold(**line) for figure, line in table.items()}


def acceptance_set() -> tuple[Case, ...]:
    """The project's own records, in their order."""
    lines = resource("acceptance/records.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(services.read(json.dumps(json.loads(line)["record"], ensure_ascii=False).encode()) for line in lines)


def qualify(model: str, cancel: CancelToken) -> Iterator[Qualifying | Verdict]:
    """Drafts the acceptance set with an installed model; the last event is the verdict, which is then kept.

    It stops early where the template had to write more records than are allowed: the rest could not change the
    verdict. Raises ModelRefused where the model is unknown or cannot be loaded, Cancelled (nothing is kept).
    """
    entry = next((e for e in models.installed() if e.id == model), None)
    if entry is None:
        raise ModelRefused("model_unknown", model=model)
    runtimes.loaded(entry, cancel)
    cases, tally = acceptance_set(), _Tally()
    for number, case in enumerate(cases, 1):
        seconds = tally.draft(case, entry.id, cancel)
        yield Qualifying(number, len(cases), seconds)
        if not thresholds()["fallback"].met(tally.fallbacks / len(cases)):
            break
    verdict = tally.verdict(entry)
    library.keep(verdict)
    yield verdict


def figures(verdict: Verdict) -> dict[str, float]:
    """What is compared with the thresholds, under their names."""
    return {
        "coverage": verdict.coverage,
        "violations": verdict.violations,
        "fallback": verdict.fallback,
        "seconds": verdict.seconds,
        "slowest": verdict.slowest,
        "memory": verdict.peak_memory * 1e6 / memory_bytes(),
    }


@dataclass
class _Tally:
    """Sums over the records drafted so far."""

    claims: int = 0
    told: int = 0
    violations: int = 0
    fallbacks: int = 0
    tokens: int = 0
    decode_ms: int = 0
    seconds: list[float] = field(default_factory=list)

    def draft(self, case: Case, model: str, cancel: CancelToken) -> float:
        """Drafts one record and counts it; how many seconds it took."""
        started = time.perf_counter()
        attempts: list[Report] = []
        for event in services.draft(case, services.DraftOptions(model=model, kept=False), cancel):
            if isinstance(event, Checked):
                attempts.append(event.report)
            elif isinstance(event, Done):
                self.seconds.append(time.perf_counter() - started)
                self._count(case, event, attempts[0])
        return self.seconds[-1]

    def _count(self, case: Case, done: Done, first: Report) -> None:
        """The coverage is that of the text that came out, the violations those of the first attempt."""
        draft = done.draft
        pointed = {(span.kind, pointer) for span in draft.report.spans for pointer in span.evidence}
        claims = services.evidence_of(case).claims
        self.claims += len(claims)
        self.told += sum(any((c.kind.value, p) in pointed for p in c.pointers) for c in claims)
        self.violations += sum(v.severity == "blocking" for v in first.violations)
        self.fallbacks += draft.fallback
        self.tokens += draft.usage.completion_tokens
        self.decode_ms += draft.usage.decode_ms

    def verdict(self, entry: models.ModelEntry) -> Verdict:
        records = len(self.seconds)
        found = Verdict(
            sha256=entry.sha256,
            version=services.version(),
            computer=this_computer(),
            at=datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
            suitable=False,
            failed=(),
            records=records,
            coverage=self.told / max(self.claims, 1),
            violations=self.violations / records,
            fallback=self.fallbacks / records,
            tokens_per_second=self.tokens * 1000 / max(self.decode_ms, 1),
            seconds=statistics.median(self.seconds),
            slowest=max(self.seconds),
            peak_memory=round((peak_memory() + runtimes.peak_memory()) / 1e6),
        )
        return _judged(found)


def _judged(found: Verdict) -> Verdict:
    measured = figures(found)
    failed = tuple(name for name, line in thresholds().items() if not line.met(measured[name]))
    return replace(found, suitable=not failed, failed=failed)
