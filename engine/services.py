"""The use cases: read, draft, check, export. One screen; everything else is below."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path

from engine import checking, correction, documents, intake
from engine.answers import Answers, key_of
from engine.cancellation import CancelToken
from engine.correction import DraftOptions
from engine.domain import (
    Attestation,
    Case,
    Completeness,
    Declaration,
    Done,
    Draft,
    DraftEvent,
    FellBack,
    RecordWarning,
    Report,
    Violation,
)
from engine.errors import EpicrisisError, ModelRefused
from engine.evidence import build
from engine.inference import library, models, preflight, status
from engine.inference.catalog import ModelEntry
from engine.inference.library import Added, Copied, Verdict
from engine.inference.preflight import Check
from engine.inference.status import Hashing, ModelStatus

__all__ = [
    "Added",
    "Check",
    "Copied",
    "DraftOptions",
    "Hashing",
    "ModelChoice",
    "ModelEntry",
    "ModelStatus",
    "Review",
    "Verdict",
    "add_model",
    "check",
    "completeness",
    "draft",
    "drafted",
    "evidence_of",
    "export_pdf",
    "forget",
    "is_offered",
    "model_checks",
    "model_list",
    "offered_models",
    "phrase_to_attest",
    "read",
    "record_warnings",
    "review",
    "verify_models",
    "version",
    "write_whole",
]
# Whoever checks a text asks the gate next, of the same record; no more than that one is kept.
evidence_of = lru_cache(maxsize=1)(build)
_answers = Answers()


def forget() -> None:
    """Drops what the program keeps in memory of the records it has seen."""
    _answers.forget()
    evidence_of.cache_clear()


def read(source: Path | bytes) -> Case:
    """Reads one record. Raises InputRefused."""
    return intake.read_case(source) if isinstance(source, bytes) else intake.read_file(source)


def draft(case: Case, options: DraftOptions, cancel: CancelToken) -> Iterator[DraftEvent]:
    """Writes the epicrisis, or gives the one already written of the same; the last event is Done.

    Raises Cancelled; ModelRefused only for an unknown model.
    """
    started = time.perf_counter()
    cancel.check()
    entry = None if options.backend == "template" else models.find(options.model, options.backend, cancel)
    key = _key(case, entry, options) if entry and options.kept else ""
    given = _answers.given(key)
    if given:
        yield Done(replace(given, cached=True, processing_ms=correction.since(started)))
        return
    result = yield from correction.written(evidence_of(case), entry, options, cancel)
    made = result.draft(evidence_of(case), correction.since(started))
    if key and not made.fallback:  # a model that failed may not fail the next time
        _answers.keep(key, made)
    yield Done(made)


def _key(case: Case, entry: ModelEntry, options: DraftOptions) -> str:
    settings = options.seed, options.temperature, options.constrained
    return key_of(case, asdict(entry), *settings, version())


def drafted(case: Case, options: DraftOptions, cancel: CancelToken) -> tuple[Draft, EpicrisisError | None]:
    """The draft without its events, and why the template took over where it did. Raises as `draft`."""
    cause = None
    for event in draft(case, options, cancel):
        if isinstance(event, FellBack):
            cause = event.cause
        if isinstance(event, Done):
            return event.draft, cause
    raise AssertionError("drafting ends with Done")


class Review:
    """One record made ready for any number of texts: what is asked again after each edit costs only the edit."""

    def __init__(self, case: Case) -> None:
        self._evidence = evidence_of(case)
        self._checker = checking.Checker(self._evidence)

    def check(self, text: str, attestations: Sequence[Attestation] = ()) -> Report:
        """Checks any text against the record and what a physician vouches for beyond it."""
        return self._checker.check(text, attestations)

    def completeness(
        self, text: str | None, declarations: Iterable[Declaration] = (), *, report: Report | None = None
    ) -> Completeness:
        """What Ley 20.584 art. 11 asks of the document and how it stands; `None`: no text was written yet.

        `report` is the check of this very text, where it was just made.
        """
        found = report if report or text is None else self.check(text)
        return checking.completeness(self._evidence, text, found, declarations)


def review(case: Case) -> Review:
    """For one record and many texts."""
    return Review(case)


def check(case: Case, text: str, attestations: Sequence[Attestation] = ()) -> Report:
    """One check, as `Review.check`."""
    return Review(case).check(text, attestations)


def phrase_to_attest(text: str, violation: Violation) -> str:
    """The words of the text that a physician would vouch for to keep what this violation names."""
    return checking.proposal(text, violation)


def completeness(
    case: Case, text: str | None, declarations: Iterable[Declaration] = (), *, report: Report | None = None
) -> Completeness:
    """What the law asks of one text, as `Review.completeness`."""
    return Review(case).completeness(text, declarations, report=report)


def record_warnings(case: Case) -> tuple[RecordWarning, ...]:
    """What the source itself contradicts."""
    return checking.record_warnings(evidence_of(case))


def export_pdf(
    case: Case, draft: Draft, path: Path, *, approved: bool = False, declarations: Iterable[Declaration] = ()
) -> None:
    """Writes the document whole or not at all, with what was declared «No consignado». Raises EpicrisisError.

    An approved one is refused while its text has blocking violations (`approval_blocked`) or something that
    Ley 20.584 art. 11 asks is missing (`approval_incomplete`); the text is checked anew for it.
    """
    if approved:
        vouched = tuple(place.attestation for place in draft.report.attested)
        draft = replace(draft, report=check(case, draft.text, vouched))
    gate = completeness(case, draft.text, declarations, report=draft.report)
    if approved:
        _refuse_approval(draft.report, gate)
    document = documents.render_pdf(case, draft, approved=approved, version=version(), declared=gate.declared)
    documents.write_whole(path, document)


def _refuse_approval(report: Report, gate: Completeness) -> None:
    blocking = sum(violation.severity == "blocking" for violation in report.violations)
    if blocking:
        raise EpicrisisError("approval_blocked", count=blocking)
    if not gate.ok:
        raise EpicrisisError("approval_incomplete", count=len(gate.missing))


def version() -> str:
    """The program's version."""
    return importlib.metadata.version("epicrisis")


def model_list() -> tuple[ModelStatus, ...]:
    """The bundled and the added models. Raises ModelRefused where the list of these is damaged."""
    return status.listed(version())


def model_checks(cancel: CancelToken) -> Iterator[Check]:
    """Each thing that may keep the default model from drafting on this computer, looked at. Raises Cancelled."""
    return preflight.preflight(models.find(None), cancel)


def verify_models(cancel: CancelToken) -> Iterator[Hashing | ModelStatus]:
    """The same, every file read and hashed. Raises Cancelled, ModelRefused."""
    return status.rehashed(version(), cancel)


def add_model(source: Path, cancel: CancelToken) -> Iterator[Copied | Added]:
    """Imports a GGUF file or an ONNX folder; the last event is Added. Raises EpicrisisError, Cancelled."""
    return library.add(source, cancel)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that a physician may choose."""

    id: str
    name: str
    bundled: bool


def offered_models() -> tuple[ModelChoice, ...]:
    """Those that are qualified for this computer, the default one first; none where only the template may write."""
    try:
        found = tuple(s.entry for s in model_list() if s.offered)
    except ModelRefused:  # the list of the added ones is damaged; `models list` tells it
        found = tuple(e for e in models.catalog() if e.bundled and status.is_offered(e, version()))
    return tuple(ModelChoice(entry.id, entry.name, entry.bundled) for entry in found if not entry.twin)


def is_offered(options: DraftOptions, cancel: CancelToken) -> bool:
    """Whether a physician may be offered what these options say. Raises ModelRefused (an unknown model), Cancelled."""
    if options.backend == "template":
        return True
    return status.is_offered(models.find(options.model, options.backend, cancel), version())


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all. Raises EpicrisisError."""
    documents.write_whole(path, data)
