"""What of a text carries facts, and whether a field of the raw record holds the digits of a span.

Decided without the checker: its lists, its reading and its spans are not asked. A word is fact-bearing unless it stands
in a list below; a number always is. «No consignado» says that the record is silent.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Common Spanish function words: articles, prepositions, conjunctions, pronouns, auxiliaries. Not «sin», «no», «ni»,
# «niega»: a negation is a fact.
FUNCTION = """
a al ante aun aunque bajo cada como con contra cual cuales cuando cuya cuyo cuyas cuyos de del desde donde durante e
el ella en entonces entre era es esa ese eso esta estas este esto estos estaba estuvo fue fueron ha habia han hacia
hasta hay la las le les lo los luego mas me mediante mi mientras muy nos o para pero por porque pues que quien se
segun ser si sido siendo sobre son su sus tal tambien tanto tras tu u un una unas uno unos y ya asi ademas ambos ambas
dicho dicha mismo misma otro otra otros otras todo toda todos todas esos esas x c
"""
# Stems of verbs that only join what the record lists to the text, in any tense: the patient comes, is admitted, has,
# receives, is indicated, goes home; something is done, shown, told, recorded, begun, kept up. Not verbs of a change or
# of an act of their own: «disminuye», «se retira», «se instala».
TELLING = """
ingres hospitaliz consult acud present refier refir refer curs evolucion manten mantien mantuv permanec recib trat
manej administr realiz efectu practic muestr mostr evidenci inform objetiv constat describ destac encontr encuentr
registr consign observ indic prescrib egres qued logr diagnostic asoci deb tom solicit requier requir decid obten
obtien obtuv revel permit confirm evalu catalog plante aparec figur fech llev somet report document agreg sum inici
complet continu manifest hall cuent cont mencion relacion acompañ despach conoc hac hic hiz dec dic ten tien tuv
"""
_ENDING = re.compile(
    r"(?:o|a|e|an|en|aba|aban|ia|ian|aron|ieron|io|ando|iendo|ar|er|ir|ad[oa]s?|id[oa]s?|[aei]ran?)(?:se|le|les)?"
)
# Nouns, adverbs and headings that only say where in the text one is, and irregular forms of the verbs above.
CONNECTING = """
paciente pcte pte hospitalizacion ingreso alta egreso tratamiento tratamientos tto evolucion evolutivo nota notas
motivo causa cuadro dia fecha estadia estada posteriormente posterior previamente finalmente inicialmente actualmente
momento contexto caso diagnostico diagnosticos dg dgs dx dxs diag antecedente antecedentes medicamento medicamentos
medicacion farmaco farmacos procedimiento procedimientos examenes examen laboratorio resultado resultados control
controles ctrl seguimiento recomendacion recomendaciones signos alarma alergia alergias cuidados generales relevante
relevantes previo previos previa previas medico medicos quirurgico quirurgicos habitual habituales via dosis forma
sexo rp ind ing am qx receta esquema esquemas sala epicrisis hallazgo hallazgos indicacion indicaciones informe
portador portadora persona usuario usuaria ultimo ultima dado da dio condicion destino va ir dice sea hubo eran consta
constan trae sigue usa usar usaba usaron
"""
# Groups of the drafter's closed lexicon that state nothing of the patient.
HEADINGS = ("function", "administrative", "sections", "given", "presents")

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+")
_TELLING = frozenset(TELLING.split())
_SILENT = re.compile(r"\b(?:no|sin)\b[^.;,:]{0,40}\bconsignad[oa]s?\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# Units and names with a figure of their own.
_IN_A_WORD = re.compile(r"\b(?:mm3|O2|CO2|PaO2|PaCO2|SatO2|FiO2|HCO3|HbA1c|Na2|K1|B12|T3|T4|V[1-6])\b")


def plain(text: str) -> str:
    """Lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")


@lru_cache(maxsize=1)
def silent_words() -> frozenset[str]:
    """Words that carry no fact, folded."""
    prose = tomllib.loads((ROOT / "resources" / "lexicon" / "prose.toml").read_text(encoding="utf-8"))
    headings = " ".join(prose[group]["words"] for group in HEADINGS)
    return frozenset(plain(f"{FUNCTION} {CONNECTING} {headings}").split())


@lru_cache(maxsize=8192)
def is_silent(word: str) -> bool:
    """A word of these lists, or a form of one of the verbs."""
    folded = plain(word)
    ends = (k for k in range(3, len(folded)) if folded[:k] in _TELLING)
    return folded in silent_words() or any(_ENDING.fullmatch(folded, k) for k in ends)


def fact_bearing(text: str) -> list[tuple[int, int]]:
    """The stretches of the words and numbers that carry facts."""
    silent = [m.span() for m in _SILENT.finditer(text)]
    return [
        m.span() for m in _WORD.finditer(text) if not is_silent(m[0]) and not any(s <= m.start() < e for s, e in silent)
    ]


def resolved(record: object, pointer: str) -> object:
    """The value at a JSON pointer; a string that holds JSON is looked into. Raises LookupError where it is none."""
    value = record
    for step in pointer.split("/")[1:]:
        value = _opened(value)
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            value = value[int(key)]
        elif isinstance(value, dict):
            value = value[key]
        else:
            raise LookupError(pointer)
    return _opened(value) if isinstance(value, str) and value.lstrip()[:1] in ("[", "{") else value


def _opened(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


_COUNTED = dict(
    zip(
        "un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince veinte treinta".split(),
        (*range(1, 16), 20, 30),
        strict=True,
    )
)
_ORDINALS = "primer segundo tercer cuarto quinto sexto septimo octavo noveno decimo".split()
_MONTHS = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
_FACTORS = (1000.0, 24.0, 7.0, 168.0, 12.0, 30.0, 720.0, 60.0)  # g and mg; hours, days, weeks; months and years


def numbers(text: str) -> set[float]:
    """The numbers of a text in figures or words, each in every reading («1.500» is 1500 or 1.5)."""
    out = {float(_COUNTED[w]) for w in re.findall(r"[a-z]+", plain(text)) if w in _COUNTED}
    out |= {
        _ORDINALS.index(w.rstrip("oa")) + 1.0 for w in re.findall(r"[a-z]+", plain(text)) if w.rstrip("oa") in _ORDINALS
    }
    for found in _NUMBER.findall(text):
        out |= readings(found)
    return out


def readings(number: str) -> set[float]:
    out = {float(re.sub(r"[.,]", "", number))} if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", number) else set()
    parts = re.split(r"[.,]", number)
    return out | ({float(".".join(parts))} if len(parts) <= 2 else {float(p) for p in parts})


def days(text: str) -> list[date]:
    """The dates of a text."""
    out = []
    folded = plain(text)
    ymd = [(y, m, d) for y, m, d in re.findall(r"(\d{4})-(\d{1,2})-(\d{1,2})", folded)]
    dmy = [(y, m, d) for d, m, y in re.findall(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)", folded)]
    for y, m, d in (*ymd, *dmy):
        if 1 <= int(m) <= 12 and 1 <= int(d) <= 31:
            out.append(
                date(int(y), int(m), min(int(d), 28)) if int(d) > 28 and int(m) == 2 else date(int(y), int(m), int(d))
            )
    return out


def months(text: str) -> set[float]:
    return {float(i + 1) for i, m in enumerate(_MONTHS) if re.search(rf"\b{m[:3]}(?:{m[3:]})?\b", plain(text))}


def digits_hold(said: str, values: list[str]) -> bool:
    """Each number of the span stands in the pointed values, or follows from them."""
    held = {n for v in values for n in numbers(v)} | {n for v in values for m in [months(v)] for n in m}
    held |= {float(p) for v in values for p in re.findall(r"\d+", v)}
    held |= set(_spans(sorted({d for v in values for d in days(v)})))
    figures = _NUMBER.findall(_IN_A_WORD.sub("", said))
    return all(readings(n) & held or _derived(readings(n), held) for n in figures)


def code_holds(said: str, values: list[str]) -> bool:
    """The code stands in each pointed value, with its points or without."""
    return all(re.sub(r"\W", "", said).lower() in re.sub(r"\W", "", v).lower() for v in values)


def _spans(found: list[date]) -> Iterator[float]:
    """Days, years between two dates, and the parts of each; a year in two digits."""
    for one in found:
        yield from (float(one.year), float(one.year % 100), float(one.month), float(one.day))
        for other in found:
            if other > one:
                yield from (float((other - one).days), float((other - one).days + 1))
                years = other.year - one.year - ((other.month, other.day) < (one.month, one.day))
                yield float(years)


def _derived(said: set[float], held: set[float]) -> bool:
    """In another unit, or times a day for hours between doses."""
    return any(
        abs(a - b * f) < 1e-6 or abs(a * f - b) < 1e-6 or abs(a * b - 24) < 1e-6
        for a in said
        for b in held
        for f in _FACTORS
    )
