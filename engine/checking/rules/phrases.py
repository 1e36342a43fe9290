"""What the record tells in sentences (reason, history, course, results, follow-up): present, with its own polarity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from engine.checking import modality
from engine.checking.alignment import Alignment
from engine.checking.keeping import kept
from engine.checking.lexicon import lexicon, stem
from engine.checking.measures import Measure
from engine.checking.paraphrase import retelling
from engine.checking.reading import Reading, Word
from engine.checking.record import DRUGS, LISTED, TIMES, Entry, Record, figures, number, root, unit_after
from engine.checking.rules.common import NOUNS, omitted, violation
from engine.checking.units import unit
from engine.domain import Severity, Violation, ViolationType
from engine.evidence import Kind, Section

_ENOUGH = 0.5  # share of a statement's words that must be told
_PARTLY = 0.3  # of a clause of the course: told in other words, perhaps
_SOME = 0.34  # of a statement's words by their rarity: it may well be told in other words
_STEM = 5  # letters of a kindred word
_WHOLE = 0.75  # of an allergy: the substance and what it did
_NUMBER = 0.5  # weight of a number: it stands beside other things too
_FIGURE = 3  # digits of a figure that stands beside nothing else
_NAMED = 0.5  # weight of a word that stands in the list of diagnoses or procedures
_BORROWED = 0.75  # of the words of another statement, told word for word, that tell this one as well
_ALL = 0.99
_SEVERAL = 2  # usual words: one alone («alta») is told in many ways
_OPERATED = "=operado"
_ONE = frozenset(("un", "una", "uno"))
_FEVER, _AFEBRILE = ("fiebr", "febril"), "=afebril"  # «la fiebre cedió» is «afebril»
_AFTER = "post"  # «post transfusión» is «tras la transfusión»
_ELSEWHERE = LISTED | {Kind.DISPOSITION}  # each has a rule of its own
_COUNTED = frozenset({Kind.COURSE, Kind.FOLLOW_UP, Kind.OBSERVATION})
_SEEKING = frozenset({"urgenci"})  # «acudir a urgencia si…»: it is the cause that each of these tells
_PLANNED = frozenset({Kind.FOLLOW_UP, Kind.CARE, Kind.ALARM_SIGN})


@dataclass(frozen=True, slots=True)
class Told:
    """How much of a statement two neighbouring sentences tell: with its polarity, and without regard to it."""

    share: float
    regardless: float
    words: tuple[Word, ...]


class Hit(NamedTuple):
    """A word of the text that a statement has. `source` is what else it tells: a quote, an item of a list."""

    word: Word
    credit: float
    source: int | None


class _Words:
    """The words of a text as statements are looked for in it."""

    def __init__(self, alignment: Alignment) -> None:
        self._every = alignment.reading.words
        self.retelling = retelling(alignment)
        self.credit = _credit(alignment)
        self.given = dict.fromkeys(_given(alignment), 0.0)
        self.sources = _sources(alignment)
        self.shared = _shared(alignment.record)
        self.held = _held(alignment.record)
        figures = [i for i, w in enumerate(alignment.reading.words) if w.is_number]
        self.times = {h for i in figures for h in _hours(alignment.reading, i)}
        self.times |= _lasting(alignment.reading.measures)
        self.numbers = {v for w in alignment.reading.words if w.is_number for v in number(w)}
        self.planned = _plain(w for w in alignment.reading.words if w.section in (Section.PLAN, Section.DISCHARGE))
        self.by_root: dict[str, list[int]] = {}
        for key, places in alignment.reading.by_key.items():
            self.by_root.setdefault(root(key), []).extend(places)

    def counts_one(self, following: Iterable[Word]) -> bool:
        """«Una unidad» is «1 unidad»."""
        said = {stem(w.token.folded) for w in following}
        return any(o.token.folded in _ONE and stem(w.token.folded) in said for o, w in pairwise(self._every))

    def of(self, kind: Kind) -> dict[int, float]:
        """What the words of the lists may tell of a statement of this kind; 1 for a word that is not in it."""
        if kind in _PLANNED:
            return {i: c for i, c in self.credit.items() if not c}
        return self.credit if kind is Kind.COURSE else self.given if kind is Kind.HABITUAL else {}


def check(alignment: Alignment) -> Iterator[Violation]:
    quoted = {i for q in alignment.quotes for i in q.entries}
    told = _Words(alignment)
    for i, entry in enumerate(alignment.record.entries):
        if i in quoted or not entry.claim.required or entry.claim.kind in _ELSEWHERE:
            continue
        if any(not k[0].isdigit() for k in entry.keys):
            yield from _statement(alignment, i, told)
        elif not _told_plainly(alignment, entry, told):
            yield _missing(alignment, entry, "warning")


def _missing(alignment: Alignment, entry: Entry, severity: Severity) -> Violation:
    reason = f"Falta {NOUNS[entry.claim.kind]} «{entry.label}»."
    return omitted(entry, entry.label, len(alignment.reading.text), reason, severity)


def _told_plainly(alignment: Alignment, entry: Entry, words: _Words) -> bool:
    """A statement of usual words alone («control en 12 días»): its numbers and most of it in one clause."""
    wanted = _plain(entry.name.words)
    figures = [number(w) for w in entry.name.words if w.is_number]
    clauses: dict[int, list[Word]] = {}
    for i, word in enumerate(alignment.reading.words):
        if _fits(entry, word) and i not in words.sources and words.credit.get(i, 1.0):
            for clause in (word.clause, word.clause - 1):  # «policlínico, ambos en trece días»
                clauses.setdefault(clause, []).append(word)
    return len(wanted) < _SEVERAL or any(
        2 * len(wanted & _plain(said)) > len(wanted) and all(_has(said, f) for f in figures)
        for said in clauses.values()
    )


def _has(said: Iterable[Word], figure: frozenset[float]) -> bool:
    return any(not number(w).isdisjoint(figure) for w in said if w.is_number)


def _plain(words: Iterable[Word]) -> set[str]:
    function = lexicon().function
    return {
        w.token.key or stem(w.token.folded)
        for w in words
        if w.token.sort in ("word", "number") and w.token.folded not in function
    }


def _statement(alignment: Alignment, index: int, words: _Words) -> Iterator[Violation]:
    entry, told = alignment.record.entries[index], best(alignment, index, words)
    enough = _WHOLE if entry.claim.kind is Kind.ALLERGY else _ENOUGH
    if told.share >= enough:
        if _lacks_some(alignment, entry, told, words):
            yield _missing(alignment, entry, "warning")
        return
    if words.retelling.tells(entry):
        if entry.claim.kind in _COUNTED and not _numbers_told(words, entry):
            yield _missing(alignment, entry, "warning")
        return
    if told.regardless >= enough and not _of_the_admission(alignment, entry, told):
        start, end = told.words[0].token.start, told.words[-1].token.end
        kind: ViolationType = "allergy" if entry.claim.kind is Kind.ALLERGY else "negation"
        yield violation(
            kind,
            alignment,
            start,
            end,
            f"La ficha dice «{entry.label}»; el texto cambia la negación o la certeza.",
            entry.claim.pointers,
        )
        return
    if (entry.claim.kind is Kind.COURSE and told.share >= _PARTLY) or _recognised(alignment, entry, words):
        reason = f"No se reconoce {NOUNS[entry.claim.kind]} «{entry.label}» en el texto; confirme que está dicho."
        yield omitted(entry, entry.label, len(alignment.reading.text), reason, "warning")
    else:
        yield _missing(alignment, entry, "blocking")


def _lacks_some(alignment: Alignment, entry: Entry, told: Told, words: _Words) -> bool:
    """Told for the most part: what is left may be told nowhere."""
    partly = told.share < _WHOLE and (entry.claim.kind is Kind.REASON or _by_others(entry, told, words))
    partly = partly and not words.retelling.tells(entry)
    miscounted = entry.claim.kind in _COUNTED and not _numbers_told(words, entry)
    return partly or miscounted or _borrows(alignment, entry, told, words)


def _of_the_admission(alignment: Alignment, entry: Entry, told: Told) -> bool:
    """«Con secreción» is told of the reason for admission, where the record has it so: it is not «sin secreción»."""
    if entry.claim.kind is not Kind.COURSE or any(w.section is not Section.ADMISSION for w in told.words):
        return False
    places = alignment.record.places
    return all(
        any(
            p.section is Section.ADMISSION and modality.agree(p.modality, w.modality)
            for k in alignment.record.related(w.key)
            for p in places.get(k, ())
        )
        for w in told.words
    )


def _recognised(alignment: Alignment, entry: Entry, words: _Words) -> bool:
    """Part of the statement stands somewhere, in words that tell nothing else; rare words of the record weigh more."""
    if entry.claim.kind is Kind.ALLERGY:
        return False
    wanted = {root(w.key): _weight(root(w.key)) for w in entry.name.words if w.key}
    held = {k: w / max(1, words.held[k]) for k, w in wanted.items()}
    free = {k[:_STEM] for k, places in words.by_root.items() if any(i not in words.sources for i in places)}
    return sum(w for k, w in held.items() if k[:_STEM] in free) >= _SOME * sum(held.values())


def _by_others(entry: Entry, told: Told, words: _Words) -> bool:
    """All that is told of a clause of the course are words that other statements have too."""
    said = {root(w.key) for w in told.words}
    own = {root(k) for k in entry.keys} - words.shared
    is_named = any(not k[:1].isdigit() for k in own)
    return entry.claim.kind is Kind.COURSE and is_named and not own & said


def _borrows(alignment: Alignment, entry: Entry, told: Told, words: _Words) -> bool:
    """«Kinesioterapia diaria», told word for word, does not tell «kinesioterapia ambulatoria»."""
    if entry.claim.kind not in _PLANNED:
        return False
    starts = {alignment.reading.words[i].token.start for q in alignment.quotes for i in range(q.first, q.last + 1)}
    return all(w.token.start in starts for w in told.words) and not _plain(entry.name.words) <= words.planned


@kept
def _held(record: Record) -> Counter[str]:
    """How many statements of the record have each word."""
    return Counter(k for e in record.entries for k in e.roots)


@kept
def _shared(record: Record) -> frozenset[str]:
    """Words that more than one statement of the record has."""
    held = Counter(k for e in record.entries if e.claim.kind not in LISTED for k in e.roots)
    return frozenset(k for k, n in held.items() if n > 1)


def _numbers_told(words: _Words, entry: Entry) -> bool:
    """Each number of the statement stands somewhere in the text, or the same time in another unit."""
    wanted = [i for i, w in enumerate(entry.name.words) if w.is_number]
    return all(
        words.numbers & number(entry.name.words[i])
        or words.times & _hours(entry.name, i)
        or (entry.name.words[i].token.key == "1" and words.counts_one(entry.name.words[i + 1 : i + 2]))
        for i in wanted
    ) and (entry.claim.kind is not Kind.OBSERVATION or _value_told(words.numbers, entry))


def _hours(reading: Reading, i: int) -> frozenset[float]:
    """The time that a number counts, in hours; empty where it counts none."""
    factor = TIMES.get(unit(unit_after(reading, i)))
    said = frozenset(round(v * factor, 4) for v in number(reading.words[i])) if factor else frozenset()
    measure = reading.measure_at(reading.words[i].token.start)
    return said | _lasting([measure] if measure else [])


def _lasting(found: Iterable[Measure]) -> frozenset[float]:
    return frozenset(n[1] for m in found for n in m.norms if n[0] in ("lasting", "every") and isinstance(n[1], float))


def _value_told(told: set[float], entry: Entry) -> bool:
    value = next((a.forms[0] for a in entry.claim.attributes if a.kind == "value"), "")
    known = figures(value)
    return not known or any(told & f for f in known)


@kept
def _wanted(record: Record, index: int) -> dict[str, set[modality.Modality]]:
    """The words of a statement that the text must tell, by their roots, each with its polarities."""
    entry = record.entries[index]
    wanted: dict[str, set[modality.Modality]] = {}
    for word in entry.name.words:
        if word.key and word.key != _AFTER and not (word.key in _SEEKING and entry.claim.kind in _PLANNED):
            wanted.setdefault(root(word.key), set()).add(word.modality)
    return wanted


def best(alignment: Alignment, index: int, words: _Words) -> Told:
    """The best place of the text for a statement."""
    entry, wanted = alignment.record.entries[index], _wanted(alignment.record, index)
    if not wanted:
        return Told(1.0, 1.0, ())
    credit = words.of(entry.claim.kind)
    hits: dict[int, list[Hit]] = {}
    for i in sorted(i for key in wanted for i in words.by_root.get(key, ())):
        word = alignment.reading.words[i]
        if _fits(entry, word) and credit.get(i, 1.0):
            hits.setdefault(word.sentence, []).append(Hit(word, credit.get(i, 1.0), words.sources.get(i)))
    if root(_OPERATED) in wanted and entry.claim.kind not in _PLANNED:
        for word in _procedures(alignment):
            hits.setdefault(word.sentence, []).append(Hit(word, _NAMED, None))
    if root(_AFEBRILE) in wanted:
        for word in _ceased_fever(alignment):
            hits.setdefault(word.sentence, []).append(Hit(word, 1.0, None))
    told = [_window(wanted, hits[s] + hits.get(s + 1, [])) for s in hits]
    return max(told, key=lambda t: (t.share, t.regardless), default=Told(0, 0, ()))


def _window(wanted: dict[str, set[modality.Modality]], hits: list[Hit]) -> Told:
    """Words that all tell something else already («muñón» of «muñón tibio» for «muñón sano») must tell it whole."""
    told = _told(wanted, hits)
    sources = {h.source for h in hits}
    if None in sources or told.share >= _ALL or (told.share >= _ENOUGH and _every(wanted, hits)):
        return told
    alone = (_told(wanted, [h for h in hits if h.source == s]) for s in sources)
    best = max(alone, key=lambda t: (t.share, t.regardless))
    return best if max(best.share, best.regardless) >= _BORROWED else Told(0.0, 0.0, ())


def _every(wanted: dict[str, set[modality.Modality]], hits: list[Hit]) -> bool:
    """Each word of the statement is there, be it in the names of items."""
    told = {root(h.word.key) for h in hits if any(modality.agree(h.word.modality, m) for m in wanted[root(h.word.key)])}
    return told >= wanted.keys()


def _sources(alignment: Alignment) -> dict[int, int]:
    """For each word of a quote or of an item of the lists, its first word."""
    out = {i: m.run.first for m in alignment.mentions for i in range(m.run.first, m.run.last + 1)}
    out.update({i: q.first for q in alignment.quotes for i in range(q.first, q.last + 1)})
    return out


def _procedures(alignment: Alignment) -> list[Word]:
    """«Operada» is told by the operation; its words stand for it."""
    runs = [m.run for m in alignment.mentions if alignment.record.entries[m.entry].claim.kind is Kind.PROCEDURE]
    return [_as(_OPERATED, alignment.reading.words[r.first]) for r in runs]


def _ceased_fever(alignment: Alignment) -> list[Word]:
    """«La fiebre cedió» tells «afebril»."""
    found = (alignment.reading.words[i] for k in _FEVER for i in alignment.reading.by_key.get(k, ()))
    return [_as(_AFEBRILE, w) for w in found if w.modality == "open"]


def _as(key: str, word: Word) -> Word:
    return word._replace(token=word.token._replace(key=key), key="" if word.special else key)


def _credit(alignment: Alignment) -> dict[int, float]:
    """How far the words of the lists may tell the course: the details of drugs not at all."""
    out: dict[int, float] = {}
    for mention in alignment.mentions:
        is_drug = alignment.record.entries[mention.entry].claim.kind in DRUGS
        stop = max(mention.reach, mention.run.end)
        for i in alignment.reading.starting(mention.run.start, stop):
            after = alignment.reading.words[i].token.start >= mention.run.end
            out[i] = 0.0 if is_drug and after else _NAMED
    return out


def _given(alignment: Alignment) -> Iterator[int]:
    """The words of the drugs given or prescribed: they tell nothing of what was taken before."""
    for mention in alignment.mentions:
        if alignment.record.entries[mention.entry].claim.kind in DRUGS and mention.run.section is not Section.ADMISSION:
            yield from alignment.reading.starting(mention.run.start, max(mention.reach, mention.run.end))


def _fits(entry: Entry, word: Word) -> bool:
    return entry.claim.kind not in _PLANNED or word.section in (Section.PLAN, Section.DISCHARGE)


def _told(wanted: dict[str, set[modality.Modality]], hits: list[Hit]) -> Told:
    agreeing: dict[str, float] = {}
    any_way: dict[str, float] = {}
    for hit in hits:
        word, credit = hit.word, hit.credit
        key = root(word.key)
        if credit == 1.0:  # a diagnosis in its list does not deny «sin angina»
            any_way[key] = credit
        if any(modality.agree(word.modality, m) for m in wanted[key]):
            agreeing[key] = max(agreeing.get(key, 0.0), credit)
    whole = sum(map(_weight, wanted))
    return Told(
        sum(_weight(k) * c for k, c in agreeing.items()) / whole,
        sum(_weight(k) * c for k, c in any_way.items()) / whole,
        tuple(h.word for h in hits),
    )


def _weight(key: str) -> float:
    """A figure of its own («36,5», «1250») tells as much as a word."""
    is_plain = key[:1].isdigit() and len(key) < _FIGURE and "." not in key
    return _NUMBER if is_plain else 1.0
