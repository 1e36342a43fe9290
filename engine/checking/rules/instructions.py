"""What a patient is told to do, with a word of it changed: «reposo relativo» for «reposo absoluto».

A clause that tells a part of an instruction and has, instead of the rest, words that the record lacks; or that allows
what the record forbids («tomar antiinflamatorios» for «evitar antiinflamatorios»).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.checking.alignment import Alignment
from engine.checking.paraphrase import retelling
from engine.checking.reading import Word
from engine.checking.record import Entry, root
from engine.checking.rules.common import violation
from engine.checking.rules.terms import supported
from engine.checking.units import flat
from engine.domain import Severity, Violation, ViolationType
from engine.evidence import Kind, Section

_FORBIDS = re.compile(r"(?:evit|no |suspen|restring|prohib|absten|nada de|sin )")
_FORBIDDEN = re.compile(
    r"\b(?:evit|no\b|ni\b|sin\b|suspen|restri|prohib|absten|abstin|nada\b|dej|limit|reduc|menos\b|poc[oa]s?\b|libre|"
    r"contraindic|proteg|alej|tampoco|nunca|jamas|disminu|baj[oa]\b|abandon|cese|retir)"
)
_SEEKS = re.compile(r"(?:consult|acud|volver)")  # told of in many turns; other rules look at them
_VERB = re.compile(
    r"(?!restring|limit|reduc|disminu|suspen|aument|azucar)\w+(?:[aei]r(?:se|l[aeo]s?)?|[aei]ra(?:n|s)?|[aei]n?do)$|pued|deb"
)
_DAILY = re.compile(r"al dia\b|diari|cada dia|todos los dias|cada 24")
_LEAVING = frozenset({Section.PLAN, Section.DISCHARGE})


def check(alignment: Alignment) -> Iterator[Violation]:
    quoted = {i for q in alignment.quotes for i in q.entries}
    left = (alignment.record.entries[i] for i in alignment.record.of(Kind.CARE) if i not in quoted)
    untold = [entry for entry in left if not _SEEKS.match(flat(entry.label))]
    clauses = _clauses(alignment) if untold else {}
    for entry in untold:
        yield from _changed(alignment, entry, clauses)


def _changed(alignment: Alignment, entry: Entry, clauses: dict[int, list[Word]]) -> Iterator[Violation]:
    said = {c: {root(w.key) for w in words} & entry.roots for c, words in clauses.items()}
    if not any(said.values()) or any(entry.roots <= own for own in said.values()) or retelling(alignment).tells(entry):
        return
    most = max(map(len, said.values()))
    for clause in (c for c, own in said.items() if len(own) == most):
        words = clauses[clause]
        forbidden = _FORBIDDEN.search(flat(alignment.reading.text[: words[-1].token.end]), _start(alignment, words[0]))
        others = [w for w in words if _is_foreign(alignment, entry, w)]
        if _FORBIDS.match(flat(entry.label)) and not forbidden:
            yield _dissent(alignment, entry, words, "negation")
        elif others:
            yield _dissent(alignment, entry, others, "dx")


def _is_foreign(alignment: Alignment, entry: Entry, word: Word) -> bool:
    """The record lacks the word, which is more than a verb of doing («hacer reposo») or a known «diario»."""
    said = word.token.folded
    if _FORBIDS.match(flat(entry.label)) and _FORBIDDEN.match(said):
        return False
    is_daily = said.startswith("diari") and _DAILY.search(flat(entry.label))
    return not _VERB.match(said) and not is_daily and not supported(alignment.record, word.key)


def _clauses(alignment: Alignment) -> dict[int, list[Word]]:
    """The content words of what is told of the time after leaving, by clause, that tell nothing else."""
    out: dict[int, list[Word]] = {}
    for i, word in enumerate(alignment.reading.words):
        if word.key and not word.is_number and word.section in _LEAVING and i not in alignment.quoted:
            out.setdefault(word.clause, []).append(word)
    return out


def _start(alignment: Alignment, word: Word) -> int:
    """Where the sentence of a word begins."""
    return alignment.reading.words[alignment.reading.sentences[word.sentence][0]].token.start


def _dissent(alignment: Alignment, entry: Entry, words: list[Word], kind: ViolationType) -> Violation:
    start, end = words[0].token.start, words[-1].token.end
    reason = f"La ficha dice «{entry.label}»; el texto dice «{alignment.reading.text[start:end]}»."
    severity: Severity = "blocking" if kind == "negation" else "warning"
    return violation(kind, alignment, start, end, reason, entry.claim.pointers, severity)
