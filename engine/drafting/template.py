"""The drafter without a model: the preferred text of the record's own grammar."""

from __future__ import annotations

from collections.abc import Iterator

from engine.drafting.grammar import preferred
from engine.drafting.plan import Plan
from engine.evidence import Section


def sections(plan: Plan) -> Iterator[tuple[Section, str]]:
    """The five parts in order; joined they are the paragraph."""
    for section, node in plan:
        yield section, preferred(node)
