"""The completeness gate of Ley 20.584 art. 11: the record and the text against each thing that the law asks.

The document is the paragraph and the printed tables together. A datum that the record lacks is missing until a
physician declares it «No consignado», also where the record says that there is nothing to tell: intake keeps no
difference between an empty list and an absent field, and neither proves that somebody looked. What the record holds
and the text omits is missing too, and cannot be declared away. Whether the text is right is the checker's to say.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.checking.gaps import Finding, Look, sentences
from engine.checking.requirements import findings
from engine.domain import Completeness, Declaration, Report, Requirement
from engine.evidence import Evidence


def completeness(
    evidence: Evidence, text: str | None, report: Report | None, declarations: Iterable[Declaration] = ()
) -> Completeness:
    """How each requirement stands, in the order of the law.

    `report` is the check of `text`; without a text only the record is looked at. Of several declarations of one
    requirement the last counts; one of a requirement that is not missing changes nothing.
    """
    declared = {d.requirement: d for d in declarations}
    look = Look(evidence, text, report or Report())
    return Completeness(tuple(_judged(found, declared.get(found.id)) for found in findings(look)))


def _judged(found: Finding, declaration: Declaration | None) -> Requirement:
    gaps = found.gaps
    if not gaps:
        return Requirement(found.id, "met", found.met, found.evidence)
    declarable = not any(gap.in_text for gap in gaps)
    accepted = declaration if declarable else None
    return Requirement(
        found.id,
        "declared" if accepted else "missing",
        sentences(gaps),
        tuple(dict.fromkeys(p for gap in gaps for p in gap.evidence)),
        gaps[0].pointer,
        declarable,
        accepted,
    )
