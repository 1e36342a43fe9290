"""Statements in which no word is the record's: whatever they say, it does not carry it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.checking.alignment import Alignment
from engine.checking.measures import Measure
from engine.checking.paraphrase import retelling
from engine.checking.reading import Word
from engine.checking.rules.common import violation
from engine.checking.rules.terms import glossed, sort_of, supported
from engine.checking.units import flat
from engine.domain import Severity, Violation, ViolationType

_LEAST = 3  # content words without a verb that states something: fewer are often a turn of phrase
_VERBS: tuple[tuple[re.Pattern[str], ViolationType], ...] = (
    (re.compile("recib|administr"), "med"),
    (re.compile("realiz|efectu|practic"), "proc"),
    (re.compile("present|constat|tien|tuv|desarroll|diagnostic|antecedent|evidenci|pesquis"), "dx"),
)
_OF_LABORATORY = re.compile(r"\s?/\s?(?:dl|ml|l|lt|ul|mm3|100)(?!\w)")
_MASS = re.compile(r"(?<![a-z])(?:mg|mcg|ug|g|gr|ui|unidades|puffs?)$")


def check(alignment: Alignment) -> Iterator[Violation]:
    listed = {i for m in alignment.mentions for i in range(m.run.first, m.run.last + 1)} | alignment.quoted
    clauses: dict[int, list[int]] = {}
    sentences: dict[int, list[int]] = {}
    for i, word in enumerate(alignment.reading.words):
        if word.token.sort == "word" and not word.special:
            clauses.setdefault(word.clause, []).append(i)
            sentences.setdefault(word.sentence, []).append(i)
    found = [v for c in clauses.values() if not listed.intersection(c) for v in _clause(alignment, c)]
    found += [v for s in sentences.values() if not listed.intersection(s) for v in _sentence(alignment, s)]
    retold = retelling(alignment).retold if found else frozenset()
    yield from (v for v in found if retold.isdisjoint(alignment.reading.starting(v.start, v.end)))
    owned = {m.start for mention in alignment.mentions for m in (*mention.owned, *mention.shared)}
    for measure in alignment.reading.measures:
        if measure.start not in owned:
            yield from _dosed(alignment, measure, listed)


def _clause(alignment: Alignment, indexes: list[int]) -> Iterator[Violation]:
    """A clause whose verb states something of the patient, in words that the record lacks."""
    words = [alignment.reading.words[i] for i in indexes]
    kind = _kind(words) if not _counts(alignment, indexes) else None
    if kind and _is_strange(alignment, words) and not glossed(alignment, words[0]):
        yield _unsupported(alignment, words, kind)


def _sentence(alignment: Alignment, indexes: list[int]) -> Iterator[Violation]:
    """A sentence of words that the record lacks, without such a verb."""
    words = [alignment.reading.words[i] for i in indexes]
    is_long = sum(bool(w.key) for w in words) >= _LEAST and not _counts(alignment, indexes)
    if is_long and _kind(words) is None and _is_strange(alignment, words):
        yield _unsupported(alignment, words, None)


def _counts(alignment: Alignment, indexes: list[int]) -> bool:
    """A number stands within: a rule of its own judges it."""
    return any(w.is_number for w in alignment.reading.words[indexes[0] : indexes[-1] + 1])


def _is_strange(alignment: Alignment, words: Sequence[Word]) -> bool:
    """No content word is the record's, and none is a term, which a rule of its own names."""
    said = [w for w in words if w.key]
    return bool(said) and not any(supported(alignment.record, w.key) or sort_of(w) for w in said)


def _unsupported(alignment: Alignment, words: Sequence[Word], kind: ViolationType | None) -> Violation:
    said = [w for w in words if w.key]
    start, end = said[0].token.start, said[-1].token.end
    severity: Severity = "warning" if kind in (None, "dx") else "blocking"
    reason = f"Nada de la ficha sostiene «{alignment.reading.text[start:end]}»."
    return violation(kind or "dx", alignment, start, end, reason, (), severity, added=kind != "med")


def _kind(words: Sequence[Word]) -> ViolationType | None:
    """What the verb of the clause states of the patient: a drug given, a procedure done, anything else.

    None without such a verb, or where another subject stands before it («la familia recibió…»).
    """
    for word in words:
        if word.key:
            return None
        for pattern, kind in _VERBS:
            if pattern.match(word.token.folded):
                return kind
    return None


def _dosed(alignment: Alignment, measure: Measure, listed: set[int] | frozenset[int]) -> Iterator[Violation]:
    """A word that the record lacks right before a dose: the name of a drug, whatever it is."""
    folded = flat(alignment.reading.text)
    said, after = folded[measure.start : measure.end], folded[measure.end :]
    if measure.kind != "dose" or not _MASS.search(said) or _OF_LABORATORY.match(after):
        return
    before = alignment.reading.starting(max(0, measure.start - 30), measure.start)
    words = [i for i in before if alignment.reading.words[i].token.sort != "mark"]
    last = words[-1] if words else -1
    word = alignment.reading.words[last]
    if last < 0 or last in listed or not word.key or word.is_number or supported(alignment.record, word.key):
        return
    if word.token.text.isupper():  # «LVF» for levofloxacino
        return
    if not folded[word.token.end : measure.start].strip():
        reason = f"El fármaco «{word.token.text}» no está en la ficha."
        yield violation("med", alignment, word.token.start, word.token.end, reason)
