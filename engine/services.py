"""The use cases: read, draft, check, export. One screen long; everything else is below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.cancellation import CancelToken
from engine.domain import Case, Draft, DraftEvent, RecordWarning, Report


@dataclass(frozen=True, slots=True)
class DraftOptions:
    model: str | None = None  # id of the catalogue or a file; None: the bundled one
    backend: str = "llama"  # "llama" | "onnx" | "template"
    seed: int = 0
    temperature: float = 0.3
    constrained: bool = True


def read(source: Path | bytes) -> Case:
    """Reads one record. Raises InputRefused."""
    raise NotImplementedError


def draft(case: Case, options: DraftOptions, cancel: CancelToken) -> Iterator[DraftEvent]:
    """Writes the epicrisis; the last event is Done. Raises Cancelled, ModelRefused."""
    raise NotImplementedError


def check(case: Case, text: str) -> Report:
    """Checks any text against the record."""
    raise NotImplementedError


def record_warnings(case: Case) -> tuple[RecordWarning, ...]:
    """What the source itself contradicts."""
    raise NotImplementedError


def export_pdf(case: Case, draft: Draft, path: Path, *, approved: bool = False) -> None:
    """Writes the document whole or not at all."""
    raise NotImplementedError
