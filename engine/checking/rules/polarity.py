"""Negation and certainty: a word affirmed, negated or suspected in the text as in the record.

The record's places of a word compete by the neighbours that they share with the text; the text is right where the best
place, or one as good, has its polarity.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from engine.checking import modality
from engine.checking.alignment import Alignment
from engine.checking.context import neighbours
from engine.checking.families import family
from engine.checking.purposes import told_as_purpose
from engine.checking.reading import Word
from engine.checking.record import DIAGNOSES, Place
from engine.checking.rules.common import violation
from engine.checking.rules.terms import sort_of
from engine.domain import Violation, ViolationType
from engine.evidence import Section

_OPPOSITES = {"fiebr": ("=afebril",), "febril": ("=afebril",), "=afebril": ("fiebr", "febril")}
_NO_MORE = frozenset([("ya", "no"), ("ya", "sin"), ("ahora", "sin"), ("dejo", "de"), ("nunca", "mas")])
_FAR = 8  # words in which «ya no» still speaks
_LATER = frozenset({Section.COURSE, Section.DISCHARGE})
_SAYS = {"affirmed": "lo afirma", "negated": "lo niega", "suspected": "lo da como sospecha", "open": ""}


def check(alignment: Alignment) -> Iterator[Violation]:
    in_item = {i: m for m in alignment.mentions for i in range(m.run.first, m.run.last + 1)}
    owned = {m.start for mention in alignment.mentions for m in (*mention.owned, *mention.shared)}
    measured = [m for m in alignment.reading.measures if m.kind == "sos" or m.start in owned]
    in_need = {i for m in measured for i in alignment.reading.starting(m.start, m.end)}
    in_need |= told_as_purpose(alignment)
    for i, word in enumerate(alignment.reading.words):
        if (
            not word.key
            or i in in_need
            or word.token.sort != "word"
            or word.modality == "open"
            or i in alignment.quoted
            or _heads(alignment, i)
        ):
            continue
        mention = in_item.get(i)
        own = (
            [w.modality for w in alignment.record.entries[mention.entry].name.words if w.key == word.key]
            if mention
            else []
        )
        if mention and own:
            if not any(modality.agree(word.modality, m) for m in own):
                entry = alignment.record.entries[mention.entry]
                yield _opposed(
                    alignment, word, own[0], entry.claim.pointers, is_diagnosis=entry.claim.kind in DIAGNOSES
                )
            continue
        yield from _free(alignment, i, word)


def _heads(alignment: Alignment, i: int) -> bool:
    """«Alergias:», «Alergias registradas:» is a heading and states nothing."""
    words = alignment.reading.words
    opens = i == 0 or words[i - 1].sentence != words[i].sentence
    return opens and any(w.token.text == ":" for w in words[i + 1 : i + 3])


def _free(alignment: Alignment, i: int, word: Word) -> Iterator[Violation]:
    near = neighbours(alignment.reading, i)
    right = wrong = -1.0
    against: Place | None = None
    for place, agrees in _places(alignment, word):
        score = len(near & place.near) + 0.5 * (place.section == word.section)
        if agrees:
            right = max(right, score)
        elif score > wrong:
            wrong, against = score, place
    if against is not None and right >= 0 and _later(alignment, i, word, against):
        return
    if against is not None and wrong > right and _tells(word, against, near):
        entry = alignment.record.entries[against.entry]
        recorded = against.modality if against.key not in _OPPOSITES.get(word.key, ()) else "negated"
        is_diagnosis = entry.claim.kind in DIAGNOSES
        yield _opposed(alignment, word, recorded, entry.claim.pointers, is_diagnosis=is_diagnosis)


def _later(alignment: Alignment, i: int, word: Word, against: Place) -> bool:
    """«Ya no hay dolor», or the reason for admission denied in a later part: it was, and is no more."""
    if word.modality != "negated":
        return False
    before = [w.token.folded for w in alignment.reading.words[max(0, i - _FAR) : i] if w.sentence == word.sentence]
    no_more = any(pair in _NO_MORE for pair in pairwise(before))
    return no_more or (against.section is Section.ADMISSION and word.section in _LATER)


def _tells(word: Word, place: Place, near: frozenset[str]) -> bool:
    """The text speaks of what the record denies or affirms there: «trastorno» alone may be another disorder."""
    families = {family(k) for k in near}
    return not place.near or any(family(k) in families for k in place.near) or sort_of(word) is not None


def _places(alignment: Alignment, word: Word) -> Iterator[tuple[Place, bool]]:
    """Where the record has the word, and whether it says the same; its opposite says the contrary."""
    record = alignment.record
    for key in record.related(word.key):
        for place in record.places.get(key, ()):
            yield place, modality.agree(place.modality, word.modality)
    for key in _OPPOSITES.get(word.key, ()) if word.modality == "affirmed" else ():
        for place in record.places.get(key, ()):
            yield place, place.modality != "affirmed"


def _opposed(
    alignment: Alignment, word: Word, recorded: modality.Modality, pointers: tuple[str, ...], *, is_diagnosis: bool
) -> Violation:
    kind: ViolationType = "dx" if is_diagnosis and "suspected" in (recorded, word.modality) else "negation"
    said = (
        word.token.text
        if word.token.end - word.token.start == len(word.token.text)
        else alignment.reading.text[word.token.start : word.token.end]
    )
    return violation(
        kind,
        alignment,
        word.token.start,
        word.token.end,
        f"La ficha {_SAYS[recorded]} («{said}») y el texto {_SAYS[word.modality]}.",
        pointers,
    )
