"""Placeholders of the tables, and the two styles in which ward notes are written."""

from __future__ import annotations

import re
import unicodedata
from random import Random

_FIELD = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$")

# Whole words of a note and what the hurried ward writes for them.
_SHORT = tuple(
    (re.compile(rf"\b(?:{pattern})(?!\w)", re.IGNORECASE), short)
    for pattern, short in (
        ("presión arterial", "PA"),
        ("frecuencia cardíaca", "FC"),
        ("saturación", "SAT"),
        ("temperatura", "T°"),
        ("murmullo pulmonar", "MP"),
        ("hemocultivos? negativos?", "HC (-)"),
        ("hemocultivos?", "HC"),
        ("urocultivo negativo", "UC (-)"),
        ("urocultivo", "UC"),
        ("tomografía computada|tomografía", "TAC"),
        ("radiografía", "RX"),
        ("electrocardiograma", "ECG"),
        ("ecotomografía", "ECO"),
        ("resonancia", "RMN"),
        ("hemoglobina", "HB"),
        ("leucocitos", "GB"),
        ("proteína c reactiva", "PCR"),
        ("creatinina", "CREA"),
        ("plaquetas", "PLAQ"),
        ("drogas vasoactivas", "DVA"),
        ("ventilación mecánica no invasiva", "VMNI"),
        ("ventilación mecánica", "VM"),
        ("kinesioterapia", "KNT"),
        ("hemoglucotest", "HGT"),
        ("interconsulta", "IC"),
        ("endovenoso", "EV"),
        ("buenas condiciones generales", "BCG"),
        ("horas", "HRS"),
        ("litros", "LT"),
        ("fracción de eyección", "FE"),
        ("glóbulos rojos", "GR"),
        ("postoperatori[oa]", "POST OP"),
        ("extremidad inferior", "EI"),
        ("catéter venoso central", "CVC"),
        ("electroencefalograma", "EEG"),
        ("positiv[oa]s?", "(+)"),
        ("negativ[oa]s?", "(-)"),
    )
)


_LONG = re.compile(r"\b[a-záéíóúñü]{6,}\b")
_KEYS = "qwertyuiopasdfghjklñzxcvbnm"  # each beside the next one


_EXAMS = "|".join(
    """
    TAC TC Tomografía Radiografía Resonancia Ecotomografía Ecocardiograma Ecografía Eco Doppler Holter AngioTAC CPRE
    Electrocardiograma Electroencefalograma Endoscopía Colonoscopía Coronariografía Colangiografía Biopsia Citología
    Líquido Cultivo Urocultivo Hemocultivos Toracocentesis Paracentesis Laparoscopía Laparotomía Cirugía Angiografía
    """.split()
)
_SHOWN = re.compile(rf"((?:{_EXAMS})\b[^,:]{{0,28}}?) (?:con|muestra|confirma|positivos? para) ")


def columns(row: str) -> list[str]:
    """A row of the tables cut at its bars, those of a placeholder aside («grado {I|II}|S36.0»)."""
    return re.split(r"\|(?![^{}]*\})", row)


def fill(text: str, rng: Random, side: str) -> str:
    """The text with its placeholders drawn: «{2-5}», «{38.1-39.4}», «{one|other}», «{lado_o}», «{lado_a}»."""
    return _FIELD.sub(lambda m: _value(m[1], rng, side), text)


def _value(field: str, rng: Random, side: str) -> str:
    if field.startswith("lado_"):
        return side + field[-1]
    bounds = _RANGE.fullmatch(field)
    return number(rng, bounds[1], bounds[2]) if bounds else rng.choice(field.split("|"))


def number(rng: Random, low: str, high: str, decimals: int | None = None) -> str:
    """A number between two, with as many decimals as they are written with (negative: tens, hundreds…)."""
    places = len(low.partition(".")[2]) if decimals is None else decimals
    value = round(rng.uniform(float(low), float(high)), places)
    return f"{value:.{places}f}" if places > 0 else str(int(value))


def decimal_comma(text: str) -> str:
    """«38.7» as «38,7»; dates and codes hold no such pattern in a note."""
    return re.sub(r"(?<=\d)\.(?=\d{1,2}(?!\d))", ",", text)


def unaccented(text: str) -> str:
    """Without accents, as much of the hospital's software stores it; «ñ» stays."""
    parts = unicodedata.normalize("NFD", text)
    kept = "".join(c for c in parts if unicodedata.category(c) != "Mn" or c == "\u0303")
    return unicodedata.normalize("NFC", kept)


def slipped(text: str, rng: Random, share: float) -> str:
    """With the typing errors of a hurried hand in that share of the long words."""
    return _LONG.sub(lambda m: _slip(m[0], rng) if rng.random() < share else m[0], text)


def _slip(word: str, rng: Random) -> str:
    """Two letters exchanged, one left out, one twice, or the key beside it; never the first one."""
    at = rng.randrange(1, len(word) - 1)
    before, letter, following = word[:at], word[at], word[at + 1 :]
    beside = _KEYS[(_KEYS.find(letter) + 1) % len(_KEYS)] if letter in _KEYS else letter * 2
    wrong = rng.choice((following[0] + letter + following[1:], following, letter * 2 + following, beside + following))
    return before + wrong


def terse(text: str) -> str:
    """Upper case, abbreviated, without accents."""
    for pattern, short in _SHORT:
        text = pattern.sub(short, text)
    return unaccented(text).upper()


def labelled(text: str) -> str:
    """«Radiografía de tórax con relleno basal» as hurried wards write it: «Radiografía de tórax: relleno basal»."""
    return _SHOWN.sub(r"\1: ", text, count=1) if _SHOWN.match(text) else text
