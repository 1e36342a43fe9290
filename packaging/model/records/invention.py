"""Invented words, people and codes of valid shape: what has to be copied because it cannot be known."""

from __future__ import annotations

import string
from random import Random

from .tables import common, drug_names, fold, lexicon, vocabulary

BORROWED = 0.5  # share of the unknown words that are real ones

_ONSETS = (
    "b",
    "br",
    "c",
    "cl",
    "cr",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "j",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "pr",
    "r",
    "s",
    "t",
    "tr",
    "v",
    "z",
    "ch",
    "ll",
)
_VOWELS = ("a", "e", "i", "o", "u", "a", "e", "o", "ia", "ue", "io")
_CODAS = ("", "", "", "", "n", "r", "s", "l", "x", "m")
_DRUG_ENDS = (
    "pril",
    "mab",
    "xina",
    "zol",
    "micina",
    "prazol",
    "sartán",
    "tidina",
    "olol",
    "statina",
    "vir",
    "caína",
    "dipino",
    "gliptina",
    "tinib",
)
_CONDITION_ENDS = ("itis", "osis", "patía", "emia", "oma", "algia", "uria", "plejía", "ectasia", "penia")
_PROCEDURE_ENDS = ("ectomía", "plastía", "scopía", "grafía", "centesis", "otomía", "rrafia", "stomía")


def word(rng: Random, *, syllables: int = 0, end: str = "") -> str:
    """A lower-case word that is none of the tables'."""
    while True:
        count = syllables or rng.choice((2, 2, 3, 3, 4))
        body = "".join(_syllable(rng) for _ in range(count)) + end
        if fold(body) not in vocabulary():
            return body


def unknown(rng: Random) -> str:
    """A word that the tables do not have: a real one of the program's lexicon, or one of nowhere."""
    return rng.choice(lexicon()) if rng.random() < BORROWED else word(rng)


def _syllable(rng: Random) -> str:
    return rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS)


def drug(rng: Random) -> str:
    if rng.random() < BORROWED:
        return rng.choice(drug_names()).capitalize()
    name = word(rng, syllables=rng.choice((1, 2, 2, 3)), end=rng.choice(_DRUG_ENDS)).capitalize()
    return f"{name}/{word(rng).capitalize()}" if rng.random() < 0.08 else name


def condition(rng: Random) -> str:
    first = _first(rng, _CONDITION_ENDS)
    return first + rng.choice(("", "", f" {unknown(rng)}", f" de {unknown(rng)}", f" {unknown(rng)} de {unknown(rng)}"))


def procedure(rng: Random) -> str:
    first = _first(rng, _PROCEDURE_ENDS)
    return first + rng.choice(("", "", f" {unknown(rng)}", f" de {unknown(rng)}", f" por {unknown(rng)}"))


def _first(rng: Random, ends: tuple[str, ...]) -> str:
    if rng.random() < BORROWED / 2:
        return rng.choice(lexicon()).capitalize()
    return word(rng, syllables=rng.choice((1, 2, 2, 3)), end=rng.choice(ends)).capitalize()


def icd10(rng: Random) -> str:
    """«S72.0», seldom without the decimal («I10»)."""
    code = rng.choice(string.ascii_uppercase) + f"{rng.randrange(100):02d}"
    return code if rng.random() < 0.15 else f"{code}.{rng.randrange(10)}"


def atc(rng: Random) -> str:
    """«J01DD04»."""
    letters = string.ascii_uppercase
    return (
        rng.choice("ABCDGHJLMNPRSV")
        + f"{rng.randrange(1, 30):02d}"
        + rng.choice(letters)
        + rng.choice(letters)
        + f"{rng.randrange(1, 80):02d}"
    )


def procedure_code(rng: Random) -> str:
    """«87.41», or a tariff code of seven digits («1703061»), or a letter and three digits («K492»)."""
    kind = rng.random()
    if kind < 0.7:
        return f"{rng.randrange(100):02d}.{rng.randrange(100):02d}"
    return (
        f"{rng.randrange(3, 28):02d}{rng.randrange(1, 30):02d}{rng.randrange(1, 200):03d}"
        if kind < 0.88
        else f"{rng.choice(string.ascii_uppercase)}{rng.randrange(1000):03d}"
    )


def person(rng: Random, sex: str, *, invented: bool) -> str:
    names = common()["people"]["women" if sex == "F" else "men"]
    surnames = [word(rng).capitalize() for _ in range(2)] if invented else rng.sample(common()["people"]["surnames"], 2)
    return " ".join([*rng.sample(names, rng.choice((1, 2))), *surnames])


def rut(rng: Random) -> str:
    """A RUT with its check digit, in a range that no person holds."""
    body = rng.randrange(90_000_000, 99_999_999)
    total = sum(int(d) * w for d, w in zip(reversed(str(body)), (2, 3, 4, 5, 6, 7, 2, 3), strict=True))
    check = "0K987654321"[total % 11]
    return f"{body:,}".replace(",", ".") + f"-{check}"
