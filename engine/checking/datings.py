"""Dates and days of a text, each with the field that dates what it is told of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from engine.checking.alignment import Alignment, Mention
from engine.checking.calendar import Date
from engine.checking.fields import Fields
from engine.checking.matching import day_of_stay
from engine.checking.record import number
from engine.checking.units import flat
from engine.domain import Span, Text, texts
from engine.evidence import Kind

_ARRIVES = re.compile(r"\b(?:ingres\w*|hospitali[sz]\w*|admision)\b[^.;:]*$")
_LEAVES = re.compile(r"\b(?:alta|egres\w*|fallec\w*|traslad\w*)\b[^.;:]*$")
_THEN_LEAVES = re.compile(r",? (?:se |es |fue )?(?:va |dad[oa] )?(?:de )?(?:alta|egres\w+|fallec\w+)\b")
_HOUR = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?!\d|:\d)")
_AROUND = 60
Owners = Sequence[tuple[int, ...]]


def spans(alignment: Alignment, fields: Fields, owners: Owners) -> list[Span]:
    """A span for each date and each day of stay that the record holds or that follows from its dates."""
    dated = Dating(alignment, fields, owners)
    dated.found += dated.dates()
    dated.found += dated.days()
    return dated.found


class Dating:
    """The dates of one text beside what it tells."""

    def __init__(self, alignment: Alignment, fields: Fields, owners: Owners) -> None:
        self._alignment, self._fields, self._owners = alignment, fields, owners
        self._case = alignment.record.evidence.case
        self._words = alignment.reading.words
        self.found: list[Span] = []

    def dates(self) -> Iterator[Span]:
        for found in self._alignment.reading.dates:
            pointers = self._quoted(found) or self._alone(found)
            pointers = pointers or self._item(found) or self._stay(found) or self._result(found)
            pointers = pointers or self._text(found) or self._note(found) or self._anywhere(found)
            if pointers:
                yield Span(found.start, found.end, tuple(dict.fromkeys(pointers)), "date")

    def _quoted(self, found: Date) -> list[str]:
        """A date inside a statement told word for word is that statement's."""
        inside = [q for q in self._alignment.quotes if q.start <= found.start < q.end]
        places = [i for q in inside for i in range(q.first, q.last + 1)]
        return [p for f in self._owned(places) for p in self._fields.every[f].pointers]

    def _alone(self, found: Date) -> list[str]:
        """«Al día 10» is a day of stay where the record counts them."""
        i = self._first(found)
        is_day = self._words[i].token.end == found.end and day_of_stay(self._words, i)
        return self._day(i, frozenset({float(found.day)})) if is_day else []

    def _item(self, found: Date) -> list[str]:
        """Of the items before it in the sentence, since the last date, that are dated so; else of those after."""
        sentence = self._words[self._first(found)].sentence
        others = [d for d in self._alignment.reading.dates if d.start != found.start]
        start = max([d.end for d in others if d.start < found.start], default=0)
        stop = min([d.start for d in others if d.start > found.start], default=len(self._alignment.reading.text))
        near = [m for m in self._alignment.mentions if self._words[m.run.first].sentence == sentence]
        before = [m for m in near if m.run.end <= found.start]
        if before and self._dating(before[-1], found):
            return [p for m in before if m is before[-1] or m.run.start >= start for p in self._dating(m, found)]
        if self._stay(found):
            return []
        return [p for m in near if found.end <= m.run.start < stop for p in self._dating(m, found)]

    def _dating(self, mention: Mention, found: Date) -> list[str]:
        """The fields of an item's dates that the date says: of its start and its end, by the preposition."""
        claim = self._alignment.record.entries[mention.entry].claim
        fitting = [a for a in claim.attributes if a.kind == "date" and found.fits(a.value)]
        before = flat(self._alignment.reading.text)[max(0, found.start - 10) : found.start]
        is_end = re.search(r"\b(?:hasta|al?) (?:el )?$", before) is not None
        apart = [a for a in fitting if a.forms[0].startswith("hasta") == is_end]
        return [a.pointer for a in (apart or fitting)]

    def _first(self, found: Date) -> int:
        """The index of the first word of a date."""
        return next(iter(self._alignment.reading.inside(found.start, found.end)))

    def _clause(self, found: Date) -> list[int]:
        """The words of the clause in which a date stands."""
        word = self._words[self._first(found)]
        return [i for i in self._alignment.reading.sentences[word.sentence] if self._words[i].clause == word.clause]

    def _stay(self, found: Date) -> list[str]:
        folded = flat(self._alignment.reading.text)
        before, stay = folded[max(0, found.start - _AROUND) : found.start], self._case.stay
        if stay.end and _THEN_LEAVES.match(folded, found.end) and found.fits(stay.end.value):
            return [stay.end.pointer]
        for pattern, leaf in ((_LEAVES, stay.end), (_ARRIVES, stay.start)):
            if leaf and pattern.search(before) and found.fits(leaf.value):
                return [leaf.pointer]
        return []

    def _result(self, found: Date) -> list[str]:
        """The date of the result told last before it in the clause, or first after it."""
        near = self._clause(found)
        before = [i for i in reversed(near) if self._words[i].token.end <= found.start]
        for i in (*before, *(i for i in near if self._words[i].token.start >= found.end)):
            entries = [self._alignment.record.entries[e] for e in self._entries([i], Kind.OBSERVATION)]
            for entry in entries:
                fitting = [a.pointer for a in entry.claim.attributes if a.kind == "date" and found.fits(a.value)]
                if fitting:
                    return fitting
        return []

    def _text(self, found: Date) -> list[str]:
        """The text of a field that its clause tells and that holds the date itself."""
        holding = self._holding(found)
        told = self._owned(self._clause(found)) if holding else ()
        pointers = {p for f in told for p in self._fields.every[f].pointers}
        return [p for p in holding if p in pointers]

    def _holding(self, found: Date) -> list[str]:
        """The texts of the record that hold the date in words of their own."""
        return [p for p, dates in self._fields.dated if any(_same(found, d) for d in dates)]

    def _note(self, found: Date) -> list[str]:
        """The date of the notes that the following words tell; else of those just told; else of every note of it."""
        notes = {i: n.recorded for i, n in enumerate(self._case.notes) if n.recorded and found.fits(n.recorded.value)}
        told = [i for i in self._told_around(found.start, found.end) if i in notes]
        return [leaf.pointer for i in (told or notes) if (leaf := notes[i])]

    def _told_around(self, start: int, end: int) -> list[int]:
        """The notes told from a date on, up to the next one; else those before it in the sentence."""
        heads = {d.start for d in self._alignment.reading.dates}
        after: list[int] = []
        for i in self._alignment.reading.starting(end, len(self._alignment.reading.text)):
            if self._words[i].token.start in heads or (not self._owners[i] and day_of_stay(self._words, i)):
                break
            after.append(i)
        told = self._notes(after)
        if told:
            return told
        here = next(iter(self._alignment.reading.inside(start, end)))
        sentence = self._alignment.reading.sentences[self._words[here].sentence]
        return self._notes(i for i in sentence if self._words[i].token.end <= start)

    def _notes(self, places: Iterable[int]) -> list[int]:
        """The notes of the record that these words tell."""
        claims = [self._alignment.record.entries[e].claim for e in self._entries(places, Kind.COURSE)]
        return [int(n) for n in dict.fromkeys(c.note.rsplit("-", 1)[1] for c in claims)]

    def _entries(self, places: Iterable[int], kind: Kind) -> list[int]:
        found = dict.fromkeys(self._fields.every[f].entry for f in self._owned(places))
        return [e for e in found if e >= 0 and self._alignment.record.entries[e].claim.kind is kind]

    def _owned(self, places: Iterable[int]) -> list[int]:
        return list(dict.fromkeys(f for i in places for f in self._owners[i]))

    def _anywhere(self, found: Date) -> list[str]:
        evidence = self._alignment.record.evidence
        items = [a.pointer for c in evidence.claims for a in c.attributes if a.kind == "date" and found.fits(a.value)]
        stay = [x.pointer for x in (self._case.stay.start, self._case.stay.end) if x and found.fits(x.value)]
        return stay or items or self._holding(found)

    def days(self) -> Iterator[Span]:
        """«Día 3», «D3», «tercer día», «5 días de hospitalización»: a number that no statement holds."""
        for i, word in enumerate(self._words):
            if self._owners[i] or word.special:
                continue
            day = day_of_stay(self._words, i)
            pointers = self._day(i, frozenset({float(day)})) if day else self._length(i)
            if pointers:
                glued = i > 0 and self._words[i - 1].token.end == word.token.start  # «D3»
                start = self._words[i - 1 if glued else i].token.start
                yield Span(start, word.token.end, tuple(dict.fromkeys(pointers)), "number")
        yield from self._hours()
        yield from self._wards()

    def _wards(self) -> Iterator[Span]:
        """«Día 1 (medicina)»: the ward that heads the note told next."""
        folded = flat(self._alignment.reading.text)
        for claim in (e.claim for e in self._alignment.record.entries if e.claim.heading):
            for m in re.finditer(rf"\(({re.escape(flat(claim.heading))})\)", folded):
                if int(claim.note.rsplit("-", 1)[1]) in self._told_around(m.start(), m.end()):
                    yield Span(m.start(1), m.end(1), claim.pointers[:1], claim.kind.value)

    def _hours(self) -> Iterator[Span]:
        """«10:30», as the date of an item or a note has it."""
        for hour in _HOUR.finditer(self._alignment.reading.text):
            said = f"T{int(hour[1]):02}:{hour[2]}"
            held = [leaf.pointer for leaf in texts(self._case) if said in leaf.value]
            near = self._dated_before(hour.start())
            pointers = [p for p in held if p in near] or held
            if pointers:
                yield Span(hour.start(), hour.end(), tuple(dict.fromkeys(pointers)), "date")

    def _dated_before(self, place: int) -> tuple[str, ...]:
        """The fields of the last date before a place."""
        before = [s for s in self.found if s.end <= place]
        return before[-1].evidence if before else ()

    def _day(self, i: int, said: frozenset[float]) -> list[str]:
        """The day of the notes that are told under it, or their date counted from the admission."""
        notes = self._case.notes
        numbered = [n for n, note in enumerate(notes) if note.day and float(_figure(note.day.value)) in said]
        token = self._words[i].token
        told = self._told_around(token.start, token.end)
        if numbered:
            return [leaf.pointer for n in ([n for n in told if n in numbered] or numbered) if (leaf := notes[n].day)]
        start = self._case.stay.start
        first = _day(start) if start else None
        counted = [n for n, note in enumerate(notes) if first and _after(first, note.recorded) & said]
        chosen = [n for n in told if n in counted] or counted
        leaves = [leaf.pointer for n in chosen if (leaf := notes[n].recorded)]
        return [*leaves, start.pointer] if start and leaves else []

    def _length(self, i: int) -> list[str]:
        """The length of the stay in days."""
        following = self._words[i + 1].token.folded if i + 1 < len(self._words) else ""
        stay, said = self._case.stay, number(self._words[i]) if self._words[i].is_number else frozenset()
        first = _day(stay.start) if stay.start else None
        if not said or following not in ("dia", "dias") or not stay.start or not stay.end or not first:
            return []
        return [stay.start.pointer, stay.end.pointer] if _after(first, stay.end) & said else []


def _same(one: Date, other: Date) -> bool:
    years = {one.year, other.year} - {None}
    return (one.month, one.day) == (other.month, other.day) and len(years) < 2


def _figure(text: str) -> str:
    digits = re.search(r"\d+", text)
    return digits[0] if digits else "-1"


def _day(leaf: Text) -> date | None:
    try:
        return date.fromisoformat(leaf.value[:10])
    except ValueError:
        return None


def _after(first: date, leaf: Text | None) -> frozenset[float]:
    """Days from the first date to this one, counted both ways."""
    last = _day(leaf) if leaf else None
    return frozenset({float((last - first).days), float((last - first).days + 1)}) if last else frozenset()
