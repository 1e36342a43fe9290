"""Right, left, both: as the record says of the same thing."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checking.alignment import Alignment
from engine.checking.context import beside, neighbours
from engine.checking.record import Place
from engine.checking.rules.common import added, violation
from engine.domain import Violation

SIDES = frozenset({"=derecho", "=izquierdo", "=bilateral"})
_NAMES = {"=derecho": "derecho", "=izquierdo": "izquierdo", "=bilateral": "bilateral"}


def check(alignment: Alignment) -> Iterator[Violation]:
    own = {
        i: alignment.record.entries[m.entry].keys
        for m in alignment.mentions
        for i in range(m.run.first, m.run.last + 1)
    }
    for i, word in enumerate(alignment.reading.words):
        if word.key in SIDES and word.key not in own.get(i, ()) and i not in alignment.quoted:
            yield from _side(alignment, i)


def _side(alignment: Alignment, i: int) -> Iterator[Violation]:
    reading, record = alignment.reading, alignment.record
    word = reading.words[i]
    near, left = neighbours(reading, i), beside(reading, i, -1)
    same = max((_score(p, near, left, word.section) for p in record.places.get(word.key, ())), default=-1.0)
    others = [(p, _score(p, near, left, word.section)) for s in SIDES - {word.key} for p in record.places.get(s, ())]
    place, other = max(others, key=lambda o: o[1], default=(None, -1.0))
    said = word.token.text
    if place is not None and other > same:
        entry = record.entries[place.entry]
        yield violation(
            "laterality",
            alignment,
            word.token.start,
            word.token.end,
            f"La ficha dice {_NAMES[place.key]} («{entry.label}»), no {said}.",
            entry.claim.pointers,
        )
    elif same < 0:
        yield added("laterality", alignment, word.token.start, word.token.end, f"La ficha no dice «{said}».")


def _score(place: Place, near: frozenset[str], left: str, section: str) -> float:
    return len(place.near & near) + (1.0 if left and left in place.near else 0.0) + 0.25 * (place.section == section)
