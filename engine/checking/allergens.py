"""Which drugs an allergy reaches."""

from __future__ import annotations

from engine.checking.lexicon import Drug, lexicon
from engine.checking.words import keys
from engine.evidence.language import fold

_CLASSES = {
    "penicilina": "penicilina",
    "betalactamico": "penicilina",
    "cefalosporina": "cefalosporina",
    "aine": "aine",
    "antiinflamatorio": "aine",
    "sulfa": "sulfa",
    "quinolona": "quinolona",
    "macrolido": "macrólido",
    "carbapenem": "carbapenem",
    "aminoglucosido": "aminoglucósido",
    "opioide": "opioide",
    "opiaceo": "opioide",
    "benzodiazepina": "benzodiazepina",
    "heparina": "heparina",
    "dipirona": "metamizol",
}


def groups(allergies: str) -> frozenset[str]:
    """Classes and drug names named in the allergies of a record."""
    folded = fold(allergies)
    classes = {group for word, group in _CLASSES.items() if word in folded}
    drugs = [lexicon().drugs[k] for k in keys(allergies) if k in lexicon().drugs]
    return frozenset(classes | {d.name for d in drugs} | {d.group for d in drugs if d.group in ("penicilina", "sulfa")})


def reached(drug: Drug, allergic: frozenset[str]) -> bool:
    """True where the allergy names the drug, one of its parts, or its class."""
    parts = {p.strip() for p in drug.name.split("/")}
    return bool(allergic & (parts | {drug.name, drug.group} - {""}))
