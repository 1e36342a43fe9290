"""Right, left, both: as the record says of the same thing."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checking.alignment import Alignment
from engine.checking.context import beside, neighbours
from engine.checking.record import DRUGS, Entry, Place
from engine.checking.rules.common import violation
from engine.domain import Violation

SIDES = frozenset({"=derecho", "=izquierdo", "=bilateral"})
_NAMED = 2  # words of a name that tell it
_NAMES = {"=derecho": "derecho", "=izquierdo": "izquierdo", "=bilateral": "bilateral"}


def check(alignment: Alignment) -> Iterator[Violation]:
    own = {
        i: alignment.record.entries[m.entry].keys
        for m in alignment.mentions
        for i in range(m.run.first, m.run.last + 1)
    }
    after = {m.run.last + 1: alignment.record.entries[m.entry] for m in alignment.mentions}
    for i, word in enumerate(alignment.reading.words):
        if word.key not in SIDES or word.key in own.get(i, ()) or i in alignment.quoted:
            continue
        if i in after and after[i].claim.kind not in DRUGS and not _told_elsewhere(alignment, after[i], word.key):
            reason = f"La ficha no dice «{word.token.text}» de «{after[i].label}»."
            pointers = after[i].claim.pointers
            yield violation("laterality", alignment, word.token.start, word.token.end, reason, pointers, added=True)
        else:
            yield from _side(alignment, i)


def _told_elsewhere(alignment: Alignment, entry: Entry, side: str) -> bool:
    """A statement of the record has the side and the item's name, or two words of it."""
    name = {k for k in entry.keys if not k[:1].isdigit()}
    least = min(_NAMED, len(name))
    return any(side in e.all_keys and len(name & e.all_keys) >= least for e in alignment.record.entries)


def _side(alignment: Alignment, i: int) -> Iterator[Violation]:
    reading, record = alignment.reading, alignment.record
    word = reading.words[i]
    near, left = neighbours(reading, i), beside(reading, i, -1)
    same = max((_score(p, near, left, word.section) for p in record.places.get(word.key, ())), default=-1.0)
    others = [
        (p, _score(p, near, left, word.section)) for s in sorted(SIDES - {word.key}) for p in record.places.get(s, ())
    ]
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
        reason = f"La ficha no dice «{said}»."
        yield violation("laterality", alignment, word.token.start, word.token.end, reason, added=True)


def _score(place: Place, near: frozenset[str], left: str, section: str) -> float:
    return len(place.near & near) + (1.0 if left and left in place.near else 0.0) + 0.25 * (place.section == section)
