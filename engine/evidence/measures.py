"""Doses, routes, frequencies and durations: how wards write them and what they mean.

`parse` splits one treatment line («Ceftriaxona 2g EV c/24h 7d») into its name and its attributes in the
order of the record; nothing of the line is lost: what is no attribute is kept as a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.evidence.claims import Attribute, AttributeKind
from engine.evidence.language import expanded, fold, plain, unaccented
from engine.evidence.quantities import canonical

_N = r"\d+(?:[.,]\d+)*"
_RANGE = rf"{_N}(?:(?:\s?[-/–]\s?|\sa\s){_N})*"
_UNIT = (
    r"mcg|ug|µg|μg|mg|gr|g|kg|ui|u|ml|cc|lts?|l|meq|mmol|puffs?|inhalaci(?:ones|on)|comp(?:rimidos?)?|tab(?:letas?)?|"
    r"capsulas?|caps?|gotas?|ampollas?|amp|sobres?|parches?|parche|unidades|frascos?|vial(?:es)?|ovulos?|supositorios?|%"
)
_PER = rf"(?:\s?/\s?(?:{_N}\s?)?(?:kg|m2|hora|hr|h|min|dia|d|ml|cc|dosis|noche|manana|toma|vez|comp|puff|lts?|l))*"
_SPAN = rf"{_N}(?:(?:\s?[-–]\s?|\sa\s){_N})*"
_TIME = r"(?:hrs?|horas?|h|dias?|d|semanas?|sem|s|meses|mes|m|anos?|a(?!\s?\w)|minutos?|min)"
_HEAD = r"(?<![\w/.,])"
_END = r"(?![\w])"
_SOURCES: tuple[tuple[AttributeKind, str], ...] = (
    ("frequency", rf"(?:c/|cada )\s?{_RANGE}\s?{_TIME}"),
    ("frequency", rf"c/\s?{_N}(?!\s?\w)"),
    ("frequency", rf"{_N}\s?(?:v|vez|veces)\s?/\s?(?:dia|d|semana|sem|mes)"),
    ("frequency", rf"{_N} vez al dia|{_N} veces (?:al|por) (?:dia|semana)"),
    (
        "frequency",
        r"(?:cada|c/)\s?(?:noche|manana|dia|semana|mes|comida|curacion|48)|(?:una|dos|tres|cuatro) ve(?:z|ces) "
        r"(?:al|por) (?:dia|semana)|semanal|diari[oa]|mensual|quincenal|(?:por|en) la (?:noche|manana|tarde)|"
        r"al acostarse|al dormir|antes de dormir|dia por medio|en ayunas|nocturn[oa]|[bt]id|qid",
    ),
    ("note", rf"(?:en|a las|luego de|tras) {_RANGE}\s?{_TIME}|segun [^,;]+"),
    ("dose", rf"{_RANGE}\s?(?:{_UNIT}){_PER}"),
    ("duration", rf"(?:por |durante |x\s?)?{_SPAN}\s?{_TIME}"),
    ("duration", r"permanente|indefinid[oa]|uso cronico|de por vida|(?:por |durante |x )?(?:una|dos|tres) semanas?"),
    (
        "route",
        r"(?:por )?via (?:oral|endovenosa|intravenosa|subcutanea|intramuscular|sublingual|inhalatoria|topica|"
        r"rectal|vaginal|nasal|enteral|intratecal|oftalmica|otica)|vo|ev|iv|im|sc|sl|sng|sny|inh|nbz|"
        r"oral|endovenos[oa]|intravenos[oa]|subcutane[oa]|intramuscular|sublingual|inhalatori[oa]|inhalad[oa]|"
        r"nebulizad[oa]|topic[oa]|rectal|vaginal|intranasal|transdermic[oa]|intratecal|oftalmic[oa]|otic[oa]|it",
    ),
)
_PATTERNS: tuple[tuple[AttributeKind, re.Pattern[str]], ...] = (
    *((kind, re.compile(f"{_HEAD}(?:{pattern}){_END}")) for kind, pattern in _SOURCES),
    ("frequency", re.compile(rf"(?<=\w)\s?/\s?(?:dia|d|noche|semana|sem|mes){_END}")),  # «40 mg SC/día»
)
_PARENTHESES = re.compile(r"\([^()]*\)")
# Words that make of «2 meses» a moment and not a duration: «desde los 2 meses», «30 min antes».
_MOMENT_BEFORE = re.compile(
    r"\b(?:los|las|desde|hasta|hace|tras|cada|dia|en|primer[oa]s|ultim[oa]s|siguientes|a|completar|hasta \w+)\s*$"
)
_MOMENT_AFTER = re.compile(r"\s*(?:antes|despues|previ[oa]s?|pre|post|de)\b")
_SHORT_TIME = re.compile(rf"(?<![\w/.,-])({_N})\s?(d|hrs?|h|sem)\b(?!\s?/)", re.IGNORECASE)
_DANGLING = re.compile(r"\s(?:a|de|en|con|x|por|hasta|desde|\+|-)$", re.IGNORECASE)
# Words that a terse line leaves bare, with the preposition that prose needs.
_LED = {
    "bolo": "en bolo",
    "bic": "en BIC",
    "profilaxis": "como profilaxis",
    "carga": "de carga",
    "dosis de carga": "en dosis de carga",
    "nebulizacion": "en nebulización",
    "noche": "en la noche",
    "manana": "en la mañana",
    "tarde": "en la tarde",
}
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
    "min": "min",
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
    units = [_unit(u) for u in re.split(r"\s?/\s?", rest)]
    joined = "/".join(units)
    return f"{number[0].strip()}{'' if joined.startswith('%') else ' '}{joined}".strip()


def _unit(text: str) -> str:
    """«5ml» → «5 mL», «comp» → «comp»."""
    counted = re.fullmatch(rf"({_N})\s?(.+)", text)
    if counted:
        return f"{counted[1]} {_unit(counted[2])}"
    return _UNITS.get(fold(text), text.lower() if text.isupper() else plain(text))


def dose(text: str, pointer: str) -> Attribute:
    value = _quantity(text)
    parts = re.match(rf"({_RANGE})\s?(.*)", value)
    key = f"{_key(parts[1])} {parts[2]}".strip() if parts else fold(value)
    symbol = parts is not None and parts[2].split("/")[0] in _UNITS.values()  # «500mg», but never «1comp»
    together = f"{parts[1].strip()}{parts[2]}" if parts and symbol else value
    return Attribute("dose", key, _unique(value, together, text), pointer)


def _key(numbers: str) -> str:
    """«3 a 5» and «3 - 5» are both «3-5»."""
    joined = re.sub(r"\s", "", re.sub(r"\sa\s", "-", numbers))
    return re.sub(_N, lambda m: canonical(m[0]), joined)


def route(text: str, pointer: str) -> Attribute:
    bare = re.sub(r"^(?:por )?via ", "", fold(text))
    undotted = re.sub(r"[./ ]", "", bare)  # «v.o.», «S/C»
    bare = undotted if undotted in _ROUTES else bare
    key = _LONG_ROUTES.get(bare, bare)
    if key in _ROUTES:
        value, forms = _ROUTES[key]
        return Attribute("route", value, _unique(*forms, text), pointer)
    return Attribute("route", bare, _unique(plain(text), text), pointer)


def _per(unit: str) -> str:
    """«d» → «al día», «sem» → «por semana»."""
    word = time_unit(unit, "1")
    return "al día" if word == "día" else f"por {word}"


def frequency(text: str, pointer: str) -> Attribute:
    times = re.fullmatch(rf"({_N})\s?v\w*\s?/\s?(d|sem|mes)\w*", unaccented(text))
    if times:
        value = f"{times[1]} {'vez' if times[1] == '1' else 'veces'} {_per(times[2])}"
        return Attribute("frequency", value, _unique(value, text), pointer)
    match = re.fullmatch(rf"(?:c/|cada )\s?({_RANGE})\s?({_TIME})", fold(text))
    if not match:
        written = _LED.get(unaccented(text), re.sub(r"^[cC]/\s?", "cada ", expanded(text)))
        if text.startswith("/"):  # «40 mg SC/día»
            unit = text.strip("/ ")
            written = f"por {plain(unit)}" if unaccented(unit) == "noche" else _per(unit)
        return Attribute("frequency", fold(written), _unique(written, *((text,) if text[0] != "/" else ())), pointer)
    unit = time_unit(match[2], match[1])
    value = f"cada {match[1]} {unit}"
    shorter = (f"c/{match[1]} {unit[0]}", f"cada {match[1]} {unit[0]}") if unit[0] == "h" else ()
    return Attribute("frequency", f"cada {_key(match[1])} {unit}", _unique(value, *shorter, text), pointer)


def duration(text: str, pointer: str) -> Attribute:
    match = re.fullmatch(rf"(?:por |durante |x\s?)?({_SPAN})\s?({_TIME})", unaccented(text))
    if match:
        unit = time_unit(match[2], match[1])
        value = f"{match[1]} {unit}"
        written = (f"por {value}", f"durante {value}", text)
        return Attribute("duration", f"{_key(match[1])} {unit}", _unique(*written), pointer)
    if fold(text) == "permanente":
        return Attribute("duration", "permanente", ("en forma permanente", "de forma permanente", text), pointer)
    return Attribute("duration", fold(text), _unique(plain(text), text), pointer)


def _time(match: re.Match[str]) -> str:
    return f"{match[1]} {time_unit(match[2], match[1])}"


def note(text: str, pointer: str) -> Attribute:
    """Words of a line that are no dose, route, frequency nor duration."""
    if fold(text) in ("sos", "prn"):
        return Attribute("note", "sos", _unique("SOS", "en caso de necesidad", text), pointer)
    before, after = (
        ", " if text.startswith(",") else "",
        "," if text.endswith(",") else "",
    )  # «L-M-V, 1/4 comp el resto»
    bare = text.strip(", ")
    if not bare:
        return Attribute("note", "", (",",), pointer)
    told = _SHORT_TIME.sub(_time, expanded(bare))
    told = f"en {told}" if told.startswith("bolo ") else _LED.get(unaccented(told), told)
    written = (f"{before}{form}{after}" for form in (told, plain(bare)))
    return Attribute("note", fold(bare), _unique(*written, text), pointer)


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
    name = pieces.pop(0)[1].strip(" -") if pieces and pieces[0][0] == "note" else ""
    dangling = _DANGLING.search(name) if pieces else None
    if dangling:  # «Suero fisiológico a 80 ml/h»: the preposition goes with the dose
        name, pieces = name[: dangling.start()], [("note", dangling[0].strip()), *pieces]
    return Line(name or text, tuple(_MAKERS[k](t, pointer) for k, t in pieces) if name else ())


def _pieces(text: str) -> list[tuple[AttributeKind, str]]:
    """The line cut at each attribute, in order; what stands in parentheses is left whole."""
    folded = unaccented(text)
    if len(folded) != len(text):
        folded = text.lower()
    folded = _PARENTHESES.sub(lambda m: "\0" * len(m[0]), folded)
    found: list[tuple[int, int, AttributeKind]] = []
    for kind, pattern in _PATTERNS:
        for m in pattern.finditer(folded):
            if all(m.end() <= s or m.start() >= e for s, e, _ in found) and not _is_moment(kind, m, text):
                found.append((m.start(), m.end(), kind))
    return list(_cut(text, sorted(found)))


def _is_moment(kind: AttributeKind, match: re.Match[str], text: str) -> bool:
    """«desde los 2 meses», «30 min antes de comidas», «bicarbonato 1 M»: no durations."""
    if kind != "duration" or match[0].startswith(("por ", "durante ", "x")):
        return False
    before, after = match.string[: match.start()], match.string[match.end() :]
    is_molar = text[: match.end()].endswith(" M")
    return bool(is_molar or _MOMENT_BEFORE.search(before) or _MOMENT_AFTER.match(after))


def _cut(text: str, found: list[tuple[int, int, AttributeKind]]) -> Iterator[tuple[AttributeKind, str]]:
    """The attributes found and the notes between them; a comma before a note or a second dose stays."""
    position = 0
    for start, end, kind in [*found, (len(text), len(text), "note")]:
        gap = text[position:start]
        between = gap.strip(" ,;.")
        comma = ", " if position and gap.lstrip().startswith(",") else ""
        if between.strip(" -"):
            yield "note", comma + between + ("," if position and gap.rstrip().endswith(",") and kind == "dose" else "")
        elif comma and kind == "dose" and re.search(r"\d\s?h|luego", text[:position]):
            yield "note", ","
        if end > start:
            yield kind, text[start:end].strip()
        position = end


def _unique(*forms: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f for f in forms if f))
