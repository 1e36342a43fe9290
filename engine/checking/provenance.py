"""Which fields of the record support which stretch of the text."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checking.alignment import Alignment, Mention
from engine.checking.record import LISTED, Entry, root
from engine.domain import Span


def spans(alignment: Alignment) -> list[Span]:
    """Names, codes, details and dates of items; statements, by the words that they share with the record."""
    found = [*_items(alignment), *_dates(alignment), *_statements(alignment)]
    return sorted(dict.fromkeys(found), key=lambda s: (s.start, s.end, s.kind))


def _items(alignment: Alignment) -> Iterator[Span]:
    for mention in alignment.mentions:
        entry = alignment.record.entries[mention.entry]
        pointers = entry.claim.pointers
        yield Span(mention.run.start, mention.run.end, pointers[:1], entry.claim.kind.value)
        if mention.run.code and mention.run.code.value == entry.claim.code:
            yield Span(mention.run.code.start, mention.run.code.end, pointers[1:2] or pointers, "code")
        yield from _details(mention, entry)


def _details(mention: Mention, entry: Entry) -> Iterator[Span]:
    for measure in mention.owned:
        for detail in entry.details:
            if any(measure.same(m) for m in detail.measures):
                yield Span(measure.start, measure.end, (detail.attribute.pointer,), measure.kind)
                break


def _dates(alignment: Alignment) -> Iterator[Span]:
    for found in alignment.reading.dates:
        pointers = [
            a.pointer
            for e in alignment.record.entries
            for a in e.claim.attributes
            if a.kind == "date" and found.fits(a.value)
        ]
        pointers += [
            p
            for e in alignment.record.entries
            if e.claim.date and found.fits(e.claim.date)
            for p in e.claim.pointers[-1:]
        ]
        stay = alignment.record.evidence.case.stay
        pointers += [leaf.pointer for leaf in (stay.start, stay.end) if leaf and found.fits(leaf.value)]
        if pointers:
            yield Span(found.start, found.end, tuple(dict.fromkeys(pointers)), "date")


def _statements(alignment: Alignment) -> Iterator[Span]:
    """Each clause of the text outside the lists, with the statements that it tells."""
    listed = {i for m in alignment.mentions for i in range(m.run.first, m.run.last + 1)}
    clauses: dict[int, list[int]] = {}
    for i, word in enumerate(alignment.reading.words):
        if i not in listed and word.key:
            clauses.setdefault(word.clause, []).append(i)
    for indexes in clauses.values():
        yield from _clause(alignment, indexes)


def _clause(alignment: Alignment, indexes: list[int]) -> Iterator[Span]:
    words = alignment.reading.words
    told = {root(words[i].key) for i in indexes}
    scored = [
        (len(told & {root(k) for k in e.all_keys}), e) for e in alignment.record.entries if e.claim.kind not in LISTED
    ]
    best = max((s for s, _ in scored), default=0)
    if best and best * 2 >= len(told):
        entry = next(e for s, e in scored if s == best)
        yield Span(
            words[indexes[0]].token.start, words[indexes[-1]].token.end, entry.claim.pointers, entry.claim.kind.value
        )
