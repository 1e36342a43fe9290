"""Which fields of the record support which stretch of the text.

Items first (names, codes, details), then statements told word for word, then every other word by the field that tells
most of its clause. A word that no field supports is a span without evidence, of the kind «unsupported».
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from engine.checking import datings
from engine.checking.alignment import Alignment, Mention
from engine.checking.fields import DETAILS, Fields, kin
from engine.checking.keeping import kept
from engine.checking.lexicon import lexicon, stem
from engine.checking.matching import Matcher
from engine.checking.measures import Measure
from engine.checking.measures import values as values_of
from engine.checking.quotes import Quote
from engine.checking.reading import Code, Word, same_code
from engine.checking.record import Detail, number
from engine.checking.units import UNIT_AFTER, flat
from engine.domain import Span
from engine.evidence import Kind

UNSUPPORTED = "unsupported"
_EMITTED = -1  # group of words whose span stands already
_SIDES = frozenset({"=derecho", "=izquierdo", "=bilateral"})
_CUES = frozenset("sin no niega niegan ni nunca tampoco descarta".split())
_WHOLE = DETAILS | {"value"}  # kinds of spans that are a figure as they stand
_FAR = 120  # characters after a name within which its details are told
_JOINS = frozenset("-–/")
_HEADINGS = frozenset("=alergia =operado alarm general registrad medicacion recet ing".split())


@dataclass(slots=True)
class Trace:
    """What is known so far of each word: the fields that support it, and the stretch that it belongs to."""

    alignment: Alignment
    fields: Fields
    owners: list[tuple[int, ...]]
    groups: list[int]
    found: list[Span] = field(default_factory=list)
    count: int = 0

    def own(self, indexes: Iterable[int], fields: tuple[int, ...]) -> None:
        """The words are one stretch that these fields support."""
        self.count += 1
        for i in indexes:
            self.owners[i], self.groups[i] = fields, self.count

    def add(self, start: int, end: int, fields: tuple[int, ...], kind: str = "") -> None:
        """A span of the text, whose words need none of their own."""
        self.found.append(self.span(start, end, fields, kind))
        for i in self.alignment.reading.inside(start, end):
            if not self.owners[i]:
                self.owners[i], self.groups[i] = fields, _EMITTED

    def span(self, start: int, end: int, fields: tuple[int, ...], kind: str = "") -> Span:
        """The stretch with its fields; a value with that of its unit too, where the text says it."""
        pointers, measured = self.pointers(fields), _units(self.fields, fields)
        if measured:
            said = flat(self.alignment.reading.text[start:end])
            pointers = tuple(dict.fromkeys((*pointers, *(p for unit, p in measured if unit in said))))
        return Span(start, end, pointers, kind or self.fields.every[fields[0]].kind)

    def pointers(self, fields: tuple[int, ...]) -> tuple[str, ...]:
        return _pointers(self.fields, fields)


@kept
def _pointers(known: Fields, fields: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p for f in fields for p in known.every[f].pointers))


@kept
def _units(known: Fields, fields: tuple[int, ...]) -> list[tuple[str, str]]:
    return [one.unit for one in (known.every[f] for f in fields) if one.unit]


def spans(alignment: Alignment) -> list[Span]:
    """The stretches that carry facts, in the order of the text; numbers and sides inside a statement once more."""
    size = len(alignment.reading.words)
    trace = Trace(alignment, alignment.record.fields, [()] * size, [0] * size)
    matcher = Matcher(alignment, trace.fields)
    for mention in alignment.mentions:
        _item(trace, mention)
    for quote in alignment.quotes:
        _quote(trace, matcher, quote)
    clauses = list(_clauses(trace))
    for indexes in clauses:
        for own, fields in matcher.told(indexes, trace.owners):
            trace.own(own, fields)
        _attach(trace, matcher, indexes)
    _shared(trace)
    _worded(trace)
    trace.found += [*_runs(trace), *_codes(trace)]
    trace.found += _figures(trace)
    trace.found += datings.spans(alignment, trace.fields, trace.owners)
    trace.found += _unsupported(trace, clauses)
    return sorted(dict.fromkeys(trace.found), key=lambda s: (s.start, s.end, s.kind))


def _item(trace: Trace, mention: Mention) -> None:
    entry, run, words = trace.alignment.record.entries[mention.entry], mention.run, trace.alignment.reading.words
    named = [
        i
        for i in range(run.first, run.last + 1)
        if not words[i].key or entry.holds(words[i].key) or run.first == run.last
    ]
    if run.start < run.end:  # a name told once for two lines stands with the first
        trace.own(named, (trace.fields.names[mention.entry],))
    for measure in mention.owned:
        fields = _stating(trace, mention, measure)
        if fields:
            trace.add(measure.start, measure.end, fields, measure.kind)
    for j, detail in enumerate(entry.details):
        own = (trace.fields.details[mention.entry, j],)
        for i in trace.alignment.reading.starting(run.end, mention.reach):
            if not trace.owners[i] and words[i].key in detail.keys and not words[i].is_number:
                trace.own([i], own)
        if not detail.measures and detail.attribute.kind != "date":
            _verbatim(trace, mention, detail, own)


def _verbatim(trace: Trace, mention: Mention, detail: Detail, own: tuple[int, ...]) -> None:
    """«500/125 mg», «por una vez»: a detail that is no measure, in the record's words, before the next item."""
    reading = trace.alignment.reading
    following = (m.run.start for m in trace.alignment.mentions if m.run.first > mention.run.last)
    stop = min(next(following, len(reading.text)), mention.run.end + _FAR)
    folded = flat(reading.text)
    for form in sorted(detail.attribute.forms, key=len, reverse=True):
        place = _pattern(form).search(folded, mention.run.end, stop)
        if place:
            if not any(trace.owners[i] for i in reading.inside(*place.span())):
                trace.add(*place.span(), own)
            return


@lru_cache(maxsize=2048)
def _pattern(form: str) -> re.Pattern[str]:
    """The form as it may be spaced, with a point or a comma for its decimals."""
    parts = re.findall(r"\d+|[^\W\d]+|[^\w\s]", flat(form))
    said = r"\s?".join("[.,]" if p in ".," else re.escape(p) for p in parts)
    return re.compile(rf"(?<!\w){said}(?!\w)")


def _stating(trace: Trace, mention: Mention, measure: Measure) -> tuple[int, ...]:
    """The field of the item's detail that the measure says, or of its name."""
    entry = trace.alignment.record.entries[mention.entry]
    for j, detail in enumerate(entry.details):
        if any(measure.same(m) for m in detail.measures):
            return (trace.fields.details[mention.entry, j],)
    in_name = any(measure.same(m) for m in entry.name.measures)
    return (trace.fields.names[mention.entry],) if in_name else ()


def _shared(trace: Trace) -> None:
    """A route or a duration told once for several drugs: each of those that have it."""
    told: dict[Measure, list[int]] = {}
    for mention in trace.alignment.mentions:
        for measure in mention.shared:
            told.setdefault(measure, []).extend(_stating(trace, mention, measure))
    for measure, fields in told.items():
        inside = trace.alignment.reading.starting(measure.start, measure.end)
        if fields and not any(trace.owners[i] for i in inside):
            trace.add(measure.start, measure.end, tuple(dict.fromkeys(fields)), measure.kind)


def _worded(trace: Trace) -> None:
    """«En una semana»: a measure without a figure, of what its clause tells."""
    words = trace.alignment.reading.words
    for measure in trace.alignment.reading.measures:
        inside = trace.alignment.reading.starting(measure.start, measure.end)
        if not inside or any(trace.owners[i] or words[i].key for i in inside):
            continue
        told = {f for i in trace.alignment.reading.clauses[words[inside[0]].clause] for f in trace.owners[i]}
        passages = {trace.fields.every[f].passage for f in told}
        held = dict.fromkeys(f for n in sorted(measure.norms, key=repr) for f in trace.fields.by_norm.get(n, ()))
        own = tuple(f for f in held if trace.fields.every[f].passage in passages)
        if own:
            trace.add(measure.start, measure.end, own, "number")


def _quote(trace: Trace, matcher: Matcher, quote: Quote) -> None:
    entries = [e for e in quote.entries if trace.alignment.record.entries[e].claim.kind is Kind.OBSERVATION]
    if entries:
        _result(trace, quote, entries[0])
        return
    content = [i for i in range(quote.first, quote.last + 1) if trace.alignment.reading.words[i].key]
    if content and all(trace.owners[i] for i in content):
        return  # the name of an item
    names = matcher.agreed(quote.first, tuple(trace.fields.names[e] for e in quote.entries))
    trace.add(quote.start, quote.end, names)


def _result(trace: Trace, quote: Quote, index: int) -> None:
    """The name of a result and its value apart."""
    entry = trace.alignment.record.entries[index]
    said = flat(trace.alignment.reading.text[quote.start : quote.end])
    name = max((flat(f) for f in entry.claim.forms if said.startswith(flat(f))), key=len, default="")
    value = next(j for j, d in enumerate(entry.details) if d.attribute.kind == "value")
    start = quote.start + len(said) - len(said[len(name) :].lstrip())
    if name:
        trace.add(quote.start, quote.start + len(name), (trace.fields.names[index],))
    trace.add(start, quote.end, (trace.fields.details[index, value],))


def _clauses(trace: Trace) -> Iterator[list[int]]:
    """The words of each clause; headings, codes and dates left out."""
    words = trace.alignment.reading.words
    clauses: dict[int, list[int]] = {}
    for i, word in enumerate(words):
        if not word.special:
            clauses.setdefault(word.clause, []).append(i)
    return (c for c in clauses.values() if not _is_heading(words, c))


def _is_heading(words: tuple[Word, ...], clause: list[int]) -> bool:
    """«Alergias:», «Signos de alarma:» state nothing."""
    opens = clause[0] == 0 or words[clause[0] - 1].sentence != words[clause[0]].sentence
    said = {words[i].key for i in clause} - {""}
    return opens and words[clause[-1]].token.text == ":" and said <= _HEADINGS


def _attach(trace: Trace, matcher: Matcher, indexes: list[int]) -> None:
    """Words that state nothing alone (units, signs, negations, verbs) go with the statement that holds them."""
    words = trace.alignment.reading.words
    if not any(trace.groups[i] > 0 for i in indexes):
        return
    for n, i in enumerate(indexes):
        if trace.owners[i] or words[i].token.sort == "mark":
            continue
        before = next((j for j in reversed(indexes[:n]) if trace.groups[j] > 0), None)
        if words[i].key and not (before is not None and matcher.in_one_measure(before, i)):
            continue
        after = next((j for j in indexes[n + 1 :] if trace.groups[j] > 0), None)
        for j in (before, after):
            if j is not None and _belongs(trace, i, j):
                trace.owners[i], trace.groups[i] = trace.owners[j], trace.groups[j]
                break


def _belongs(trace: Trace, i: int, j: int) -> bool:
    words = trace.alignment.reading.words
    word = words[i].token
    follows = i > j and all(words[k].token.sort == "mark" for k in range(j + 1, i))
    if word.folded.startswith(("negativ", "positiv")):
        return i > j and all(not words[k].key for k in range(j + 1, i))
    if word.sort == "sign":
        return follows
    if word.folded in _CUES:
        return i < j and all(not words[k].key for k in range(i, j))
    if word.folded in lexicon().function:
        return False
    root = kin(stem(word.folded))
    held = any(f in trace.fields.by_family.get(root, ()) for f in trace.owners[j])
    return held or (follows and words[j].is_number)


def _runs(trace: Trace) -> Iterator[Span]:
    """Words of one stretch or clause with the same pointers, and what states nothing between them."""
    words = trace.alignment.reading.words
    run: list[int] = []
    for i, word in enumerate(words):
        if run and (word.key or word.special or trace.owners[i]) and not _continues(trace, run[0], i):
            yield _run(trace, run)
            run = []
        if trace.groups[i] > 0:
            run.append(i)
    if run:
        yield _run(trace, run)


def _continues(trace: Trace, first: int, i: int) -> bool:
    if trace.groups[i] <= 0:
        return False
    words = trace.alignment.reading.words
    together = trace.groups[i] == trace.groups[first] or words[i].clause == words[first].clause
    if not together or trace.owners[i] == trace.owners[first]:
        return together
    return trace.pointers(trace.owners[i]) == trace.pointers(trace.owners[first])


def _run(trace: Trace, run: list[int]) -> Span:
    words = trace.alignment.reading.words
    start, last, text = words[run[0]].token.start, words[run[-1]], trace.alignment.reading.text
    end = _end(trace, run[-1]) if last.is_number else last.token.end
    closes = text.count("(", start, end) > text.count(")", start, end) and text[end : end + 1] == ")"
    return trace.span(start, end + closes, trace.owners[run[0]])


def _codes(trace: Trace) -> Iterator[Span]:
    """Each code with the field of the item that it stands beside; else of every item that has it."""
    beside: dict[Code, int] = {}
    for mention in trace.alignment.mentions:
        code = mention.run.code
        if code and same_code(code.value, trace.alignment.record.entries[mention.entry].claim.code):
            beside[code] = mention.entry
    for code in trace.alignment.reading.codes:
        own = [beside[code]] if code in beside else trace.alignment.record.coded(code.value)
        pointers = tuple(dict.fromkeys(p for i in own for p in trace.fields.codes[i]))
        if pointers:
            yield Span(code.start, code.end, pointers, "code")


def _figures(trace: Trace) -> Iterator[Span]:
    """The numbers and sides inside a statement, each by itself; sides inside names too."""
    end, whole = 0, {(s.start, s.end) for s in trace.found}
    for i, word in enumerate(trace.alignment.reading.words):
        owners = trace.owners[i]
        kind = trace.fields.every[owners[0]].kind if owners else ""
        if word.key in _SIDES and owners:
            yield Span(word.token.start, word.token.end, trace.pointers(owners), "laterality")
        elif kind and kind not in _WHOLE and word.is_number and word.token.start >= end and not _in_name(trace, i):
            end = _end(trace, i)
            if (word.token.start, end) not in whole:
                yield Span(word.token.start, end, (*trace.pointers(owners), *_results(trace, i, end)), "number")


def _results(trace: Trace, i: int, end: int) -> tuple[str, ...]:
    """The fields of a result, value and unit, that a number of the course tells too."""
    word = trace.alignment.reading.words[i]
    said = flat(trace.alignment.reading.text[word.token.start : end])
    held = [r for f in trace.owners[i] for r in trace.fields.every[f].results]
    values = [p for v, p in held if number(word) & values_of(v)]
    units = [p for v, p in held if values and not values_of(v) and said.endswith(v)]
    return tuple(dict.fromkeys((*values, *units)))


def _in_name(trace: Trace, i: int) -> bool:
    return any(m.run.first <= i <= m.run.last for m in trace.alignment.mentions)


def _end(trace: Trace, i: int) -> int:
    """Where a number ends with its unit, or with the number that it makes a pair or a range with."""
    reading = trace.alignment.reading
    words = reading.words
    while i + 2 < len(words) and words[i + 1].token.text in _JOINS and words[i + 2].is_number:
        if words[i + 2].token.start != words[i].token.end + 1 or trace.owners[i + 2] != trace.owners[i]:
            break
        i += 2
    place = words[i].token.end
    unit = UNIT_AFTER.match(flat(reading.text[place : place + 24]))
    return place + unit.end() if unit else place


def _unsupported(trace: Trace, clauses: list[list[int]]) -> Iterator[Span]:
    """What states something and no span with a pointer covers; headings aside."""
    reading = trace.alignment.reading
    covered = bytearray(len(reading.text) + 1)
    for span in trace.found:
        covered[span.start : span.end] = b"\1" * (span.end - span.start)
    stated = {i for clause in clauses for i in clause if reading.words[i].key}
    stated |= {i for i, w in enumerate(reading.words) if w.special in ("code", "date")}
    run: list[int] = []
    for i, word in enumerate(reading.words):
        bare = i in stated and not covered[word.token.start]
        if run and (covered[word.token.start] or word.clause != reading.words[run[0]].clause):
            yield _bare(reading.words, run)
            run = []
        if bare:
            run.append(i)
    if run:
        yield _bare(reading.words, run)


def _bare(words: tuple[Word, ...], run: list[int]) -> Span:
    return Span(words[run[0]].token.start, words[run[-1]].token.end, (), UNSUPPORTED)
