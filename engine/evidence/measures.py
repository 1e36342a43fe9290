"""Doses, routes, frequencies and durations: how wards write them and what they mean.

`parse` splits one treatment line («Ceftriaxona 2g EV c/24h 7d») into its name and its attributes in the
order of the record; nothing of the line is lost: what is no attribute is kept as a note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.evidence.claims import Attribute, AttributeKind
from engine.evidence.language import expanded, fold, plain
from engine.evidence.quantities import canonical

_N = r"\d+(?:[.,]\d+)*"
_RANGE = rf"{_N}(?:\s?[-/–]\s?{_N})*"
_UNIT = (
    r"mcg|ug|µg|μg|mg|gr|g|kg|ui|u|ml|cc|lts?|l|meq|mmol|puffs?|inhalaci(?:ones|on)|comp(?:rimidos?)?|tab(?:letas?)?|"
    r"capsulas?|caps?|gotas?|ampollas?|amp|sobres?|parches?|parche|unidades|frascos?|vial(?:es)?|ovulos?|supositorios?|%"
)
_PER = r"(?:\s?/\s?(?:kg|m2|hora|hr|h|min|dia|d|ml|dosis|l|24\s?h))*"
_TIME = r"(?:hrs?|horas?|h|dias?|d|semanas?|sem|s|meses|mes|m|anos?|a|minutos?|min)"
_HEAD = r"(?<![\w/.,])"
_END = r"(?![\w])"
_SOURCES: tuple[tuple[AttributeKind, str], ...] = (
    ("frequency", rf"(?:c/|cada )\s?{_RANGE}\s?{_TIME}"),
    ("frequency", rf"{_N} vez al dia|{_N} veces (?:al|por) (?:dia|semana)"),
    (
        "frequency",
        r"(?:cada|c/)\s?(?:noche|manana|dia|semana|mes|comida|curacion|48)|(?:una|dos|tres|cuatro) ve(?:z|ces) "
        r"(?:al|por) (?:dia|semana)|semanal|diari[oa]|mensual|quincenal|(?:por|en) la (?:noche|manana|tarde)|"
        r"al acostarse|al dormir|antes de dormir|dia por medio|en ayunas|nocturn[oa]|[bt]id|qid",
    ),
    ("note", rf"(?:en|a las|luego de|tras) {_RANGE}\s?{_TIME}|segun [^,;]+"),
    ("dose", rf"{_RANGE}\s?(?:{_UNIT}){_PER}"),
    ("duration", rf"(?:por |durante |x\s?)?{_RANGE}\s?{_TIME}"),
    ("duration", r"permanente|indefinid[oa]|uso cronico|de por vida|(?:por |durante |x )?(?:una|dos|tres) semanas?"),
    (
        "route",
        r"(?:por )?via (?:oral|endovenosa|intravenosa|subcutanea|intramuscular|sublingual|inhalatoria|topica|"
        r"rectal|vaginal|nasal|enteral|intratecal|oftalmica|otica)|vo|ev|iv|im|sc|sl|sng|sny|inh|nbz|"
        r"oral|endovenos[oa]|intravenos[oa]|subcutane[oa]|intramuscular|sublingual|inhalatori[oa]|inhalad[oa]|"
        r"nebulizad[oa]|topic[oa]|rectal|vaginal|intranasal|transdermic[oa]|intratecal|oftalmic[oa]|otic[oa]|it",
    ),
)
_PATTERNS = tuple((kind, re.compile(f"{_HEAD}(?:{pattern}){_END}")) for kind, pattern in _SOURCES)
_ROUTES = {
    "vo": ("oral", ("vía oral", "VO", "por vía oral")),
    "ev": ("endovenosa", ("vía endovenosa", "EV", "por vía endovenosa")),
    "iv": ("endovenosa", ("vía endovenosa", "IV", "por vía endovenosa")),
    "im": ("intramuscular", ("vía intramuscular", "IM", "por vía intramuscular")),
    "sc": ("subcutánea", ("vía subcutánea", "SC", "por vía subcutánea")),
    "sl": ("sublingual", ("vía sublingual", "SL", "por vía sublingual")),
    "sng": ("sonda nasogástrica", ("por sonda nasogástrica", "por SNG", "SNG")),
    "inh": ("inhalatoria", ("vía inhalatoria", "por vía inhalatoria")),
    "nbz": ("nebulizada", ("en nebulización", "NBZ")),
}
_LONG_ROUTES = {
    "oral": "vo",
    "endovenosa": "ev",
    "endovenoso": "ev",
    "intravenosa": "iv",
    "intravenoso": "iv",
    "intramuscular": "im",
    "subcutanea": "sc",
    "subcutaneo": "sc",
    "sublingual": "sl",
    "inhalatoria": "inh",
    "inhalatorio": "inh",
}
_TIMES = {
    "h": ("hora", "horas"),
    "d": ("día", "días"),
    "s": ("semana", "semanas"),
    "m": ("mes", "meses"),
    "a": ("año", "años"),
    "min": ("minuto", "minutos"),
}
_UNITS = {
    "mcg": "mcg",
    "ug": "mcg",
    "µg": "mcg",
    "μg": "mcg",
    "mg": "mg",
    "gr": "g",
    "g": "g",
    "kg": "kg",
    "ui": "UI",
    "u": "U",
    "ml": "mL",
    "cc": "cc",
    "lt": "L",
    "lts": "L",
    "l": "L",
    "meq": "mEq",
    "mmol": "mmol",
    "hr": "h",
    "hora": "h",
    "h": "h",
    "dia": "día",
    "d": "día",
    "%": "%",
    "24 h": "24 h",
    "24h": "24 h",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A treatment line taken apart."""

    name: str
    attributes: tuple[Attribute, ...]


def time_unit(word: str, count: str) -> str:
    """«d», «dias» → «días»; singular after 1."""
    key = fold(word)
    key = "min" if key.startswith("min") else "m" if key.startswith("m") else key[0]
    return _TIMES[key][canonical(count) != "1"]


def _quantity(text: str) -> str:
    """«10mg/kg» → «10 mg/kg», units in their usual letters; the digits stay the record's."""
    number = re.match(_RANGE, text)
    if not number:
        return text
    rest = text[number.end() :].strip()
    units = [_UNITS.get(fold(u), plain(u) if not u.isupper() or len(u) > 3 else u) for u in re.split(r"\s?/\s?", rest)]
    joined = "/".join(units)
    return f"{number[0].strip()}{'' if joined.startswith('%') else ' '}{joined}".strip()


def dose(text: str, pointer: str) -> Attribute:
    value = _quantity(text)
    parts = re.match(rf"({_RANGE})\s?(.*)", value)
    key = f"{_key(parts[1])} {parts[2]}".strip() if parts else fold(value)
    together = f"{parts[1].strip()}{parts[2]}" if parts and parts[2] else value
    return Attribute("dose", key, _unique(value, together, text), pointer)


def _key(numbers: str) -> str:
    return re.sub(r"\s", "", re.sub(_N, lambda m: canonical(m[0]), numbers))


def route(text: str, pointer: str) -> Attribute:
    bare = re.sub(r"^(?:por )?via ", "", fold(text))
    key = _LONG_ROUTES.get(bare, bare)
    if key in _ROUTES:
        value, forms = _ROUTES[key]
        return Attribute("route", value, _unique(*forms, text), pointer)
    return Attribute("route", bare, _unique(plain(text), text), pointer)


def frequency(text: str, pointer: str) -> Attribute:
    match = re.fullmatch(rf"(?:c/|cada )\s?({_RANGE})\s?({_TIME})", fold(text))
    if not match:
        written = re.sub(r"^[cC]/\s?", "cada ", plain(text))
        return Attribute("frequency", fold(written), _unique(written, text), pointer)
    unit = time_unit(match[2], match[1])
    value = f"cada {match[1]} {unit}"
    shorter = (f"c/{match[1]} {unit[0]}", f"cada {match[1]} {unit[0]}") if unit[0] == "h" else ()
    return Attribute("frequency", f"cada {_key(match[1])} {unit}", _unique(value, *shorter, text), pointer)


def duration(text: str, pointer: str) -> Attribute:
    match = re.fullmatch(rf"(?:por |durante |x\s?)?({_RANGE})\s?({_TIME})", fold(text))
    if match:
        unit = time_unit(match[2], match[1])
        value = f"{match[1]} {unit}"
        written = (f"por {value}", f"durante {value}", text)
        return Attribute("duration", f"{_key(match[1])} {unit}", _unique(*written), pointer)
    if fold(text) == "permanente":
        return Attribute("duration", "permanente", ("en forma permanente", "de forma permanente", text), pointer)
    return Attribute("duration", fold(text), _unique(plain(text), text), pointer)


def note(text: str, pointer: str) -> Attribute:
    """Words of a line that are no dose, route, frequency nor duration."""
    if fold(text) in ("sos", "prn"):
        return Attribute("note", "sos", _unique("SOS", "en caso de necesidad", text), pointer)
    return Attribute("note", fold(text), _unique(expanded(text), plain(text), text), pointer)


_MAKERS = {"dose": dose, "route": route, "frequency": frequency, "duration": duration, "note": note}


def attribute(kind: AttributeKind, text: str, pointer: str) -> tuple[Attribute, ...]:
    """A field of the record as attributes: «5 dias, SOS dolor» is a duration and a note."""
    pieces = list(_pieces(text))
    if len(pieces) == 1 and pieces[0][0] in (kind, "note"):
        return (_MAKERS[kind](text, pointer),)
    return tuple(_MAKERS[k](t, pointer) for k, t in pieces)


def parse(text: str, pointer: str) -> Line:
    """Takes a treatment line apart; the name is what stands before the first attribute."""
    pieces = list(_pieces(text))
    name = pieces.pop(0)[1] if pieces and pieces[0][0] == "note" else ""
    return Line(name or text, tuple(_MAKERS[k](t, pointer) for k, t in pieces) if name else ())


def _pieces(text: str) -> list[tuple[AttributeKind, str]]:
    """The line cut at each attribute, in order; folding keeps the length of precomposed text."""
    folded = fold(text)
    if len(folded) != len(text):
        folded = text.lower()
    found: list[tuple[int, int, AttributeKind]] = []
    for kind, pattern in _PATTERNS:
        for m in pattern.finditer(folded):
            if all(m.end() <= s or m.start() >= e for s, e, _ in found):
                found.append((m.start(), m.end(), kind))
    out: list[tuple[AttributeKind, str]] = []
    position = 0
    for start, end, kind in [*sorted(found), (len(text), len(text), "note")]:
        between = text[position:start].strip(" ,;.-")
        if between:
            out.append(("note", between))
        if end > start:
            out.append((kind, text[start:end].strip()))
        position = end
    return out


def _unique(*forms: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f for f in forms if f))
