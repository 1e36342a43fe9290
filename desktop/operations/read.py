"""Open a record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from desktop.operations.services import Services
from desktop.tasks import Work
from engine.cancellation import CancelToken
from engine.domain import Case, Completeness, RecordWarning
from engine.services import Review


@dataclass(frozen=True, slots=True)
class RecordRead:
    """A record, made ready for its texts, what it contradicts in itself, and what it lacks of what the law asks."""

    case: Case
    review: Review
    warnings: tuple[RecordWarning, ...]
    gate: Completeness


def read_record(services: Services, path: Path) -> Work:
    """Yields one RecordRead. Raises InputRefused."""

    def work(token: CancelToken) -> Iterator[RecordRead]:
        case = services.read(path)
        token.check()
        review = services.review(case)
        yield RecordRead(case, review, services.record_warnings(case), review.completeness(None))

    return work
