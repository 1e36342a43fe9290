"""What a physician may vouch for: words of findings, diagnoses and procedures, dates, numbers, sides.

Drugs, doses, routes, frequencies, codes and allergies are corrected in the record, whatever words they hide in; so is
everything that cannot be read at sight. The judgement is of the words alone: it is the same for every record.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from engine.checking import measures
from engine.checking.lexicon import lexicon, stem
from engine.checking.measures import Measure
from engine.checking.units import flat
from engine.checking.words import Token, tokens
from engine.evidence.language import fold
from engine.paths import resource

LONGEST = 240  # code points of a phrase
DRUGS = "Los fármacos no se agregan por atestación: se corrigen en la ficha."
DOSES = "Las dosis, vías y frecuencias no se agregan por atestación: se corrigen en la ficha."
CODES = "Los códigos no se agregan por atestación: se corrigen en la ficha."
ALLERGIES = "Las alergias no se agregan por atestación: se corrigen en la ficha."
_EMPTY = "La frase está vacía o empieza o termina en un espacio."
_HIDDEN = "La frase tiene caracteres que no se ven o de otra escritura."
_LONG = "Agregue una frase, no un párrafo."
_BARE = "Incluya en la frase de qué se trata: una cifra o una fecha solas no lo dicen."

_SENTENCE = re.compile(r"[^\W\d_]{3}[.!?]\s+\S")
# «I50», «I50.9», «K492», «J01DD04» wherever they stand, and figures alone in parentheses («(38.93)»).
_CODE = re.compile(
    r"(?<![^\W_])[A-Z]\d{2}(?:\.?[\dX]{1,2})?(?![^\W_])|(?<![^\W_])[A-Z]\d{2}[A-Z]{1,2}\d{0,2}(?![^\W_])"
)
_ENCLOSED = re.compile(r"[(\[{]([^)\]}]*)[)\]}]?")
_CODELIKE = re.compile(r"(?:atc|cie|cie10)?(?:[a-z]?\d{3,}[a-z]?|[a-z]\d{2}[a-z]{0,2}\d{0,3}x?)")
_HALF = re.compile(r"\b(?:medi[oa]|cuarto de|(?:½|¼|1/[24])(?: de)?) ?(?:comp|tab|past|amp|caps)\w*")
# «c/8 h», «8/8 h», «tres veces al día», «dos por día»; «en la noche» or «diario» alone say nothing of a drug.
_OFTEN = re.compile(r"\d|^(?:c/|cada)|\bve(?:z|ces)\b|^(?:bid|tid|qid)$")
_EVERY = re.compile(r"(?<![\w/])(\d{1,2})/\1\s?h|\b[x×]\s?dia\b")
_ROUTE = re.compile(
    r"(?:por )?via\b|[vesi]\.?[oviamc]\b|p\.o|endov|intra(?:v|m|t)|subcut|subling|transderm|nebul|inhal"
)
_NO_DOSE = re.compile(r"(?:%|kg|sobres?)$")  # «80 %», «70 kg», «EVA 3 sobre 10»
_OF_LABORATORY = re.compile(r"\s?/\s?(?:dl|ml|l|lt|ul|mm3|100)(?!\w)")
_DISGUISED = re.compile(r"[a-z]{2}\d+[a-z]{2}")  # «tram4dol»; «H1N1», «PaO2», «L5» are what they seem
_ADVERSE = re.compile(
    r"\breaccion(?:es)? (?:\w+ )?advers|"
    r"\bintoleran\w+ al? (?!(?:la )?(?:via|glucosa|ejercicio|esfuerzo|decubito|marcha))"
)


@dataclass(frozen=True, slots=True)
class _Words:
    beginnings: tuple[str, ...]
    words: frozenset[str]
    endings: re.Pattern[str]
    not_drugs: frozenset[str]
    units: frozenset[str]
    allergic: tuple[str, ...]
    adverse: frozenset[str]
    opposites: dict[str, frozenset[str]]  # by stem


@lru_cache(maxsize=1)
def _words() -> _Words:
    data = tomllib.loads(resource("lexicon/attestation.toml").read_text(encoding="utf-8"))
    drugs, allergies = data["drugs"], data["allergies"]
    return _Words(
        tuple(drugs["beginnings"].split()),
        frozenset(drugs["words"].split()),
        re.compile(rf"\w{{3}}(?:{'|'.join(drugs['endings'].split())})(?:s|es)?$"),
        frozenset(drugs["not_drugs"].split()),
        frozenset(drugs["units"].split()),
        tuple(allergies["beginnings"].split()),
        frozenset(allergies["words"].split()),
        _opposites(list(_groups(data["opposites"]["groups"]))),
    )


def _opposites(groups: list[frozenset[str]]) -> dict[str, frozenset[str]]:
    """For each word those that share a line with it and never mean the same: «grave» is no other than «severo»."""
    every = frozenset().union(*groups)
    return {w: frozenset().union(*(g for g in groups if w in g)) - {w} for w in every}


def _groups(lines: str) -> Iterable[frozenset[str]]:
    return (frozenset(map(stem, line.split())) for line in lines.strip().splitlines())


@lru_cache(maxsize=8192)
def opposites(folded: str) -> frozenset[str]:
    """Stems of the words that exclude this one: «crónico» of «agudo»."""
    return _words().opposites.get(stem(folded), frozenset())


def objection(phrase: str) -> str | None:
    """Why these words cannot be vouched for (Spanish, for the physician); None where they can."""
    return _illegible(phrase) or forbidden(phrase)


def _illegible(phrase: str) -> str | None:
    if not phrase.strip() or phrase != phrase.strip():
        return _EMPTY
    if not phrase.isprintable() or not all(map(_latin, phrase)):
        return _HIDDEN
    if len(phrase) > LONGEST or _SENTENCE.search(phrase):
        return _LONG
    return None if any(map(says_something, tokens(phrase))) else _BARE


def says_something(token: Token) -> bool:
    """True for a word, be it neutral: not for a number, a date, a single letter or a function word."""
    return token.sort == "word" and len(token.text) > 1 and token.folded not in lexicon().function


def _latin(char: str) -> bool:
    """True for Spanish letters and digits and every mark; a letter that only looks like one of them is none."""
    if unicodedata.category(char)[0] not in "LNM":
        return True
    return char in "µμαβγδªº½¼¾²³" or (char < "\u0250" and unicodedata.name(char, "").startswith(("LATIN", "DIGIT")))


def forbidden(phrase: str) -> str | None:
    """Which kind of fact that is never attested the words hold, told as its reason; None for none."""
    folded, found = flat(phrase), tokens(phrase)
    if _codes(phrase):
        return CODES
    if dosing(phrase, measures.scan(phrase)) or _HALF.search(folded) or _EVERY.search(folded):
        return DOSES
    named = {t.folded for t in found if t.sort == "word"} | set(_rejoined(folded))
    if named & _words().units:
        return DOSES
    if any(map(_allergic, named)) or any(t.key == "=alergia" for t in found) or _ADVERSE.search(folded):
        return ALLERGIES
    return DRUGS if any(map(_drug_named, found)) or any(map(_drug_like, named)) else None


def _codes(phrase: str) -> bool:
    inside = (re.sub(r"[\W_]", "", fold(m[1])) for m in _ENCLOSED.finditer(phrase) if not m[1].rstrip().endswith("%"))
    return bool(_CODE.search(phrase.upper())) or any(_CODELIKE.fullmatch(part) for part in inside)


def dosing(text: str, found: Iterable[Measure], place: int | None = None) -> bool:
    """True where a measure of the text is a dose, a route or a frequency; with `place`, one that covers it."""
    folded = flat(text)
    return any(_is_dosing(folded, m) for m in found if place is None or m.start <= place < m.end)


def _is_dosing(folded: str, measure: Measure) -> bool:
    said, after = folded[measure.start : measure.end], folded[measure.end :]
    if measure.kind == "dose":
        return not (_NO_DOSE.search(said) or _OF_LABORATORY.search(said) or _OF_LABORATORY.match(after))
    if measure.kind == "frequency":
        return bool(_OFTEN.search(said))
    return measure.kind == "sos" or (measure.kind == "route" and bool(_ROUTE.match(said)))


def _rejoined(folded: str) -> Iterable[str]:
    """Words taken apart: «tra-madol», «trama dol», «t r a m a d o l»."""
    yield from re.sub(r"(?<=[^\W\d_])[-–.·'’*/_]+(?=[^\W\d_])", "", folded).split()
    parts = re.findall(r"[^\W\d_]+", folded)
    yield from (f"{one}{other}" for one, other in pairwise(parts) if _is_drug(f"{one}{other}"))
    yield from (re.sub(r"\W", "", m[0]) for m in re.finditer(r"(?:\b[^\W\d_]\b\W?){4,}", folded))


def _is_drug(word: str) -> bool:
    return f"®{word}" in lexicon().drugs


def _drug_named(token: Token) -> bool:
    parts = token.key[1:].split() if token.key.startswith("=") else ()
    return token.key.startswith("®") or any(map(_drug_like, parts))


def _drug_like(word: str) -> bool:
    """A drug of the catalogue, a word for drugs in general, or one built like the name of a drug."""
    known = _words()
    if word in known.words or word.startswith(known.beginnings) or _is_drug(word) or _DISGUISED.search(word):
        return True
    if len(word) < 6 or word in known.not_drugs or word in lexicon().not_terms:
        return False
    if stem(word) in lexicon().drug_words:
        return True
    return bool(known.endings.search(word) or lexicon().drug_endings.search(word))


def _allergic(word: str) -> bool:
    return word in _words().adverse or word.startswith(_words().allergic)
