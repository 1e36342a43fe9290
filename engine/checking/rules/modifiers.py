"""«Aguda» or «crónica», «parcial» or «total», «estable» or «inestable»: as the record says of the same thing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

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
        head, modifier, others = _said(word.key, word.token.folded)
        if not others or i in alignment.quoted:
            continue
        plain = _plainly(alignment, i, head or _before(alignment, i), modifier)
        if plain is not None:
            yield _wrong(alignment, i, plain)
        elif " " not in word.key and {word.key, stem(word.token.folded)}.isdisjoint(own.get(i, ())):
            yield from _modifier(alignment, i, others)


def _wrong(alignment: Alignment, i: int, entry: Entry) -> Violation:
    token = alignment.reading.words[i].token
    said = alignment.reading.text[token.start : token.end]
    reason = f"La ficha dice «{entry.label}», no «{said}»."
    kind = ITEM_TYPE.get(entry.claim.kind, "dx")
    return violation(kind, alignment, token.start, token.end, reason, entry.claim.pointers)


@lru_cache(maxsize=8192)
def _said(key: str, folded: str) -> tuple[str, str, frozenset[str]]:
    """A modifier («aguda», the end of «DA»): what an abbreviation has before it, itself, and its opposites."""
    head, _, last = key.removeprefix("=").rpartition(" ")
    if key[:1] == "=" and head and opposites(last):
        return head, last, opposites(last)
    return "", folded, opposites(folded)


def _before(alignment: Alignment, i: int) -> str:
    before = alignment.reading.words[i - 1].token if i else None
    is_named = before is not None and before.sort == "word" and before.folded not in lexicon().function
    return before.folded if before and is_named else ""


def _plainly(alignment: Alignment, i: int, before: str, modifier: str) -> Entry | None:
    """The record has another of the group right after the same word, and this one never: «peritonitis primaria»."""
    if not before:
        return None
    others = "|".join(map(re.escape, opposites(modifier)))
    pattern = re.compile(rf"\b{re.escape(before)} (?:{others})(?:[oae]s?|es)?\b")
    found = next((e for e in alignment.record.entries if any(map(pattern.search, _ways(e)))), None)
    key = alignment.reading.words[i].key
    is_told = _told(alignment, before, modifier) or (" " in key and key in alignment.record.whole)
    return None if found is None or is_told else found


def _ways(entry: Entry) -> Iterator[str]:
    """The forms of a statement, and what its abbreviations stand for."""
    yield from map(flat, entry.claim.forms)
    yield from (key[1:] for key in entry.all_keys if key[:1] == "=" and " " in key)


def _modifier(alignment: Alignment, i: int, others: frozenset[str]) -> Iterator[Violation]:
    record, word = alignment.record, alignment.reading.words[i]
    near = neighbours(alignment.reading, i)
    same = _best(record, {stem(word.token.folded)}, near)[1]
    place, other = _best(record, others, near)
    before = next((w.token.folded for w in reversed(alignment.reading.words[:i]) if w.token.sort == "word"), "")
    if place is not None and other > same and not _told(alignment, before, word.token.folded):
        yield _wrong(alignment, i, record.entries[place.entry])


def _best(record: Record, stems: frozenset[str] | set[str], near: frozenset[str]) -> tuple[Place | None, int]:
    """The place of the record of one of these words that shares most of its neighbours, at least one."""
    found = [
        (p, len(p.near & near))
        for s in sorted(stems)
        for key in (s, *(f"={s}{end}" for end in "oea"))
        for p in record.places.get(key, ())
    ]
    place, score = max(found, key=lambda f: f[1], default=(None, 0))
    return (place, score) if score else (None, 0)


def _told(alignment: Alignment, before: str, modifier: str) -> bool:
    """The record has the modifier after the word that stands before it, alone or in a row: «anterior e inferior»."""
    row = r"(?:\w+(?:, | (?:y|e|o|u|ni) |-))*"
    pattern = re.compile(rf"\b{re.escape(before)}\W+{row}{re.escape(stem(modifier))}")
    return bool(before) and any(pattern.search(flat(leaf)) for leaf in alignment.record.leaves)
