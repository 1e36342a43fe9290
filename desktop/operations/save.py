"""Save the text of the editor as PDF."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from desktop.operations.services import Services
from desktop.tasks import Work
from engine.cancellation import CancelToken
from engine.domain import Attestation, Case, Declaration, Draft, Report
from engine.services import Review


@dataclass(frozen=True, slots=True)
class PdfSaved:
    path: Path
    text: str
    report: Report
    attestations: tuple[Attestation, ...]
    declarations: tuple[Declaration, ...]


def save_pdf(
    services: Services,
    case: Case,
    review: Review,
    draft: Draft,
    text: str,
    path: Path,
    attestations: tuple[Attestation, ...] = (),
    declarations: tuple[Declaration, ...] = (),
) -> Work:
    """Checks `text` once more, writes it with that report and yields one PdfSaved.

    The window never approves a document: what it saves is marked «borrador».
    """

    def work(token: CancelToken) -> Iterator[PdfSaved]:
        report = review.check(text, attestations)
        token.check()
        printed = replace(draft, text=text, report=report)
        services.export_pdf(case, printed, path, approved=False, declarations=declarations)
        yield PdfSaved(path, text, report, attestations, declarations)

    return work
