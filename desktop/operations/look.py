"""Look whether the model can draft on this computer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from desktop.operations.services import Services
from desktop.tasks import Work
from engine.cancellation import CancelToken
from engine.errors import EpicrisisError


@dataclass(frozen=True, slots=True)
class Looked:
    """The first thing that stands in the model's way; None where nothing does."""

    problem: EpicrisisError | None


def look_at_model(services: Services) -> Work:
    """Yields one Looked. Raises Cancelled."""

    def work(token: CancelToken) -> Iterator[Looked]:
        found = (check.problem for check in services.model_checks(token))
        yield Looked(next((problem for problem in found if problem), None))

    return work
