"""Statements told word for word but for a negation: «curación signos de infección», «sin Lasègue positivo».

The words alone do not show it where the record has them both ways.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checking.alignment import Alignment
from engine.checking.lexicon import lexicon
from engine.checking.modality import NEGATION, denied_on, denies
from engine.checking.quotes import Quote
from engine.checking.reading import Word
from engine.checking.record import Entry
from engine.checking.rules.common import violation
from engine.checking.units import flat
from engine.domain import Severity, Violation

_STEM = 6  # letters that tell where a form begins
_MANY = 3  # words that are more than grammar: told so nowhere else by chance
_LONG = 2  # content words: one alone stands in too many sentences


def check(alignment: Alignment) -> Iterator[Violation]:
    for quote in alignment.stripped:
        if not alignment.quoted.intersection(range(quote.first, quote.last + 1)):
            severity = _affirmed(alignment, quote)
            if severity:
                yield _turned(alignment, quote, severity)
        elif _once_too_often(alignment, quote):
            yield _turned(alignment, quote, "blocking")
    for quote in alignment.denied:
        if (_size(alignment, quote) >= _LONG or _positive(alignment, quote)) and not _denied_in_record(
            alignment, quote
        ):
            yield _turned(alignment, quote, "blocking")


def _once_too_often(alignment: Alignment, quote: Quote) -> bool:
    """A statement told more often than the record has it, beside the note that denies it and is not told to."""
    same = [q for q in alignment.quotes if (q.start, q.end) == (quote.start, quote.end)]
    told = [q.entries for q in alignment.quotes]
    if (
        not same
        or told.count(same[0].entries) <= len(same[0].entries)
        or any(set(quote.entries) & set(t) for t in told)
    ):
        return False
    entries = alignment.record.entries
    near = {quote.first - 2, quote.last + 2}
    beside = (entries[i].claim.note for q in alignment.quotes if near & {q.first, q.last} for i in q.entries)
    return any(entries[i].claim.note == note for note in beside for i in quote.entries)


def _turned(alignment: Alignment, quote: Quote, severity: Severity) -> Violation:
    entry = alignment.record.entries[quote.entries[0]]
    reason = f"La ficha dice «{entry.label}»; el texto cambia la negación."
    return violation("negation", alignment, quote.start, quote.end, reason, entry.claim.pointers, severity)


def _keys(alignment: Alignment, quote: Quote) -> list[str]:
    return [w.key for w in alignment.reading.words[quote.first : quote.last + 1] if w.key]


def _positive(alignment: Alignment, quote: Quote) -> bool:
    said = flat(alignment.reading.text[quote.start : quote.end])
    return "(+)" in said or "positiv" in said


def _size(alignment: Alignment, quote: Quote) -> int:
    return sum(map(_says, alignment.reading.words[quote.first : quote.last + 1]))


def _affirmed(alignment: Alignment, quote: Quote) -> Severity | None:
    """How surely the text affirms what the record denies, where no other statement of the part affirms it."""
    words = alignment.reading.words[quote.first : quote.last + 1]
    if _heads(alignment, quote) or _affirmed_in_record(alignment, quote):
        return None
    if sum(_says(w) for w in words) < _LONG:
        return "warning" if _apart(alignment, quote) and not _lists_denials(alignment, quote) else None
    if _within(alignment, quote):
        return "blocking"
    if all(w.modality == "affirmed" for w in words if w.key) or _after_affirmed(alignment, quote):
        return "blocking"
    return "warning" if _apart(alignment, quote) else None


def _lists_denials(alignment: Alignment, quote: Quote) -> bool:
    """«Sin fiebre, tos»: the statement before opens with its negation, which may reach on."""
    before = next((q for q in alignment.quotes if q.last == quote.first - 2), None)
    return before is not None and denies(alignment.reading.words[before.first].token)


def _affirmed_in_record(alignment: Alignment, quote: Quote) -> bool:
    """A statement of the part affirms the same: in its words, or word for word where there are many."""
    words = alignment.reading.words[quote.first : quote.last + 1]
    if sum(map(_says, words)) >= _MANY:
        said = flat(alignment.reading.text[quote.start : quote.end])
        return any(
            said in x.form and x.section == quote.section and not _denies(x.form, said)
            for x in alignment.record.literals
        )
    wanted = {w.key for w in words if w.key}
    return bool(wanted) and any(
        _affirms(e, wanted) for e in alignment.record.entries if e.claim.section == quote.section
    )


def _denies(form: str, said: str) -> bool:
    return NEGATION.search(form[: form.index(said) + 1]) is not None


def _says(word: Word) -> bool:
    """A content word, or a usual one that is more than grammar («signos de alarma»)."""
    return bool(word.key) or (word.token.sort == "word" and word.token.folded not in lexicon().function)


def _heads(alignment: Alignment, quote: Quote) -> bool:
    """«Signos de alarma:»"""
    following = alignment.reading.words[quote.last + 1 : quote.last + 2]
    return bool(following) and following[0].token.text == ":"


def _apart(alignment: Alignment, quote: Quote) -> bool:
    """Between marks, after a statement told whole: the negation of that one is its own, unless a «ni» follows."""
    words = alignment.reading.words
    before = any(q.last == quote.first - 2 for q in alignment.quotes)
    if not before or (quote.last + 1 < len(words) and words[quote.last + 1].token.sort != "mark"):
        return False
    rest = [w.token for w in words[quote.last + 1 :] if w.sentence == words[quote.last].sentence]
    return not denied_on(rest)


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
    """The record denies the first word somewhere, and the text tells that nowhere else: it may be told here."""
    said = _keys(alignment, quote)
    if not said:
        return False
    first = said[0]
    denying = {p.entry for p in alignment.record.places.get(first, ()) if p.modality == "negated"}
    told = {i for q in alignment.quotes for i in q.entries}
    return bool(denying - told)
