"""Counts what a text says against the raw record, with code that shares nothing with the product.

Coarse on purpose: it knows JSON leaves, digits, parentheses and words, so that a fault in evidence, drafting or
checking cannot hide here too.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass

_CODE = re.compile(
    r"\(([A-Z]\d{2}(?:\.?\d{1,2})?|[A-Z]\d{2}[A-Z]{2}\d{2}|\d{2}\.\d{1,3}|[A-Z]\d{3,4}|\d{3,8})\)", re.IGNORECASE
)
_CODE_KEYS = ("codigo", "code", "cie10", "atc")
# Names that a text may not bring in by itself. Written for this count; not the product's list.
_DRUGS = (
    "ceftriaxona vancomicina meropenem amoxicilina ampicilina cefazolina levofloxacino ciprofloxacino "
    "azitromicina claritromicina metronidazol clindamicina piperacilina gentamicina amikacina linezolid "
    "fluconazol aciclovir enoxaparina heparina warfarina rivaroxaban apixaban dabigatran aspirina clopidogrel "
    "ticagrelor atorvastatina rosuvastatina enalapril losartan amlodipino bisoprolol carvedilol metoprolol "
    "propranolol furosemida espironolactona hidroclorotiazida digoxina amiodarona insulina metformina "
    "glibenclamida linagliptina levotiroxina prednisona metilprednisolona hidrocortisona dexametasona "
    "salbutamol ipratropio budesonida fluticasona omeprazol esomeprazol famotidina metoclopramida ondansetron "
    "lactulosa paracetamol metamizol ibuprofeno ketoprofeno diclofenaco ketorolaco tramadol morfina fentanilo "
    "midazolam lorazepam clonazepam quetiapina haloperidol risperidona sertralina fluoxetina litio fenitoina "
    "levetiracetam carbamazepina valproico noradrenalina dopamina dobutamina oxitocina misoprostol nifedipino "
    "captopril nitrofurantoina cotrimoxazol"
).split()


@dataclass(frozen=True)
class Count:
    """What is missing (a code as often as it is) and what was invented; both empty in a faithful text."""

    missing_codes: tuple[str, ...]
    missing_names: tuple[str, ...]
    foreign_codes: tuple[str, ...]
    foreign_numbers: tuple[str, ...]
    foreign_drugs: tuple[str, ...]
    recorded: int  # codes that the text must hold
    written: int  # codes that it has

    @property
    def covered(self) -> bool:
        return not self.missing_codes and not self.missing_names

    @property
    def invented(self) -> int:
        return len(self.foreign_codes) + len(self.foreign_numbers) + len(self.foreign_drugs)


def count(record: object, text: str) -> Count:
    """`record` is the parsed JSON as it came."""
    leaves = list(_leaves(record))
    known_numbers = {n for _, value in leaves for n in _numbers(value)}
    recorded = _recorded_codes(leaves)
    written = [_bare(c) for c in _CODE.findall(text)]
    raw = _plain(" ".join(value for _, value in leaves))
    plain = _plain(text)
    return Count(
        missing_codes=tuple(c for c in sorted(recorded) for _ in range(recorded[c] - written.count(c))),
        missing_names=tuple(n for n in _uncoded_names(record) if not _says(plain, n)),
        foreign_codes=tuple(c for c in written if c not in recorded and c.lower() not in raw.replace(".", "")),
        foreign_numbers=tuple(n for n in _numbers(_CODE.sub("", text)) if n not in known_numbers),
        foreign_drugs=tuple(d for d in _DRUGS if d in plain and d not in raw),
        recorded=sum(recorded.values()),
        written=len(written),
    )


def _leaves(value: object, key: str = "") -> list[tuple[str, str]]:
    if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
        try:
            return _leaves(json.loads(value), key)
        except ValueError:
            return [(key, value)]
    if isinstance(value, dict):
        return [leaf for k, v in value.items() for leaf in _leaves(v, str(k))]
    if isinstance(value, list):
        return [leaf for v in value for leaf in _leaves(v, key)]
    return [] if value is None else [(key, str(value))]


def _recorded_codes(leaves: list[tuple[str, str]]) -> dict[str, int]:
    """Codes that the text must hold, and how many times: once for each list in which they stand."""
    counts: dict[str, int] = {}
    for key, value in leaves:
        found = [value] if key in _CODE_KEYS and value.strip() else _CODE.findall(value[-14:]) if key != "evo" else []
        for code in found:
            counts[_bare(code)] = counts.get(_bare(code), 0) + 1
    return counts


def _uncoded_names(record: object) -> list[str]:
    """Compact treatments and drugs without a code."""
    items = [i for k in ("tto", "med") for i in (record.get(k) or [])] if isinstance(record, dict) else []
    return [i for i in items if isinstance(i, str) and not _CODE.search(i)]


def _says(plain: str, name: str) -> bool:
    spelled = set(re.findall(r"[a-zñ]{5,}|\d+", _plain(name))) - {"horas", "noche", "minutos"}  # «c/8 h» says it too
    return all(word in plain for word in spelled)


def _bare(code: str) -> str:
    return re.sub(r"^(ATC|CIE-?10|CIE10)[: ]", "", code.strip().upper()).replace(".", "")


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")


def _numbers(text: str) -> list[str]:
    """Runs of digits without leading zeros; «0,8» and «0.8» are the same, as are the parts of any date form."""
    decimals = re.sub(r"(?<=\d),(?=\d)", ".", text)
    return [n.lstrip("0") or "0" for part in re.findall(r"\d+(?:\.\d+)*", decimals) for n in part.split(".")]
