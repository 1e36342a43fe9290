"""«Aguda» or «crónica», «parcial» or «total», «estable» or «inestable»: as the record says of the same thing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.checking.alignment import Alignment
from engine.checking.attestable import opposites
from engine.checking.context import neighbours
from engine.checking.lexicon import lexicon, stem
from engine.checking.record import Entry, Place, Record
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
        if not others or i in alignment.quoted:
            continue
        plain = _plainly(alignment, i, others)
        if plain is not None:
            yield _wrong(alignment, i, plain)
        elif not said & set(own.get(i, ())):
            yield from _modifier(alignment, i, others)


def _wrong(alignment: Alignment, i: int, entry: Entry) -> Violation:
    token = alignment.reading.words[i].token
    reason = f"La ficha dice «{entry.label}», no «{token.text}»."
    kind = ITEM_TYPE.get(entry.claim.kind, "dx")
    return violation(kind, alignment, token.start, token.end, reason, entry.claim.pointers)


def _plainly(alignment: Alignment, i: int, others: frozenset[str]) -> Entry | None:
    """The record has another of the group right after the same word, and this one never: «peritonitis primaria»."""
    words = alignment.reading.words
    if not i or words[i - 1].token.sort != "word" or words[i - 1].token.folded in lexicon().function:
        return None
    before = re.escape(words[i - 1].token.folded)
    pattern = re.compile(rf"\b{before} (?:{'|'.join(map(re.escape, others))})(?:[oae]s?|es)?\b")
    found = next((e for e in alignment.record.entries for f in e.claim.forms if pattern.search(flat(f))), None)
    return None if found is None or _told(alignment, i) else found


def _modifier(alignment: Alignment, i: int, others: frozenset[str]) -> Iterator[Violation]:
    record, word = alignment.record, alignment.reading.words[i]
    near = neighbours(alignment.reading, i)
    same = _best(record, {stem(word.token.folded)}, near)[1]
    place, other = _best(record, others, near)
    if place is not None and other > same and not _told(alignment, i):
        yield _wrong(alignment, i, record.entries[place.entry])


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
