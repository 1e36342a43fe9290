"""Errors of what is told in sentences: dates, numbers, results, negations, who the patient is, the form of the text."""

from __future__ import annotations

import random
import re
from itertools import pairwise

from engine.evidence import Claim, Evidence, Kind
from engine.evidence.quantities import MONTHS, ORDINALS, dates
from tests.benchmarks.mutators import NUMBERS, Mutant, Mutator, N, another, flat, named, one, place, put

_DATE = (
    r"(?<![\d/-])(\d{1,2})([-/])(\d{2})(?:[-/](?:20)?\d{2})?(?![\d/-])|\b(\d{1,2}) de (?:" + "|".join(MONTHS) + r")\b"
)
_WHOLE = r"(?<![\d/-])\d{1,2}[-/]\d{2}[-/]\d{4}(?![\d/-])|\b\d{1,2} de (?:" + "|".join(MONTHS) + r") (?:de|del) \d{4}\b"
TELLS = ("number", "lab", "dose", "frequency", "duration", "date", "negation", "omission")
# What lacks in the record is not denied of the patient: «sin fecha», «sin dosis ni vía consignadas».
_OF_THE_RECORD = re.compile(
    r"no (?:se (?:consigna|registra)|consign|tienen? (?:fecha|c[oó]digo))|"
    r"sin (?:fecha|c[oó]digo|dosis|v[ií]a|frecuencia|duraci[oó]n|plazo)\b|"
    r"sin [^,;.]*\b(?:consignad|registrad|anotad)[oa]s?\b"
)
# «Sin edema y artritis» and «sin edema, artritis» still deny both.
_STILL_DENIED = re.compile(
    r"\b(?:sin|no|niega) [^,;.]* [yei] $|(?:^|[.,;:(] |\by )(?:[Ss]in|[Nn]iega) [^,;.:]*, $|"
    r"\b[Nn]o presenta [^,;.:]*, $"
)
_NEAR = 200  # characters between two dates that are exchanged
_WOMEN = re.compile(r"embaraz|gesta|parto|puerper|cesarea|obstetr|uter|ovari|ginec|menstru|preeclam|mama")


def day_moved(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(_DATE, text, rng)
    if not m:
        return None
    group = 1 if m[1] else 4
    if m[1] and (int(m[3]) > 12 or int(m[1]) > 31):
        return None
    new = str(int(m[group]) % 28 + 1).zfill(len(m[group]))
    return put(text, m.start(group), m.end(group), new, "date", "omission", "number")


def year_wrong(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(_WHOLE, text, rng)
    if not m:
        return None
    year = int(m[0][-4:])
    return put(text, m.end() - 4, m.end(), str(year + rng.choice([-1, 1])), "date", "omission", "number")


def month_wrong(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(_WHOLE, text, rng)
    if not m:
        return None
    name = next((n for n in MONTHS if n in m[0]), None)
    if name:
        start = m.start() + m[0].index(name)
        return put(text, start, start + len(name), MONTHS[(MONTHS.index(name) + 3) % 12], "date", "omission")
    start = m.start() + re.search(r"[-/]", m[0]).end()  # type: ignore[union-attr]
    new = f"{(int(text[start : start + 2]) + 2) % 12 + 1:02}"
    return put(text, start, start + 2, new, "date", "omission")


def dates_exchanged(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    pairs = [
        (a, b)
        for a, b in pairwise(re.finditer(_WHOLE, text))
        if _day(a[0]) != _day(b[0]) and b.start() - a.end() < _NEAR
    ]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    return put(text, a.start(), b.end(), b[0] + text[a.end() : b.start()] + a[0], "date", "omission")


def _day(said: str) -> list[str]:
    return list(dates(said))


def ordinal(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    names = list(ORDINALS.values())
    m = one(rf"\b(?:{'|'.join(names)})(?= d[ií]a)", text, rng)
    if not m:
        return None
    return put(text, m.start(), m.end(), names[(names.index(m[0]) + rng.randint(1, 8)) % 10], *TELLS)


def day_of_stay(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    """«Día 3: …» told as another day."""
    m = one(r"\b(?:[Dd]ía |D)(\d{1,2})(?=[:,])", text, rng)
    return put(text, m.start(1), m.end(1), str(int(m[1]) + rng.choice([1, 2, 4])), *TELLS) if m else None


def number_in_words(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    """«Siete días» → «nueve días», «dos litros» → «cinco litros»."""
    m = one(rf"\b({'|'.join(NUMBERS)})(?= [a-záéíóúñ]{{3}})(?! (?:veces|el|la|los|las|que|con|por|y|del) )", text, rng)
    if not m:
        return None
    new = rng.choice([n for n in NUMBERS if n != m[1]])
    return put(text, m.start(), m.end(), new, *TELLS, "identity")


def result(change_unit: bool) -> Mutator:
    """The value of a result, or its unit."""

    def mutate(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
        found = []
        for claim in evidence.of(Kind.OBSERVATION):
            at = place(text, evidence, claim)
            tail = rf"[^.;\d]{{0,20}}?({N})(?![-/]\d)( ?(?:mg/d[lL]|mg/L|ng/mL|mEq/L|g/dL|U/L|mmol/L|%|/mm3))?"
            m = re.compile(tail).match(text, at[1]) if at else None
            if m and (m[2] or not change_unit):
                found.append((claim, m))
        if not found:
            return None
        claim, m = rng.choice(found)
        if not change_unit:
            return put(text, m.start(1), m.end(1), another(m[1], rng), *TELLS, claim=claim)
        units = {
            "mg/dL": "g/dL",
            "mg/dl": "g/dl",
            "mg/L": "mg/dL",
            "ng/mL": "mg/mL",
            "mEq/L": "mg/L",
            "g/dL": "g/L",
            "U/L": "g/L",
            "mmol/L": "mg/L",
            "%": "mg",
            "/mm3": "%",
        }
        return put(text, m.start(2), m.end(2), " " + units[m[2].strip()], "lab", "number", "dose", claim=claim)

    return mutate


def unit_in_course(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r"(?<=\d) ?(mg/dL|mg/L|ng/mL|mmHg|cm|cc|°C)(?!\w)", text, rng)
    swap = {"mg/dL": "g/dL", "mg/L": "mg/dL", "ng/mL": "mg/mL", "mmHg": "cm", "cm": "mm", "cc": "L", "°C": "%"}
    return put(text, m.start(1), m.end(1), swap[m[1]], "lab", "number", "dose") if m else None


def negation_dropped(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(
        r"(?<=[ ,;(])(?:sin |no presenta(?:ba)? |niega |no (?=(?:requi|present|tien|tuv|tolera|hay|hub|refier|se )))"
        r"(?!consigna|embargo|c[oó]digo)(?=[a-záéíóúñ]{2})",
        text,
        rng,
    )
    if not m or _OF_THE_RECORD.match(text, m.start()) or _STILL_DENIED.search(text, 0, m.start()):
        return None
    return put(text, m.start(), m.end(), "", "negation", "dx", "allergy", "omission", claim=_stated(text, evidence, m))


def _stated(text: str, evidence: Evidence, m: re.Match[str]) -> Claim | None:
    """The statement whose negation it is: its first words stand there."""
    said = flat(text[m.start() :])
    return next((c for c in evidence.of(Kind.COURSE) for f in c.forms if said.startswith(flat(f))), None)


def sign_turned(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r"\((?:\+|-)\)|\b(?:nega|posi)tiv[oa]s?\b(?! a\b)", text, rng)
    if not m or text[: m.start()].endswith("presión "):
        return None
    new = {"(+)": "(-)", "(-)": "(+)"}.get(m[0]) or (
        m[0].replace("nega", "posi") if "nega" in m[0] else m[0].replace("posi", "nega")
    )
    start = max(0, m.start() - 25)
    return put(text, start, m.end(), text[start : m.start()] + new, "negation")


def negation_added(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    found = [
        (c, at)
        for c, at in named(text, evidence, Kind.COURSE)
        if c.polarity == "affirmed"
        and re.match(r"[a-zñ]{5}", flat(c.name))
        and ":" not in c.name
        and "balance" not in c.name
    ]
    if not found:
        return None
    claim, (start, _) = rng.choice(found)
    return put(text, start, start, "sin ", "negation", "dx", "omission", "date", claim=claim)


def age(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = _age(text)
    return put(text, m.start(1), m.end(1), another(m[1], rng), "identity", "number") if m else None


def _age(text: str) -> re.Match[str] | None:
    who = (
        r"(?:[Pp]aciente|[Mm]ujer|[Hh]ombre|[Nn]iñ[oa]|[Ll]actante|[Ee]scolar|[Aa]dolescente|[Vv]arón|[Ee]dad|sexo \w+)"
    )
    return re.match(rf"[^.]{{0,40}}?\b{who}\b[^.,;\d]{{0,25}}?(?:,|:| de) (\d{{1,3}}) (años|meses)\b", text)


def age_unit(text: str, _evidence: Evidence, _rng: random.Random) -> Mutant | None:
    m = _age(text)
    return put(text, m.start(2), m.end(2), "meses" if m[2] == "años" else "años", "identity", "number") if m else None


def sex(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r"\bsexo (?:femenin|masculin)o", text, rng)
    if m:
        new = "sexo masculino" if "femenino" in m[0] else "sexo femenino"
        return put(text, m.start(), m.end(), new, "identity")
    m = re.match(r"Paciente\b(?! (?:de sexo|femen|masc))", text)
    if (
        not m
        or evidence.feminine is not None
        or any(_WOMEN.search(w) or w.startswith("prostat") for w in evidence.words)
    ):
        return None
    return put(text, 0, 8, "Paciente de sexo femenino", "identity")


def agreement(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    """«Hospitalizada» of a man."""
    if evidence.feminine is None:
        return None
    ending, other = ("a", "o") if evidence.feminine else ("o", "a")
    m = one(
        rf"\b(?:hospitalizad|(?:[Ff]ue|[Ee]s) tratad|[Ii]ngresad|dad(?={ending} de alta)|trasladad){ending}\b",
        text,
        rng,
    )
    if not m:
        m = one(r"\b[Ll]a paciente\b" if evidence.feminine else r"\b[Ee]l paciente\b", text, rng)
        return put(text, m.start(), m.start() + 2, "el" if evidence.feminine else "la", "identity") if m else None
    return put(text, m.start(), m.end(), m[0][:-1] + other, "identity")


_NAMES = (
    "Juan Carlos Soto Vera",
    "María José Pérez",
    "Pedro Fuentes Lagos",
    "Rosa Elvira Cárdenas",
    "Luis Ñancupil",
    "Camila Oyarzún Barría",
    "Héctor Paillalef",
    "Ximena Valdebenito Rojas",
)


def name_after_cue(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = re.match(r"(?:La |El )?[Pp]aciente\b", text)
    own = flat(evidence.case.patient.name.value) if evidence.case.patient.name else ""
    new = rng.choice([n for n in _NAMES if flat(n).split()[0] not in own])
    return put(text, m.end(), m.end(), f" {new},", "identity") if m else None


def name_alone(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    """Another patient's name without a word before it."""
    new = rng.choice(_NAMES)
    if text.startswith("Paciente "):
        return put(text, 0, 8, new, "identity")
    m = one(r"\. (?=[A-ZÁÉÍÓÚ])", text, rng)
    return put(text, m.end(), m.end(), f"{new}. ", "identity") if m else None


def identifier(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = re.search(r"\b[Pp]aciente\b", text)
    rut = f"{rng.randint(5, 24)}.{rng.randint(100, 999)}.{rng.randint(100, 999)}-{rng.randint(0, 9)}"
    at = m.end() if m else 0
    return put(text, at, at, f" RUT {rut}," if m else f"RUT {rut}. ", "identity")


def line_break(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
    m = one(r"(?<=\.) ", text, rng)
    return put(text, m.start(), m.end(), "\n", "format") if m else None


def ending(what: str, *types: str) -> Mutator:
    """Something after the last word."""
    return lambda text, _evidence, _rng: put(text, len(text), len(text), what, *types)
