"""The errors that a careful reader catches, planted one at a time (last section of the clinical rules)."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from engine.evidence import Claim, Evidence, Kind
from engine.evidence.language import fold


@dataclass(frozen=True, slots=True)
class Mutant:
    """A text with one error. `types` are the violation types that name it fittingly."""

    text: str
    start: int
    end: int
    types: frozenset[str]
    change: str


Mutator = Callable[[str, Evidence, random.Random], Mutant | None]
DRUGS = (Kind.TREATMENT, Kind.PRESCRIPTION)
DIAGNOSES = (Kind.ADMISSION_DIAGNOSIS, Kind.DISCHARGE_DIAGNOSIS)
N = r"\d+(?:[.,]\d+)?"


def put(text: str, start: int, end: int, new: str, *types: str) -> Mutant:
    return Mutant(
        text[:start] + new + text[end:], start, start + len(new), frozenset(types), f"{text[start:end]} → {new}"
    )


def one(pattern: str, text: str, rng: random.Random, flags: int = 0) -> re.Match[str] | None:
    found = list(re.finditer(pattern, text, flags))
    return rng.choice(found) if found else None


def place(text: str, claim: Claim, rng: random.Random) -> tuple[int, int] | None:
    """Where a claim is named, in any of its forms."""
    for form in claim.forms:
        at = fold(text).find(fold(form))
        if at >= 0 and len(fold(text)) == len(text):
            return at, at + len(form)
    return None


def scaled(factor: float) -> Mutator:
    def mutate(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
        m = one(rf"\b({N}) ?(?:mg|g|mcg|UI|mL|U)\b(?!/d)", text, rng)
        if not m:
            return None
        value = float(m[1].replace(",", ".")) * factor
        return put(text, m.start(1), m.end(1), f"{value:.4f}".rstrip("0").rstrip("."), "dose", "number", "lab")

    return mutate


def swap(pattern: str, options: dict[str, str], *types: str) -> Mutator:
    """Replaces one match by another option of the same sort."""

    def mutate(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
        m = one(pattern, text, rng)
        return put(text, m.start(), m.end(), options[m[0]], *types) if m else None

    return mutate


def other_number(pattern: str, *types: str) -> Mutator:
    """Changes the number of group 1 to another."""

    def mutate(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
        m = one(pattern, text, rng)
        if not m:
            return None
        old = m[1]
        new = (
            str(int(old) + rng.choice([1, 2, 3, 5]))
            if old.isdigit()
            else f"{float(old.replace(',', '.')) * 1.5:.2f}".rstrip("0")
        )
        return put(text, m.start(1), m.end(1), new, *types)

    return mutate


def exchange(pattern: str, *types: str) -> Mutator:
    """Exchanges two different matches within one enumeration."""

    def mutate(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
        for a, b in pairwise(re.finditer(pattern, text)):
            if bare(a[0]) != bare(b[0]) and "." not in re.sub(r"\d\.\d", "", text[a.end() : b.start()]):
                new = text[: a.start()] + b[0] + text[a.end() : b.start()] + a[0] + text[b.end() :]
                return Mutant(new, a.start(), b.end(), frozenset(types), f"{a[0]} ↔ {b[0]}")
        return None

    return mutate


def bare(measure: str) -> str:
    """«durante 7 días» and «por 7 días» are no different."""
    return re.sub(r"\D", "", measure) or measure


def drug_for_another(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    claims = [c for c in evidence.of(*DRUGS) if place(text, c, rng)]
    other = next((d for d in rng.sample(STRANGERS, len(STRANGERS)) if d not in fold(text)), None)
    if not claims or not other:
        return None
    start, end = place(text, rng.choice(claims), rng) or (0, 0)
    return put(text, start, end, other, "med", "omission")


STRANGERS = [
    "amiodarona",
    "digoxina",
    "linezolid",
    "carbamazepina",
    "warfarina",
    "clozapina",
    "metotrexato",
    "gentamicina",
]


def added(what: list[str], anchor: str, form: str, *types: str) -> Mutator:
    """Adds something after an anchor of the text."""

    def mutate(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
        new = next(
            (
                w
                for w in rng.sample(what, len(what))
                if not any(
                    fold(part)[:6] in fold(text) or any(fold(part)[:6] in v for v in evidence.words)
                    for part in w.split()
                )
            ),
            None,
        )
        m = one(anchor, text, rng)
        return put(text, m.end(), m.end(), form.format(new), *types) if m and new else None

    return mutate


def omitted(*kinds: Kind) -> Mutator:
    """Leaves out one item of a list, with its details and code."""

    def mutate(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
        claims = [
            c
            for c in evidence.of(*kinds)
            if c.required and place(text, c, rng) and len(fold(c.name)) > 3 and fold(text).count(fold(c.name)) == 1
        ]
        if not claims:
            return None
        start, end = place(text, rng.choice(claims), rng) or (0, 0)
        after = re.compile(r"[^;,.(]*(?:\d[.,]\d[^;,.(]*)*(?:\([^)]*\))?[^;,.(]*(?:\d[.,]\d[^;,.(]*)*").match(text, end)
        return put(
            text,
            start,
            after.end() if after else end,
            "",
            "omission",
            "code",
            "med",
            "dx",
            "proc",
            "allergy",
            "negation",
        )

    return mutate


def code_altered(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r"\(([A-Z]\d{2}(?:\.\d|[A-Z]{2}\d{2})|\d{2}\.\d{2})\)", text, rng)
    if not m:
        return None
    code = m[1][:-1] + str((int(m[1][-1]) + rng.randint(1, 8)) % 10)
    return None if code in evidence.codes else put(text, m.start(1), m.end(1), code, "code")


def code_removed(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r" \((?:[A-Z]\d{2}(?:\.\d|[A-Z]{2}\d{2})|\d{2}\.\d{2})\)", text, rng)
    return put(text, m.start(), m.end(), "", "omission", "code") if m else None


def code_bare(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r"\(([A-Z]\d{2}(?:\.\d|[A-Z]{2}\d{2})|\d{2}\.\d{2})\)", text, rng)
    return put(text, m.start(), m.end(), m[1], "code", "omission") if m else None


def lists_mixed(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    """A discharge diagnosis told as an admission one."""
    admission = [c for c in evidence.of(Kind.ADMISSION_DIAGNOSIS) if place(text, c, rng)]
    names = {fold(c.name) for c in evidence.of(Kind.ADMISSION_DIAGNOSIS)}
    leaving = [c for c in evidence.of(Kind.DISCHARGE_DIAGNOSIS) if fold(c.name) not in names]
    said = set(" ".join(names).split())
    leaving = [
        c for c in leaving if not set(fold(c.name).replace("izq", "izquierdo").split()) <= said | {"por", "con", "de"}
    ]
    if not admission or not leaving:
        return None
    start, end = place(text, admission[0], rng) or (0, 0)
    return put(text, start, end, leaving[0].name, "dx", "code", "omission", "laterality", "negation")


def drug_lists_mixed(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    """A drug of the stay told among the discharge drugs."""
    leaving = {fold(c.name) for c in evidence.of(Kind.PRESCRIPTION)}
    given = [c for c in evidence.of(Kind.TREATMENT) if fold(c.name) not in leaving and c.attributes and c.code]
    m = one(
        r"(?:[Ss]e indican?(?: al alta)?|[Ii]ndicaciones al alta:|[Ff]ármacos al alta:|indicándose) (?!No consignado)",
        text,
        rng,
    )
    if not m or not given:
        return None
    claim = given[0]
    return put(
        text, m.end(), m.end(), f"{claim.name} {claim.attributes[0].forms[0]} ({claim.code}), ", "med", "code", "dose"
    )


def side(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r"\b(derech|izquierd)(?=[oa]s?\b)", text, rng)
    return (
        put(text, m.start(), m.end(), "izquierd" if m[0] == "derech" else "derech", "laterality", "dx", "proc")
        if m
        else None
    )


def negation_dropped(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r"(?<=[ ,;])(?:sin|no presenta|niega) (?=[a-záéíóúñ]{4})(?!embargo)", text, rng)
    return put(text, m.start(), m.end(), "", "negation", "dx", "allergy") if m else None


def sign_turned(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r"\((?:\+|-)\)|\b(?:nega|posi)tiv[oa]s?\b", text, rng)
    if not m:
        return None
    new = {"(+)": "(-)", "(-)": "(+)"}.get(m[0]) or (
        m[0].replace("nega", "posi") if "nega" in m[0] else m[0].replace("posi", "nega")
    )
    turned = put(text, m.start(), m.end(), new, "negation")
    return replace(turned, start=max(0, m.start() - 25))


def negation_added(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    claims = [
        c
        for c in evidence.of(Kind.COURSE)
        if c.polarity == "affirmed"
        and place(text, c, rng)
        and re.match(r"[a-zñ]{5}", fold(c.name))
        and ":" not in c.name
        and "balance" not in c.name
    ]
    if not claims:
        return None
    start, _end = place(text, rng.choice(claims), rng) or (0, 0)
    return put(text, start, start, "sin ", "negation", "dx")


def suspicion_dropped(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r"\b(?:probable|posible|sospecha de|presunt[oa]) | en estudio\b", text, rng)
    return put(text, m.start(), m.end(), "", "dx", "negation") if m else None


def suspicion_added(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    claims = [c for c in evidence.of(*DIAGNOSES) if c.polarity == "affirmed" and place(text, c, rng)]
    if not claims:
        return None
    start, _end = place(text, rng.choice(claims), rng) or (0, 0)
    return put(text, start, start, "probable ", "dx", "negation")


def date_moved(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r"\b(\d{2})-(\d{2})-(\d{4})\b", text, rng)
    if not m:
        return None
    day = f"{int(m[1]) % 28 + 1:02}"
    return put(text, m.start(1), m.end(1), day, "date", "omission")


def dates_exchanged(text: str, _evidence: Evidence, _rng: random.Random) -> Mutant | None:
    found = list(re.finditer(r"(?:el|con fecha) (\d{2}-\d{2}-\d{4})", text))
    for a, b in pairwise(found):
        if a[1] != b[1]:
            new = text[: a.start(1)] + b[1] + text[a.end(1) : b.start(1)] + a[1] + text[b.end(1) :]
            return Mutant(new, a.start(), b.end(), frozenset({"date", "omission"}), f"{a[1]} ↔ {b[1]}")
    return None


def ordinal(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    names = ["primer", "segundo", "tercer", "cuarto", "quinto", "sexto", "séptimo", "octavo", "noveno", "décimo"]
    m = one(rf"\b(?:{'|'.join(names)})(?= día)", text, rng)
    return (
        put(text, m.start(), m.end(), names[(names.index(m[0]) + rng.randint(1, 8)) % 10], "number", "date")
        if m
        else None
    )


def modifier(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    pairs = {
        "agud": "crónic",
        "crónic": "agud",
        "sever": "lev",
        "leve": "severa",
        "superior": "inferior",
        "inferior": "superior",
        "proximal": "distal",
        "distal": "proximal",
    }
    m = one(rf"\b(?:{'|'.join(pairs)})(?=[oa]s?\b|\b)", text, rng)
    return put(text, m.start(), m.end(), pairs[m[0]], "dx", "proc", "code", "number", "omission") if m else None


def result_unit(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(rf"(?<={N[:2]}) ?(mg/dL|mg/L|ng/mL|mmHg|cm|cc)\b", text, rng)
    swap = {"mg/dL": "g/dL", "mg/L": "mg/dL", "ng/mL": "mg/mL", "mmHg": "cm", "cm": "mm", "cc": "L"}
    return put(text, m.start(1), m.end(1), swap[m[1]], "lab", "number", "dose") if m else None


def allergy_denied(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r"Alergias(?: registradas)?: [^.]+\.", text, rng)
    return put(text, m.start(), m.end(), "Sin alergias conocidas.", "allergy") if m else None


def allergy_invented(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = re.search(r"\. ", text)
    return (
        put(text, m.end(), m.end(), "Alérgico a ibuprofeno. ", "allergy", "med")
        if m and "ibuprofeno" not in fold(text)
        else None
    )


def allergen_given(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    allergies = " ".join(fold(c.name) for c in evidence.of(Kind.ALLERGY) if c.polarity != "negated")
    m = one(r"(?:Recibió|recibió|tratad[oa] con|intrahospitalario:) ", text, rng)
    if "penicilin" not in allergies or not m:
        return None
    return put(text, m.end(), m.end(), "amoxicilina 500 mg vía oral cada 8 horas, ", "allergy", "med")


def sex(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r"\bsexo (?:femenin|masculin)o", text, rng)
    if not m:
        m = re.match(r"Paciente", text)
        return put(text, 0, 8, "Paciente de sexo femenino", "identity") if m and evidence.feminine is None else None
    return put(text, m.start(), m.end(), "sexo masculino" if "femenino" in m[0] else "sexo femenino", "identity")


def name(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = re.match(r"Paciente\b", text)
    return put(text, m.end(), m.end(), " Juan Carlos Soto Vera,", "identity") if m else None


def outcome(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    options = ["evolución favorable", "sin complicaciones", "con recuperación completa", "con éxito"]
    words = ["favorabl", "complicac", "recuper", "exit"]
    free = [o for o, w in zip(options, words, strict=True) if not any(w in v for v in evidence.words)]
    m = one(r"\. (?=Diagnósticos? de egreso|Egresa|Se da de alta|Alta con)", text, rng)
    return put(text, m.start(), m.start(), f", {rng.choice(free)}", "dx", "negation") if m and free else None


def repeated_drug(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r"\d+ ?mg [^,;.]{10,60}\([A-Z]\d{2}[A-Z]{2}\d{2}\)", text, rng)
    return put(text, m.end(), m.end(), f", {m[0]}", "med", "dose", "code", "number") if m else None
