"""Dates: in the record, and beside what the record dates so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.checking.alignment import Alignment, Mention
from engine.checking.calendar import Date
from engine.checking.keeping import kept
from engine.checking.record import DIAGNOSES, LISTED, Entry, Record, figures, number, root
from engine.checking.rules.common import omitted, violation
from engine.checking.rules.moments import referred
from engine.checking.units import flat
from engine.domain import Condition, Text, Violation
from engine.evidence import Attribute, Kind

_ARRIVAL = re.compile(
    r"\b(?:ingres\w*|hospitaliza(?!cion domiciliaria)\w*|admision)"
    r"(?: (?!hasta\b|entre\b)\w+){0,4} (?:el|desde el|del)?\s*$|"
    r"\bfecha de ingreso:? $"
)
_LEAVING = re.compile(r"\b(?:alta|egres\w*|fallec\w*)(?: \w+){0,3} (?:el|del)?\s*$|\bfecha de (?:egreso|alta):? $")


def check(alignment: Alignment) -> Iterator[Violation]:
    held: set[int] = set()
    for mention in alignment.mentions:
        yield from _of_item(alignment, mention, held)
    for found in alignment.reading.dates:
        if found.start not in held and not found.is_relative:
            yield from _free(alignment, found)


def _of_item(alignment: Alignment, mention: Mention, held: set[int]) -> Iterator[Violation]:
    """The dates told of an item: after it, before the next item and the end of its sentence."""
    entry = alignment.record.entries[mention.entry]
    wanted = [a for a in entry.claim.attributes if a.kind == "date"]
    if not wanted:
        return
    near = _near(alignment, mention)
    told = [d for d in near if any(d.fits(a.value) for a in wanted)]
    held.update(d.start for d in told)
    yield from _turned(alignment, entry, told)
    lost = [a for a in wanted if not any(d.fits(a.value) for d in near)]
    for found in near:
        begins = ";" in alignment.reading.text[mention.run.end : found.start]  # «…; el 23/2, paracentesis»
        apart = found.is_relative or begins or _leads(alignment, mention, found)
        accuses = not apart and _is_its_own(alignment, entry, found)
        if found not in told and lost and accuses and not _told_before(alignment, mention, lost[0].value):
            held.add(found.start)
            attribute = lost.pop(0)
            yield violation(
                "date",
                alignment,
                found.start,
                found.end,
                f"La fecha de «{entry.label}» es {_shown(attribute.value)} en la ficha.",
                (attribute.pointer,),
            )
    for attribute in lost:
        if not _shared(alignment, mention, attribute.value) and not referred(alignment, mention, attribute):
            yield omitted(
                entry,
                _shown(attribute.value),
                mention.reach,
                f"Falta la fecha {_shown(attribute.value)} de «{entry.label}».",
                "warning" if entry.claim.kind in DIAGNOSES or _is_told(alignment, attribute.value) else "blocking",
            )


def _is_told(alignment: Alignment, iso: str) -> bool:
    """The text has the date, though not beside the item."""
    return any(d.fits(iso) for d in alignment.reading.dates)


def _leads(alignment: Alignment, mention: Mention, found: Date) -> bool:
    """«A (code), a lo que entre el 23 y el 24 se agregó B (code)»: the date of the next item, which has no other.

    A date after that one leads in its turn the item that follows it.
    """
    code = mention.run.code
    following = next((m for m in alignment.mentions if m.run.start > found.start), None)
    if code is None or following is None or not code.end <= found.start:
        return False
    dates = _dates_of(alignment.record.entries[following.entry])
    others = [d for d in _near(alignment, following) if not d.is_relative]
    return any(found.fits(d) for d in dates) and all(_leads(alignment, following, d) for d in others)


def _told_before(alignment: Alignment, mention: Mention, iso: str) -> bool:
    """«El 24/07, craneotomía; el 25/07, …»: the date of the item stands before it, in its sentence."""
    sentence = alignment.reading.words[mention.run.first].sentence
    start = alignment.reading.words[alignment.reading.sentences[sentence][0]].token.start
    before = [m for m in alignment.mentions if start <= m.run.start < mention.run.start]
    floor = max((m.run.end for m in before), default=start)
    others = _dates_of(alignment.record.entries[before[-1].entry]) if before else set()
    between = [d for d in alignment.reading.dates if floor <= d.start < mention.run.start]
    return any(d.fits(iso) and not any(d.fits(o) for o in others) for d in between)


def _is_its_own(alignment: Alignment, entry: Entry, found: Date) -> bool:
    """The date after an admission diagnosis may be any other of the stay, unless it is called the date of it."""
    before = flat(alignment.reading.text)[max(0, found.start - 12) : found.start]
    return entry.claim.kind is not Kind.ADMISSION_DIAGNOSIS or re.search(r"\bcon fecha (?:de )?$", before) is not None


def _turned(alignment: Alignment, entry: Entry, told: list[Date]) -> Iterator[Violation]:
    """The start of a treatment told as its end."""
    ends = [a for a in entry.claim.attributes if a.kind == "date" and a.forms[0].startswith("hasta")]
    starts = [a for a in entry.claim.attributes if a.kind == "date" and a.forms[0].startswith("desde")]
    if starts and ends and len(told) > 1 and told[0].fits(ends[0].value) and not told[0].fits(starts[0].value):
        yield violation(
            "date",
            alignment,
            told[0].start,
            told[0].end,
            f"{entry.label}: la fecha de inicio es {_shown(starts[0].value)} en la ficha.",
            (starts[0].pointer,),
        )
    for found in told:
        before = flat(alignment.reading.text)[max(0, found.start - 12) : found.start]
        if ends and re.search(r"\bhasta (?:el )?$", before) and not found.fits(ends[0].value):
            yield violation(
                "date",
                alignment,
                found.start,
                found.end,
                f"{entry.label}: la fecha de término es {_shown(ends[0].value)} en la ficha.",
                (ends[0].pointer,),
            )


def _near(alignment: Alignment, mention: Mention) -> list[Date]:
    words = alignment.reading.words
    sentence = words[mention.run.first].sentence
    after = words[alignment.reading.sentences[sentence].stop :][:1]
    stop = after[0].token.start if after else len(alignment.reading.text)
    following = [m.run.start for m in alignment.mentions if m.run.first > mention.run.last]
    stop = min([stop, *following])
    return [d for d in alignment.reading.dates if mention.run.end <= d.start < stop]


def _shared(alignment: Alignment, mention: Mention, iso: str) -> bool:
    """A date told once for several items of the sentence; for a diagnosis, that of the stay told anywhere."""
    if alignment.record.entries[mention.entry].claim.kind in DIAGNOSES:
        return any(d.fits(iso) for d in alignment.reading.dates)
    words = alignment.reading.words
    sentence = words[mention.run.first].sentence
    inside = alignment.reading.sentences[sentence]
    start, end = words[inside[0]].token.start, words[inside[-1]].token.end
    return any(d.fits(iso) and start <= d.start < end for d in alignment.reading.dates)


def _shown(iso: str) -> str:
    return f"{iso[8:10]}-{iso[5:7]}-{iso[:4]}" if re.match(r"\d{4}-\d{2}-\d{2}", iso) else iso


def _free(alignment: Alignment, found: Date) -> Iterator[Violation]:
    evidence = alignment.record.evidence
    if not any(found.fits(d) for d in evidence.dates):
        slip = any(found._replace(year=None).fits(d) for d in evidence.dates)  # the record's day in another year
        yield violation("date", alignment, found.start, found.end, "Esa fecha no está en la ficha.", added=not slip)
        return
    before = flat(alignment.reading.text)[max(0, found.start - 60) : found.start]
    case = evidence.case
    arrival, leaving = case.stay.start or _one(case.admission), case.stay.end or _one(case.discharge)
    for pattern, leaf, what in ((_ARRIVAL, arrival, "ingreso"), (_LEAVING, leaving, "alta")):
        if leaf and pattern.search(before):
            yield from _stay(alignment, found, leaf, what)
            return
    if any(q.start <= found.start < q.end for q in alignment.quotes):
        return
    results = _results_before(alignment, found)
    if not results and not _of_its_value(alignment, found):
        yield from _moment(alignment, found)
    elif results and not any(d.fits(a.value) for a in results.values() for d in _same_clause(alignment, found)):
        result, wanted = next(iter(results.items()))
        reason = f"La fecha de «{result}» es {_shown(wanted.value)} en la ficha."
        yield violation("date", alignment, found.start, found.end, reason, (wanted.pointer,))


def _one(conditions: tuple[Condition, ...]) -> Text | None:
    """The one date of the diagnoses of a list: that of the stay where the record gives it no other."""
    recorded = [c.recorded for c in conditions if c.recorded]
    return recorded[0] if len({r.value[:10] for r in recorded}) == 1 else None


def _results_before(alignment: Alignment, found: Date) -> dict[str, Attribute]:
    """The dates of the results told before the date in its clause; of two with one name those of the value told."""
    words = alignment.reading.words
    clause = _clause(alignment, found)
    opened = alignment.reading.text.rfind("(", 0, found.start)
    within = opened if ")" not in alignment.reading.text[opened : found.start] else found.start
    before = [w for w in words[: alignment.reading.first_from(found.start)] if w.key and w.token.end <= found.start]
    before = [w for w in before if w.clause == clause or 0 <= within < w.token.start]
    told = {w.key for w in before}
    values = [v for w in before if w.is_number for v in number(w)]
    named = [
        e
        for e in (alignment.record.entries[i] for i in alignment.record.of(Kind.OBSERVATION))
        if e.keys and set(e.keys) <= told
    ]
    exact = [e for e in named if not _values(e).isdisjoint(values)]
    return {f"{e.label}": a for e in exact or named for a in e.claim.attributes if a.kind == "date"}


def _of_its_value(alignment: Alignment, found: Date) -> bool:
    """«La hemoglobina, 12,9 en el examen del 14/06, fue de 9,6»: the value before it is of a result dated so."""
    words = alignment.reading.words
    at = next((w for w in words if w.token.start >= found.start), words[-1])
    near = [w for w in words if w.clause == at.clause and w.token.end <= found.start and w.is_number]
    said = {w.key for w in words if w.sentence == at.sentence and w.token.end <= found.start}
    told = (alignment.record.entries[i] for i in alignment.record.of(Kind.OBSERVATION))
    return any(
        set(e.keys) <= said and any(found.fits(d) for d in _dates_of(e)) and not _values(e).isdisjoint(number(w))
        for e in told
        for w in near
    )


def _same_clause(alignment: Alignment, found: Date) -> list[Date]:
    """The dates of the clause up to this one: a result may be told after its own date."""
    clause = alignment.reading.clauses.get(_clause(alignment, found))
    start = alignment.reading.words[clause[0]].token.start if clause else 0
    return [d for d in alignment.reading.dates if start <= d.start <= found.start]


def _values(entry: Entry) -> set[float]:
    first = next((d for d in entry.details if d.attribute.kind == "value"), None)
    return {v for readings in figures(first.attribute.forms[0]) for v in readings} if first else set()


def _stay(alignment: Alignment, found: Date, leaf: Text, what: str) -> Iterator[Violation]:
    if not found.fits(leaf.value):
        yield violation(
            "date",
            alignment,
            found.start,
            found.end,
            f"La fecha de {what} es {_shown(leaf.value)} en la ficha.",
            (leaf.pointer,),
        )


def _moment(alignment: Alignment, found: Date) -> Iterator[Violation]:
    """A date of the course: what follows it must be dated so in the record."""
    quoted = [] if _closes(alignment, found) else quoted_after(alignment, found.end)
    if quoted:
        for entries in quoted:
            dated = [e for e in entries if _dates_of(e)]
            if dated and not any(found.fits(d) for e in dated for d in _dates_of(e)):
                yield _dated_otherwise(alignment, found, dated[0])
                return
        return
    told = _after(alignment, found)
    before = set() if _opens(alignment, found) else _before(alignment, found)
    every = _dated(alignment.record)
    right = [e for e, dates in every if any(found.fits(d) for d in dates)]
    same = max((max(_overlap(e, told), _overlap(e, before)) for e in right), default=0.0)
    other, entry = max(
        ((_overlap(e, told), e) for e, dates in every if not any(found.fits(d) for d in dates)),
        key=lambda p: p[0],
        default=(0.0, None),
    )
    if entry is not None and other > same and other >= 2 and _heads(entry, told):
        yield _dated_otherwise(alignment, found, entry)


def _dated_otherwise(alignment: Alignment, found: Date, entry: Entry) -> Violation:
    reason = f"«{entry.label}» es del {_shown(sorted(_dates_of(entry))[0])} en la ficha."
    return violation("date", alignment, found.start, found.end, reason, entry.claim.pointers)


def quoted_after(alignment: Alignment, place: int) -> list[tuple[Entry, ...]]:
    """The statements, told word for word one after the other, that follow a date or a day at once."""
    words = alignment.reading.words
    at = alignment.reading.first_from(place)
    out: list[tuple[Entry, ...]] = []
    sentence = words[at].sentence if at < len(words) else -1
    for quote in alignment.quotes:
        if quote.first < at:
            continue
        if words[quote.first].sentence != sentence or any(w.key or w.special for w in words[at : quote.first]):
            break
        out.append(tuple(alignment.record.entries[i] for i in quote.entries))
        at = quote.last + 1
    return out


def _dates_of(entry: Entry) -> set[str]:
    own = {a.value for a in entry.claim.attributes if a.kind == "date"}
    return own | ({entry.claim.date} if entry.claim.date else set())


@kept
def _dated(record: Record) -> list[tuple[Entry, set[str]]]:
    """The statements and items that have dates."""
    return [(e, dates) for e in record.entries if (dates := _dates_of(e))]


def _after(alignment: Alignment, found: Date) -> set[str]:
    """The first content words after a date, or before it where it ends the statement."""
    words = alignment.reading.words
    stop = min((d.start for d in alignment.reading.dates if d.start >= found.end), default=len(alignment.reading.text))
    stop = found.end if _closes(alignment, found) else min(stop, _semicolon(alignment, found))
    after = [w for w in words if found.end <= w.token.start < stop]
    sentence = next((w.sentence for w in words if w.token.start >= found.start), 0)
    following = [root(w.key) for w in after if w.key and w.sentence == sentence][:5]
    if following:
        return set(following)
    floor = alignment.reading.text.rfind(";", 0, found.start)
    return {root(w.key) for w in words if w.key and w.sentence == sentence and floor < w.token.end <= found.start}


def _semicolon(alignment: Alignment, found: Date) -> int:
    """Where the item of a list that a date begins ends: «31/03 K 7,1 mEq/L; eco renal…»."""
    words = alignment.reading.words
    after = [w.token for w in words if w.token.start >= found.end]
    at = next((t.start for t in after if t.text == ";"), len(alignment.reading.text))
    return at if any(t.key and t.start < at for t in after) else len(alignment.reading.text)


def _closes(alignment: Alignment, found: Date) -> bool:
    """The date ends its statement («… según la nota del 15;»): it is told of what stands before."""
    return alignment.reading.text[found.end :].lstrip()[:1] in (";", ")", ".")


def _heads(entry: Entry, told: set[str]) -> bool:
    """An item of a list is spoken of by its first word: «dolor de cadera izquierda» is no arthroplasty of that hip."""
    return entry.claim.kind not in LISTED or root(entry.keys[0]) in told


def _opens(alignment: Alignment, found: Date) -> bool:
    """The date begins its clause: it is told of what follows."""
    text = alignment.reading.text[: found.start].rstrip()
    return re.search(r"(?:^|[.;:,(])\s*(?:\w+\s*){0,2}$", text) is not None


def _before(alignment: Alignment, found: Date) -> set[str]:
    """The content words of the date's clause before it: «6 kilos al 13»."""
    words = alignment.reading.words
    inside = (words[i] for i in alignment.reading.clauses.get(_clause(alignment, found), ()))
    return {root(w.key) for w in inside if w.key and w.token.end <= found.start}


def _clause(alignment: Alignment, found: Date) -> int:
    """The clause in which a date begins; −1 where no word follows."""
    following = alignment.reading.words[alignment.reading.first_from(found.start) :][:1]
    return following[0].clause if following else -1


def _overlap(entry: Entry, told: set[str]) -> float:
    return float(len(entry.roots & told))
