"""Allergies: told as recorded, none invented, and no drug of the class in the text that the record does not give."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.checking.alignment import Alignment
from engine.checking.allergens import groups, reached
from engine.checking.lexicon import lexicon
from engine.checking.reading import Word
from engine.checking.rules.common import violation
from engine.checking.units import flat
from engine.domain import Violation
from engine.evidence import Kind

_NONE = re.compile(
    r"\b(?:sin|niega|no (?:refiere|presenta|tiene|registra|se conocen|hay))(?: \w+){0,2} alergias?\b|"
    r"\balergias?(?: \w+){0,2}: (?:no|niega|ninguna|sin)\b(?! consignad)"
)
_TO = re.compile(
    r"\b(?:alergi(?:as?(?: \w+)?|c[oa]s?) a(?: la| los| las| el)? |alergias?(?: \w+)?: )"
    # what the patient takes is no allergen: «alérgico a penicilina, usa losartán»
    r"((?:(?!,? (?:y |e )?(?:usa|usuari[oa]|toma|consume|recibe|medicad[oa]|"
    r"en tto|en tratamiento|tratad[oa]|f(?:arma)?cos)\b)[^.;])+)"
)


def check(alignment: Alignment) -> Iterator[Violation]:
    allergies = [e for e in alignment.record.entries if e.claim.kind is Kind.ALLERGY]
    yield from _denied(
        alignment,
        [e.claim.pointers[0] for e in allergies if e.claim.polarity != "negated"],
        recorded_none=any(e.claim.polarity == "negated" for e in allergies),
    )
    yield from _invented(alignment)
    yield from _given(
        alignment, groups(" ".join(e.claim.forms[-1] for e in allergies if e.claim.polarity != "negated"))
    )


def _denied(alignment: Alignment, recorded: list[str], *, recorded_none: bool) -> Iterator[Violation]:
    if recorded_none:
        return
    for m in _NONE.finditer(flat(alignment.reading.text)):
        if any(a.start <= m.start() < a.end for a in alignment.reading.absences):
            continue
        reason = (
            "La ficha registra alergias y el texto las niega." if recorded else "La ficha no dice que no haya alergias."
        )
        yield violation("allergy", alignment, m.start(), m.end(), reason, tuple(recorded))


def _invented(alignment: Alignment) -> Iterator[Violation]:
    """An allergen of the text that is in no allergy nor elsewhere beside one in the record."""
    places = list(_TO.finditer(flat(alignment.reading.text)))
    known = {
        k
        for e in alignment.record.entries
        for k in (e.all_keys if places else ())
        if e.claim.kind is Kind.ALLERGY or any(x.startswith("alerg") for x in e.all_keys)
    }
    for m in places:
        for word in alignment.reading.words:
            inside = m.start(1) <= word.token.start < m.end(1)
            if inside and word.key.startswith("®") and word.key not in known:
                said = alignment.reading.text[word.token.start : word.token.end]
                yield violation(
                    "allergy", alignment, word.token.start, word.token.end, f"La ficha no registra alergia a {said}."
                )


def _given(alignment: Alignment, allergic: frozenset[str]) -> Iterator[Violation]:
    """A drug of the text that the record does not have and an allergy reaches."""
    known, said = lexicon().drugs, alignment.reading.by_key
    for word in (alignment.reading.words[i] for key in said if key in known for i in said[key]):
        drug = known[word.key]
        if reached(drug, allergic) and not _recorded(alignment, word):
            yield violation(
                "allergy",
                alignment,
                word.token.start,
                word.token.end,
                f"El paciente es alérgico y {drug.name} no está en la ficha.",
            )


def _recorded(alignment: Alignment, word: Word) -> bool:
    """The record tells the drug; of one that it tells as the allergen alone, only what is given has a dose."""
    told = [e for e in alignment.record.entries if word.key in e.all_keys]
    if not told:
        return alignment.record.knows(word.key)
    following = (m for m in alignment.reading.measures if word.token.end <= m.start <= word.token.end + 1)
    return any(e.claim.kind is not Kind.ALLERGY for e in told) or not any(m.kind == "dose" for m in following)
