"""Check the text that stands in the editor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from desktop.operations.services import Services
from desktop.tasks import Work
from engine.cancellation import CancelToken
from engine.domain import Attestation, Case, Report


@dataclass(frozen=True, slots=True)
class Rechecked:
    """The report and the very text that it speaks of."""

    text: str
    report: Report


def check_text(services: Services, case: Case, text: str, attestations: Sequence[Attestation] = ()) -> Work:
    """Yields one Rechecked."""

    def work(token: CancelToken) -> Iterator[Rechecked]:
        token.check()
        yield Rechecked(text, services.check(case, text, attestations))

    return work
