"""The clinical course cut into clauses that can be told one by one.

A negation is never parted from what it negates: a comma after «sin», «no», «niega» only ends a clause
where the next words open a statement of their own (resources/lexicon/course.toml, `heads`).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache

from engine.evidence import sentences
from engine.evidence.claims import Polarity
from engine.evidence.language import expanded, fold, forms, is_shouted_in, plain, words
from engine.evidence.measures import time_unit
from engine.evidence.quantities import ORDINALS, canonical
from engine.paths import resource

# «s/ fiebre» is «sin fiebre»; «s/p» and «s/o» have other readings.
_NEGATION = re.compile(
    r"\b(?:sin|no|nieg\w+|negando|ni|nunca|jamas|descart\w+|ausencia|neg|negativ[oa]s?|tampoco)\b|\(-\)|"
    r"(?<![\w/])s/(?!\s?[po]\b)\s?(?=[^\W\d_])"
)
_SUSPICION = re.compile(r"\b(?:sospecha|probable|posible|impresiona|en estudio|presunt[oa])\b")
_LABEL = re.compile(r"^[^\W\d_][\w .+/-]{0,40}:\s")
_RATE = re.compile(r"\bc/\s?(\d+(?:-\d+)?)\s?(horas?|hrs?|h|dias?|días?|d|sem|m)\b", re.IGNORECASE)
_SPAN = re.compile(r"(?<![/\w.,])(\d+(?:[.,]\d+)?(?:-\d+)?)\s?(hrs?|h|d|sem)\b(?!\s?/)", re.IGNORECASE)
_ORDINAL = re.compile(r"\b(\d{1,2})(?:er|do|to|mo|vo|no|ro|°|º)\.? d[ií]a\b", re.IGNORECASE)
_BEFORE_ORDINAL = re.compile(r"(?:\b(?:al|el|del|en|desde|hasta|su|primer|por)\s)$", re.IGNORECASE)
# What is said of the patient as a whole, and not by the consultant before it: «psiquiatría: …, sin fiebre».
_OF_PATIENT = re.compile(r"(?:sin (?:fiebre|requerimientos?|drogas|dva|oxigeno|o2)|no (?:requiere|requirio|usa))\b")
_CULTURE = r"((?:hemo|uro|copro|mielo)?cultivo)(s?)((?:(?: de)? control| de (?:líquido|secreción|punta) \w+)?)"
_SIGNS = "Lasègue|Murphy|Blumberg|McBurney|Babinski|Giordano|flapping"
_TESTS = rf"test (?:de |rápido (?:de )?)?\w+|(?:signo de )?(?:{_SIGNS})(?: izquierdo| derecho)?"
# What certain habits of the wards mean, whatever stands around them.
_HABITS = (
    (re.compile(r"(?<![\w/])s/(?!\s?[po]\b)\s?(?=[^\W\d_]{3})"), "sin "),
    (
        re.compile(r"(?<![\w/])c/\s(?!(?:d[ií]a|noche|ma[ñn]ana|semana|mes|comida|toma|hora|vez)\b)(?=[^\W\d_]{3})"),
        "con ",
    ),
    (re.compile(r"\b(saturación \d+(?:[.,]\d+)? ?%) (?=FiO2)"), r"\1 con "),
    (re.compile(r"\bMP \(\+\)"), "murmullo pulmonar presente"),
    (re.compile(r"\bMP(?= (?:abolido|disminuido|conservado|simétrico|presente))"), "murmullo pulmonar"),
    (re.compile(rf"\b{_CULTURE} ?\(\+\)"), r"\1\2\3 positivo\2"),
    (re.compile(rf"\b{_CULTURE} ?\(-\)"), r"\1\2\3 negativo\2"),
    (re.compile(rf"\b({_TESTS}) ?\(\+\)", re.IGNORECASE), r"\1 positivo"),
    (re.compile(rf"\b({_TESTS}) ?\(-\)", re.IGNORECASE), r"\1 negativo"),
    (re.compile(r"\b(prueba de \w+|baciloscopía) ?\(\+\)", re.IGNORECASE), r"\1 positiva"),
    (re.compile(r"\b(prueba de \w+|baciloscopía) ?\(-\)", re.IGNORECASE), r"\1 negativa"),
    (re.compile(r"(?<![\w.,])(1) (litro|gramo|hora|día|semana|comprimido)s\b"), r"\1 \2"),
    (re.compile(r"(?<![\w.,])1 unidades\b"), "1 unidad"),
    (re.compile(r"(?<![\w.,])(3[4-9]|4[0-2])([.,]\d)? ?[°º]?C\b"), r"\1\2 °C"),
)
_GLUED = re.compile(r"(?<=\d)(mg|mcg|g|ml|cc|cm2?|mm|mmHg|kg|UI|U|L)\b(?=\W|$)")


@dataclass(frozen=True, slots=True)
class _Rules:
    heads: frozenset[str]
    presented: frozenset[str]
    changing: frozenset[str]
    heading: re.Pattern[str]
    services: frozenset[str]


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    data = tomllib.loads(resource("lexicon/course.toml").read_text(encoding="utf-8"))
    lists = {name: frozenset(data[name].split()) for name in ("heads", "presented", "changing")}
    units, services, before = ("|".join(data["headings"][name].split()) for name in ("units", "services", "before"))
    heading = re.compile(rf"\s*(?:({units})\s*:\s*|({units}|{services})\s+(?=(?:{before})\b))(?=\S)")
    return _Rules(**lists, heading=heading, services=frozenset(data["headings"]["services"].split()))


def is_finding(clause: str) -> bool:
    """True where the clause begins with what a patient presents: «dolor torácico», «fiebre»."""
    told = words(clause)
    return bool(told) and told[0] in _rules().presented and _rules().changing.isdisjoint(told)


def headed(note: str) -> tuple[str, str]:
    """The ward that heads a note and the rest: «MEDICINA INGRESA FEBRIL» is «medicina», «INGRESA FEBRIL»."""
    match = _rules().heading.match(fold(note))
    if not match or len(fold(note)) != len(note):
        return "", note
    return plain((match[1] or match[2]).upper(), shouted=True), note[match.end() :]


def split(note: str) -> list[str]:
    """The note's clauses, in order, in the record's own words."""
    out: list[str] = []
    for sentence in sentences.split(note):
        out.extend(_parts(sentence))
    return out


def _parts(sentence: str) -> list[str]:
    """A sentence cut at the commas that end a statement."""
    parts: list[str] = []
    for piece in re.split(r",(?!\d)\s*", sentence):
        if not piece.strip():
            continue
        if parts and not _begins_anew(parts[-1], piece):
            parts[-1] = f"{parts[-1]}, {piece.strip()}"
        else:
            parts.append(piece.strip())
    return parts


def _begins_anew(before: str, piece: str) -> bool:
    first = words(piece)[:1]
    if _LABEL.match(piece):
        return True
    if _NEGATION.search(fold(before)) and re.search(r"\bni\b", fold(piece)) and first[:1] not in (["sin"], ["no"]):
        return False
    if re.match(r"[^\W\d_a-zñáéíóú][a-zñáéíóú]", piece):  # a capital in ordinary prose opens a sentence
        return True
    if _of_consultant(before) and _OF_PATIENT.match(fold(piece).strip()):
        return True
    if first and first[0] in ("sin", "no", "niega", "ni", "y", "e", "o", "ademas"):
        return not _LABEL.match(before) and first[0] in ("sin", "no", "niega") and not before.endswith((" y", " e"))
    if first and first[0] in _rules().heads:
        return True
    return not _NEGATION.search(fold(before)) and not _LABEL.match(before) and bool(first)


def _of_consultant(clause: str) -> bool:
    """«Psiquiatría: …», «IC a nutrición: …»: the label of a service."""
    label = _LABEL.match(clause)
    named = fold(label[0]) if label else ""
    return named.startswith(("ic a ", "ic ", "interconsulta ")) or not _rules().services.isdisjoint(words(named))


def polarity(clause: str) -> Polarity:
    folded = fold(clause)
    if _NEGATION.search(folded):
        return "negated"
    return "suspected" if _SUSPICION.search(folded) else "affirmed"


def clause_forms(clause: str, note: str = "") -> tuple[str, ...]:
    """The ways to write a clause: written out («al tercer día», «48 horas»), tidied, and as recorded.

    `note` is the text that it was cut from: «TAL 7» is an acronym in a note in lower case, a word in capitals else.
    """
    shouted = is_shouted_in(clause, note or clause)
    unpointed = sentences.unpointed(clause)
    written = _spoken(expanded(unpointed, shouted=shouted, context=note))
    abbreviated = _spoken(plain(unpointed, shouted=shouted, context=note))
    own = (*forms(unpointed, shouted=shouted, context=note), forms(clause)[-1])
    return tuple(dict.fromkeys((written, abbreviated, *own)))


def name_forms(name: str, *, expand: bool = True) -> tuple[str, ...]:
    """The ways to write the name of a diagnosis or a procedure inside a sentence, without periods of its own."""
    joined = "; ".join(sentences.unpointed(s, is_name=True) for s in sentences.split(name)) or name
    return tuple(dict.fromkeys((*forms(joined, expand=expand), *forms(name)[-1:])))


def phrase_forms(text: str) -> tuple[str, ...]:
    """The ways to write a field of free text inside a sentence: periods of its own become semicolons."""
    parts = [clause_forms(sentence, text) for sentence in sentences.split(text)]
    written = "; ".join(part[0] for part in parts)
    shorter = "; ".join(next((f for f in part if fold(f) != fold(part[0])), part[0]) for part in parts)
    return tuple(dict.fromkeys(form for form in (written, shorter, *forms(text)[-1:]) if form))


def _spoken(text: str) -> str:
    text = _ORDINAL.sub(lambda m: _ordinal(text, m), text)
    text = _RATE.sub(lambda m: f"cada {m[1]} {time_unit(m[2], m[1])}", text)
    text = _SPAN.sub(lambda m: f"{m[1]} {time_unit(m[2], m[1])}", text)
    for habit, meaning in _HABITS:
        text = habit.sub(meaning, text)
    return _GLUED.sub(r" \1", text)


def _ordinal(text: str, match: re.Match[str]) -> str:
    number = canonical(match[1])
    day = f"{ORDINALS[number]} día" if number in ORDINALS else f"día {number}"
    return day if _BEFORE_ORDINAL.search(text[: match.start()]) else f"al {day}"
