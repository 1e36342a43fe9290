"""Where a physician's attestations hold in a text: the violations that they cover, and why some cover none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from engine.checking.alignment import Alignment
from engine.checking.attestable import DRUGS as ABOUT_DRUGS
from engine.checking.attestable import objection, says_something
from engine.checking.modality import changes_after, changes_before
from engine.checking.reading import Reading, Word, read
from engine.checking.record import DRUGS, LISTED
from engine.checking.units import UNIT_AFTER, flat
from engine.domain import Attestation, Attested, Refusal, Report, Span, Violation
from engine.evidence import Kind, Section

_ABSENT = "La frase ya no está en el texto."
_WHOLE = "Agregue una frase, no todo el texto."
_IDLE = "No hay nada que agregar: la frase no tiene observaciones que una atestación pueda cubrir."
_INSIDE = "La frase toca algo que se corrige en la ficha o en el texto: {reason}"
_TURNED = "La negación o la duda («{cue}») queda fuera de la frase: inclúyala."
_STATEMENTS = frozenset(kind.value for kind in Kind if kind not in LISTED) | {"number", "laterality", "unsupported"}
_NEAR = 3  # words before a phrase that may turn it


def apply(report: Report, alignment: Alignment, attestations: Iterable[Attestation]) -> Report:
    """The report with the covered violations left out and each place where an attestation holds.

    Of two places that overlap the longer one holds. The record, and what contradicts it, are never covered.
    """
    kept: list[Attested] = []
    refused: list[Refusal] = []
    for attestation in sorted(dict.fromkeys(attestations), key=lambda a: -len(a.phrase)):
        places, reason = _holds(report, alignment, attestation, kept)
        kept += places
        if not places:
            refused.append(Refusal(attestation, reason))
    held = tuple(sorted(kept, key=lambda a: a.start))
    return Report(
        tuple(v for v in report.violations if not any(covers(a.start, a.end, v) for a in held)),
        tuple(sorted(_spans(report.spans, held, alignment.reading.text), key=lambda s: (s.start, s.end, s.kind))),
        held,
        tuple(refused),
    )


def covers(start: int, end: int, violation: Violation) -> bool:
    """True where the violation lies within the stretch and may be vouched for."""
    return violation.attestable and start <= violation.start < violation.end <= end


def _holds(
    report: Report, alignment: Alignment, attestation: Attestation, kept: Sequence[Attested]
) -> tuple[list[Attested], str]:
    """The places where it holds; for none, the reason."""
    text, phrase = alignment.reading.text, attestation.phrase
    reason = objection(phrase) or (_WHOLE if phrase.strip(" .") == text.strip(" .\n") else None)
    if reason:
        return [], reason
    found: list[Attested] = []
    reasons: list[str] = []
    for start in occurrences(text, phrase):
        end = start + len(phrase)
        against = obstacle(report.violations, alignment, start, end)
        taken = any(start < a.end and a.start < end for a in kept)
        if against or taken or not any(covers(start, end, v) for v in report.violations):
            reasons.append(against or _IDLE)
        else:
            found.append(Attested(attestation, start, end))
    return found, next(iter(sorted(reasons, key=_IDLE.__eq__)), _ABSENT)


def occurrences(text: str, phrase: str) -> Iterator[int]:
    """Where a phrase stands as whole words, none overlapping the one before."""
    at = text.find(phrase)
    while at >= 0:
        end = at + len(phrase)
        whole = not (_within_word(text, at) or _within_word(text, end))
        if whole:
            yield at
        at = text.find(phrase, end if whole else at + 1)


def _within_word(text: str, place: int) -> bool:
    """True between two letters or digits: a phrase that begins or ends there cuts a word."""
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()


def obstacle(violations: Iterable[Violation], alignment: Alignment, start: int, end: int) -> str | None:
    """Why no attestation holds in this stretch (Spanish, for the physician); None where one may."""
    for found in violations:
        touched = found.start < end and start < found.end
        if touched and found.severity == "blocking" and not found.attestable:
            return _INSIDE.format(reason=found.reason)
    for mention in alignment.mentions:
        is_drug = alignment.record.entries[mention.entry].claim.kind in DRUGS
        if is_drug and mention.run.start < end and start < mention.run.end:
            return ABOUT_DRUGS
    if any(alignment.reading.words[i].key in _habitual(alignment) for i in alignment.reading.inside(start, end)):
        return ABOUT_DRUGS
    cue = _turned(alignment.reading, start, end)
    return _TURNED.format(cue=cue) if cue else None


def _habitual(alignment: Alignment) -> frozenset[str]:
    """Keys by which the drugs taken before the admission begin."""
    record = alignment.record
    return frozenset(record.entries[i].keys[0] for i in record.of(Kind.HABITUAL) if record.entries[i].keys)


def _turned(reading: Reading, start: int, end: int) -> str:
    """The word outside the stretch that denies or doubts what stands in it; empty for none."""
    inside = reading.inside(start, end)
    alone = {w.token.start + start: w for w in read(reading.text[start:end], section=Section.COURSE).words}
    changed = [
        w.modality
        for w in (reading.words[i] for i in inside)
        if w.key and w.token.start in alone and _stated(alone[w.token.start]) != _stated(w)
    ]
    cue = _cue(reading, inside[0], inside[-1]) if changed else None
    if cue is None or (set(changed) == {"open"} and not _near(reading, cue, inside[0])):
        return ""
    return reading.words[cue].token.text


def _stated(word: Word) -> tuple[str, str]:
    return word.key, word.modality


def _cue(reading: Reading, first: int, last: int) -> int | None:
    """The nearest word of the sentence, outside of `first`–`last`, that turns a statement."""
    words = reading.words
    sentence = [i for i, w in enumerate(words) if w.sentence == words[first].sentence]
    before = [i for i in sentence if i < first and changes_before(words[i].token, words[i + 1].token)]
    after = [i for i in sentence if i > last and changes_after([words[i].token])]
    return max(before, default=None) if before else min(after, default=None)


def _near(reading: Reading, cue: int, first: int) -> bool:
    """A few words before the phrase with no mark between: its reach is open, and may well get there."""
    between = reading.words[cue:first]
    return 0 < len(between) <= _NEAR and not any(w.token.sort == "mark" for w in between)


def _spans(spans: Iterable[Span], held: Sequence[Attested], text: str) -> Iterator[Span]:
    """The record stands behind no statement that is attested; names, codes and dates keep their fields."""
    for span in spans:
        if span.kind in _STATEMENTS and any(p.start < span.end and span.start < p.end for p in held):
            yield from _rest(span, held, text)
        else:
            yield span
    for place in held:
        yield Span(place.start, place.end, (), "attested", place.attestation)


def _rest(span: Span, held: Sequence[Attested], text: str) -> Iterator[Span]:
    """What is left of a span beside the attested stretches."""
    at = span.start
    for place in held:
        if place.start < span.end and at < place.end:
            yield from _piece(span, at, place.start, text)
            at = place.end
    yield from _piece(span, at, span.end, text)


def _piece(span: Span, start: int, end: int, text: str) -> Iterator[Span]:
    said = text[start:end]
    left, right = len(said) - len(said.lstrip(" ,;:.()")), len(said.rstrip(" ,;:.()"))
    if any(map(str.isalnum, said)):
        yield replace(span, start=start + left, end=start + right)


def proposal(text: str, violation: Violation) -> str:
    """The words to attest for a violation: its own, with what turns them, and of a mere figure what it is of."""
    reading = read(text)
    inside = reading.inside(violation.start, violation.end)
    if not inside:
        return violation.mention
    words, first, last = reading.words, inside[0], inside[-1]
    if _turned(reading, violation.start, violation.end):
        cue = _cue(reading, first, last)
        first, last = min(first, cue or first), max(last, cue or last)
    if violation.type == "laterality" or not any(says_something(words[i].token) for i in range(first, last + 1)):
        first, last = _widened(reading, first, last)
    unit = UNIT_AFTER.match(flat(text[words[last].token.end :])) if words[last].is_number else None
    return text[words[first].token.start : words[last].token.end + (unit.end() if unit else 0)]


def _widened(reading: Reading, first: int, last: int) -> tuple[int, int]:
    """Up to the nearest word before, else after, that says something, no mark between."""
    words = reading.words
    for i in range(first - 1, -1, -1):
        if words[i].token.sort == "mark":
            break
        if says_something(words[i].token):
            return i, last
    for i in range(last + 1, len(words)):
        if words[i].token.sort == "mark" and not words[i].special:
            break
        if says_something(words[i].token):
            return first, i
    return first, last
