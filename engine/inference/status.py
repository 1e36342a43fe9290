"""How the models of this computer stand: there or missing, sound or altered, suitable or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.cancellation import CancelToken
from engine.computer import this_computer
from engine.errors import ModelRefused
from engine.inference import library, models
from engine.inference.catalog import ModelEntry
from engine.inference.library import Verdict

State = Literal["suitable", "unsuitable", "unqualified"]


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model as it is on this computer."""

    entry: ModelEntry
    problem: ModelRefused | None
    verdict: Verdict | None  # of these bytes, this program and this computer

    @property
    def state(self) -> State:
        if self.verdict is None:
            return "unqualified"
        return "suitable" if self.verdict.suitable else "unsuitable"

    @property
    def offered(self) -> bool:
        """May stand in the choice of a physician. The bundled model counts as qualified until it is measured here."""
        return self.problem is None and (self.state == "suitable" or (self.entry.bundled and self.verdict is None))


@dataclass(frozen=True, slots=True)
class Hashing:
    """`done` of `total` bytes of a model were read; the total is 0 where nobody published it."""

    model: str
    done: int
    total: int


def listed(version: str) -> tuple[ModelStatus, ...]:
    """The bundled and the added models, not rehashed. Raises ModelRefused where the list of these is damaged."""
    return tuple(status(entry, version) for entry in models.installed())


def status(entry: ModelEntry, version: str, problem: ModelRefused | None = None) -> ModelStatus:
    """Of one model; without a problem told, only its absence is looked for. Raises ModelRefused."""
    if problem is None and not entry.present:
        problem = ModelRefused("model_missing", model=entry.id)
    asked = (entry.sha256, version, this_computer())
    verdict = next((v for v in library.verdicts() if (v.sha256, v.version, v.computer) == asked), None)
    return ModelStatus(entry, problem, verdict)


def rehashed(version: str, cancel: CancelToken) -> Iterator[Hashing | ModelStatus]:
    """Every model of `listed`, its bytes read anew. Raises Cancelled, ModelRefused as `listed`."""
    for entry in models.installed():
        problem: ModelRefused | None = None
        work = models.checked(entry, cancel)
        try:
            for done in work:
                yield Hashing(entry.id, done, entry.size)
        except ModelRefused as refusal:
            problem = refusal
        yield status(entry, version, problem)


def is_offered(entry: ModelEntry, version: str) -> bool:
    """As `ModelStatus.offered`; a file that no list knows never is, nor any where the verdicts cannot be read."""
    try:
        return Path(entry.file).name == entry.file and status(entry, version).offered
    except ModelRefused:
        return entry.bundled
