"""The fields of the record as what may support a stretch of a text.

A field is one value with its pointer: the name of an item, one of its details, one clause of a note. The words of a
text are looked up in an index of the words that the fields hold, in any of the forms in which the evidence knows them.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from engine.checking import calendar, measures
from engine.checking.calendar import Date
from engine.checking.families import family
from engine.checking.lexicon import lexicon, stem
from engine.checking.measures import Norm
from engine.checking.modality import Modality
from engine.checking.reading import Word, read
from engine.checking.units import flat
from engine.domain import Case, Text, texts
from engine.evidence import Attribute, Claim, Evidence, Kind, Section

_WORD = re.compile(r"[^\W\d_]+(?:\d+[^\W\d_]*)*|\d+(?:[.,]\d+)*")
_VERB = re.compile(
    r"([^\W\d_]{3,}?)(?:o|a|e|an|en|io|aba|ia|aron|ieron|ando|iendo|ado|ada|idos?|idas?|ar|er|ir)(?:se)?"
)
_ITSELF = re.compile(r"(?<=nd)os$|(?<=[aei]r)s$")  # «-ndose», «-arse», as stems
DETAILS = frozenset({"dose", "route", "frequency", "duration", "date", "note"})
LISTED = frozenset(
    {
        Kind.ADMISSION_DIAGNOSIS.value,
        Kind.DISCHARGE_DIAGNOSIS.value,
        Kind.PROCEDURE.value,
        Kind.TREATMENT.value,
        Kind.PRESCRIPTION.value,
    }
)
_SEX = {True: "mujer femenina niña", False: "hombre varon masculino niño"}


@dataclass(frozen=True, slots=True)
class Field:
    """One value of the record. `passage` is the note or item that it belongs to; `moments` when the record dates it."""

    pointers: tuple[str, ...]
    kind: str
    section: Section
    passage: str
    entry: int = -1  # index of its claim; −1 where it has none
    keys: dict[str, frozenset[Modality]] = field(default_factory=dict)
    atoms: frozenset[str] = frozenset()  # stems of every word in every form
    verbs: frozenset[str] = frozenset()
    numbers: frozenset[float] = frozenset()
    norms: frozenset[Norm] = frozenset()
    moments: frozenset[str] = frozenset()  # ISO dates; «día 3» as «3»
    results: tuple[tuple[str, str], ...] = ()  # values, folded, of the results that a clause of the course tells too
    unit: tuple[str, str] | None = None  # of a value: its unit, folded, and the field where that stands


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a record and where each word stands in them."""

    every: tuple[Field, ...]
    names: dict[int, int]  # by entry: the field of its name
    details: dict[tuple[int, int], int]  # by entry and place of the attribute
    codes: dict[int, tuple[str, ...]]  # by entry: where its code stands
    units: list[int]  # by field: that of the name of its item; a statement is its own
    by_key: dict[str, list[int]]
    by_family: dict[str, list[int]]
    by_atom: dict[str, list[int]]
    by_number: dict[float, list[int]]
    by_norm: dict[Norm, list[int]]
    by_verb: dict[str, list[int]]
    dated: tuple[tuple[str, tuple[Date, ...]], ...]  # texts of the record that hold dates, by their pointers
    memory: dict[Hashable, Any] = field(default_factory=dict)


@lru_cache(maxsize=8192)
def kin(word: str) -> str:
    """A stem without any of its endings: «implantándose», «implantación», «implanta» are one."""
    word = _ITSELF.sub("", word)
    while (shorter := family(word)) != word:
        word = shorter
    return word


@lru_cache(maxsize=8192)
def verbs(text: str) -> frozenset[str]:
    """What is left of the words of a text without the ending of a verb: «subió», «sube» → «sub»."""
    found = (_VERB.fullmatch(w) for w in _WORD.findall(flat(text)) if w not in lexicon().function)
    return frozenset(m[1] for m in found if m)


@lru_cache(maxsize=8192)
def atoms(text: str) -> frozenset[str]:
    """Stems of the words of a text, function words left out."""
    return frozenset(stem(w) for w in _WORD.findall(flat(text)) if w not in lexicon().function)


def gather(evidence: Evidence) -> Fields:
    """Every field of the record that the text may tell."""
    every: list[Field] = []
    names: dict[int, int] = {}
    details: dict[tuple[int, int], int] = {}
    held = _values(evidence.case)
    for i, claim in enumerate(evidence.claims):
        names[i] = len(every)
        every.append(_named(evidence, i, claim, held))
        for j, attribute in enumerate(claim.attributes):
            details[i, j] = len(every)
            every.append(_detailed(evidence, i, claim, attribute))
        every += _ranges(evidence, i, claim)
    claimed = {p for c in evidence.claims for p in c.pointers}
    every += (_loose(leaf) for leaf in _leaves(evidence.case) if leaf.pointer not in claimed)
    codes = {i: _coded(c, held) for i, c in enumerate(evidence.claims) if c.code}
    return _indexed(every, names, details, codes, tuple(_dated(evidence)))


def _dated(evidence: Evidence) -> Iterator[tuple[str, tuple[Date, ...]]]:
    """Dates in words of the record, not those of its date fields."""
    for leaf in texts(evidence.case):
        if leaf not in evidence.case.unused and len(leaf.value) > len("2026-10-02T09:10:00"):
            found = tuple(calendar.dates(leaf.value, evidence.dates))
            if found:
                yield leaf.pointer, found


def _values(case: Case) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for leaf in texts(case):
        out.setdefault(leaf.pointer, []).append(leaf.value)
    return out


def _coded(claim: Claim, held: dict[str, list[str]]) -> tuple[str, ...]:
    return tuple(p for p in claim.pointers if claim.code in held.get(p, ())) or claim.pointers[:1]


def _named(evidence: Evidence, index: int, claim: Claim, held: dict[str, list[str]]) -> Field:
    """The field of a claim's name: of an item recorded twice, both names."""
    own = flat(claim.forms[-1])
    pointers = tuple(p for p in claim.pointers if any(own in flat(v) for v in held.get(p, ())))
    said = held.get(claim.pointers[0], []) if claim.kind is Kind.PATIENT else []
    more = [_SEX[evidence.feminine]] if claim.id == "sexo" and evidence.feminine is not None else []
    if claim.kind is Kind.ALLERGY and claim.polarity == "affirmed":
        more.append(f"alergia a {claim.name}")
    if claim.kind is Kind.DISPOSITION:
        more.append("condición destino")
    if claim.heading:
        more.append(claim.heading)
    one = _field(pointers or claim.pointers[:1], claim, index, (*claim.forms, *said, *more))
    results = claim.pointers if claim.kind is Kind.COURSE else ()
    return replace(one, results=tuple((flat(v), p) for p in results if p not in pointers for v in held.get(p, ())))


def _detailed(evidence: Evidence, index: int, claim: Claim, attribute: Attribute) -> Field:
    one = _field((attribute.pointer,), claim, index, (attribute.value, *attribute.forms), attribute.kind)
    unit = _unit(evidence.case, attribute) if attribute.kind == "value" else None
    return replace(one, unit=(flat(unit.value), unit.pointer)) if unit else one


def _ranges(evidence: Evidence, index: int, claim: Claim) -> Iterator[Field]:
    """The limits of a result and what the laboratory says of it, which no claim tells."""
    for item in evidence.case.observations:
        if item.name.pointer == claim.pointers[0]:
            for leaf, said in ((item.low, "rango {}"), (item.high, "{}"), (item.interpretation, "{}")):
                if leaf:
                    yield _field((leaf.pointer,), claim, index, (leaf.value, said.format(leaf.value)), "range")


def _unit(case: Case, attribute: Attribute) -> Text | None:
    """The unit of a result, where it has a field of its own."""
    for item in case.observations:
        leaves = (item.value, item.minimum, item.maximum)
        if any(leaf and leaf.pointer == attribute.pointer for leaf in leaves):
            return item.unit
    return None


def _field(pointers: tuple[str, ...], claim: Claim, index: int, forms: tuple[str, ...], kind: str = "") -> Field:
    words = [w for form in forms for w in _read(form)]
    moments = {claim.date} if claim.date else set()
    return Field(
        pointers,
        kind or claim.kind.value,
        claim.section,
        claim.note if claim.kind is Kind.COURSE else claim.id,
        index,
        _keys(words),
        frozenset(a for form in forms for a in atoms(form)),
        frozenset(v for form in forms for v in verbs(form)),
        frozenset(n for w in words for n in _numbers(w)),
        frozenset(n for form in forms for m in measures.scan(form) for n in m.norms),
        frozenset(moments | ({str(claim.day)} if claim.day is not None else set())),
    )


def _loose(leaf: Text) -> Field:
    words = _read(leaf.value)
    numbers = frozenset(n for w in words for n in _numbers(w))
    return Field(
        (leaf.pointer,),
        "administrative",
        Section.ADMISSION,
        leaf.pointer,
        -1,
        _keys(words),
        atoms(leaf.value),
        verbs(leaf.value),
        numbers,
    )


def _leaves(case: Case) -> Iterator[Text]:
    """The patient and the stay; dates are looked up by themselves."""
    yield from texts((case.patient, case.stay))
    yield from (n.author for n in case.notes if n.author)


@lru_cache(maxsize=4096)
def _read(form: str) -> tuple[Word, ...]:
    return read(form, section=Section.COURSE).words


def _keys(words: Iterable[Word]) -> dict[str, frozenset[Modality]]:
    out: dict[str, set[Modality]] = {}
    for word in words:
        if word.key:
            out.setdefault(word.key, set()).add(word.modality)
    return {k: frozenset(v) for k, v in out.items()}


def _numbers(word: Word) -> frozenset[float]:
    if not word.is_number:
        return frozenset()
    return measures.values(word.token.folded) or measures.values(word.key)


def _indexed(
    every: list[Field],
    names: dict[int, int],
    details: dict[tuple[int, int], int],
    codes: dict[int, tuple[str, ...]],
    dated: tuple[tuple[str, tuple[Date, ...]], ...],
) -> Fields:
    units = [names.get(one.entry, n) for n, one in enumerate(every)]
    out = Fields(tuple(every), names, details, codes, units, {}, {}, {}, {}, {}, {}, dated)
    for n, one in enumerate(every):
        for key in one.keys:
            out.by_key.setdefault(key, []).append(n)
        for atom in one.atoms:
            out.by_atom.setdefault(atom, []).append(n)
        for root in {kin(a) for a in one.atoms}:
            out.by_family.setdefault(root, []).append(n)
        for number in one.numbers:
            out.by_number.setdefault(number, []).append(n)
        for norm in one.norms:
            out.by_norm.setdefault(norm, []).append(n)
        for verb in one.verbs:
            out.by_verb.setdefault(verb, []).append(n)
    return out
