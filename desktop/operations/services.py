"""What the window asks of the engine; the module `engine.services` has this shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from engine.cancellation import CancelToken
from engine.domain import (
    Case,
    Declaration,
    Draft,
    DraftEvent,
    RecordWarning,
    Violation,
)
from engine.services import Check, DraftOptions, ModelChoice, Review


class Services(Protocol):
    """The use cases of `engine.services`, with its types and errors."""

    def offered_models(self) -> tuple[ModelChoice, ...]: ...

    def model_checks(self, cancel: CancelToken) -> Iterator[Check]: ...

    def read(self, source: Path | bytes) -> Case: ...

    def draft(self, case: Case, options: DraftOptions, cancel: CancelToken) -> Iterator[DraftEvent]: ...

    def review(self, case: Case) -> Review: ...

    def phrase_to_attest(self, text: str, violation: Violation) -> str: ...

    def record_warnings(self, case: Case) -> tuple[RecordWarning, ...]: ...

    def export_pdf(
        self,
        case: Case,
        draft: Draft,
        path: Path,
        *,
        approved: bool = False,
        declarations: Iterable[Declaration] = (),
    ) -> None: ...
