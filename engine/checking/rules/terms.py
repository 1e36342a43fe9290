"""Clinical terms that the record does not carry: drugs, findings, organisms, procedures, verdicts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from engine.checking.alignment import Alignment
from engine.checking.attestable import opposites
from engine.checking.context import neighbours
from engine.checking.glosses import Gloss, glosses, is_plain, names_a_disease, said_otherwise
from engine.checking.keeping import kept
from engine.checking.lexicon import Lexicon, lexicon, stem
from engine.checking.paraphrase import retelling
from engine.checking.pieces import found
from engine.checking.purposes import told_as_purpose
from engine.checking.reading import Word
from engine.checking.record import Entry, Record
from engine.checking.rules.common import violation
from engine.checking.rules.sides import SIDES
from engine.checking.units import flat
from engine.domain import Severity, Violation, ViolationType
from engine.evidence import Kind, Section
from engine.evidence.language import fold

_NOUNS: dict[ViolationType, str] = {"med": "El fármaco", "proc": "El procedimiento", "dx": "El término"}
_TIMES = frozenset(
    "dia noche semana mes ano dias semanas meses anos ingreso control consulta evaluacion ocasion".split()
)
_GOOD = frozenset(map(stem, ("buena", "buen", "adecuada", "adecuadamente")))
_DONE = frozenset(["=tolera", "=mejora", "=deambula", "=estable"])
_PAST = frozenset(
    "antecedente antecedentes historia previo previa previos previas conocido conocida portador portadora usuario "
    "usuaria habitual habituales cronico cronica".split()
)
# Words for any item of a kind: an operation may be called so.
_GENERAL = {"=operado": (Kind.SURGERY, Kind.PROCEDURE), "=alergia": (Kind.ALLERGY,)}


def check(alignment: Alignment) -> Iterator[Violation]:
    words = lexicon()
    within = (*glosses(alignment), *_of_findings(alignment))
    purposes = told_as_purpose(alignment)
    needs = [m for m in alignment.reading.measures if m.kind == "sos"]
    in_need = {i for m in needs for i in alignment.reading.starting(m.start, m.end)}
    for i, word in enumerate(alignment.reading.words):
        if i in alignment.quoted or i in in_need:
            continue
        if not word.key or word.token.sort != "word" or word.key in SIDES:
            continue
        kind = None if _is_earlier(alignment, i) else sort_of(word)
        explains = any(g.start <= word.token.start < g.end for g in within)
        if kind and not supported(alignment.record, word.key) and not _ceased(alignment.record, word):
            is_told = i in purposes or _goes_well(alignment, i) or (explains and is_plain(alignment, word, within))
            if kind == "dx" and (is_told or i in retelling(alignment).retold):
                continue
            is_soft = kind == "dx" and explains and not names_a_disease(word.token.folded)
            yield _unknown(alignment, i, kind, is_soft=is_soft or stem(word.token.folded) in words.soft)
        elif word.key.startswith("®"):
            yield from _phase(alignment, word)
        elif not kind and not explains and _hints(alignment, i) and not supported(alignment.record, word.key):
            yield _unknown(alignment, i, "dx", is_soft=True)
    yield from _phrases(alignment)


def glossed(alignment: Alignment, word: Word) -> bool:
    """The word stands where something is said in other words: in parentheses, after «es decir»."""
    return any(start <= word.token.start < end for start, end in said_otherwise(alignment))


def _unknown(alignment: Alignment, i: int, kind: ViolationType, *, is_soft: bool) -> Violation:
    """A term that the record lacks: affirmed, denied, or told as history."""
    word = alignment.reading.words[i]
    said = alignment.reading.text[word.token.start : word.token.end]
    reason = f"{_NOUNS[kind]} «{said}» no está en la ficha."
    severity: Severity = "warning" if is_soft else "blocking"
    if word.modality == "negated" and stem(word.token.folded) not in lexicon().judgement:
        reason = f"El texto niega «{said}», que la ficha no menciona."
    elif _is_past(alignment, i):
        reason = f"El antecedente «{said}» no está en la ficha."
    is_added = kind != "med" and not _contradicts(alignment, i)
    return violation(kind, alignment, word.token.start, word.token.end, reason, (), severity, added=is_added)


def _goes_well(alignment: Alignment, i: int) -> bool:
    """«Buena tolerancia», «adecuada respuesta»: of what the record says that it does."""
    words, good = alignment.reading.words, stem(alignment.reading.words[i].token.folded)
    near = [j for j in (i + 1, i - 1) if 0 <= j < len(words) and words[j].clause == words[i].clause]
    return good in _GOOD and any(
        words[j].modality == "affirmed"
        and any(p.modality == "affirmed" for k in _DONE & {words[j].key} for p in alignment.record.places.get(k, ()))
        for j in near
    )


def _hints(alignment: Alignment, i: int) -> bool:
    """The head of a name whose next word the record lacks too («trastorno bipolar»), or another part of the body."""
    words = alignment.reading.words
    base = stem(words[i].token.folded)
    if base in lexicon().anatomy:
        return _misplaces(alignment, i)
    if base not in lexicon().heads:
        return False
    following = next((w for w in words[i + 1 :] if w.clause != words[i].clause or w.key), None)
    is_named = following is not None and following.clause == words[i].clause
    return following is None or not (is_named and supported(alignment.record, following.key))


def _misplaces(alignment: Alignment, i: int) -> bool:
    """«Dolor lumbar» where the record has the pain elsewhere: beside another part of the body."""
    words = alignment.reading.words
    before = next((w for w in reversed(words[:i]) if w.key or w.clause != words[i].clause), None)
    if before is None or before.clause != words[i].clause or sort_of(before) != "dx":
        return False
    places = alignment.record.places.get(before.key, ())
    return any(stem(k) in lexicon().anatomy for place in places for k in place.near)


def _is_past(alignment: Alignment, i: int) -> bool:
    """A word of the clause before it, or the heading of its sentence, says that it was before the admission."""
    words = alignment.reading.words
    sentence = [w for w in words[:i] if w.sentence == words[i].sentence]
    clause = (w.token.folded for w in sentence if w.clause == words[i].clause)
    heading = sentence[0].token.folded if len(sentence) > 1 and sentence[1].token.text == ":" else ""
    return any(folded in _PAST for folded in (*clause, heading))


def _phrases(alignment: Alignment) -> Iterator[Violation]:
    """Words that are clinical together, one of which the record lacks."""
    folded = flat(alignment.reading.text)
    for name, pattern in lexicon().told_whole:
        for start, end in found(pattern, folded):
            inside = alignment.reading.inside(start, end)
            strange = [i for i in inside if _is_strange(alignment, i)]
            if strange and not alignment.quoted.intersection(inside):
                yield _unknown(alignment, strange[0], "proc" if name == "procedures" else "dx", is_soft=False)


def _is_strange(alignment: Alignment, i: int) -> bool:
    word = alignment.reading.words[i]
    return bool(word.key) and not supported(alignment.record, word.key)


def sort_of(word: Word) -> ViolationType | None:
    """What family of facts a word belongs to, if any."""
    return _sort_of(word.key, word.token.folded)


@lru_cache(maxsize=8192)
def _sort_of(key: str, folded: str) -> ViolationType | None:
    if key.startswith("®"):
        return "med"
    if key.startswith("="):
        return next(filter(None, (_sort(lexicon(), part) for part in key[1:].split())), None)
    return _sort(lexicon(), folded)


def _sort(words: Lexicon, folded: str) -> ViolationType | None:
    base = stem(folded)
    if base in words.organisms or base in words.findings or base in words.judgement or base in words.soft:
        return "dx"
    if base in words.procedures:
        return "proc"
    if base in words.drug_words:
        return "med"
    if not {folded, folded.removesuffix("s")}.isdisjoint(words.not_terms) or len(folded) < 6:
        return None
    if words.drug_endings.search(folded):
        return "med"
    if words.procedure_endings.search(folded):
        return "proc"
    return "dx" if words.endings.search(folded) else None


def _contradicts(alignment: Alignment, i: int) -> bool:
    """«Crónica» where the record says «aguda» beside the same words, be they of a name that is read as one."""
    words, record = alignment.reading.words, alignment.record
    others = opposites(words[i].token.folded)
    near = neighbours(alignment.reading, i)
    if any(near & place.near for key in others for place in record.places.get(key, ())):
        return True
    before = re.escape(words[i - 1].token.folded) if others and i else ""
    pattern = re.compile(rf"\b{before} (?:{'|'.join(others)})")
    return bool(before) and any(pattern.search(fold(leaf)) for leaf in record.leaves)


def _is_earlier(alignment: Alignment, i: int) -> bool:
    """«La semana anterior», «un ingreso anterior»: no place of the body."""
    words = alignment.reading.words
    return words[i].token.folded.startswith("anterior") and i > 0 and words[i - 1].token.folded in _TIMES


def _of_findings(alignment: Alignment) -> Iterator[Gloss]:
    """Parentheses right after a finding of the record."""
    for start, end in said_otherwise(alignment):
        if alignment.reading.text[start] == "(":
            last = next((w for w in reversed(alignment.reading.words) if w.token.end < start), None)
            if last is not None and _is_finding(alignment.record, last):
                yield Gloss(start, end, None)


def _is_finding(record: Record, word: Word) -> bool:
    """«Hematemesis (vómito con sangre)»: the parentheses explain a finding of the record."""
    return bool(word.key) and sort_of(word) == "dx" and supported(record, word.key)


def _ceased(record: Record, word: Word) -> bool:
    """«La fiebre cedió» of a patient who is «afebril»."""
    return word.modality != "affirmed" and word.key in ("fiebr", "febril") and record.knows("=afebril")


@kept
def supported(record: Record, key: str) -> bool:
    """The record holds the word, one of its family, what implies it, or a drug of which it is a part."""
    if record.knows(key) or record.support.holds(key) or (key in _GENERAL and any(record.of(*_GENERAL[key]))):
        return True
    return key.startswith("®") and any(
        set(key[1:].split("/")) <= set(k[1:].split("/")) for k in record.whole if k.startswith("®")
    )


@kept
def _having(record: Record, key: str) -> list[Entry]:
    return [e for e in record.entries if key in e.all_keys]


def _phase(alignment: Alignment, word: Word) -> Iterator[Violation]:
    """A drug of the stay told as a discharge drug, or the reverse, outside its own list."""
    if any(m.run.start <= word.token.start < m.run.end for m in alignment.mentions):
        return
    in_plan = word.section in (Section.PLAN, Section.DISCHARGE)
    told = _having(alignment.record, word.key)
    told_in = {e.claim.section for e in told}
    if (in_plan and not told_in & {Section.PLAN, Section.DISCHARGE}) or (
        word.section is Section.STAY and told_in == {Section.PLAN}
    ):
        entry = next(iter(told), None)
        list_ = "al alta" if in_plan else "en la hospitalización"
        kinds = {Kind.TREATMENT, Kind.PRESCRIPTION}
        if entry and entry.claim.kind in kinds:
            yield violation(
                "med",
                alignment,
                word.token.start,
                word.token.end,
                f"{entry.label} no está indicado {list_} en la ficha.",
                entry.claim.pointers,
            )
