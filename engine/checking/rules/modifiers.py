"""«Aguda» or «crónica», «parcial» or «total», «estable» or «inestable»: as the record says of the same thing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.checking.alignment import Alignment
from engine.checking.attestable import opposites
from engine.checking.context import neighbours
from engine.checking.lexicon import stem
from engine.checking.record import Place, Record
from engine.checking.rules.common import ITEM_TYPE, violation
from engine.checking.units import flat
from engine.domain import Violation


def check(alignment: Alignment) -> Iterator[Violation]:
    own = {
        i: alignment.record.entries[m.entry].all_keys
        for m in alignment.mentions
        for i in range(m.run.first, m.run.last + 1)
    }
    for i, word in enumerate(alignment.reading.words):
        others = opposites(word.token.folded)
        said = {word.key, stem(word.token.folded)}
        if others and i not in alignment.quoted and not said & set(own.get(i, ())):
            yield from _modifier(alignment, i, others)


def _modifier(alignment: Alignment, i: int, others: frozenset[str]) -> Iterator[Violation]:
    record, word = alignment.record, alignment.reading.words[i]
    near = neighbours(alignment.reading, i)
    same = _best(record, {stem(word.token.folded)}, near)[1]
    place, other = _best(record, others, near)
    if place is not None and other > same and not _told(alignment, i):
        entry = record.entries[place.entry]
        yield violation(
            ITEM_TYPE.get(entry.claim.kind, "dx"),
            alignment,
            word.token.start,
            word.token.end,
            f"La ficha dice «{entry.label}», no «{word.token.text}».",
            entry.claim.pointers,
        )


def _best(record: Record, stems: frozenset[str] | set[str], near: frozenset[str]) -> tuple[Place | None, int]:
    """The place of the record of one of these words that shares most of its neighbours, at least one."""
    found = [
        (p, len(p.near & near))
        for s in stems
        for key in (s, *(f"={s}{end}" for end in "oea"))
        for p in record.places.get(key, ())
    ]
    place, score = max(found, key=lambda f: f[1], default=(None, 0))
    return (place, score) if score else (None, 0)


def _told(alignment: Alignment, i: int) -> bool:
    """The record has the word right after the one that stands before it."""
    words = alignment.reading.words
    before = next((w.token.folded for w in reversed(words[:i]) if w.token.sort == "word"), "")
    pattern = re.compile(rf"\b{re.escape(before)}\W+{re.escape(stem(words[i].token.folded))}")
    return bool(before) and any(pattern.search(flat(leaf)) for leaf in alignment.record.leaves)
