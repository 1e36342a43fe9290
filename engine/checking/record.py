"""The record made ready for comparison, once for any number of texts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from engine.checking import clips, fields, measures
from engine.checking.acronyms import Acronyms, gather
from engine.checking.context import around, beside
from engine.checking.families import family
from engine.checking.fields import Fields
from engine.checking.guide import Guide, Item
from engine.checking.keeping import kept
from engine.checking.measures import Measure
from engine.checking.modality import Modality
from engine.checking.quotes import Literal, literals, stripped
from engine.checking.reading import Reading, Word, read, same_code
from engine.checking.support import Support
from engine.checking.units import UNIT_AFTER, flat, unit
from engine.checking.variants import Variant, variants
from engine.checking.words import RESULTS, keys, tokens
from engine.domain import Case, texts
from engine.evidence import Attribute, Claim, Evidence, Kind, Section

_SHORT = 3  # letters of an abbreviation, which means nothing without the words around it
LISTED = frozenset(
    {
        Kind.ADMISSION_DIAGNOSIS,
        Kind.DISCHARGE_DIAGNOSIS,
        Kind.PROCEDURE,
        Kind.TREATMENT,
        Kind.PRESCRIPTION,
    }
)
DRUGS = frozenset({Kind.TREATMENT, Kind.PRESCRIPTION})
TIMES = {"h": 1.0, "d": 24.0, "sem": 168.0, "mes": 720.0, "a": 8760.0, "min": 1 / 60}  # hours
_UNIT = 48  # characters in which a unit ends
DIAGNOSES = frozenset({Kind.ADMISSION_DIAGNOSIS, Kind.DISCHARGE_DIAGNOSIS})


@dataclass(frozen=True, slots=True)
class Detail:
    """An attribute of a claim with the measures it states and the keys of its words."""

    attribute: Attribute
    measures: tuple[Measure, ...]
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A claim with its name read."""

    claim: Claim
    name: Reading
    keys: tuple[str, ...]  # of the name, numbers included, each once, in order
    all_keys: frozenset[str]  # of every form of the name and of its details
    details: tuple[Detail, ...]
    norms: frozenset[measures.Norm]  # of every measure of the details
    families: frozenset[str]  # of all its words
    roots: frozenset[str]  # of the words of its name

    def holds(self, key: str) -> bool:
        """The claim has the word, or one of its family."""
        return key in self.all_keys or family(key) in self.families

    @property
    def label(self) -> str:
        """The claim as it is named to the physician."""
        return self.claim.forms[0]


@dataclass(frozen=True, slots=True)
class Place:
    """A word of the record among its neighbours."""

    entry: int
    index: int
    key: str
    modality: Modality
    section: Section
    near: frozenset[str]


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of the record among its neighbours."""

    entry: int
    values: frozenset[float]
    unit: str
    left: str  # nearest content key before it
    right: str
    near: frozenset[str]
    raw: str
    section: Section
    said: frozenset[str] = frozenset()  # stems of the words around it, usual ones too
    roots: frozenset[str] = field(init=False)  # of the words of `near`

    def __post_init__(self) -> None:
        object.__setattr__(self, "roots", frozenset(map(root, self.near)))


@dataclass(slots=True)
class Record:
    evidence: Evidence
    entries: tuple[Entry, ...]
    places: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    roots: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    amounts: list[Amount] = field(default_factory=list)
    whole: frozenset[str] = frozenset()  # every key anywhere in the record
    acronyms: Acronyms | None = None
    literals: tuple[Literal, ...] = ()
    stripped: tuple[Literal, ...] = ()  # the statements without one of their negations
    guide: Guide | None = None
    support: Support = field(default_factory=lambda: Support((), frozenset()))
    variants: tuple[Variant, ...] = ()  # the statements with a gap where a number, side or sign stands
    leaves: tuple[str, ...] = ()  # every value of the record, those of no claim too
    days: frozenset[int] = frozenset()  # of stay, that its texts name («desde el día 7»)
    fields: Fields = field(init=False)
    memory: dict[Hashable, Any] = field(default_factory=dict)

    def related(self, key: str) -> Sequence[str]:
        """The record's keys that are this word or of its family (a common root of six letters)."""
        if key in self.places:
            return (key,)
        return self.roots.get(root(key), ())

    def knows(self, key: str) -> bool:
        return key in self.whole or bool(self.roots.get(root(key)))

    @kept
    def amounts_of(self, values: frozenset[float], *, or_times: bool = False) -> list[Amount]:
        """The numbers of the record with one of these values, and any time where that may be told in another unit."""
        return [a for a in self.amounts if not a.values.isdisjoint(values) or (or_times and unit(a.unit) in TIMES)]

    @kept
    def amounts_after(self, key: str) -> list[Amount]:
        """The numbers of the record before which a word of this family stands."""
        return [a for a in self.amounts if key and root(a.left) == root(key)]

    @kept
    def coded(self, code: str) -> list[int]:
        """The items that have this code."""
        return [i for i, e in enumerate(self.entries) if same_code(code, e.claim.code)]

    @kept
    def of(self, *kinds: Kind) -> list[int]:
        return [i for i, e in enumerate(self.entries) if e.claim.kind in kinds]


@lru_cache(maxsize=16384)
def root(key: str) -> str:
    """Six letters of a family tell kindred clinical words; shorter ones and groups stand for themselves."""
    base = family(key)
    is_removal = "ectom" in base  # «apendicectomía» is no «apendicitis»
    return base if base[:1] in "=®" else f"{base[:6]}{'+' * is_removal}"


def prepare(evidence: Evidence) -> Record:
    acronyms = gather(tokens(form) for c in evidence.claims for form in c.forms[:1])
    acronyms = replace(acronyms, clips=clips.gather(evidence.claims))
    record = Record(evidence, tuple(_entry(c, acronyms) for c in evidence.claims), acronyms=acronyms)
    record.literals = literals(evidence.claims)
    record.stripped = stripped(record.literals)
    record.guide = Guide(_item(e) for e in record.entries if e.claim.kind in LISTED)
    record.variants = variants(record.literals)
    record.leaves = tuple(t.value for t in texts(evidence.case))
    record.days = frozenset(int(n) for leaf in record.leaves for n in re.findall(r"\bdia (\d{1,2})\b", flat(leaf)))
    record.fields = fields.gather(evidence)
    for note in _passages(record):
        _index(record, note)
    for i, entry in enumerate(record.entries):
        for detail in entry.details:
            _detail_amounts(record, i, entry, detail)
        if entry.claim.day is not None:
            record.amounts.append(
                Amount(
                    i,
                    frozenset({float(entry.claim.day)}),
                    "d",
                    "",
                    "",
                    frozenset(entry.keys),
                    str(entry.claim.day),
                    entry.claim.section,
                )
            )
    from_leaves = frozenset(k for w in evidence.words if len(w) > _SHORT for k in keys(w))
    leaves = _worded(evidence.case)
    from_leaves |= frozenset(k for leaf in leaves for k in keys(leaf))  # «fx» of «fx renal» is no fracture
    record.whole = from_leaves | frozenset(k for e in record.entries for k in e.all_keys)
    record.support = Support(leaves, record.whole, (c.code for c in evidence.of(*DRUGS) if c.code))
    for key in sorted(record.whole):
        record.roots[root(key)].append(key)
    return record


def _entry(claim: Claim, acronyms: Acronyms) -> Entry:
    form = claim.forms[0]
    if claim.kind is Kind.OBSERVATION:
        form = _result(form)
    name = read(form, section=claim.section, acronyms=acronyms)
    ordered = tuple(dict.fromkeys(w.key for w in name.words if w.key))
    details = tuple(_detail(a) for a in claim.attributes)
    told = map(_result, claim.forms) if claim.kind is Kind.OBSERVATION else claim.forms
    forms = frozenset(k for f in told for k in keys(f)) | frozenset(k for d in details for k in d.keys)
    return Entry(
        claim,
        name,
        ordered,
        forms | frozenset(ordered),
        details,
        frozenset(n for d in details for m in d.measures for n in m.norms),
        frozenset(map(family, forms | frozenset(ordered))),
        frozenset(map(root, ordered)),
    )


def _worded(case: Case) -> tuple[str, ...]:
    """Every value of the record, the names of results written out."""
    names = {o.name.pointer for o in case.observations}
    return tuple(_result(t.value) if t.pointer in names else t.value for t in texts(case))


def _result(name: str) -> str:
    """«CA» among results is calcium, «FA» no arrhythmia."""
    return RESULTS.get(flat(name), name)


def _item(entry: Entry) -> Item:
    code = (entry.claim.code or "").replace(".", "")
    names = tuple(dict.fromkeys(map(flat, entry.claim.forms)))
    return Item(entry.claim.section, code, names, frozenset(entry.keys), entry.norms)


def _detail(attribute: Attribute) -> Detail:
    if attribute.kind == "date":
        return Detail(attribute, (), frozenset())
    forms = (attribute.value, *attribute.forms)
    found = tuple(m for f in forms for m in measures.scan(f))
    return Detail(attribute, found, frozenset(k for f in forms for k in keys(f)))


def _passages(record: Record) -> list[list[int]]:
    """Claims that stand together: the clauses of one note; any other claim alone."""
    notes: dict[str, list[int]] = defaultdict(list)
    for i, entry in enumerate(record.entries):
        claim = entry.claim
        notes[claim.note if claim.kind is Kind.COURSE else claim.id].append(i)
    return list(notes.values())


def _index(record: Record, passage: list[int]) -> None:
    flat: list[tuple[int, int, Word]] = [(e, j, w) for e in passage for j, w in enumerate(record.entries[e].name.words)]
    content = [(e, j, w) for e, j, w in flat if w.key]
    for n, (e, j, w) in enumerate(content):
        section = record.entries[e].claim.section
        near = frozenset(x.key for _, _, x in content[max(0, n - 4) : n + 5]) - {w.key}
        record.places[w.key].append(Place(e, j, w.key, w.modality, section, near))
        if w.is_number:
            name = record.entries[e].name
            record.amounts.append(
                Amount(
                    e,
                    number(w),
                    unit_after(name, j),
                    beside(name, j, -1),
                    beside(name, j, 1),
                    near,
                    w.token.text,
                    section,
                    around(name, j),
                )
            )


def _detail_amounts(record: Record, index: int, entry: Entry, detail: Detail) -> None:
    """The numbers of a drug's details or of a result, beside the name."""
    reading = read(detail.attribute.forms[0], section=entry.claim.section)
    name = frozenset(entry.keys)
    last = next((k for k in reversed(entry.keys) if not k[:1].isdigit()), "")
    for j, w in enumerate(reading.words):
        if w.is_number:
            left = beside(reading, j, -1) or last
            record.amounts.append(
                Amount(
                    index,
                    number(w),
                    unit_after(reading, j),
                    left,
                    "",
                    name | detail.keys,
                    w.token.text,
                    entry.claim.section,
                )
            )


def number(word: Word) -> frozenset[float]:
    """The readings of a number, in figures or in words."""
    return measures.values(word.token.folded) or measures.values(word.key)


@lru_cache(maxsize=4096)
def figures(form: str) -> tuple[frozenset[float], ...]:
    """The numbers of a form of the record, each in its readings."""
    return tuple(number(w) for w in read(form).words if w.is_number)


def unit_after(reading: Reading, index: int) -> str:
    """The unit written after a number («mg/dl», «%», «dias») or the day before it («día 4»); empty where none."""
    if index and reading.words[index - 1].token.folded == "dia":
        return "d"
    place = reading.words[index].token.end
    after = reading.text[place : place + _UNIT]
    match = UNIT_AFTER.match(flat(after))
    return match[1].replace(" ", "") if match else ""
