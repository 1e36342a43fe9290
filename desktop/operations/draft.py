"""Write a draft."""

from __future__ import annotations

from collections.abc import Iterator

from desktop.operations.services import Services
from desktop.tasks import Work
from engine.cancellation import CancelToken
from engine.domain import Case, DraftEvent
from engine.services import DraftOptions


def write_draft(services: Services, case: Case, options: DraftOptions) -> Work:
    """Yields the draft's events, the last one Done. Raises Cancelled, ModelRefused."""

    def work(token: CancelToken) -> Iterator[DraftEvent]:
        return services.draft(case, options, token)

    return work
