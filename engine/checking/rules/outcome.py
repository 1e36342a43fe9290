"""How the patient left: dead, moved or sent home, as the record says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.checking.alignment import Alignment
from engine.checking.keeping import kept
from engine.checking.pieces import found
from engine.checking.record import Record
from engine.checking.rules.common import NOUNS, omitted, violation
from engine.checking.units import flat
from engine.domain import Severity, Violation
from engine.evidence import Kind, Section

_DIES = re.compile(r"\b(?:fallece|fallecio|(?:paciente )?fallecid[oa]|muere|murio)\b")
_OTHER = re.compile(
    r"\b(?:padres?|madre|herman[oa]s?|hij[oa]s?|espos[oa]|conyuge|ti[oa]s?|abuel[oa]s?|familiar|feto|gemelo|no)\b"
)
_HOME = re.compile(
    r"\bse (?:da|dio) de alta|\b(?:es|fue) dad[oa] de alta|\balta a (?:su )?(?:domicilio|hogar|casa)|"
    r"\begresa (?:a (?:su )?(?:domicilio|hogar|casa)|en (?:buenas|regulares) condiciones)"
)
_GOES_HOME = re.compile(
    r"\b(?:egresa|alta|se va|regresa|vuelve)\b[^.;:,]{0,30}? a (?:su )?(?:domicilio|hogar|casa)\b(?! de reposo)"
)
_MOVES = re.compile(r"\b(?:egresa|es|fue) trasladad[oa]\b|\begresa por traslado\b|\bse traslada a\b")
_DEATH = re.compile(r"\b(?:fallec\w+|obito|defuncion|exitus|muerte|muri[oe]\w*|muere)\b")
_AT_HOME = re.compile(r"\b(?:domicilio|hogar|casa|vivo|viva|mejorad[oa]|alta)\b")  # any «alta» tells it
_STEM = 5  # letters that tell a word of the disposition: «traslado», «trasladada»
_BEFORE = 40  # letters in which a relative may be named


def check(alignment: Alignment) -> Iterator[Violation]:
    evidence = alignment.record.evidence
    folded = flat(alignment.reading.text)
    pointers = next((c.pointers for c in evidence.of(Kind.DISPOSITION)), ())
    yield from _untold(alignment)
    if evidence.deceased:
        yield from _found(alignment, folded, _HOME, "La ficha dice que el paciente falleció.", pointers)
    else:
        yield from _found(alignment, folded, _DIES, "La ficha no dice que el paciente haya fallecido.", pointers)
        yield from _at_home(alignment, folded)
    if not evidence.transferred and not alignment.record.knows("traslad"):
        yield from _found(alignment, folded, _MOVES, "La ficha no dice que el paciente haya sido trasladado.", pointers)


def _at_home(alignment: Alignment, folded: str) -> Iterator[Violation]:
    """Sent home, where the record tells no way to leave: likely, but nobody wrote it."""
    if _tells_home(alignment.record) or any(alignment.record.evidence.of(Kind.DISPOSITION)):
        return
    reason = "La ficha no dice que el paciente egrese a su domicilio."
    for start, end in found(_GOES_HOME, folded):
        yield violation("dx", alignment, start, end, reason, (), "warning", added=True)


@kept
def _tells_home(record: Record) -> bool:
    return any(re.search(r"\b(?:domicili|hogar|casa)", flat(leaf)) for leaf in record.leaves)


def _found(
    alignment: Alignment, folded: str, pattern: re.Pattern[str], reason: str, pointers: tuple[str, ...]
) -> Iterator[Violation]:
    """Where the text says so of the patient, outside the history and the words of the record."""
    for start, end in found(pattern, folded):
        near = re.split(r"[.;]", folded[max(0, start - _BEFORE) : start])[-1]
        quoted = any(q.start <= start < q.end for q in alignment.quotes)
        word = next(iter(alignment.reading.words[alignment.reading.first_from(start) :]), None)
        if not quoted and not _OTHER.search(near) and word and word.section is not Section.ADMISSION:
            yield violation("dx", alignment, start, end, reason, pointers)


def _untold(alignment: Alignment) -> Iterator[Violation]:
    """A disposition of which the text after the admission lacks a word: where to, or that the patient died."""
    entries = [e for e in alignment.record.entries if e.claim.kind is Kind.DISPOSITION and e.claim.required]
    told = [w.token.folded for w in alignment.reading.words if w.section is not Section.ADMISSION]
    for entry in entries:
        words = [w.token.folded for w in entry.name.words if len(w.token.folded) >= _STEM - 1]
        lacking = [w for w in words if not any(t.startswith(w[:_STEM]) for t in told)]
        if _DEATH.search(flat(entry.label)):
            lacking = [] if any(map(_DEATH.fullmatch, told)) else words
        if lacking and not _AT_HOME.search(flat(entry.label)):
            decisive = alignment.record.evidence.deceased or alignment.record.evidence.transferred
            severity: Severity = "blocking" if decisive else "warning"
            reason = f"Falta {NOUNS[Kind.DISPOSITION]} «{entry.label}»."
            yield omitted(entry, entry.label, len(alignment.reading.text), reason, severity)
