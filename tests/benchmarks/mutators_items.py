"""Errors of the items of a record: added, left out, told in another list, with another code, side or certainty."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from itertools import pairwise

from engine.evidence import Claim, Evidence, Kind
from tests.benchmarks.mutators import (
    CODE,
    DIAGNOSES,
    LEAVING,
    Mutant,
    Mutator,
    boundary,
    flat,
    gone,
    item_end,
    named,
    one,
    part,
    put,
    twin,
)

_MISSING = ("omission", "code", "med", "dx", "proc", "allergy")
_LISTED = (*DIAGNOSES, Kind.PROCEDURE, Kind.TREATMENT, Kind.PRESCRIPTION)


def _stranger(options: Iterable[str], text: str, evidence: Evidence, rng: random.Random) -> str | None:
    """An option no word of which the text or the record has."""
    known = {w[:5] for w in evidence.words} | {w[:5] for w in re.findall(r"\w+", flat(text))}
    fresh = [o for o in options if not any(w[:5] in known for w in flat(o).split() if len(w) > 3)]
    return rng.choice(fresh) if fresh else None


def added_beside(options: list[str], form: str, *kinds: Kind, types: tuple[str, ...]) -> Mutator:
    """Something of its own after an item of these lists."""

    def mutate(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
        found, new = named(text, evidence, *kinds), _stranger(options, text, evidence, rng)
        if not found or not new:
            return None
        at = item_end(text, rng.choice(found)[1][1])
        return put(text, at, at, form.format(new), *types)

    return mutate


def added_in_course(options: list[str], form: str, *types: str) -> Mutator:
    """A finding between two clauses of the hospital stay."""

    def mutate(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
        cut = boundary(text, evidence)
        start = max(
            (item_end(text, e) for _, (_, e) in named(text, evidence, Kind.TREATMENT, Kind.PROCEDURE)), default=0
        )
        m = one(r"[,;](?= [a-záéíóú])", text, rng, start, cut)
        new = _stranger(options, text, evidence, rng)
        return put(text, m.end(), m.end(), form.format(new), *types) if m and new else None

    return mutate


def outcome(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    """A verdict on how things went, at the end of the stay."""
    options = ["evolución favorable", "complicaciones postoperatorias", "recuperación completa", "éxito terapéutico"]
    m = list(re.finditer(r"(?<=[a-z)\d])\.(?= [A-Z])", text[: boundary(text, evidence)]))
    new = _stranger(options, text, evidence, rng)
    return put(text, m[-1].start(), m[-1].start(), f", con {new}", "dx", "negation") if m and new else None


def omitted(*kinds: Kind) -> Mutator:
    """Leaves out one item, with its details and code, of which something stands nowhere else."""

    def mutate(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
        found = [(c, *_span(text, c, at)) for c, at in named(text, evidence, *kinds) if c.required and _is_item(c)]
        found = [(c, s, e) for c, s, e in found if _is_loss(text, evidence, c, s, e)]
        if not found:
            return None
        claim, start, end = rng.choice(found)
        turned = ("negation",) if claim.polarity == "negated" else ()
        return put(text, start, end, "", *_MISSING, *turned, claim=claim)

    return mutate


def _is_item(claim: Claim) -> bool:
    """A treatment without code or details («kinesioterapia») is mostly told in the course as well."""
    return claim.kind is not Kind.TREATMENT or bool(claim.code or claim.attributes)


def _span(text: str, claim: Claim, at: tuple[int, int]) -> tuple[int, int]:
    """The whole item where it has a code or details; a statement only as it stands."""
    return (at[0], item_end(text, at[1])) if claim.kind in (*_LISTED, Kind.OBSERVATION) else at


def _is_loss(text: str, evidence: Evidence, claim: Claim, start: int, end: int) -> bool:
    """What was left out is told nowhere else in its half of the text."""
    rest = text[:start] + " " + text[end:]
    if claim.kind not in _LISTED and twin(evidence, claim, rest):
        return False
    if claim.kind in (*_LISTED, *LEAVING):
        first, last = part(text, evidence, claim.kind)
        rest = text[first:start] + " " + text[end:last]
    if claim.kind is Kind.OBSERVATION:
        values = " ".join(a.value for a in claim.attributes).replace(",", ".")
        figures = re.findall(r"\d+(?:[.,]\d+)?", text[start:end])[:1]
        return any(gone(n, rest) and n.replace(",", ".") in values for n in figures)
    if claim.kind in _LISTED and claim.code:
        return f"({claim.code})" not in rest or gone(text[start:end], rest)
    return gone(text[start:end], rest)


def not_recorded(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    """«No consignado» in the place of what the record gives."""
    m = one(
        r"\b(Controles|Seguimiento|Alergias|Recomendaciones|Signos de alarma|Antecedentes): (?!No cons)([^.;]{4,})\.",
        text,
        rng,
    )
    return put(text, m.start(2), m.end(2), "no consignado", "format", "omission", "allergy") if m else None


def code_altered(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(rf"\(({CODE})\)", text, rng)
    if not m:
        return None
    code = m[1][:-1] + str((int(m[1][-1]) + rng.randint(1, 8)) % 10)
    return None if code in evidence.codes else put(text, m.start(1), m.end(1), code, "code")


def code_removed(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(rf" \(({CODE})\)", text, rng)
    return put(text, m.start(), m.end(), "", "omission", "code") if m and text.count(m[0]) == 1 else None


def code_bare(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(rf"\(({CODE})\)", text, rng)
    return put(text, m.start(), m.end(), m[1], "code", "omission") if m else None


def codes_exchanged(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    """Two neighbouring codes of one sentence, exchanged."""
    pairs = [
        (a, b)
        for a, b in pairwise(re.finditer(rf"\({CODE}\)", text))
        if a[0] != b[0] and not re.search(r"\.(?!\d)", text[a.end() : b.start()])
    ]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    return put(text, a.start(), b.end(), b[0] + text[a.end() : b.start()] + a[0], "code", "dx", "proc", "med")


def code_of_another_list(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    """The code of a procedure beside a diagnosis, or the reverse."""
    found = {
        kinds: [c for c in evidence.of(*kinds) if c.code and f"({c.code})" in text]
        for kinds in (DIAGNOSES, (Kind.PROCEDURE,))
    }
    diagnoses, procedures = found[DIAGNOSES], found[(Kind.PROCEDURE,)]
    if not diagnoses or not procedures:
        return None
    pair = [rng.choice(diagnoses), rng.choice(procedures)]
    rng.shuffle(pair)
    at = text.find(f"({pair[0].code})")
    return put(text, at + 1, at + 1 + len(pair[0].code or ""), pair[1].code or "", "code")


def lists_mixed(source: Kind, target: Kind) -> Mutator:
    """A diagnosis of the one list in the place of one of the other that says something else."""

    def mutate(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
        own = named(text, evidence, target)
        said = " ".join(f for c in evidence.of(target) for f in c.forms)
        other = [c for c in evidence.of(source) if _says_more(c, said)]
        if not own or not other:
            return None
        claim, (start, end) = rng.choice(own)
        new = rng.choice(other).name
        return put(text, start, end, new, "dx", "code", "omission", "laterality", "negation", claim=claim)

    return mutate


def _says_more(claim: Claim, said: str) -> bool:
    """A word of each form of the diagnosis is no word, abbreviation or spelling out of what the list says."""
    known = re.findall(r"\w+", flat(said))
    initials = "".join(w[0] for w in known if len(w) > 3)
    return all(
        any(
            not _is_said(w, known, initials)
            for w in re.findall(r"\w{4,}", flat(f))
            if w not in ("por", "con", "de", "tipo")
        )
        for f in claim.forms
    )


def _is_said(word: str, known: list[str], initials: str) -> bool:
    return (
        any(k[:5].rstrip("aos") == word[:5].rstrip("aos") for k in known)
        or (
            len(word) <= 5
            and (word in initials or any(k[0] == word[0] and re.search(".*".join(word), k) for k in known))
        )
        or any(len(k) <= 5 and k[0] == word[0] and re.search(".*".join(k), word) for k in known if len(k) > 1)
    )


def side(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r"\b(?:derech|izquierd)(?=[oa]s?\b)|\b(?:der|izq)\b", text, rng)
    if not m:
        return None
    new = {"derech": "izquierd", "izquierd": "derech", "der": "izq", "izq": "der"}[m[0]]
    return put(text, m.start(), m.end(), new, "laterality", "dx", "proc")


def side_added(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    """A side that the record does not tell of an item."""
    found = [(c, at) for c, at in named(text, evidence, *DIAGNOSES, Kind.PROCEDURE) if not _sided(evidence, c)]
    if not found:
        return None
    claim, (_, end) = rng.choice(found)
    return put(
        text, end, end, rng.choice([" derecha", " izquierda", " bilateral"]), "laterality", "dx", "proc", claim=claim
    )


def _sided(evidence: Evidence, claim: Claim) -> bool:
    """The record tells a side of it somewhere."""
    name = {w[:5] for w in re.findall(r"[a-z]{5,}", flat(claim.forms[-1]))}
    sides = (
        flat(c.forms[-1])
        for c in evidence.claims
        if re.search(r"\b(?:izq|der)(?:\b|uierd|ech)|bilat", flat(c.forms[-1]))
    )
    return any(name & {w[:5] for w in re.findall(r"[a-z]{5,}", s)} for s in sides)


def modifier(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    """«Aguda» for «crónica», «severo» for «leve», «distal» for «proximal»."""
    pairs = [
        ("agud", "crónic"),
        ("superior", "inferior"),
        ("proximal", "distal"),
        ("anterior", "posterior"),
        ("primari", "secundari"),
        ("parcial", "total"),
        ("estable", "inestable"),
        ("medial", "lateral"),
    ]
    options = {a: b for pair in pairs for a, b in (pair, pair[::-1])}
    types = ("dx", "proc", "code", "number", "omission", "negation")
    m = one(rf"\b(?:{'|'.join(sorted(options, key=len, reverse=True))})(?=[oa]?s?\b)(?! a\b)", text, rng)
    if m:
        return put(text, m.start(), m.end(), options[m[0]], *types, claim=_around(text, evidence, m))
    m = one(r"\b(sever[oa]|leve|moderad[oa]|grave)\b", text, rng)
    new = "severa" if m and m[0] == "leve" else "leve"
    return put(text, m.start(), m.end(), new, *types, claim=_around(text, evidence, m)) if m else None


def _around(text: str, evidence: Evidence, m: re.Match[str]) -> Claim | None:
    """The item in whose name the match stands."""
    found = named(text, evidence, *DIAGNOSES, Kind.PROCEDURE)
    return next((c for c, (s, e) in found if s <= m.start() < e), None)


def suspicion_dropped(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r"\b(?:probable|posible|sospecha de|presunt[oa]|impresiona) | en estudio\b| sugerentes? de(?= )", text, rng)
    return put(text, m.start(), m.end(), " de" if m[0].startswith(" sug") else "", "dx", "negation") if m else None


def suspicion_added(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    found = [
        (c, (s, e))
        for c, (s, e) in named(text, evidence, *DIAGNOSES)
        if not re.search(r"probable|posible|sospecha|estudio|impresiona", text[max(0, s - 25) : e + 25])
    ]
    if not found:
        return None
    claim, (start, _) = rng.choice(found)
    return put(text, start, start, "probable ", "dx", "negation", claim=claim)


def allergy_denied(text: str, evidence: Evidence, _rng: random.Random) -> Mutant | None:
    """The allergies of the record told as none."""
    found = [(c, at) for c, at in named(text, evidence, Kind.ALLERGY) if c.polarity != "negated"]
    if not found or len(found) != len(list(evidence.of(Kind.ALLERGY))):
        return None
    start, end = min(s for _, (s, _) in found), max(e for _, (_, e) in found)
    lead = re.search(r"(?:\b[Aa]lergias?(?: \w+)?(?::| a)?|\b[Aa]l[eé]rgic[oa] a(?: la| los)?) ?$", text[:start])
    start = lead.start() if lead else start
    return put(text, start, end, "sin alergias conocidas", "allergy", "omission", claim=found[0][0])


def allergy_invented(text: str, evidence: Evidence, _rng: random.Random) -> Mutant | None:
    m = re.search(r"\. ", text)
    drug = next(
        (d for d in ("ibuprofeno", "penicilina", "yodo", "látex") if not any(flat(d)[:5] in w for w in evidence.words)),
        None,
    )
    return put(text, m.end(), m.end(), f"Alérgico a {drug}. ", "allergy", "med", "dx") if m and drug else None


def allergen_changed(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    """Another substance in the place of the recorded one."""
    found = [(c, at) for c, at in named(text, evidence, Kind.ALLERGY) if c.polarity != "negated"]
    new = _stranger(["sulfas", "látex", "yodo", "aspirina", "morfina", "cefalosporinas"], text, evidence, rng)
    if not found or not new:
        return None
    claim, (start, end) = rng.choice(found)
    return put(text, start, end, new, "allergy", "omission", "med", claim=claim)
