"""One claim as a piece of prose: name, details and code travel together."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.drafting.grammar import Node, Series, alt, seq
from engine.evidence import Attribute, Claim, Kind
from engine.evidence.language import fold

MISSING = "No consignado"
_KEPT = {"name": 2, "dose": 2, "route": 3, "frequency": 3, "duration": 2, "date": 4, "note": 2, "value": 1}


def written(claim: Claim) -> tuple[str, ...]:
    """The forms fit for prose: written out and abbreviated, never two that differ in accents, capitals or points
    alone, and no shouting."""
    kept: dict[str, str] = {}
    for form in claim.forms:
        if form == claim.name or not (form.isupper() and " " in form):
            kept.setdefault(re.sub("[.;]", "", fold(form)), form)
    return tuple(kept.values())[: _KEPT["name"]]


def item(claim: Claim, *, skip: frozenset[Attribute] = frozenset()) -> Node:
    """«ceftriaxona 2 g endovenosa cada 24 horas por 7 días (J01DD04)» with the choices the record leaves open."""
    details = [_detail(claim, a) for a in claim.attributes if a not in skip]
    code = f" ({claim.code})" if claim.code else ""
    if claim.kind in (Kind.PROCEDURE, Kind.ADMISSION_DIAGNOSIS, Kind.DISCHARGE_DIAGNOSIS):
        return seq(alt(*written(claim), style="name"), code, *details)
    if code and details and claim.kind in (Kind.TREATMENT, Kind.PRESCRIPTION):
        name = alt(*written(claim), style="name")
        return seq(name, alt(seq(*details, code), seq(code, *details), style="code"))
    return seq(alt(*written(claim), style="name"), *details, code)


def _detail(claim: Claim, attribute: Attribute) -> Node:
    distinct = {fold(form): form for form in reversed(attribute.forms)}  # never two that differ in capitals alone
    forms = tuple(form for form in attribute.forms if distinct[fold(form)] == form)[: _KEPT[attribute.kind]]
    if claim.kind is Kind.OBSERVATION and attribute.kind == "date":
        forms = (*(f" {form}" for form in forms), f" ({forms[0].removeprefix('el ')})")
        return alt(*forms, style="lab-date")
    if attribute.kind == "dose":
        figure = alt(*forms, style="dose")
        return (
            seq(alt(" ", " en dosis de ", style="dosing"), figure)
            if _first_dose(claim, attribute)
            else seq(" ", figure)
        )
    if attribute.kind == "value" and attribute.value.startswith(("mínimo", "máximo")):
        return f", {forms[0]}"
    return alt(*(form if form.startswith((":", ",")) else f" {form}" for form in forms), style=attribute.kind)


def _first_dose(claim: Claim, attribute: Attribute) -> bool:
    """Only the first detail may be introduced by «en dosis de»: later ones follow words of the record."""
    return claim.attributes[0] is attribute and attribute.forms[0][:1].isdigit() and "%" not in attribute.forms[0]


def common_date(claims: Sequence[Claim]) -> Attribute | None:
    """The date that all the claims share, told once for them all."""
    dates = [next((a for a in c.attributes if a.kind == "date"), None) for c in claims]
    first = dates[0] if dates else None
    return first if first and all(d and d.value == first.value for d in dates) else None


def listed(claims: Sequence[Claim], *, fixed: int = 0, shared: Attribute | None = None) -> Node:
    """The claims as one enumeration, each exactly once."""
    skip = frozenset(a for c in claims for a in c.attributes if shared and a.kind == "date" and a.value == shared.value)
    return enumeration([item(c, skip=skip) for c in claims], fixed=fixed, semicolons=any(map(_has_comma, claims)))


def enumeration(items: Sequence[Node], *, fixed: int = 0, semicolons: bool = False) -> Node:
    """«a, b y c»; where an item holds a comma of its own «a; b, y c» (DPD, «coma», 2.2)."""
    if semicolons and len(items) > 1:
        return Series(tuple(items), between=("; ",), last=(", y ", "; "), fixed=fixed)
    return Series(tuple(items), fixed=fixed)


def _has_comma(claim: Claim) -> bool:
    parts = (*written(claim), *(f for a in claim.attributes for f in a.forms))
    return any(re.search(r",(?!\d)", p) or " y " in p or " e " in p for p in parts)
