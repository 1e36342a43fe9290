"""The checker of one record: prepared once, asked for any text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from engine.checking import attesting, confidence, provenance, reach
from engine.checking.alignment import Alignment, align
from engine.checking.record import prepare
from engine.checking.rules import (
    allergies,
    codes,
    dates,
    days,
    drugs,
    form,
    identity,
    instructions,
    items,
    lists,
    modifiers,
    nearly,
    numbers,
    outcome,
    phrases,
    polarity,
    sides,
    tallies,
    terms,
    turned,
    unsupported,
)
from engine.domain import Attestation, Report, Violation
from engine.evidence import Evidence

_RULES: tuple[Callable[[Alignment], Iterator[Violation]], ...] = (
    codes.check,
    items.check,
    lists.check,
    drugs.check,
    dates.check,
    days.check,
    numbers.check,
    tallies.check,
    nearly.check,
    modifiers.check,
    sides.check,
    polarity.check,
    turned.check,
    instructions.check,
    phrases.check,
    allergies.check,
    identity.check,
    terms.check,
    outcome.check,
    unsupported.check,
    form.check,
)


class Checker:
    """Checks texts against one record; `check` may be called on each keystroke."""

    def __init__(self, evidence: Evidence) -> None:
        self._record = prepare(evidence)

    def check(self, text: str, attestations: Iterable[Attestation] = ()) -> Report:
        """Violations in the order of the text, and the stretches that carry facts.

        What a physician vouches for in `attestations` is no violation, where it may be vouched for.
        """
        alignment = align(self._record, text)
        reach.assign(alignment)
        found = confidence.weigh(_once(v for rule in _RULES for v in rule(alignment)), alignment)
        ordered = sorted(found, key=lambda v: (v.start, v.end, v.severity))
        report = Report(tuple(ordered), tuple(provenance.spans(alignment)))
        vouched = tuple(attestations)
        return attesting.apply(report, alignment, vouched) if vouched else report


def _once(found: Iterable[Violation]) -> list[Violation]:
    """Without what an earlier rule says of the same words; what is missing has no words to share."""
    kept: dict[object, Violation] = {}
    for v in found:
        kept.setdefault((v.type, v.start, v.end) if v.start < v.end else v, v)
    return list(kept.values())


def check(evidence: Evidence, text: str, attestations: Iterable[Attestation] = ()) -> Report:
    """Checks one text; keep a `Checker` where many texts of one record are checked."""
    return Checker(evidence).check(text, attestations)
