"""Check the text that stands in the editor, and what the law asks of the document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from desktop.tasks import Work
from engine.cancellation import CancelToken
from engine.domain import Attestation, Completeness, Declaration, Report
from engine.services import Review


@dataclass(frozen=True, slots=True)
class Rechecked:
    """The report, what the law asks, and the very text that they speak of (None: none was written yet)."""

    text: str | None
    report: Report
    gate: Completeness


def check_text(
    review: Review,
    text: str | None,
    attestations: Sequence[Attestation] = (),
    declarations: Sequence[Declaration] = (),
) -> Work:
    """Yields one Rechecked; without a text only the record is looked at."""

    def work(token: CancelToken) -> Iterator[Rechecked]:
        token.check()
        report = Report() if text is None else review.check(text, attestations)
        token.check()
        yield Rechecked(text, report, review.completeness(text, declarations, report=report))

    return work
