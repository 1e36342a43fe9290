"""Statements of the record with a gap where a number, side, sign, route, ordinal or unit stands.

A text that fits the words of a statement but fills the gap otherwise tells it wrong: «CAM (+) al día 5» where
the record has «CAM (-) al día 5», though it has «CAM (+)» of another day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.checking.quotes import Literal as Form
from engine.checking.spelled import CARDINALS, PATTERN
from engine.evidence import Section
from engine.evidence.quantities import ORDINALS, canonical

Gap = Literal["number", "side", "sign", "route", "ordinal", "unit"]
_SIDE = r"(?:derech|izquierd)[oa]s?|der|izq|bilateral(?:es)?"
_ORDINAL = "|".join(sorted((o.replace("é", "e") for o in ORDINALS.values()), key=len, reverse=True))
_ROUTE = r"(?<=via )(?:oral|endovenosa|intravenosa|subcutanea|intramuscular|sublingual|inhalatoria)"
_UNIT = (
    r"(?<=\d)(?: ?%| ?(?:mg|mcg|ng|g|ml|u|ui|meq|mmol|cm|mm|mmhg|kg|cc|l|°c)?"
    r"(?:/(?:dl|ml|l|mm3|ul|kg|h|min|litro))?)(?![\w/])"
)
_GAPS: tuple[tuple[Gap, str], ...] = (
    ("number", rf"(?<![\w.,/-])(?:\d+(?:[.,]\d+)*(?![/-]\d)|{PATTERN}\b)"),
    ("unit", _UNIT),
    ("side", rf"\b(?:{_SIDE})\b"),
    ("sign", r"\([+-]\)|\b(?:posi|nega)tiv[oa]s?\b"),
    ("route", _ROUTE),
    ("ordinal", rf"\b(?:{_ORDINAL})(?= dia)"),
)
_GAP = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _GAPS))
_FIXED = 8  # letters of the words that must stay: fewer fit anything
_SAME = {"der": "derech", "izq": "izquierd", "bilateral": "bilateral", "cc": "ml", "gr": "g", "ui": "u"}


@dataclass(frozen=True, slots=True)
class Variant:
    """The words of one or more statements around their gaps, and what the record has in them."""

    pattern: re.Pattern[str]
    start: str  # words up to the first gap: a quick look whether the text may fit
    gaps: tuple[Gap, ...]
    fillings: tuple[tuple[str, ...], ...]
    section: Section
    entries: tuple[int, ...]  # of each filling


def variants(literals: Iterable[Form]) -> tuple[Variant, ...]:
    """One for each wording with gaps; statements that differ in the gaps alone are one."""
    found: dict[tuple[str, Section], tuple[list[Gap], list[tuple[str, ...]], list[int]]] = {}
    for literal in literals:
        matches = [m for m in _GAP.finditer(literal.form) if m[0].strip()]
        gaps: list[Gap] = [m.lastgroup for m in matches]  # type: ignore[misc]
        wording = _wording(literal.form, matches)
        if gaps and len(re.sub(r"[^a-z]", "", wording)) >= _FIXED:
            _, fillings, entries = found.setdefault((wording, literal.section), (gaps, [], []))
            fillings.append(tuple(normal(m[0]) for m in matches))
            entries.append(literal.entries[0])
    return tuple(
        Variant(
            _pattern(wording, gaps), wording.partition("\0")[0], tuple(gaps), tuple(fillings), section, tuple(entries)
        )
        for (wording, section), (gaps, fillings, entries) in found.items()
    )


def normal(said: str) -> str:
    """One spelling for each filling: «1,40» and «1.4», «siete» and «7», «derecha» and «der», «positiva» and «(+)»."""
    said = said.strip()
    if said[:1].isdigit() or said in CARDINALS:
        return canonical(str(CARDINALS.get(said, said)))
    if said in ("(+)", "(-)") or said.startswith(("posi", "nega")):
        return "+" if said.startswith(("(+", "posi")) else "-"
    bare = re.sub(r"(?:es|[oa]s?)$", "", said) if len(said) > 5 else said
    return _SAME.get(bare, bare)


def _wording(form: str, matches: list[re.Match[str]]) -> str:
    out, at = "", 0
    for m in matches:
        out += form[at : m.start()] + "\0"
        at = m.end()
    return out + form[at:]


def _pattern(wording: str, gaps: list[Gap]) -> re.Pattern[str]:
    patterns = dict(_GAPS)
    pieces = [re.escape(p) for p in wording.split("\0")]
    filled = [piece for gap, piece in zip(gaps, pieces[1:], strict=True) for piece in (f"({patterns[gap]})", piece)]
    return re.compile(rf"(?<!\w){pieces[0]}{''.join(filled)}(?!\w)")
