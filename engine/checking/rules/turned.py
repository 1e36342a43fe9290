"""Statements told word for word but for a negation: «curación signos de infección», «sin Lasègue positivo».

The words alone do not show it where the record has them both ways.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checking.alignment import Alignment
from engine.checking.quotes import Quote
from engine.checking.record import Entry
from engine.checking.rules.common import violation
from engine.checking.units import flat
from engine.domain import Violation

_STEM = 6  # letters that tell where a form begins
_LONG = 2  # content words: one alone stands in too many sentences


def check(alignment: Alignment) -> Iterator[Violation]:
    for quote in alignment.stripped:
        if not alignment.quoted.intersection(range(quote.first, quote.last + 1)) and _affirmed(alignment, quote):
            yield _turned(alignment, quote)
    for quote in alignment.denied:
        if (_size(alignment, quote) >= _LONG or _positive(alignment, quote)) and not _denied_in_record(
            alignment, quote
        ):
            yield _turned(alignment, quote)


def _turned(alignment: Alignment, quote: Quote) -> Violation:
    entry = alignment.record.entries[quote.entries[0]]
    reason = f"La ficha dice «{entry.label}»; el texto cambia la negación."
    return violation("negation", alignment, quote.start, quote.end, reason, entry.claim.pointers)


def _keys(alignment: Alignment, quote: Quote) -> list[str]:
    return [w.key for w in alignment.reading.words[quote.first : quote.last + 1] if w.key]


def _positive(alignment: Alignment, quote: Quote) -> bool:
    said = flat(alignment.reading.text[quote.start : quote.end])
    return "(+)" in said or "positiv" in said


def _size(alignment: Alignment, quote: Quote) -> int:
    return len(_keys(alignment, quote))


def _affirmed(alignment: Alignment, quote: Quote) -> bool:
    """The text affirms what the record denies, and no other statement of the part affirms it."""
    words = [w for w in alignment.reading.words[quote.first : quote.last + 1] if w.key]
    if len(words) < _LONG:
        return False
    if _within(alignment, quote):
        return True
    if any(w.modality != "affirmed" for w in words) and not _after_affirmed(alignment, quote):
        return False
    wanted = {w.key for w in words}
    return not any(_affirms(e, wanted) for e in alignment.record.entries if e.claim.section == quote.section)


def _within(alignment: Alignment, quote: Quote) -> bool:
    """The lost negation stood inside: «deambula apoyo» says nothing that a «sin» further back could deny."""
    said = flat(alignment.reading.text[quote.start : quote.end])[:_STEM]
    forms = [flat(f) for i in quote.entries for f in alignment.record.entries[i].claim.forms]
    return any(f.startswith(said) for f in forms)


def _after_affirmed(alignment: Alignment, quote: Quote) -> bool:
    """Right after a statement that is affirmed: no negation before that one reaches further."""
    before = next((q for q in alignment.quotes if q.last == quote.first - 2), None)
    return before is not None and alignment.record.entries[before.entries[0]].claim.polarity == "affirmed"


def _affirms(entry: Entry, wanted: set[str]) -> bool:
    told = {w.key for w in entry.name.words if w.key and w.modality == "affirmed"}
    return wanted <= told


def _denied_in_record(alignment: Alignment, quote: Quote) -> bool:
    """The record denies the first word somewhere: the text may tell that."""
    first = _keys(alignment, quote)[0]
    return any(p.modality == "negated" for p in alignment.record.places.get(first, ()))
