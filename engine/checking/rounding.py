"""Figures said roundly: «casi 200 mg/L» of 192, «unos 150 ml», «algo más de 8» of 8.2."""

from __future__ import annotations

from engine.checking.alignment import Alignment
from engine.checking.context import neighbours
from engine.checking.record import DRUGS, number, root, unit_after
from engine.checking.units import unit
from engine.evidence import Kind

_ABOUT = frozenset(
    "casi cerca unos unas alrededor aproximadamente aprox torno algo poco apenas proximo proxima cercano cercana "
    "bordea bordeando bordeaba rondaba ronda rozando redondeando sobre".split()
)
_BEFORE = 4  # words before the figure in which that is said
_NEAR = 0.1  # of the figure of the record


def is_rounded(alignment: Alignment, i: int) -> bool:
    """A figure said to be rough, near one that the record has of the same thing in that unit; none of a drug."""
    words, reading = alignment.reading.words, alignment.reading
    said = {w.token.folded for w in words[max(0, i - _BEFORE) : i] if w.sentence == words[i].sentence}
    if said.isdisjoint(_ABOUT):
        return False
    here, near = unit(unit_after(reading, i)), {root(k) for k in neighbours(reading, i)}
    return any(
        alignment.record.entries[a.entry].claim.kind not in (*DRUGS, Kind.HABITUAL)
        and unit(a.unit) in (here, "")
        and not near.isdisjoint(root(k) for k in (a.left, *a.near) if k)
        and any(abs(v - r) <= _NEAR * r for v in number(words[i]) for r in a.values)
        for a in alignment.record.amounts
    )
