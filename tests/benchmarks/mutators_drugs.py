"""Errors of drugs: doses and their units, routes, times, lists."""

from __future__ import annotations

import random
import re
from itertools import pairwise

from engine.evidence import Claim, Evidence, Kind
from tests.benchmarks.mutators import (
    DRUGS,
    LEAVING,
    NUMBERS,
    Mutant,
    Mutator,
    N,
    another,
    boundary,
    flat,
    item_end,
    named,
    one,
    part,
    places,
    put,
)

DETAILS = ("dose", "route", "frequency", "duration", "omission", "lab", "number")
_UNIT = r"(?:mg|mcg|g|UI|U|mL|ml|cc|mEq|puffs?|comp\w*|gotas?|L)"
_WAY = r"(?:v[ií]a|VO|EV|IV|SC|IM|SL|oral(?:es)?|endovenos\w+|subcut[aá]ne\w+|inh\w*|nebuliz\w*)"
_GIVEN = re.compile(rf"(?:\d ?{_UNIT}|\b{_WAY}|horas|\d ?h|al d[ií]a|noche|diari[oa])\b[^.;]{{0,25}}$")
_OFTEN = (
    r"(?:\b(?:cada |c/ ?)|(?<=[A-Z])/ ?)(?:24|12|8|6|4|48) ?(?:horas|hrs?|h)\b|"
    r"\b(?:una|dos|tres|cuatro) ve(?:z|ces) al d[ií]a\b|"
    r"\b(?:cada|por la|en la|c/) ?noche\b|\bnocturn[oa]s?\b|"
    r"\bal d[ií]a\b(?! (?:siguiente|\d))|\bdiari[oa]s?\b|\bsemanal\b"
)
_LASTING = (
    rf"(?:\b(?:por|durante|x)|,) ?(?P<n>\d+|{'|'.join(NUMBERS)}) ?(?P<t>d[ií]as?|d|mes(?:es)?|semanas?|sem)\b(?! desp)"
)
_TIMES = ("una vez", "dos veces", "tres veces", "cuatro veces")
_ROUTES = (
    ("vía oral", "vía endovenosa"),
    ("vía subcutánea", "vía intramuscular"),
    ("VO", "EV"),
    ("oral", "endovenosa"),
    ("SC", "IM"),
    ("IV", "VO"),
    ("subcutánea", "intramuscular"),
    ("inhalatoria", "oral"),
    ("inhalatorio", "oral"),
)
STRANGERS = "amiodarona digoxina linezolid carbamazepina warfarina clozapina metotrexato gentamicina".split()


def scaled(factor: float) -> Mutator:
    """A dose ten times, twice, a tenth of what it was."""

    def mutate(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
        m = one(rf"(?<![\w.,/])({N}) ?(?:mg|g|mcg|UI|mL|U)\b(?!/d)", text, rng)
        if not m:
            return None
        new = f"{float(m[1].replace(',', '.')) * factor:.4f}".rstrip("0").rstrip(".")
        return put(text, m.start(1), m.end(1), new, "dose", "number", "lab")

    return mutate


def comma(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    """«0,125» → «1,25», «2,5» → «25», «25 mg» → «2,5 mg»."""
    m = one(rf"(?<![\w.,/])(\d+(?:[.,]\d{{1,2}})?)(?= ?{_UNIT}\b(?!/d))", text, rng)
    if not m or m[1] in ("0", "1") or len(m[1]) == 1:
        return None
    digits, at = re.sub(r"[.,]", "", m[1]), re.search(r"[.,]", m[1])
    moved = f"{digits[: at.start() + 1]},{digits[at.start() + 1 :]}" if at else f"{digits[:-1]},{digits[-1]}"
    new = moved.rstrip(",").lstrip("0") or "0"
    new = f"0{new}" if new.startswith(",") else new
    return put(text, m.start(), m.end(), new.removesuffix(",0"), "dose", "number", "lab")


def unit(*options: tuple[str, str]) -> Mutator:
    """The unit of a dose for another."""

    def mutate(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
        old, new = rng.choice(options)
        m = one(rf"(?<=\d) ?{old}\b(?= (?:{_WAY}|por|cada|c/|en|al)\b| [A-ZÁ])", text, rng)
        return put(text, m.start(), m.end(), f" {new}", "dose", "number", "lab") if m else None

    return mutate


def route(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    pairs = {**dict(_ROUTES), **{b: a for a, b in reversed(_ROUTES)}, "VO": "EV", "oral": "endovenosa"}
    found = [
        m
        for m in re.finditer(rf"\b(?:{'|'.join(sorted(pairs, key=len, reverse=True))})\b", text)
        if re.search(rf"(?:\d ?{_UNIT}|[a-z]{{5}})[ ,]*$", text[: m.start()])
        and re.match(r"[ ,/]*(?:c/|cada|/?\d+ ?h|por|\(|x|durante|al d|diari|en la|dos|una)", text[m.end() :])
    ]
    if not found:
        return None
    m = rng.choice(found)
    return put(text, m.start(), m.end(), pairs[m[0]], "route", "negation", "number", "omission")


def _given(pattern: str, text: str, rng: random.Random) -> re.Match[str] | None:
    """A match that follows a dose, a route or a frequency: the detail of a drug."""
    found = [m for m in re.finditer(pattern, text) if _GIVEN.search(text[: m.start()].rstrip(" ,"))]
    return rng.choice(found) if found else None


def frequency(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = _given(_OFTEN, text, rng)
    return put(text, m.start(), m.end(), other_frequency(m[0]), "frequency", "omission", "number") if m else None


def other_frequency(said: str) -> str:
    """Another frequency in the same manner of speaking."""
    number = re.search(r"\d+", said)
    if number:
        other = {"24": "12", "12": "8", "8": "6", "6": "24", "4": "8", "48": "24"}[number[0]]
        return said.replace(number[0], other)
    times = next((t for t in _TIMES if said.startswith(t)), None)
    if times:
        return said.replace(times, _TIMES[(_TIMES.index(times) + 1) % 4])
    if "noch" in said or "nocturn" in said:
        return "cada mañana"
    return "diario" if said == "semanal" else "cada 12 horas"


def duration(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = _given(_LASTING, text, rng)
    return put(text, m.start("n"), m.end("n"), another(m["n"], rng), "duration", "number") if m else None


def duration_unit(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = _given(_LASTING, text, rng)
    if not m:
        return None
    new = "semanas" if m["t"].startswith("d") else "días"
    return put(text, m.start("t"), m.end("t"), new, "duration", "number")


def exchanged(pattern: str, *, late: bool) -> Mutator:
    """The details of two neighbouring drugs of one list, exchanged."""

    def mutate(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
        cut = boundary(text, evidence)
        pairs = [
            (a, b)
            for a, b in pairwise(m for m in re.finditer(pattern, text) if (m.start() >= cut) is late)
            if same(a[0]) != same(b[0])
            and not re.search(r"[.:](?!\d)", text[a.end() : b.start()])
            and re.search(r"[,;(]| [ye] ", text[a.end() : b.start()])
        ]
        if not pairs:
            return None
        a, b = rng.choice(pairs)
        new = b[0] + text[a.end() : b.start()] + a[0]
        return put(text, a.start(), b.end(), new, *DETAILS)

    return mutate


def same(measure: str) -> str:
    """«durante 7 días» and «por 7 días» are no different, nor «vía oral» and «VO»."""
    folded = flat(measure)
    number = re.search(r"\d+(?:[.,]\d+)?", folded)
    weeks = re.search(r"(\d+) semanas", folded)
    if weeks and int(weeks[1]) % 4 == 0:  # «8 semanas» are «2 meses»
        return f"{int(weeks[1]) // 4}m"
    if number:
        after = re.sub(r"[^a-z]", "", folded[number.end() :])
        return number[0].replace(",", ".") + after[:1]
    return {"vo": "oral", "ev": "endovenosa", "iv": "endovenosa", "sc": "subcutanea"}.get(
        folded, folded.removeprefix("via ")
    )


DOSE = rf"(?<![\w.,/]){N} ?(?:mg|g|mcg|UI)\b(?!/)"
OFTEN = r"(?:\bcada |\bc/ ?)\d+ ?(?:horas|hrs?|h)\b"
LASTING = r"(?:\bpor|\bdurante|\bx) \d+ (?:días|meses|semanas)"
WAY = r"\b(?:vía (?:oral|endovenosa|subcutánea)|VO|EV|SC|IM)\b"


def items(text: str, evidence: Evidence, *kinds: Kind) -> list[tuple[Claim, int, int]]:
    """The drugs of these lists that the text names, each with its stretch: name, details, code."""
    return [(c, start, item_end(text, end)) for c, (start, end) in named(text, evidence, *kinds)]


def detail_omitted(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    """A drug without its dose, route, frequency or duration."""
    found = []
    for claim, start, end in items(text, evidence, *DRUGS):
        for attribute in claim.attributes:
            at = next((a for f in attribute.forms for a in places(text, f" {f}".strip(), start, end)), None)
            if at and attribute.kind in ("dose", "route", "frequency", "duration") and not _again(text, at, start, end):
                found.append((claim, at))
    if not found:
        return None
    claim, (start, end) = rng.choice(found)
    return put(text, start, end, "", "omission", "dose", "route", "frequency", "duration", claim=claim)


def _again(text: str, at: tuple[int, int], start: int, end: int) -> bool:
    """The detail stands in the item twice, or for all the drugs of the sentence."""
    said = text[at[0] : at[1]]
    return text[start:end].count(said) > 1 or re.search(r"\b(?:amb|tod)[oa]s\b", text[start : end + 80]) is not None


def drug_for_another(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    found = items(text, evidence, *DRUGS)
    other = _stranger(text, evidence, rng)
    if not found or not other:
        return None
    claim, start, _ = rng.choice(found)
    end = next(e for c, (s, e) in named(text, evidence, *DRUGS) if c is claim)
    return put(text, start, end, other, "med", "omission", claim=claim)


def _stranger(text: str, evidence: Evidence, rng: random.Random) -> str | None:
    return next(
        (d for d in rng.sample(STRANGERS, len(STRANGERS)) if d not in flat(text) and d not in evidence.words), None
    )


def drugs_exchanged(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    """The names of two drugs of one list, each with the other's details."""
    pairs = [
        (a, b)
        for kind in DRUGS
        for a, b in pairwise(sorted(named(text, evidence, kind), key=lambda x: x[1]))
        if _details(a[0]) != _details(b[0]) and a[1][1] < b[1][0]
    ]
    if not pairs:
        return None
    (claim, (s1, e1)), (_, (s2, e2)) = rng.choice(pairs)
    new = text[s2:e2] + text[e1:s2] + text[s1:e1]
    return put(text, s1, e2, new, "med", "code", *DETAILS, claim=claim)


def _details(claim: Claim) -> tuple[object, ...]:
    return claim.code, *(a.value for a in claim.attributes)


def drug_added(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    found, other = items(text, evidence, *DRUGS), _stranger(text, evidence, rng)
    if not found or not other:
        return None
    _, _, end = rng.choice(found)
    return put(text, end, end, f", {other} 100 mg vía oral cada 12 horas", "med", "dose")


def drug_twice(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    found = [x for x in items(text, evidence, *DRUGS) if re.search(r"\d", text[x[1] : x[2]])]
    if not found:
        return None
    claim, start, end = rng.choice(found)
    return put(text, end, end, f", {text[start:end].strip()}", "med", "dose", "code", "number", claim=claim)


def drug_moved(source: Kind, target: Kind) -> Mutator:
    """A drug of one list told once more in the other."""

    def mutate(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
        part = LEAVING if target is Kind.PRESCRIPTION else (Kind.TREATMENT, Kind.COURSE)
        known = {w for c in evidence.of(*part) for w in flat(c.forms[-1]).split() if len(w) > 3}
        moved = [x for x in items(text, evidence, source) if not known & set(flat(x[0].name).split())]
        beside = items(text, evidence, target)
        if not moved or not beside:
            return None
        claim, start, end = rng.choice(moved)
        _, _, at = rng.choice(beside)
        return put(text, at, at, f", {text[start:end].strip()}", "med", "code", "dx", "proc", *DETAILS, claim=claim)

    return mutate


def allergen_given(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    """A drug of the class that the patient is allergic to, and that the record does not give."""
    allergies = " ".join(flat(c.forms[-1]) for c in evidence.of(Kind.ALLERGY) if c.polarity != "negated")
    given = {
        "penicilin": "amoxicilina",
        "aine": "ketoprofeno",
        "dipirona": "metamizol",
        "metamizol": "metamizol",
        "sulfa": "cotrimoxazol",
        "ibuprofeno": "ibuprofeno",
        "ketoprofeno": "ketoprofeno",
        "cefalospor": "cefazolina",
    }
    drug = next((d for a, d in given.items() if a in allergies and d not in flat(text)), None)
    found = items(text, evidence, Kind.TREATMENT)
    if not drug or not found or any(drug[:6] in w for c in evidence.of(*DRUGS) for w in flat(c.forms[-1]).split()):
        return None
    at = rng.choice(found)[2]
    return put(text, at, at, f", {drug} 500 mg vía oral cada 8 horas", "allergy", "med")


def sos(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    """A drug for when it is needed told as one to take always."""
    m = one(
        r",? (?:SOS|PRN|en caso de (?:necesidad|dolor|fiebre|náuseas))\b",
        text,
        rng,
        part(text, evidence, Kind.PRESCRIPTION)[0],
    )
    return put(text, m.start(), m.end(), "", "frequency", "omission", "dose") if m else None
