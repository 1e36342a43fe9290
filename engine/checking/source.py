"""What the record itself contradicts. Never a change to the record, never a violation of a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.checking import measures
from engine.checking.allergens import groups, reached
from engine.checking.lexicon import Drug, lexicon
from engine.checking.words import keys
from engine.domain import RecordWarning
from engine.evidence import Claim, Evidence, Kind

_GIVEN = (Kind.TREATMENT, Kind.PRESCRIPTION)


def record_warnings(evidence: Evidence) -> tuple[RecordWarning, ...]:
    """Conflicts of the source, in the order of the record."""
    found = [
        *_codes(evidence),
        *_stay(evidence),
        *_duplicates(evidence),
        *_doses(evidence),
        *_allergies(evidence),
        *_death(evidence),
    ]
    return tuple(dict.fromkeys(found))


def _drug(claim: Claim) -> Drug | None:
    """The drug that the claim names; None where it names none or several."""
    named = [k for k in dict.fromkeys(keys(claim.name)) if k in lexicon().drugs]
    return lexicon().drugs[named[0]] if len(named) == 1 else None


def _pointer(claim: Claim, which: str) -> str:
    ends = {"code": ("/codigo", "/code", "/cod", "/atc")}.get(which, ())
    return (
        next((p for p in claim.pointers if p.lower().endswith(ends)), claim.pointers[0]) if ends else claim.pointers[0]
    )


def _codes(evidence: Evidence) -> Iterator[RecordWarning]:
    by_code = {c: d for d in lexicon().drugs.values() for c in d.atc}
    for claim in evidence.of(*_GIVEN):
        drug = _drug(claim)
        code = (claim.code or "").upper()
        if not drug or not re.fullmatch(r"[A-Z]\d{2}[A-Z]{2}\d{2}", code) or code in drug.atc:
            continue
        owner = by_code.get(code)
        tail = f"corresponde a {owner.name}" if owner else f"no es el de {drug.name} ({drug.atc[0]})"
        yield RecordWarning("code", _pointer(claim, "code"), f"El código {code} de «{claim.name}» {tail}.")


def _stay(evidence: Evidence) -> Iterator[RecordWarning]:
    stay = evidence.case.stay
    if stay.start and stay.end and stay.start.value[:10] > stay.end.value[:10]:
        yield RecordWarning("date", stay.start.pointer, "La fecha de ingreso es posterior a la de alta.")


def _duplicates(evidence: Evidence) -> Iterator[RecordWarning]:
    for kind in _GIVEN:
        seen: dict[tuple[str, str], Claim] = {}
        for claim in evidence.of(kind):
            drug = _drug(claim)
            route = next((a.value for a in claim.attributes if a.kind == "route"), "")
            key = (drug.name if drug else claim.name, route)
            if key in seen:
                yield RecordWarning(
                    "duplicate", claim.pointers[0], f"«{claim.name}» está más de una vez en la misma lista."
                )
            seen[key] = claim


def _doses(evidence: Evidence) -> Iterator[RecordWarning]:
    for claim in evidence.of(*_GIVEN):
        drug = _drug(claim)
        for attribute in claim.attributes:
            if drug and drug.mg and attribute.kind == "dose":
                yield from _dose(claim, drug, attribute.value, attribute.pointer)


def _dose(claim: Claim, drug: Drug, value: str, pointer: str) -> Iterator[RecordWarning]:
    low, high = drug.mg or (0.0, 0.0)
    amounts = [n[1] for m in measures.scan(value) for n in m.norms if n[0] == "dose" and n[2] == "mg" and n[3] == ()]
    plain = [float(a) for a in amounts if isinstance(a, float)]
    if plain and not any(low <= a <= high for a in plain):
        yield RecordWarning(
            "dose", pointer, f"La dosis de «{claim.name}» ({value}) está fuera de lo habitual ({low:g}–{high:g} mg)."
        )


def _allergies(evidence: Evidence) -> Iterator[RecordWarning]:
    recorded = [c for c in evidence.of(Kind.ALLERGY) if c.polarity != "negated"]
    allergic = groups(" ".join(c.forms[-1] for c in recorded))
    for claim in evidence.of(*_GIVEN):
        drug = _drug(claim)
        if drug and reached(drug, allergic):
            yield RecordWarning(
                "allergy", claim.pointers[0], f"«{claim.name}» y la alergia registrada «{recorded[0].name}»."
            )


def _death(evidence: Evidence) -> Iterator[RecordWarning]:
    if evidence.deceased:
        for claim in evidence.of(Kind.PRESCRIPTION):
            yield RecordWarning(
                "death", claim.pointers[0], f"«{claim.name}» está indicado al alta de un paciente fallecido."
            )
