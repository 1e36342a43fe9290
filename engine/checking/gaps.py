"""What the completeness gate finds missing, and how it tells it to the physician."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.checking.reading import Reading, read
from engine.checking.record import LISTED
from engine.checking.saying import says
from engine.domain import Condition, Medication, Observation, Report, RequirementId, Text, texts
from engine.evidence import Claim, Evidence, Kind, Section

_SHOWN = 6  # items named in one sentence


@dataclass(frozen=True, slots=True)
class Gap:
    """Something missing: «Falta la dosis de», «X»; gaps with the same words are told in one sentence."""

    words: str
    subject: str = ""
    evidence: tuple[str, ...] = ()
    pointer: str = ""
    in_text: bool = False  # the record holds it


@dataclass(frozen=True, slots=True)
class Finding:
    """A requirement with its gaps, or what tells that it is met."""

    id: RequirementId
    met: str
    evidence: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()


class Look:
    """The record, the text (None: not written yet) and what the checker says of it."""

    def __init__(self, evidence: Evidence, text: str | None, report: Report) -> None:
        self.evidence, self.case, self.text = evidence, evidence.case, text
        self.spans, self._attested = report.spans, report.attested
        self._named = {(span.kind, span.evidence[:1]) for span in report.spans}
        self._omitted = {
            (v.evidence, v.mention) for v in report.violations if v.type == "omission" and v.severity == "blocking"
        }
        self._by_pointer = {p: c for c in evidence.claims for p in c.pointers}

    def claim(self, item: object) -> Claim | None:
        """The claim of an item of the record."""
        return next((self._by_pointer[t.pointer] for t in texts(item) if t.pointer in self._by_pointer), None)

    def name(self, item: Condition | Medication | Observation) -> str:
        """The item as it is named to the physician: by its words, else by its code."""
        claim, code = self.claim(item), None if isinstance(item, Observation) else item.code
        if says(item.name) and claim:
            return f"«{claim.name}»"
        return f"«{code.value}»" if code else "un ítem sin nombre ni código"

    def omits(self, claim: Claim, *forms: str) -> bool:
        """The text lacks this detail of the claim."""
        return any((claim.pointers, form) in self._omitted for form in forms)

    def vouched(self, section: Section) -> bool:
        """A physician added a diagnosis to this part of the text («Diagnóstico de egreso: …»)."""
        if self.text is None or not self._attested:
            return False
        reading = read(self.text)
        return any(_is_diagnosis(reading, place.start, place.end, section) for place in self._attested)

    def untold(self, *kinds: Kind) -> Iterator[Gap]:
        """What the record holds and the text does not name, or names in another list only."""
        for claim in self.evidence.of(*kinds) if self.text is not None else ():
            named = (claim.kind.value, claim.pointers[:1]) in self._named
            if not named if claim.kind in LISTED else self.omits(claim, claim.name):
                yield Gap("El texto no dice", f"«{claim.name}»", claim.pointers, claim.pointers[0], in_text=True)


def _is_diagnosis(reading: Reading, start: int, end: int, section: Section) -> bool:
    """The sentence has called what follows in it diagnoses."""
    first = reading.words[reading.inside(start, end)[0]]
    before = (w.token.folded for w in reading.words if w.sentence == first.sentence and w.token.start < start)
    return first.section is section and any(word.startswith("diagnostic") for word in before)


def sentences(gaps: Iterable[Gap]) -> str:
    """One sentence for each kind of gap, with the items it speaks of."""
    subjects: dict[str, list[str]] = {}
    for gap in gaps:
        subjects.setdefault(gap.words, []).append(gap.subject)
    return " ".join(f"{words} {_enumerated(named)}".strip() + "." for words, named in subjects.items())


def _enumerated(subjects: Iterable[str]) -> str:
    """«A», «B» y «C»; past a few only how many more there are."""
    named = list(dict.fromkeys(filter(None, subjects)))
    shown = named if len(named) <= _SHOWN else [*named[: _SHOWN - 1], f"{len(named) - _SHOWN + 1} más"]
    return " y ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def counted(items: Sequence[object], singular: str, plural: str) -> str:
    return f"{len(items)} {singular if len(items) == 1 else plural}."


def pointers(*leaves: Text | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(leaf.pointer for leaf in leaves if leaf))
