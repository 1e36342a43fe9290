"""One claim as a piece of prose: name, details and code travel together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from engine.drafting.grammar import Node, Series, alt, seq
from engine.evidence import Attribute, Claim, Kind
from engine.evidence.language import expansions, fold, is_acronym
from engine.evidence.quantities import date_forms

MISSING = "No consignado"
LONG_LIST = 2  # diagnoses after which a title reads better than a sentence
_LONG_TERM = 30  # letters: «colangiopancreatografía retrógrada endoscópica»
_DATES = 2  # ways to write a date: «02-10-2026», «2 de octubre de 2026»
_TERM = re.compile(r"\b(?:en|a|dentro de|a los|a las) (\d{1,3})(?:-\d+)? (hora|dia|semana|mes|ano)(?:e?s)?\b")
_DAYS = {"hora": 1 / 24, "dia": 1, "semana": 7, "mes": 30, "ano": 365}
_SHORT = {  # the second way to write a detail, where it is one that wards use and reads well
    "frequency": re.compile(r"c/\d+(?:-\d+)? h"),
    "route": re.compile(r"[A-Z]{2,3}|por [A-Z]{3}"),
    "duration": re.compile(r"durante .+|de forma permanente"),
}


def written(claim: Claim, told: str = "") -> tuple[str, ...]:
    """The forms fit for prose: written out, and with the record's acronyms («electrocardiograma», «ECG»).

    A long term that `told`, the text before, already has in full comes second.
    """
    first, *others = claim.forms
    short = next((form for form in others if _is_shorter(form, first)), None)
    if short is None:
        return (first,)
    return (short, first) if any(long in first and long in told for long in _long_terms()) else (first, short)


def _long_terms() -> Iterator[str]:
    return (long for long in expansions().values() if len(long) >= _LONG_TERM)


def _is_shorter(form: str, first: str) -> bool:
    """True where the words that it does not share with the first form are acronyms: no typing habit, no lost accent."""
    own = re.findall(r"[^\W_]+", form)
    foreign = [w for w in own if w not in re.findall(r"[^\W_]+", first)]
    signs = len(re.findall(r"\([+-]\)", form)) > len(re.findall(r"\([+-]\)", first))
    return bool(foreign) and not signs and all(w.isupper() and is_acronym(w) for w in foreign)


def item(claim: Claim, *, skip: frozenset[Attribute] = frozenset()) -> Node:
    """«ceftriaxona 2 g vía endovenosa cada 24 horas por 7 días (J01DD04)» with the choices the record leaves open."""
    details = [_detail(claim, a) for a in _ordered(claim.attributes) if a not in skip]
    code = f" ({claim.code})" if claim.code else ""
    name = alt(*written(claim), style="name")
    if claim.kind in (Kind.PROCEDURE, Kind.ADMISSION_DIAGNOSIS, Kind.DISCHARGE_DIAGNOSIS):
        return seq(name, code, *details)
    if code and details and claim.kind in (Kind.TREATMENT, Kind.PRESCRIPTION):
        return seq(name, alt(seq(*details, code), seq(code, *details), style="code"))
    if claim.kind is Kind.OBSERVATION:
        return seq(name, *details, *_extremes(claim))
    return seq(name, *details, code)


def _ordered(attributes: Sequence[Attribute]) -> list[Attribute]:
    """A route kept in a field of its own stands after the dose: «750 mg vía endovenosa cada 48 horas»."""
    out: list[Attribute] = []
    for attribute in attributes:
        own = attribute.kind == "route" and bool(out) and out[-1].pointer != attribute.pointer
        doses = [i for i, a in enumerate(out) if a.kind == "dose"]
        if own and len(doses) < 2:
            out.insert(doses[0] + 1 if doses else 0, attribute)
        else:
            out.append(attribute)
    return out


def _detail(claim: Claim, attribute: Attribute) -> Node:
    if attribute.kind == "date":
        return _date(claim, attribute)
    first, *others = attribute.forms
    if attribute.kind == "value":
        return "" if _is_extreme(attribute) else f" {first}"
    figure = alt(*(_led_by_space(form) for form in (first, *_second(attribute, first, others))), style=attribute.kind)
    if attribute.kind == "dose" and _first_dose(claim, attribute):
        return seq(alt("", " en dosis de", style="dosing"), figure)
    return figure


def _second(attribute: Attribute, first: str, others: Iterable[str]) -> Iterator[str]:
    """The one other way to write a detail."""
    if attribute.value == "sos":
        yield "en caso de necesidad"
    pattern = _SHORT.get(attribute.kind)
    yield from [form for form in others if pattern and pattern.fullmatch(form) and fold(form) != fold(first)][:1]


def _led_by_space(form: str) -> str:
    return form if form.startswith((":", ",")) else f" {form}"


def _date(claim: Claim, attribute: Attribute) -> Node:
    """« el 02-10-2026», « desde el 2 de octubre de 2026»; of a result also « (02-10-2026)»."""
    short, *others = date_forms(attribute.value)[:_DATES]
    before = attribute.forms[0].removesuffix(short)
    told = alt(*(f" {before}{form}" for form in (short, *others)), style="date")
    return alt(told, f" ({short})", style="result-date") if claim.kind is Kind.OBSERVATION else told


def _is_extreme(attribute: Attribute) -> bool:
    return attribute.kind == "value" and attribute.value.startswith(("mínimo ", "máximo "))


def _extremes(claim: Claim) -> Iterator[str]:
    """«, con mínimo de 34 mg/L y máximo de 300 mg/L»."""
    told = [a.value.replace(" ", " de ", 1) for a in claim.attributes if _is_extreme(a)]
    if told:
        yield f", con {' y '.join(told)}"


def _first_dose(claim: Claim, attribute: Attribute) -> bool:
    """Only the first detail may be introduced by «en dosis de»: later ones follow words of the record."""
    return claim.attributes[0] is attribute and attribute.forms[0][:1].isdigit() and "%" not in attribute.forms[0]


def common_date(claims: Sequence[Claim]) -> Attribute | None:
    """The date that all the claims share, told once for them all."""
    dates = [next((a for a in c.attributes if a.kind == "date"), None) for c in claims]
    first = dates[0] if dates else None
    return first if first and all(d and d.value == first.value for d in dates) else None


def dated_on(claims: Sequence[Claim], day: str | None) -> Attribute | None:
    """The date `day` of one of the claims: that of the admission or the leaving, which the sentence tells already."""
    return next((a for c in claims for a in c.attributes if a.kind == "date" and a.value == day), None)


def chronological(claims: Iterable[Claim]) -> list[Claim]:
    """In the order of their dates where all have one, else in the record's."""
    out = list(claims)
    return sorted(out, key=lambda c: str(c.date)) if all(c.date for c in out) else out


def nearest_first(claims: Iterable[Claim]) -> list[Claim]:
    """Appointments by their terms («en 10 días», «en 1 mes»), those without one last; «5-7 días» begins at 5."""
    return sorted(claims, key=_term)


def in_order(claims: Sequence[Claim]) -> int:
    """How many items keep their place (`fixed` of a list): all, where each has a date or a term of its own."""
    by_date = [c.date for c in claims if c.date]
    terms = [t for t in map(_term, claims) if t != float("inf")]
    is_known = any(len(known) == len(claims) and len(set(known)) > 1 for known in (by_date, terms))
    return len(claims) if is_known else 0


def _term(claim: Claim) -> float:
    found = _TERM.search(fold(claim.name))
    return int(found[1]) * _DAYS[found[2]] if found else float("inf")


def listed(claims: Sequence[Claim], *, fixed: int = 0, shared: Attribute | None = None, last: str = "y") -> Node:
    """The claims as one enumeration, each exactly once; `last` joins the last («y», «o»)."""
    skip = frozenset(a for c in claims for a in c.attributes if shared and a.kind == "date" and a.value == shared.value)
    items = [item(c, skip=skip) for c in claims]
    return enumeration(items, fixed=fixed, semicolons=any(_is_complex(c, last) for c in claims), last=last)


def enumeration(items: Sequence[Node], *, fixed: int = 0, semicolons: bool = False, last: str = "y") -> Node:
    """«a, b y c»; where an item holds a comma of its own «a; b, y c» (DPD, «coma», 2.2)."""
    if semicolons and len(items) > 1:
        return Series(tuple(items), between="; ", last=f", {last} ", fixed=fixed)
    return Series(tuple(items), last=f" {last} ", fixed=fixed)


def _is_complex(claim: Claim, last: str = "y") -> bool:
    """An item that holds a comma or a conjunction of its own."""
    parts = (*written(claim), *(f for a in claim.attributes for f in a.forms))
    extremes = sum(map(_is_extreme, claim.attributes))
    conjunction = r" (?:y|e) " if last == "y" else r" (?:y|e|o|u) "
    return extremes > 0 or any(re.search(r"[,;](?!\d)", p) or re.search(conjunction, p) for p in parts)
