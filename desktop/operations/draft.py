"""Write a draft."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from desktop.operations.services import Services
from desktop.tasks import Work
from engine.cancellation import CancelToken
from engine.domain import Case, Completeness, Declaration, Done, Draft, DraftEvent
from engine.services import DraftOptions, Review


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft, and how it stands before the law."""

    draft: Draft
    gate: Completeness


def write_draft(
    services: Services, case: Case, review: Review, options: DraftOptions, declarations: Sequence[Declaration] = ()
) -> Work:
    """Yields the draft's events, with Drafted in the place of Done. Raises Cancelled, ModelRefused."""

    def work(token: CancelToken) -> Iterator[DraftEvent | Drafted]:
        for event in services.draft(case, options, token):
            if isinstance(event, Done):
                draft = event.draft
                yield Drafted(draft, review.completeness(draft.text, declarations, report=draft.report))
            else:
                yield event

    return work
