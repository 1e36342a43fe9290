"""Units that follow a number, one spelling for each; and the folded text in which they are looked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from engine.evidence.language import fold

# What may follow a number as its unit, results of the laboratory included.
UNIT_AFTER = re.compile(
    r"\s?((?:mg|mcg|ug|µg|μg|ng|pg|g|gr|kg|ui|u|ml|cc|lts?|l|meq|mmol|mosm|mm\s?hg|mm3|mm|cm2?|cms?|lpm|rpm|%|°\s?c|c|hrs?|"
    r"horas?|h|dias?|d|semanas?|sem|meses|mes|m|anos?|ano|min(?:utos?)?|uu|x'|segundos?|seg)"
    r"(?:\s?/\s?(?:dl|ml|litro|l|kg|kilo|hora|hr|h|minuto|min|m2|mm3|dia|24\s?h|ul|mmol)|"
    r"\s?por (?:litro|kg|kilo|hora|minuto|min)\b)*|/\s?(?:mm3|ul|campo)|por (?:mm3|campo))(?![\w])"
)
_SAME_UNITS = {
    "ug": "mcg",
    "µg": "mcg",
    "μg": "mcg",
    "gr": "g",
    "ui": "u",
    "cc": "ml",
    "lt": "l",
    "lts": "l",
    "hr": "h",
    "hrs": "h",
    "hora": "h",
    "horas": "h",
    "kilo": "kg",
    "litro": "l",
    "litros": "l",
    "dia": "d",
    "dias": "d",
    "semana": "sem",
    "semanas": "sem",
    "mes": "mes",
    "meses": "mes",
    "ano": "a",
    "anos": "a",
    "minutos": "min",
    "minuto": "min",
    "cms": "cm",
    "°c": "c",
    "seg": "s",
    "segundos": "s",
    "segundo": "s",
}


@lru_cache(maxsize=1024)
def unit(text: str) -> str:
    """One spelling for each unit, part by part: «cc/kg/hr» → «ml/kg/h»."""
    return "/".join(_SAME_UNITS.get(p, p) for p in re.split(r"\s?(?:/|por)\s?", text))


@lru_cache(maxsize=8192)
def flat(text: str) -> str:
    """The folded text, «ñ» too, with one code point for each of the original, so that positions hold."""
    folded = fold(text)
    folded = folded if len(folded) == len(text) else "".join(fold(c)[:1] or " " for c in text)
    return folded.replace("ñ", "n")


def places(folded: str, form: str) -> Iterator[tuple[int, int]]:
    """Where a folded form stands as whole words."""
    at = folded.find(form)
    while at >= 0:
        end = at + len(form)
        if not folded[max(0, at - 1) : at].isalnum() and not folded[end : end + 1].isalnum():
            yield at, end
        at = folded.find(form, at + 1)
