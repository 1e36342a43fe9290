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
    """A draft, how it stands before the law, and what was asked for it."""

    draft: Draft
    gate: Completeness
    options: DraftOptions


def write_draft(
    services: Services, case: Case, review: Review, options: DraftOptions, declarations: Sequence[Declaration] = ()
) -> Work:
    """Yields the draft's events, with Drafted in the place of Done. Raises Cancelled, ModelRefused."""

    def work(token: CancelToken) -> Iterator[DraftEvent | Drafted]:
        for event in services.draft(case, options, token):
            if isinstance(event, Done):
                draft = event.draft
                gate = review.completeness(draft.text, declarations, report=draft.report)
                yield Drafted(draft, gate, options)
            else:
                yield event

    return work
