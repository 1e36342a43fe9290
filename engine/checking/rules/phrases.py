"""What the record tells in sentences (reason, history, course, results, follow-up): present, with its own polarity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.checking import modality
from engine.checking.alignment import Alignment
from engine.checking.reading import Word
from engine.checking.record import LISTED, Entry, root
from engine.checking.rules.common import NOUNS, omitted, violation
from engine.domain import Violation, ViolationType
from engine.evidence import Kind, Section

_ENOUGH = 0.5  # share of a statement's words that must be told
_PLANNED = frozenset({Kind.FOLLOW_UP, Kind.CARE, Kind.ALARM_SIGN})


@dataclass(frozen=True, slots=True)
class Told:
    """How much of a statement two neighbouring sentences tell: with its polarity, and without regard to it."""

    share: float
    regardless: float
    words: tuple[Word, ...]


def check(alignment: Alignment) -> Iterator[Violation]:
    for entry in alignment.record.entries:
        if entry.claim.required and entry.claim.kind not in LISTED and entry.keys:
            yield from _statement(alignment, entry)


def _statement(alignment: Alignment, entry: Entry) -> Iterator[Violation]:
    told = best(alignment, entry)
    if told.share >= _ENOUGH:
        return
    if told.regardless >= _ENOUGH:
        start, end = told.words[0].token.start, told.words[-1].token.end
        kind: ViolationType = "allergy" if entry.claim.kind is Kind.ALLERGY else "negation"
        yield violation(kind, alignment, start, end, f"La ficha dice «{entry.label}»; el texto cambia la negación o la certeza.",
                        entry.claim.pointers)
        return
    yield omitted(entry, entry.label, len(alignment.reading.text), f"Falta {NOUNS[entry.claim.kind]} «{entry.label}».")


def best(alignment: Alignment, entry: Entry) -> Told:
    """The best place of the text for a statement."""
    wanted: dict[str, set[modality.Modality]] = {}
    for word in entry.name.words:
        if word.key:
            wanted.setdefault(root(word.key), set()).add(word.modality)
    hits: dict[int, list[Word]] = {}
    for word in alignment.reading.words:
        if word.key and root(word.key) in wanted and _fits(entry, word):
            hits.setdefault(word.sentence, []).append(word)
    told = [_told(wanted, hits[s] + hits.get(s + 1, [])) for s in hits]
    return max(told, key=lambda t: (t.share, t.regardless), default=Told(0, 0, ()))


def _fits(entry: Entry, word: Word) -> bool:
    return entry.claim.kind not in _PLANNED or word.section in (Section.PLAN, Section.DISCHARGE)


def _told(wanted: dict[str, set[modality.Modality]], words: list[Word]) -> Told:
    agreeing = {root(w.key) for w in words if any(modality.agree(w.modality, m) for m in wanted[root(w.key)])}
    return Told(len(agreeing) / len(wanted), len({root(w.key) for w in words}) / len(wanted), tuple(words))
