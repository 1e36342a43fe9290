"""Every number of the text supported by the record beside the same words, with the same unit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from engine.checking import measures
from engine.checking.alignment import Alignment
from engine.checking.context import around, beside, neighbours
from engine.checking.keeping import kept
from engine.checking.reading import Word
from engine.checking.record import DRUGS, LISTED, TIMES, Amount, Entry, Record, number, root, unit_after
from engine.checking.rounding import is_rounded
from engine.checking.rules.common import violation
from engine.checking.rules.tallies import THESE, counts_notes
from engine.checking.spelled import ORDINALS
from engine.checking.units import flat, unit
from engine.domain import Violation, ViolationType
from engine.evidence import Kind, Section
from engine.evidence.quantities import MONTHS

_ROMAN = re.compile(r"^(?:i{2,3}|iv|vi{1,3}|ix|xi{1,2})$")
_HOUR = re.compile(r"\b(\d{1,2}):(\d{2})\b")
_DAILY = re.compile(r"/(?:24 ?h|d)$")  # «359 ml/24 h» is «359 ml en 24 horas»
_ENOUGH = 1.0
_USUAL = 2  # words, usual ones too, that a number has around it in the record and in the text
_RARE = 100  # a figure with its unit that no other thing is likely to have
_ITEMS = frozenset(
    "antimicrobianos antibioticos farmacos medicamentos drogas remedios diagnosticos problemas procedimientos cirugias "
    "intervenciones tratamientos esquemas examenes controles resultados dosis notas anotaciones registros ocasiones "
    "oportunidades mediciones valores".split()
)
_ARE = frozenset("son eran fueron han sido los las".split())  # «dos fueron los antibióticos»


def check(alignment: Alignment) -> Iterator[Violation]:
    accounted = _accounted(alignment)
    said = {i: _said(alignment, i) for i, w in enumerate(alignment.reading.words) if w.is_number}
    claimed = _claimed(alignment.record, said)
    for i, word in enumerate(alignment.reading.words):
        if word.token.start in accounted or word.special or i in alignment.quoted:
            continue
        if word.is_number:
            yield from _number(alignment, i, said[i], claimed)
        elif (
            word.key
            and not alignment.record.knows(word.key)
            and (_ROMAN.match(word.token.folded) or any(c.isdigit() for c in word.token.text))
            and not _is_day(alignment.record, word)
        ):
            reason = f"«{word.token.text}» no está en la ficha."
            yield violation("number", alignment, word.token.start, word.token.end, reason, added=True)


def _is_day(record: Record, word: Word) -> bool:
    """«D4:» is the fourth day."""
    match = re.fullmatch(r"d(\d{1,3})", word.token.folded)
    return match is not None and float(match[1]) in _days(record)


def _accounted(alignment: Alignment) -> set[int]:
    """Starts of the numbers that belong to a drug's measures or to an item's name."""
    out: set[int] = set()
    for mention in alignment.mentions:
        entry = alignment.record.entries[mention.entry]
        for measure in (*mention.owned, *mention.shared):
            inside = alignment.reading.starting(measure.start, measure.end)
            out.update(alignment.reading.words[i].token.start for i in inside)
        notes = _in_notes(entry)
        for i in alignment.reading.starting(mention.run.start, max(mention.run.end, mention.reach)):
            word = alignment.reading.words[i]
            start = word.token.start
            named = start < mention.run.end and word.key in entry.keys
            noted = word.is_number and start < mention.reach and bool(number(word) & notes)
            if named or noted:
                out.add(start)
    return out


def _in_notes(entry: Entry) -> frozenset[float]:
    """Numbers in the words of a drug's indication («día 1», «según INR objetivo 2-3»)."""
    return frozenset(
        v
        for d in entry.details
        if d.attribute.kind == "note"
        for n in re.findall(r"\d+(?:[.,]\d+)?", d.attribute.forms[-1])
        for v in measures.values(n)
    )


def _claimed(record: Record, said: dict[int, _Said]) -> dict[int, set[int]]:
    """For each amount of the record the numbers of the text that tell it right beside one of its own words."""
    out: dict[int, set[int]] = {}
    for i, number_said in said.items():
        for amount in _touched(record, number_said):
            out.setdefault(id(amount), set()).add(i)
    return out


@kept
def _touched(record: Record, said: _Said) -> list[Amount]:
    return [a for a, _ in _equal(record, said) if said.touches(a)]


@kept
def _equal(record: Record, said: _Said) -> list[tuple[Amount, float]]:
    """The amounts that are the same, in the order of the record, and how well each fits."""
    like = record.amounts_of(said.values, or_times=said.unit in TIMES)
    return [(a, said.score(a)) for a in like if said.equals(a)]


@kept
def _rivals(record: Record, said: _Said) -> list[tuple[Amount, float]]:
    return [(a, said.score(a)) for a in record.amounts_after(said.left) if said.rivals(a)]


def _said(alignment: Alignment, i: int) -> _Said:
    reading = alignment.reading
    return _Said(
        number(reading.words[i]),
        unit(unit_after(reading, i)),
        beside(reading, i, -1),
        beside(reading, i, 1),
        frozenset(map(root, neighbours(reading, i))),
        reading.words[i].section,
    )


def _number(alignment: Alignment, i: int, said: _Said, claimed: dict[int, set[int]]) -> Iterator[Violation]:
    record, word = alignment.record, alignment.reading.words[i]
    same = _equal(record, said)
    best_same = max((s for _, s in same), default=-1.0)
    rivals = _rivals(record, said)
    other = [(a, s) for a, s in rivals if best_same < _ENOUGH or not claimed.get(id(a), set()) - {i}]
    rival, best_other = max(other, key=lambda o: o[1], default=(None, -1.0))
    wrong = _other_unit(record, said)
    if wrong is None and best_other <= best_same >= _ENOUGH:
        return
    if _aside(alignment, word) or _counts_nothing(alignment, i) or _is_year(alignment, i) or is_rounded(alignment, i):
        return
    start, end = word.token.start, word.token.end
    if wrong is not None:
        yield _unsupported(alignment, start, end, said, wrong)
        return
    if said.unit not in TIMES and any(said.near_by(a) for a, _ in same) and not any(said.meets(a) for a, _ in other):
        return
    if best_same < _ENOUGH and _derived(record, alignment, said):
        return
    if not same:
        yield _unsupported(alignment, start, end, said, rival)
    elif rival is not None and best_other > best_same:
        yield _against(alignment, start, end, rival)
    elif best_same < _ENOUGH and not any(_in_passage(alignment, i, said, a) for a, _ in same):
        reason = f"El número {word.token.text} está en la ficha, pero junto a otro dato."
        pointers = record.entries[same[0][0].entry].claim.pointers
        yield violation("number", alignment, start, end, reason, pointers, "warning", added=True)


def _is_year(alignment: Alignment, i: int) -> bool:
    """«Julio de 2020»: the year of a date of the record."""
    words, said = alignment.reading.words, alignment.reading.words[i].token.text
    before = {w.token.folded for w in words[max(0, i - 3) : i]}
    recorded = {d[:4] for d in alignment.record.evidence.dates}
    return said in recorded and not before.isdisjoint(("ano", "año", *MONTHS))


def _counts_nothing(alignment: Alignment, i: int) -> bool:
    """«Primero 2 mg y luego 4», «estos dos sin código»: an order, or things told before."""
    words = alignment.reading.words
    if words[i].token.text.isdigit() or unit_after(alignment.reading, i):
        return False
    before = words[i - 1].token.folded if i else ""
    following = [w.token.folded for w in words[i + 1 : i + 6] if w.token.folded not in _ARE][:2]
    return (
        words[i].token.folded in ORDINALS
        or before in THESE
        or _counts_items(alignment, i, following)
        or counts_notes(alignment, i)
    )


def _counts_items(alignment: Alignment, i: int, following: list[str]) -> bool:
    """«Tres antimicrobianos»: no more than the longest list of the record has."""
    kinds = (*LISTED, Kind.OBSERVATION, Kind.FOLLOW_UP)
    most = max((len(alignment.record.of(kind)) for kind in kinds), default=0)
    return bool(following) and following[0] in _ITEMS and all(v <= most for v in number(alignment.reading.words[i]))


def _in_passage(alignment: Alignment, i: int, said: _Said, amount: Amount) -> bool:
    """The sentence, or the one before, speaks of the thing; or the figure is such that nothing else has it."""
    words = alignment.reading.words
    entry = alignment.record.entries[amount.entry]
    if entry.claim.kind in (*DRUGS, Kind.HABITUAL):
        return False
    exact = bool(said.unit) and said.unit not in TIMES and said.unit == unit(amount.unit)
    if exact and any(v >= _RARE or v % 1 for v in said.values):
        return True
    if len(around(alignment.reading, i) & amount.said) >= _USUAL:
        return True
    near = {root(k) for k in (*amount.near, *entry.keys) if not k[:1].isdigit()}
    sentences = alignment.reading.sentences
    passage = (j for n in (-1, 0) for j in sentences.get(words[i].sentence + n, ()))
    return any(words[j].key and not words[j].is_number and root(words[j].key) in near for j in passage)


@kept
def _other_unit(record: Record, said: _Said) -> Amount | None:
    """The same value of the same thing in another unit, where the record has it in the unit told nowhere."""
    if not said.unit or said.unit in TIMES:
        return None
    same = [a for a in record.amounts_of(said.values) if a.unit]
    if any(unit(a.unit) == said.unit for a in same):
        return None
    return next((a for a in same if _same(a.left, said.left)), None)


def _same(one: str, other: str) -> bool:
    return bool(one) and root(one) == root(other)


@lru_cache(maxsize=4096)
def _sides(left: str, right: str) -> frozenset[str]:
    return frozenset(root(key) for key in (left, right) if key)


class _Said(NamedTuple):
    """A number of the text with what stands around it."""

    values: frozenset[float]
    unit: str
    left: str
    right: str
    roots: frozenset[str]  # of the words around
    section: Section

    def equals(self, amount: Amount) -> bool:
        recorded = unit(amount.unit)
        if not self.values.isdisjoint(amount.values) and _DAILY.sub("", self.unit) == _DAILY.sub("", recorded):
            return True
        if not self.values.isdisjoint(amount.values):
            return not (self.unit and recorded) or self.unit == recorded
        if self.unit in TIMES and recorded in TIMES:
            return any(
                abs(a * TIMES[self.unit] - b * TIMES[recorded]) < 1e-6 for a in self.values for b in amount.values
            )
        return False

    def rivals(self, amount: Amount) -> bool:
        """Another value of the same thing."""
        recorded = unit(amount.unit)
        both_times = self.unit in TIMES and recorded in TIMES
        same_unit = recorded == self.unit or both_times or not self.values.isdisjoint(amount.values)
        return _same(amount.left, self.left) and same_unit and not self.equals(amount)

    def near_by(self, amount: Amount) -> bool:
        """The record has the number in this part, and near it the word that stands before it in the text."""
        return amount.section == self.section and bool(self.left) and root(self.left) in amount.roots

    def contests(self, amount: Amount) -> bool:
        """Too much alike to be another thing: the same unit or value among the same words, the other one changed."""
        alike = unit(amount.unit) == self.unit or not self.values.isdisjoint(amount.values)
        told = bool(amount.near or amount.left) and not self.equals(amount)
        return alike and told and self.score(amount) >= _ENOUGH

    def touches(self, amount: Amount) -> bool:
        """A word beside the number is one beside the record's."""
        return not _sides(self.left, self.right).isdisjoint(_sides(amount.left, amount.right))

    def meets(self, amount: Amount) -> bool:
        return amount.section == self.section and _same(self.left, amount.left)

    def score(self, amount: Amount) -> float:
        near = min(2.0, 0.5 * len(self.roots & amount.roots))
        sides = 2.0 * _same(self.left, amount.left) + _same(self.right, amount.right)
        same_unit = 0.5 * (bool(self.unit) and self.unit == unit(amount.unit))
        bare = 1.0 if not amount.near and not amount.left else 0.0
        return near + sides + same_unit + bare + 0.25 * (amount.section == self.section)


def _kind(alignment: Alignment, rival: Amount | None) -> ViolationType:
    kind = alignment.record.entries[rival.entry].claim.kind if rival else None
    return "lab" if kind is Kind.OBSERVATION else "dose" if kind is Kind.HABITUAL else "number"


def _aside(alignment: Alignment, word: Word) -> bool:
    """The hour of a date of the record, or the reference range of a result."""
    text, start, end = alignment.reading.text, word.token.start, word.token.end
    leaves = alignment.record.leaves
    for hour in _HOUR.finditer(text) if ":" in text[max(0, start - 3) : end + 3] else ():
        if hour.start() <= start < hour.end():
            return any(f"T{int(hour[1]):02}:{hour[2]}" in leaf for leaf in leaves)
    m = re.search(r"\b(?:rango|referencia|normal)\W+(?:[\d.,]+ ?[-–a] ?)?$", flat(text[max(0, start - 30) : start]))
    return m is not None and any(re.search(rf"(?<![\d.,]){re.escape(text[start:end])}(?![\d])", x) for x in leaves)


def _unsupported(alignment: Alignment, start: int, end: int, said: _Said, rival: Amount | None) -> Violation:
    text = alignment.reading.text
    if rival and not rival.values.isdisjoint(said.values):
        kind = alignment.record.entries[rival.entry].claim.kind
        return violation(
            "dose" if kind in (*DRUGS, Kind.HABITUAL) else "lab",
            alignment,
            start,
            end,
            f"La unidad en la ficha es {rival.unit}, no {said.unit}.",
            alignment.record.entries[rival.entry].claim.pointers,
        )
    if rival:
        return _against(alignment, start, end, rival)
    is_added = not _contested(alignment.record, said)
    reason = f"El número {text[start:end]} no está en la ficha."
    return violation("number", alignment, start, end, reason, added=is_added)


@kept
def _contested(record: Record, said: _Said) -> bool:
    return any(map(said.contests, record.amounts))


def _against(alignment: Alignment, start: int, end: int, rival: Amount) -> Violation:
    entry = alignment.record.entries[rival.entry]
    return violation(
        _kind(alignment, rival),
        alignment,
        start,
        end,
        f"La ficha dice {rival.raw} («{entry.label}»), no {alignment.reading.text[start:end]}.",
        entry.claim.pointers,
    )


@kept
def _counts(record: Record) -> frozenset[float]:
    kinds = (Kind.ADMISSION_DIAGNOSIS, Kind.DISCHARGE_DIAGNOSIS, Kind.PROCEDURE)
    return frozenset(float(len(list(record.evidence.of(k)))) for k in kinds)


def _derived(record: Record, alignment: Alignment, said: _Said) -> bool:
    """Counts that follow from the record: days between dates, length of the stay, how many items a list has."""
    if said.unit == "" and not said.values.isdisjoint(_counts(record)) and not said.left:
        return True
    return (
        (said.unit in ("d", "") and not said.values.isdisjoint(_days(record)))
        and said.section is not None
        and said.unit == "d"
    ) or (
        said.left == ""
        and said.unit == ""
        and not said.values.isdisjoint(_days(record))
        and _after_day(alignment, said)
    )


def _after_day(alignment: Alignment, said: _Said) -> bool:
    return bool(re.search(rf"\bdia {int(min(said.values))}\b", flat(alignment.reading.text)))


@kept
def _days(record: Record) -> frozenset[float]:
    """Days of stay and days between dates of the record, counted both ways."""
    found = sorted({date.fromisoformat(d) for d in record.evidence.dates if _valid(d)})
    start = record.evidence.case.stay.start
    firsts = [date.fromisoformat(start.value[:10])] if start and _valid(start.value[:10]) else found[:1]
    spans = {(d - f).days for f in firsts for d in found}
    told = {float(c.day) for c in record.evidence.claims if c.day is not None}
    return frozenset({float(n) for s in spans for n in (s, s + 1) if 0 < n < 400} | told)


def _valid(iso: str) -> bool:
    try:
        date.fromisoformat(iso)
    except ValueError:
        return False
    return True
