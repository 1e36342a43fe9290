"""How sure a finding is: what may well be another way to say what the record holds is told, and does not block.

Doses, drugs, codes, allergies and identity are never lowered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.checking import measures
from engine.checking.alignment import Alignment
from engine.checking.glosses import CLOSES, OPENS, is_general, names_a_disease
from engine.checking.paraphrase import retelling
from engine.checking.record import DIAGNOSES
from engine.checking.units import flat, unit
from engine.domain import Violation

_EXPLAINED = frozenset({"dx", "negation", "proc"})
_SMALL = 12  # counts of things that a writer makes on the way
_COUNTED = re.compile(r"\s?(?:mg|m?c?g|ml|ui?|%|/|mmol|meq|[.,:]\d|kg|cc|lpm|rpm|°)")


def weigh(found: Iterable[Violation], alignment: Alignment) -> Iterator[Violation]:
    """The violations, those that are not sure as warnings."""
    explained = tuple(_explanations(alignment))
    for violation in found:
        explains = any(s <= violation.start < violation.end <= e for s, e in explained)
        if explains and violation.type == "negation" and is_general(violation.mention):
            continue  # «infección de la membrana», where the record denies one of the wound
        is_doubtful = violation.severity == "blocking" and (
            (violation.type in _EXPLAINED and explains and not names_a_disease(violation.mention))
            or (violation.type == "number" and _may_follow(alignment, violation))
            or (violation.type == "date" and _is_brief(alignment, violation))
        )
        if violation.type == "number" and violation.severity == "warning" and _is_retold(alignment, violation):
            continue
        yield replace(violation, severity="warning") if is_doubtful else violation


def _is_retold(alignment: Alignment, violation: Violation) -> bool:
    """The number is that of a statement told in other words, in the place that tells it."""
    places = alignment.reading.starting(violation.start, violation.end)
    return bool(places) and retelling(alignment).retold.issuperset(places)


def _explanations(alignment: Alignment) -> Iterator[tuple[int, int]]:
    """«… (G93.1), que es daño cerebral por falta de oxígeno, …»: up to the next mark, unless a code follows."""
    folded = flat(alignment.reading.text)
    codes = {c.group for c in alignment.reading.codes}
    for mention in alignment.mentions:
        if alignment.record.entries[mention.entry].claim.kind not in DIAGNOSES or mention.run.code is None:
            continue
        opens = OPENS.match(folded, mention.run.code.end)
        closes = CLOSES.search(folded, opens.end()) if opens else None
        if opens and closes and closes.start() not in codes:
            yield opens.end(), closes.start()


def _may_follow(alignment: Alignment, violation: Violation) -> bool:
    """A small count without a unit, or a figure of the record rounded: it may be the writer's own reckoning."""
    after = flat(alignment.reading.text[violation.end : violation.end + 8])
    values = measures.values(flat(violation.mention))
    if not values or _COUNTED.match(after):
        return _is_rounded(alignment, values, after)
    return not violation.evidence and all(v <= _SMALL and v == int(v) for v in values)


def _is_rounded(alignment: Alignment, values: frozenset[float], after: str) -> bool:
    """«38 °C» for 38.2, where the record has the figure in that unit."""
    said = unit(re.split(r"[\s,.;)]", after.strip(), maxsplit=1)[0])
    near = (a for a in alignment.record.amounts if not a.unit or unit(a.unit) == said)
    return any(v == int(v) and r != int(r) and v in (int(r), round(r)) for a in near for r in a.values for v in values)


def _is_brief(alignment: Alignment, violation: Violation) -> bool:
    """«El 16»: a date told without its month may be read wrong. Days of stay («día 4») are no dates."""
    is_date = any(d.start == violation.start for d in alignment.reading.dates)
    return is_date and violation.mention.strip().isdigit()
