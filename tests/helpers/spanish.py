"""What a careful reader of Spanish marks in a text at first sight. Shares nothing with the product's language code."""

from __future__ import annotations

import re
import unicodedata

_FAULTS = {
    "doubled space": r"  ",
    "space before a mark": r" [,;:.](?!\d)",
    "no space after a mark": r"[,;](?=[^\s\d])|(?<=[a-záéíóú)]{2})\.(?=[A-ZÁÉÍÓÚ][a-záéíóú])",
    "doubled mark": r",,|;;|::|\.\.|,;|;,|,\.|;\.|:\.|:,|:;",
    "empty parentheses": r"\(\s*\)|\( | \)",
    "de el": r"\b(?:de|a) el (?!\d)",
    "y before i": r"\by (?:hi(?![aeo])|i(?![aeou\d]))[a-záéíóú]",
    "e before another sound": r"\be (?!i|hi|í|hí|I|HI)[a-záéíóúñ]+",
    "o before o": r"\bo (?:ho|o)[a-záéíóú]",
    "doubled word": r"\b([a-záéíóúñ]{2,}) \1\b",
    "line break": r"[\r\n\t]",
    "dangling conjunction": r"\b(?:y|e|o|con|de|por|el|la)[.;:]",
    "two conjunctions": r"\by (?:y|e|además)\b",
}
_CAPITAL_NEXT = re.compile(r"\.(?: )(?=[a-záéíóúñ])")
_DAYS = re.compile(r"\b\d{2}-\d{2}-\d{4}\b")
_SPELT = re.compile(r"\b\d{1,2} de [a-z]+ de \d{4}\b")
# A period inside what the record itself wrote ends no sentence: «T. ansioso», «E. coli», «Dr. Soto».
_INITIAL = re.compile(r"(?:\b[A-Za-z]{1,2}|\b(?:Dr|Dra|Sr|Sra|aprox|seg|der|izq|op|sg|est|ej))$")


def faults(text: str, record: str = "") -> list[str]:
    """Name and place of each fault; what stands so in the record itself is none."""
    found = [(name, _near(text, m)) for name, p in _FAULTS.items() for m in re.finditer(p, text)]
    stops = (m for m in _CAPITAL_NEXT.finditer(text) if not _INITIAL.search(text[: m.start()]))
    found += [("small letter after a full stop", _near(text, m)) for m in stops]
    known = _folded(record)
    told = [f"{name}: …{near}…" for name, near in found if _folded(near).strip() not in known]
    return told if text.endswith(".") and text[:1].isupper() else [*told, "no sentence"]


def _folded(text: str) -> str:
    letters = unicodedata.normalize("NFD", " ".join(text.split()).lower())
    return "".join(c for c in letters if unicodedata.category(c) != "Mn")


def _near(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 6) : match.end() + 6]


def date_styles(text: str) -> int:
    """How many ways to write a date the text mixes."""
    return bool(_DAYS.search(text)) + bool(_SPELT.search(text))
