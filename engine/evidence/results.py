"""A result that the course tells too is told once: there, with the unit that its own field gives."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from engine.evidence import selection
from engine.evidence.claims import Claim
from engine.evidence.language import fold
from engine.paths import resource

_NUMBER = re.compile(r"(?:(?:mínimo|máximo) )?(\d+(?:[.,]\d+)*)(?: (.+))?")
# What may stand between the name and the figure: «34 (ingreso 286)», «2.4 → 1.8».
_EARLIER = r"(?:\d[\d.,]*(?: \w*[/%]\w*)? ?(?:\((?:al )?ingreso:? |a |→ ?|-> ?))?"
_NO_UNIT = r"(?![\d.,]*\d| ?[%°\w/]*[%°/]| ?(?:mg|g|mcg|ng|U|UI|mEq|mmol|mm)\b)"


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    table: dict[str, str] = tomllib.loads(resource("lexicon/course.toml").read_text(encoding="utf-8"))["results"]
    return table


def merged(course: Sequence[Claim], results: Sequence[Claim]) -> tuple[list[Claim], list[Claim]]:
    """Course and results; a result whose every figure stands in the course is no longer required, its clauses are."""
    clauses = list(course)
    whole = selection.size(clauses) <= selection.MAX_WORDS
    kept: list[Claim] = []
    for result in results:
        found = [_place(result, figure.forms[0], clauses) for figure in result.attributes if figure.kind == "value"]
        places = [p for p in found if p is not None]
        told = bool(places) and len(places) == len(found) and (whole or all(clauses[i].required for i, _ in places))
        for index, figure in places if told else ():
            clauses[index] = _with_unit(clauses[index], figure, result)
        kept.append(replace(result, required=result.required and not told))
    return clauses, kept


def _place(result: Claim, figure: str, clauses: Sequence[Claim]) -> tuple[int, str] | None:
    """The clause that gives the figure under the result's name, on its day where both have one."""
    number = _NUMBER.fullmatch(figure)
    if not number:
        return None
    names = "|".join(map(re.escape, _called(result)))
    written = re.compile(rf"\b(?:{names})\b[^\d;:]{{0,12}}{_EARLIER}{re.escape(number[1])}(?![\d.,]*\d)")
    for i, clause in enumerate(clauses):
        same_day = result.date is None or clause.date is None or clause.date == result.date
        if (same_day or not figure[0].isdigit()) and written.search(fold(clause.name)):
            return i, figure
    return None


def _called(result: Claim) -> list[str]:
    name = fold(result.name)
    first = name.split(" ")[0]
    return list(dict.fromkeys(n for n in (name, _names().get(name, ""), first if len(first) > 5 else "") if n))


def _with_unit(clause: Claim, figure: str, result: Claim) -> Claim:
    """«creatinina 2.4» of a result in mg/dL is «creatinina 2.4 mg/dL»; a unit of its own stays."""
    parts = _NUMBER.fullmatch(figure)
    pointers = tuple(dict.fromkeys((*clause.pointers, *result.pointers)))
    forms = clause.forms
    if parts and parts[2]:
        written = f"{parts[1]} {parts[2]}"  # text of the record: never a replacement template
        bare = re.compile(rf"(?<![\d.,]){re.escape(parts[1])}{_NO_UNIT}")
        forms = tuple(dict.fromkeys((bare.sub(lambda _: written, forms[0], count=1), *forms)))
    return replace(clause, forms=forms, pointers=pointers, required=True)
