"""Draft, check, corrected draft, template: how one record comes to a text that passed the check."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final, TypeVar, cast

from engine import checking
from engine.cancellation import CancelToken
from engine.domain import (
    Checked,
    Draft,
    DraftEvent,
    FellBack,
    Loading,
    ModelRef,
    RecordWarning,
    Report,
    Retrying,
    Usage,
    Violation,
)
from engine.drafting.prompt import Profile
from engine.drafting.writer import Attempt, added, request
from engine.errors import EpicrisisError, ModelRefused, RuntimeDied
from engine.evidence import Evidence
from engine.inference import runtimes
from engine.inference.catalog import ModelEntry
from engine.inference.protocol import Request, Runtime, Sampling

MAX_CORRECTIONS: Final = 2
SECONDS_PER_ATTEMPT = 180.0
TEMPLATE: Final = ModelRef("plantilla", "", "template")
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class DraftOptions:
    """How one draft is wanted."""

    model: str | None = None  # id of the catalogue or a file; None: the bundled one
    backend: str | None = None  # "llama" | "onnx" | "template"; None: the model's
    seed: int = 0
    temperature: float = 0.3
    constrained: bool = True  # False: one free attempt, no correction, no fallback; for evaluation only
    kept: bool = True  # False: written anew and not kept, for what measures

    def again(self) -> DraftOptions:
        """The same with a seed that none of its attempts had: another text."""
        return replace(self, seed=self.seed + 1 + MAX_CORRECTIONS)


def written(
    evidence: Evidence, entry: ModelEntry | None, options: DraftOptions, cancel: CancelToken
) -> Generator[DraftEvent, None, Result]:
    """By the model, where there is one and what it writes is accepted; else by the template."""
    result = Result()
    if entry:
        try:
            yield from _by_model(evidence, entry, options, cancel, result)
        except ModelRefused as refusal:
            if not options.constrained:
                raise
            result.fallback = True
            yield FellBack(refusal)
        if not result.accepted and options.constrained and not result.fallback:
            result.fallback = True
            yield FellBack(ModelRefused("draft_rejected"))
    if entry is None or result.fallback:
        yield from _by_template(evidence, cancel, result)
    return result


def since(started: float) -> int:
    """Whole milliseconds since a moment of `time.perf_counter`."""
    return round((time.perf_counter() - started) * 1000)


@dataclass
class Result:
    """What the attempts have come to."""

    text: str = ""
    report: Report = field(default_factory=Report)
    model: ModelRef = TEMPLATE
    usage: Usage = field(default_factory=Usage)
    attempts: int = 0
    fallback: bool = False
    unread: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """An attempt was made and the last one passed the check."""
        return self.attempts > 0 and self.report.ok

    def take(self, attempt: Attempt, report: Report, model: ModelRef) -> Checked:
        self.text, self.report, self.model, self.unread = attempt.text, report, model, attempt.unread
        self.attempts += 1
        return Checked(report, self.attempts)

    def draft(self, evidence: Evidence, milliseconds: int) -> Draft:
        return Draft(
            text=self.text,
            report=self.report,
            warnings=(*checking.record_warnings(evidence), *_unread(self.unread)),
            model=self.model,
            generated_at=datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
            processing_ms=milliseconds,
            fallback=self.fallback,
            attempts=self.attempts,
            usage=self.usage,
        )


def _unread(parts: tuple[str, ...]) -> Iterator[RecordWarning]:
    """That the record is longer than the model's context, and what the model has not read of it."""
    if parts:
        yield RecordWarning("context", "", EpicrisisError(f"unread_{'_'.join(parts)}").message())


def _by_template(evidence: Evidence, cancel: CancelToken, result: Result) -> Iterator[DraftEvent]:
    attempt = Attempt()
    yield from attempt.from_template(evidence, cancel)
    yield result.take(attempt, checking.check(evidence, attempt.text), TEMPLATE)


def _by_model(
    evidence: Evidence, entry: ModelEntry, options: DraftOptions, cancel: CancelToken, result: Result
) -> Iterator[DraftEvent]:
    """The first draft and up to two corrected ones, each with the violations of the last as its correction."""
    runtime = yield from _twice(1, lambda: _loaded(entry, cancel, result))
    profile = cast(Profile, entry.prompt_profile)
    corrections: tuple[Violation, ...] = ()
    for number in range(1 + (MAX_CORRECTIONS if options.constrained else 0)):
        if number:
            yield Retrying(number + 1)
        sampling = Sampling(
            temperature=options.temperature, seed=options.seed + number, repeat_penalty=entry.repeat_penalty
        )
        asked = request(evidence, profile, sampling, constrained=options.constrained, corrections=corrections)
        attempt = yield from _twice(number + 1, partial(_attempt, runtime, asked, cancel))
        result.usage = added(result.usage, attempt.usage)
        yield result.take(
            attempt, checking.check(evidence, attempt.text), ModelRef(entry.id, entry.sha256, entry.backend)
        )
        if result.accepted:
            return
        corrections = tuple(v for v in result.report.violations if v.severity == "blocking")


def _twice(number: int, work: Callable[[], Generator[DraftEvent, None, _Made]]) -> Generator[DraftEvent, None, _Made]:
    """The work of one attempt, repeated once where the model's process died under it."""
    try:
        return (yield from work())
    except RuntimeDied as failure:
        yield Retrying(number, failure)
    return (yield from work())


def _loaded(entry: ModelEntry, cancel: CancelToken, result: Result) -> Generator[DraftEvent, None, Runtime]:
    yield Loading(0.0)
    loading = time.perf_counter()
    runtime = runtimes.loaded(entry, cancel)
    result.usage = replace(result.usage, load_ms=since(loading))
    yield Loading(1.0)
    return runtime


def _attempt(runtime: Runtime, asked: Request, cancel: CancelToken) -> Generator[DraftEvent, None, Attempt]:
    attempt = Attempt()
    yield from attempt.from_model(runtime, asked, cancel, seconds=SECONDS_PER_ATTEMPT)
    return attempt
