"""What a field says for the completeness gate; the words stand in resources/lexicon/completeness.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TypeGuard

from engine.checking.lexicon import lexicon
from engine.domain import Text
from engine.evidence import Claim
from engine.evidence.language import expansions, fold, words
from engine.paths import resource

_ATC = re.compile(r"[A-Z]\d{2}[A-Z]{2}\d{2}")
_PARTIAL = re.compile(r"\d{4}(?:-\d{2})?")
_LONG = 8  # letters of a word that names one thing


@dataclass(frozen=True, slots=True)
class _Words:
    empty: frozenset[str]
    none: re.Pattern[str]
    results: frozenset[str]
    awaited: re.Pattern[str]
    follow_up: re.Pattern[str]


@lru_cache(maxsize=1)
def _words() -> _Words:
    data = tomllib.loads(resource("lexicon/completeness.toml").read_text(encoding="utf-8"))
    return _Words(
        empty=frozenset(word.strip() for word in data["empty"].split("|")),
        none=re.compile(rf"(?:{'|'.join(data['none'])})\b[^.;,]*\.?"),
        results=frozenset(data["results"].split()) | _written_out(data["results"].split()),
        awaited=re.compile(rf"\b(?:{'|'.join(data['awaited'])})"),
        follow_up=re.compile("|".join(data["follow_up"])),
    )


def _written_out(short: list[str]) -> frozenset[str]:
    """«cpre» is «colangiopancreatografía» in a text; of «lcr», «líquido» alone would tell no exam."""
    first = (fold(expansions()[word]).split()[0] for word in short if word in expansions())
    return frozenset(word for word in first if len(word) >= _LONG)


def says(leaf: Text | None) -> TypeGuard[Text]:
    """False for a field without letters and digits, or filled with «sin dato» and the like."""
    if leaf is None or not any(map(str.isalnum, leaf.value)):
        return False
    return fold(leaf.value).replace(".", "").strip(" -") not in _words().empty


def says_none(text: str) -> bool:
    """«Sin fármacos al alta», «No requiere control»: the whole entry says that there is nothing."""
    return _words().none.fullmatch(fold(text).strip()) is not None


def whole_date(leaf: Text | None) -> str | None:
    """The ISO date of a field that holds a real one."""
    try:
        return date.fromisoformat(leaf.value[:10]).isoformat() if leaf else None
    except ValueError:
        return None


def some_date(leaf: Text) -> bool:
    """A real date, or a year or month alone, as old diagnoses have."""
    return whole_date(leaf) is not None or _PARTIAL.fullmatch(leaf.value) is not None


def is_drug(claim: Claim) -> bool:
    """A treatment that has a dose: «Reposo» and «Kinesioterapia cada 12 horas» have none."""
    if claim.code and _ATC.fullmatch(claim.code.upper()):
        return True
    return _names_drug(claim.name) or any(a.kind in ("route", "dose") for a in claim.attributes)


def _names_drug(name: str) -> bool:
    folded = fold(name)
    known = any(re.search(rf"\b{re.escape(drug)}\b", folded) for drug in _drug_names() if drug in folded)
    return known or any(lexicon().drug_endings.search(word) for word in words(name))


@lru_cache(maxsize=1)
def _drug_names() -> frozenset[str]:
    return frozenset(fold(way) for drug in lexicon().drugs.values() for way in (drug.name, *drug.also))


def has_dose(claim: Claim) -> bool:
    """A dose, whatever its unit, or a scheme that gives it («según HGT»)."""
    return any(a.kind == "dose" and fold(a.value) not in _words().empty for a in claim.attributes) or any(
        a.kind == "note" and a.value.startswith("segun") for a in claim.attributes
    )


def bare_dose(claim: Claim) -> str | None:
    """«500» where no dose of the drug has a unit."""
    doses = [a.forms[-1] for a in claim.attributes if a.kind == "dose"]
    return doses[0] if doses and all(re.fullmatch(r"[\d.,/ -]+", d) for d in doses) else None


def tells_result(clause: str) -> bool:
    """The clause tells what an exam or a procedure found."""
    folded = fold(clause)
    return bool(_words().results & set(words(clause))) and not _words().awaited.search(folded)


def tells_follow_up(text: str) -> bool:
    """The text speaks of a later control."""
    return _words().follow_up.search(fold(text)) is not None
