"""Open a record."""

from __future__ import annotations

import hashlib
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
    source: bytes = b""  # as it was read, for the history


def read_record(services: Services, path: Path) -> Work:
    """Yields one RecordRead. Raises InputRefused."""

    def work(token: CancelToken) -> Iterator[RecordRead]:
        case, source = services.read(path), path.read_bytes()
        if hashlib.sha256(source).hexdigest() != case.sha256:
            case = services.read(source)  # another program wrote the file in between
        token.check()
        review = services.review(case)
        yield RecordRead(case, review, services.record_warnings(case), review.completeness(None), source)

    return work
