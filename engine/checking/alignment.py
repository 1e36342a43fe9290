"""Which words of the text name which item of the record.

A mention is a run of words that names a listed item (diagnosis, procedure, drug); each claim gets the run that fits it
best, by its words, the code that follows and the part of the text, and no two claims share a run.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, zip_longest
from typing import Any, NamedTuple

from engine.checking.ellipses import named_in_part
from engine.checking.families import family
from engine.checking.measures import Measure
from engine.checking.quotes import Quote, quotes, told
from engine.checking.reading import Code, Reading, read, same_code
from engine.checking.record import DRUGS, LISTED, Entry, Record
from engine.checking.units import flat, places
from engine.evidence import Kind, Section
from engine.evidence.language import fold

_GAP = 2  # foreign content words inside a name
_LEAST = 0.5  # share of the name's words
_VERBATIM = 0.3  # for a name told word for word, beside its code if it has one
_BESIDE = 6  # words after a name that may tell its indication
_CAPITALS = range(3, 6)  # letters of an abbreviation
_TOUCHING = 2  # letters between a name and its own code
_QUOTED = 0.3  # against words that tell a statement of the record
# How well a part of the text suits a kind of item; a part not named here does not suit it at all.
_SUITS: dict[Kind, dict[Section, float]] = {
    Kind.ADMISSION_DIAGNOSIS: {Section.ADMISSION: 0.4, Section.STAY: 0.1, Section.COURSE: 0.1},
    Kind.DISCHARGE_DIAGNOSIS: {Section.DISCHARGE: 0.4, Section.PLAN: 0.2, Section.COURSE: 0.0},
    Kind.PROCEDURE: {Section.STAY: 0.4, Section.COURSE: 0.2, Section.ADMISSION: 0.1, Section.DISCHARGE: 0.0},
    Kind.TREATMENT: {Section.STAY: 0.4, Section.COURSE: 0.3, Section.ADMISSION: 0.1},
    Kind.PRESCRIPTION: {Section.PLAN: 0.4, Section.DISCHARGE: 0.3},
}


class Run(NamedTuple):
    """Words `first`–`last` that hold keys of a name, in one sentence, and the code that follows them."""

    first: int
    last: int
    keys: frozenset[str]
    start: int
    end: int
    code: Code | None
    section: Section


@dataclass(slots=True)
class Mention:
    """A claim found in the text.

    `reach` is where its details end; `owned` are the measures told of it alone; `shared` those told of several drugs,
    or at a distance, that agree with the record.
    """

    entry: int
    run: Run
    share: float
    reach: int
    owned: tuple[Measure, ...] = ()
    shared: tuple[Measure, ...] = ()


@dataclass
class Alignment:
    record: Record
    reading: Reading
    mentions: list[Mention]
    found: dict[int, Mention]  # by index of the entry
    quotes: tuple[Quote, ...]
    quoted: frozenset[int]  # words of the quotes
    denied: tuple[Quote, ...]  # statements told under a negation that is not theirs
    stripped: tuple[Quote, ...]  # statements told without a negation of theirs
    named: dict[tuple[str, ...], tuple[Run, ...]]  # by the words of a listed item's name: where they stand
    memory: dict[Hashable, Any] = field(default_factory=dict)

    @cached_property
    def drug_words(self) -> frozenset[int]:
        """Indexes of the words that name drugs, those of the record's lists and any other."""
        named = {i for key, places in self.reading.by_key.items() if key.startswith("®") for i in places}
        runs = [m.run for m in self.mentions if self.record.entries[m.entry].claim.kind in DRUGS]
        return frozenset(named.union(*(range(r.first, r.last + 1) for r in runs)))

    @property
    def missing(self) -> list[int]:
        return [i for i in self.record.of(*LISTED) if i not in self.found]


def align(record: Record, text: str) -> Alignment:
    stated = quotes(text, record.literals)
    reading = read(
        text,
        record.evidence.codes,
        acronyms=record.acronyms,
        stated=[(q.start, q.end, q.section) for q in stated],
        dates=record.evidence.dates,
        guide=record.guide,
        days=record.days,
    )
    kept, denied = told(reading, stated)
    bare, _ = told(reading, quotes(text, record.stripped))
    quoted = frozenset(i for q in kept for i in range(q.first, q.last + 1))
    named = {name: tuple(runs(reading, name)) for name in {record.entries[i].keys for i in record.of(*LISTED)}}
    pairs = sorted(_pairs(record, reading, quoted, named), key=lambda p: (-p[0], p[1], p[2].first))
    found: dict[int, Mention] = {}
    taken: set[int] = set()
    for _score, index, run, share in pairs:
        span = set(range(run.first, run.last + 1))
        if index not in found and not span & taken:
            found[index] = Mention(index, run, share, run.end)
            taken |= span
    found.update((m.entry, m) for m in list(_ellipses(record, reading, found)))
    for index in record.of(*LISTED):
        if index not in found and (mention := _in_part(record, reading, found, index)):
            found[index] = mention
    mentions = sorted(found.values(), key=lambda m: (m.run.first, m.run.start))
    return Alignment(record, reading, mentions, found, kept, quoted, denied, bare, named)


def _pairs(
    record: Record, reading: Reading, quoted: frozenset[int], named: dict[tuple[str, ...], tuple[Run, ...]]
) -> Iterator[tuple[float, int, Run, float]]:
    folded = flat(reading.text)
    capitals = tuple(_capitals(reading))
    for index in record.of(*LISTED):
        entry = record.entries[index]
        told = named[entry.keys]
        short = ((r, None) for r in _initials(reading, capitals, entry))
        for found, following in chain(zip_longest(told, told[1:]), short):
            if found is None:
                continue
            run = _own(reading, entry, found)
            scored = _score(reading, entry, run, following)
            if scored:
                yield scored[0] - _quoted(entry, run, quoted), index, run, scored[1]
        exact = sorted((_own(reading, entry, r) for r in _verbatim(reading, entry, folded)), key=lambda r: r.first)
        for run in exact:
            scored = _score(reading, entry, run, next((r for r in exact if r.first > run.last), None))
            if scored:
                score = scored[0] + (_VERBATIM if _coded(entry, run) else 0.0) + 0.02 * len(entry.keys)
                yield score - _quoted(entry, run, quoted), index, run, scored[1]


def _ellipses(record: Record, reading: Reading, found: dict[int, Mention]) -> Iterator[Mention]:
    """«Albúmina 1,5 g/kg el primer día (…) y 1 g/kg el tercero (…)»: the name told once for two items with one code."""
    held = {m.run.code.start for m in found.values() if m.run.code}
    for index in record.of(*LISTED):
        entry = record.entries[index]
        mates = (m for m in found.values() if index not in found and _twins(record.entries[m.entry], entry))
        for code in (m.run.code for m in mates if m.run.code):
            again = reading.code_after[reading.inside(code.start, code.end)[-1]]
            if again and again.start not in held and same_code(again.value, entry.claim.code):
                held.add(again.start)
                last = reading.inside(code.start, code.end)[-1]
                section = reading.words[last].section
                yield Mention(
                    index, Run(last, last, frozenset(entry.keys), code.end, code.end, again, section), 1.0, code.end
                )
                break


def _in_part(record: Record, reading: Reading, found: dict[int, Mention], index: int) -> Mention | None:
    """An item told by a part of its name, or in other words, beside its own code."""
    entry = record.entries[index]
    held = {m.run.code.start for m in found.values() if m.run.code}
    taken = {i for m in found.values() for i in range(m.run.first, m.run.last + 1)}
    drugs = (
        record.entries[i]
        for i in record.of(*DRUGS)
        if not same_code(str(entry.claim.code), record.entries[i].claim.code)
    )
    others = frozenset(word for e in drugs for word in fold(e.label).split())
    for code in (c for c in reading.codes if c.start not in held):
        span = named_in_part(reading, entry, code, taken, others)
        section = reading.words[span[0]].section if span else Section.COURSE
        if span and section in _SUITS[entry.claim.kind]:
            start, end = reading.words[span[0]].token.start, reading.words[span[1]].token.end
            return Mention(index, Run(*span, frozenset(entry.keys), start, end, code, section), 1.0, end)
    return None


def _twins(one: Entry, other: Entry) -> bool:
    return one.claim.kind is other.claim.kind and one.claim.code == other.claim.code and one.keys == other.keys


def _capitals(reading: Reading) -> Iterator[tuple[int, Code]]:
    """Abbreviations in capitals right before a code, that no content word precedes."""
    for i, word in enumerate(reading.words[:-1]):
        said, code = word.token, reading.code_after[i]
        if (
            code is not None
            and code.start - said.end <= 1
            and said.text.isupper()
            and len(said.text) in _CAPITALS
            and not re.fullmatch("[ivxlcdm]+", said.folded)  # «CF III» is a class
            and (i == 0 or not reading.words[i - 1].key)
        ):
            yield i, code


def _initials(reading: Reading, capitals: tuple[tuple[int, Code], ...], entry: Entry) -> Iterator[Run]:
    """«CNG (K492)»: capitals that are letters of the name in their order, right before its own code."""
    for i, code in capitals:
        word, letters = reading.words[i], re.sub(r"\W", "", flat(entry.claim.forms[0]))
        said = word.token
        if (
            same_code(code.value, entry.claim.code)
            and letters.startswith(said.folded[0])
            and re.search(".*?".join(said.folded), letters)
        ):
            yield Run(i, i, frozenset(entry.keys), said.start, said.end, code, word.section)


def _coded(entry: Entry, run: Run) -> bool:
    return entry.claim.code is None or (run.code is not None and same_code(run.code.value, entry.claim.code))


def _quoted(entry: Entry, run: Run, quoted: frozenset[int]) -> float:
    """What a name loses that tells a statement of the record («HTA» of the history), unless its code stands beside."""
    beside = run.code is not None and _coded(entry, run) and run.code.start - run.end <= _TOUCHING
    return _QUOTED if run.first in quoted and not beside else 0.0


def _verbatim(reading: Reading, entry: Entry, folded: str) -> Iterator[Run]:
    """The places of the text that hold a form of the name word for word."""
    for form in dict.fromkeys(flat(f) for f in entry.claim.forms):
        for start, end in places(folded, form):
            inside = reading.inside(start, end)
            first, last = inside[0], inside[-1]
            if not any(w.special for w in reading.words[first : last + 1]):
                section = reading.words[first].section
                yield Run(first, last, frozenset(entry.keys), start, end, reading.code_of(first, last), section)


def runs(reading: Reading, name: tuple[str, ...]) -> Iterator[Run]:
    """The runs of the name's words in the text, in any form of theirs."""
    told = {i: k for k in name for i in reading.by_family.get(family(k), ())}
    told.update((i, k) for k in name for i in reading.by_key.get(k, ()))
    group: list[int] = []
    for i in sorted(told):
        if group and (not _joins(reading, group[-1], i) or _repeats(told, group, i, len(name))):
            yield from _run(reading, told, group)
            group = _carried(reading, told, group, i)
        group.append(i)
    if group:
        yield from _run(reading, told, group)


def _joins(reading: Reading, before: int, i: int) -> bool:
    words = reading.words
    if words[before].sentence != words[i].sentence:
        return False
    foreign = 0
    for word in words[before + 1 : i]:
        if word.special == "code" or word.token.text == ";":
            return False
        foreign += bool(word.key) or word.token.text == ","
    return foreign <= _GAP


def _repeats(told: dict[int, str], group: list[int], i: int, size: int) -> bool:
    keys = [told[j] for j in group]
    return told[i] in keys and (len(set(keys)) * 2 >= size)


def _carried(reading: Reading, told: dict[int, str], group: list[int], i: int) -> list[int]:
    """«OTS: reducción + osteosíntesis»: what a plus joins to the word with which it begins again."""
    out: list[int] = []
    for j in reversed(group):
        between = {w.token.text for w in reading.words[j + 1 : (out[0] if out else i)]}
        if between != {"+"} or told[j] == told[i]:
            break
        out.insert(0, j)
    return out


def _run(reading: Reading, told: dict[int, str], group: list[int]) -> Iterator[Run]:
    words = reading.words
    keys = frozenset(told[i] for i in group)
    if all(k[:1].isdigit() for k in keys):
        return
    first, last = group[0], group[-1]
    yield Run(
        first,
        last,
        keys,
        words[first].token.start,
        words[last].token.end,
        reading.code_of(first, last),
        words[first].section,
    )


def _own(reading: Reading, entry: Entry, run: Run) -> Run:
    """The run with its own code, where several stand in one pair of parentheses."""
    several = reading.together(run.code) if run.code else ()
    own = next((c for c in several if same_code(c.value, entry.claim.code)), None)
    return run._replace(code=own) if own and len(several) > 1 else run


def _score(reading: Reading, entry: Entry, run: Run, following: Run | None) -> tuple[float, float] | None:
    suits = _SUITS[entry.claim.kind].get(run.section)
    share = len(run.keys) / len(entry.keys) if entry.keys else 1.0
    is_nearest = following is None or run.code is None or following.end > run.code.start
    has_code = bool(entry.claim.code) and _coded(entry, run) and is_nearest
    if suits is None or (share < _LEAST and not (has_code and share > 0)):
        return None
    score = share + suits + (0.3 if has_code else 0.0)
    if entry.claim.kind in DRUGS:
        score += 0.3 * _details_near(reading, entry, run, following)
    return score - 0.001 * (run.last - run.first), share


def _details_near(reading: Reading, entry: Entry, run: Run, following: Run | None) -> float:
    """Share of the drug's measures that are told near the run: up to its code, or after a code beside the name."""
    wanted = [d for d in entry.details if d.measures or d.keys]
    if not wanted:
        return 0.0
    stop = min(run.end + 110, following.start if following else len(reading.text))
    if run.code and run.code.start - run.end > 2:
        stop = min(stop, run.code.end)
    near = frozenset(n for m in reading.measured(run.start - 25, stop) for n in m.norms)
    beside = {w.key for w in reading.words[run.last + 1 : run.last + 1 + _BESIDE]}
    told = sum(any(m.norms & near for m in d.measures) or (not d.measures and bool(d.keys & beside)) for d in wanted)
    return told / len(wanted)
