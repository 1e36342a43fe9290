"""Doses, routes, frequencies and durations as they stand in a text, in one comparable form.

Two measures say the same where their `norms` meet: «1 g» and «1.000 mg», «c/8 h» and «tres veces al día».
A number with two readings («1.500») has a norm for each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from engine.checking.pieces import pieces, sentences
from engine.checking.spelled import CARDINALS
from engine.checking.spelled import PATTERN as SPELLED
from engine.checking.units import flat
from engine.evidence.quantities import MONTHS

MeasureKind = Literal["dose", "route", "frequency", "duration", "sos"]
Norm = tuple[object, ...]

_COUNTS: dict[str, float] = {"un": 1, "una": 1, "medio": 0.5, "media": 0.5, **CARDINALS}
_N = rf"(?:\d+(?:[.,]\d+)*(?: mil\b)?|{SPELLED}|una?|medi[oa])"
_D = r"\d+(?:[.,]\d+)*(?: mil\b)?"
_RANGE = rf"{_N}(?:\s?[-–]\s?{_D}| a {_D}| y {_D})?"
_TIME = r"(?:hrs?|horas?|h|dias?|ds?|semanas?|sem|meses|mes|m|anos?|minutos?|min)"
_HOURS = {"h": 1.0, "d": 24.0, "s": 168.0, "m": 720.0, "a": 8760.0, "min": 1 / 60}
_UNITS = {
    "mcg": ("mg", 0.001),
    "ug": ("mg", 0.001),
    "µg": ("mg", 0.001),
    "μg": ("mg", 0.001),
    "microgramos": ("mg", 0.001),
    "microgramo": ("mg", 0.001),
    "mg": ("mg", 1.0),
    "miligramos": ("mg", 1.0),
    "miligramo": ("mg", 1.0),
    "mgr": ("mg", 1.0),
    "gr": ("mg", 1000.0),
    "g": ("mg", 1000.0),
    "grs": ("mg", 1000.0),
    "gramos": ("mg", 1000.0),
    "gramo": ("mg", 1000.0),
    "kg": ("mg", 1e6),
    "ui": ("u", 1.0),
    "u": ("u", 1.0),
    "unidades": ("u", 1.0),
    "unidad": ("u", 1.0),
    "ml": ("ml", 1.0),
    "cc": ("ml", 1.0),
    "mililitros": ("ml", 1.0),
    "l": ("ml", 1000.0),
    "lt": ("ml", 1000.0),
    "lts": ("ml", 1000.0),
    "litro": ("ml", 1000.0),
    "litros": ("ml", 1000.0),
    "meq": ("meq", 1.0),
    "mmol": ("mmol", 1.0),
    "puff": ("puff", 1.0),
    "puffs": ("puff", 1.0),
    "inhalacion": ("puff", 1.0),
    "inhalaciones": ("puff", 1.0),
    "comp": ("comp", 1.0),
    "comprimido": ("comp", 1.0),
    "comprimidos": ("comp", 1.0),
    "tab": ("comp", 1.0),
    "tableta": ("comp", 1.0),
    "tabletas": ("comp", 1.0),
    "capsula": ("caps", 1.0),
    "capsulas": ("caps", 1.0),
    "caps": ("caps", 1.0),
    "cap": ("caps", 1.0),
    "gota": ("gota", 1.0),
    "gotas": ("gota", 1.0),
    "ampolla": ("amp", 1.0),
    "ampollas": ("amp", 1.0),
    "amp": ("amp", 1.0),
    "sobre": ("sobre", 1.0),
    "sobres": ("sobre", 1.0),
    "parche": ("parche", 1.0),
    "parches": ("parche", 1.0),
    "frasco": ("frasco", 1.0),
    "frascos": ("frasco", 1.0),
    "vial": ("frasco", 1.0),
    "viales": ("frasco", 1.0),
    "ovulo": ("ovulo", 1.0),
    "ovulos": ("ovulo", 1.0),
    "supositorio": ("sup", 1.0),
    "supositorios": ("sup", 1.0),
    "%": ("%", 1.0),
    "dosis": ("dosis", 1.0),
}
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_PER = r"(?P<per>(?:\s?(?:/|por )\s?(?:kilo|kg|m2|hora|hr|h|min(?:uto)?|dosis|litro|l|24\s?h)\b)*)"
_PERS = {"kilo": "kg", "hora": "h", "hr": "h", "minuto": "min", "litro": "l", "dia": "d"}
_ROUTES = (
    ("oral", r"(?:(?:por )?via )?oral(?:es)?|v\.?o\.?|per os|p\.o\.|por (?:la )?boca"),
    ("ev", r"(?:(?:por )?via )?(?:endovenos[oa]s?|intravenos[oa]s?)|e\.?v\.?|i\.?v\.?|(?:por|a) (?:la )?vena"),
    ("sc", r"(?:(?:por )?via )?subcutane[oa]s?|s\.?c\.?"),
    ("im", r"(?:(?:por )?via )?intramuscular(?:es)?|i\.?m\.?"),
    ("sl", r"(?:(?:por )?via )?sublingual(?:es)?|sl"),
    ("inh", r"(?:(?:por )?via )?inhalatori[oa]s?|inhalad[oa]s?|(?:(?:en|con|por) )?inhaladore?s?|en inhalacion|inh"),
    ("nbz", r"nebulizad[oa]s?|(?:en |por )?nebulizacion(?:es)?|nbz"),
    ("sng", r"(?:por )?(?:sonda nasogastrica|sng)"),
    ("topica", r"(?:(?:por )?via )?topic[oa]s?"),
    ("rectal", r"(?:(?:por )?via )?rectal"),
    ("vaginal", r"(?:(?:por )?via )?vaginal"),
    ("nasal", r"(?:(?:por )?via )?(?:intra)?nasal"),
    ("td", r"(?:(?:por )?via )?transdermic[oa]s?"),
    ("it", r"(?:(?:por )?via )?intratecal"),
    ("oft", r"(?:(?:por )?via )?oftalmic[oa]s?"),
    ("ot", r"(?:(?:por )?via )?otic[oa]s?"),
)


class Measure(NamedTuple):
    kind: MeasureKind
    norms: frozenset[Norm]
    start: int
    end: int

    def same(self, other: Measure) -> bool:
        return self.kind == other.kind and not self.norms.isdisjoint(other.norms)


@lru_cache(maxsize=4096)
def values(number: str) -> frozenset[float]:
    """«1.500» → {1500, 1.5}; «1.000» → {1000}; «0,125» → {0.125}; «dos» → {2}."""
    if number in _COUNTS:
        return frozenset({float(_COUNTS[number])})
    digits = re.match(_D, number)
    if not digits:
        return frozenset()
    number = digits[0]
    if number.endswith(" mil"):
        return frozenset(1000 * v for v in values(number.removesuffix(" mil")))
    out = set()
    if re.fullmatch(r"[1-9]\d{0,2}(?:[.,]\d{3})+", number):
        out.add(float(re.sub(r"[.,]", "", number)))
    parts = re.split(r"[.,]", number)
    if len(parts) <= 2 and not (out and parts[1] == "000"):
        out.add(float(".".join(parts)))
    return frozenset(out)


def _amounts(number: str) -> frozenset[float]:
    """Of a dose: «3.125 mg» has three decimals, nobody gives 3125; «1.250 mg» may be either."""
    return values(number) if number.endswith("0") else frozenset(sorted(values(number))[:1])


def _dose(m: re.Match[str]) -> frozenset[Norm]:
    unit, factor = _UNITS[m["unit"]]
    per = tuple(_PERS.get(p, p) for p in re.findall(r"[a-z]+\d?|24\s?h", (m["per"] or "").replace("por ", "/")))
    ends = [_amounts(n) for n in re.findall(_N, m["n"])]
    if m["half"]:  # «un comprimido y medio»
        ends = [frozenset(v + 0.5 for v in e) for e in ends]
    if len(ends) == 1:
        return frozenset(("dose", round(v * factor, 6), unit, per) for v in ends[0])
    return frozenset(("dose", tuple(round(min(e) * factor, 6) for e in ends), unit, per) for _ in (0,) if all(ends))


def hours(number: str, unit: str) -> frozenset[float]:
    key = "min" if unit.startswith("min") else unit[0]
    out = {round(v * _HOURS[key], 4) for v in values(number)}
    if key == "m":
        out |= {v * 28 * 24 for v in values(number)}
    if key == "a":
        out |= {v * 12 * 720 for v in values(number)}
    return frozenset(out)


def _every(m: re.Match[str]) -> frozenset[Norm]:
    ends = re.findall(_N, m["n"])
    if len(ends) > 1:
        return frozenset({("every", tuple(min(hours(e, m["t"])) for e in ends))})
    return frozenset(("every", h) for h in hours(ends[0], m["t"]))


def _hourly(m: re.Match[str]) -> frozenset[Norm]:
    """«c/8», «cada 12»: hours, as everybody reads it."""
    return frozenset({("every", float(m["n"]))})


def _times(m: re.Match[str]) -> frozenset[Norm]:
    count = next(iter(values(m["n"])))
    return frozenset(
        {("every", 24 / count)}
        if (m["p"] or m["q"]).startswith("d")
        else {("weekly", count)} | ({("every", 168.0)} if count == 1 else set())
    )


def _lasting(m: re.Match[str]) -> frozenset[Norm]:
    ends = re.findall(_N, m["n"])
    if len(ends) > 1:
        return frozenset({("lasting", tuple(min(hours(e, m["t"])) for e in ends))})
    return frozenset(("lasting", h) for h in hours(ends[0], m["t"]))


def _fixed(*norms: Norm) -> Callable[[re.Match[str]], frozenset[Norm]]:
    return lambda _m: frozenset(norms)


_AT = r"(?:(?:por|en|a|con|de|antes de|despues de) )?(?:la |el |del |al )?"
_MOMENT = r"(?:manana|mediodia|tarde|noche|desayuno|almuerzo|once|cena|comida)"
_NEED = (
    r"necesi\w+|requ[ei]r?\w+|precis\w+|amerit\w+|hace falta|hicier[ea] falta|haga falta|dol\w+|duel\w+|fiebre|febril|"
    r"nauseas?|vomit\w+|insomnio|angusti\w+|ansiedad|ansios[oa]|agita\w+|crisis|molestias?|prurito|picazon|tos|tose|"
    r"disnea|ahogo|constipacion|estrenimiento|sintomas|dormir|duerme|desvel\w+|colicos?|espasmos?|calambres?"
)
_HEAD, _END = r"(?<![\w/.,])", r"(?!\w)"
_Reader = tuple[MeasureKind, re.Pattern[str], Callable[[re.Match[str]], frozenset[Norm]]]


def _reader(kind: MeasureKind, pattern: str, norms: Callable[[re.Match[str]], frozenset[Norm]]) -> _Reader:
    return kind, re.compile(f"{_HEAD}(?:{pattern}){_END}"), norms


_READERS: tuple[_Reader, ...] = (
    _reader("frequency", rf"(?:c/|cada )\s?(?P<n>{_RANGE})\s?(?P<t>{_TIME})", _every),
    ("frequency", re.compile(r"(?<=[a-z])\s?/\s?(?:dia|d)(?!\w)"), _fixed(("every", 24.0))),  # «4 mg/día»
    (
        "frequency",  # «EV/24 h», «VO/día»
        re.compile(rf"(?:(?<=\b[esiv][vocm])|(?<=\binh))/\s?(?:(?P<n>{_RANGE})\s?)?(?P<t>{_TIME}){_END}"),
        lambda m: _every(m) if m["n"] else frozenset({("every", 24.0)}),
    ),
    _reader(
        "frequency",
        rf"(?:en )?(?P<n>{_N}) (?:sol[ao] |unic[ao] )?(?:ve(?:z|ces)|tomas?|dosis|aplicaci\w+|administraci\w+) "
        r"(?:(?:al|por|en el|a la|cada|/)\s?(?P<p>dia|d|semana|sem)|(?P<q>diari[oa]s?|semanal(?:es)?))",
        _times,
    ),
    _reader(
        "frequency",  # «mañana y noche», «con el desayuno, el almuerzo y la cena»
        rf"{_AT}{_MOMENT}(?:(?:,| y| e)+ {_AT}{_MOMENT}){{1,3}}",
        lambda m: frozenset({("every", 24.0 / len(re.findall(_MOMENT, m[0])))}),
    ),
    _reader("frequency", r"(?:c/|cada )\s?(?P<n>4|6|8|12|24|48|72)(?![.,]?\d)(?! ?[a-z/%])", _hourly),
    _reader(
        "frequency", r"(?:c/)(?P<n>4|6|8|12|24|48|72)(?= (?:x|por|vo|ev|sc|im|y|e|desde|hasta|sos|durante)\b)", _hourly
    ),
    _reader("frequency", r"dia por medio|cada (?:dos|2) dias|dias? alternos", _fixed(("every", 48.0))),
    _reader(
        "frequency",
        r"(?:cada|c/|(?:por|en|a|todas) las?|de|al llegar la)\s?noches?|nocturn[oa]s?|nocte|noche|"
        r"al (?:ir(?:se)? a )?(?:acostarse|dormir)|"
        r"antes de (?:dormir|acostarse)|al irse a la cama",
        _fixed(("night",)),
    ),
    _reader("frequency", r"(?:cada|c/|(?:por|en|todas) las?)\s?mananas?|en ayunas|matinal", _fixed(("morning",))),
    _reader(
        "frequency",
        r"(?:en )?dosis (?:unica diaria|diaria unica)|(?:en )?(?:una |1 )?(?:sola )?toma (?:diaria|al dia)|"
        r"diari[oa](?:s|mente)?|cada dia|c/dia|(?:al|por) dia|qd|od",
        _fixed(("every", 24.0)),
    ),
    _reader(
        "frequency",
        r"(?:por |en )?(?:una|1) (?:sola )?(?:vez|dosis)(?! (?:al|a la|por(?! \d)|cada|en))|"
        r"(?:en )?dosis unicas?(?! diaria)|unica dosis",
        _fixed(("once",)),
    ),
    _reader("frequency", r"bid", _fixed(("every", 12.0))),
    _reader("frequency", r"tid", _fixed(("every", 8.0))),
    _reader("frequency", r"qid", _fixed(("every", 6.0))),
    _reader("frequency", r"semanal(?:mente)?|(?:cada|c/|por) semana", _fixed(("every", 168.0))),
    _reader("frequency", r"mensual(?:mente)?|cada mes", _fixed(("every", 720.0))),
    _reader("frequency", r"quincenal(?:mente)?", _fixed(("every", 360.0))),
    _reader("frequency", r"(?:cada|c/|con cada)\s?(?:comida|curacion)", _fixed(("meal",))),
    _reader(
        "sos",
        r"sos|prn|(?:solo |solamente |unicamente )?"
        rf"(?:si|cuando|en caso(?: de)?(?: que)?|ante)(?: \w+){{0,2}}? (?:{_NEED})|"
        r"en caso (?:de ser )?necesario|si (?:es|era|fuer[ae]|resulta) (?:necesario|preciso)|ser (?:necesario|preciso)|"
        r"segun (?:necesidad|requerimientos?|dolor|sintomas)|a demanda|"
        r"(?:de|como) rescate|condicional",
        _fixed(("sos",)),
    ),
    _reader(
        "duration",
        r"(?:en forma |de (?:forma|manera|modo) |(?:de )?uso |(?:en|con) caracter |por tiempo |"
        r"por (?:un )?plazo )?(?:permanente|indefinid[oa]|cronic[oa])s?(?:mente)?|"
        r"de por vida|a permanencia|en permanencia|para siempre|a perpetuidad|(?:perm|indef)\.?(?![a-z])|"
        r"sin fecha de termino",
        _fixed(("forever",)),
    ),
    _reader("dose", rf"(?P<n>{_RANGE})\s?(?P<unit>{_UNIT})(?P<half> y medi[oa])?{_PER}", _dose),
    _reader(
        "duration",
        rf"(?<!a las )(?<!al )(?<!a los )(?P<n>{_RANGE})\s?(?:sol[oa]s? |unic[oa]s? )?(?P<t>{_TIME})(?!\s?/)",
        _lasting,
    ),
    *(_reader("route", pattern, _fixed((name,), *([("inh",)] if name == "nbz" else []))) for name, pattern in _ROUTES),
)


def scan(text: str) -> list[Measure]:
    """Every measure of the text, in order, none overlapping; earlier patterns win."""
    return [_moved(m, start) for start, sentence in sentences(text) for m in _scan(sentence)]


def _moved(measure: Measure, by: int) -> Measure:
    return Measure(measure.kind, measure.norms, measure.start + by, measure.end + by)


@lru_cache(maxsize=4096)
def _scan(sentence: str) -> tuple[Measure, ...]:
    found = [_moved(m, start) for start, piece in pieces(sentence) for m in _stated(piece)]
    folded = flat(sentence)
    return tuple(sorted((*found, *_elided(folded, found), *_repeated(folded, found)), key=lambda f: f.start))


@lru_cache(maxsize=8192)
def _stated(text: str) -> tuple[Measure, ...]:
    folded = flat(text)
    found: list[Measure] = []
    taken = bytearray(len(text) + 1)
    for kind, pattern, reader in _READERS:
        for m in pattern.finditer(folded):
            if not any(taken[m.start() : m.end()]):
                found.append(Measure(kind, reader(m), m.start(), m.end()))
                taken[m.start() : m.end()] = b"\1" * (m.end() - m.start())
    return tuple(sorted(found, key=lambda f: f.start))


_MONTHS = "|".join((*MONTHS, "setiembre"))
# «por 7 días … por cinco», «8 U de glóbulos y seis de plasma»: the unit is that of the measure before.
_UNSAID: tuple[tuple[MeasureKind, re.Pattern[str]], ...] = (
    ("duration", re.compile(rf"\b(?:por|durante|x) (?P<n>{_N})(?=\s?(?:[,;.()]|$|y\b|e\b))")),
    ("frequency", re.compile(rf"\bcada (?!un)(?P<n>{_N})(?=\s?(?:[,;.()]|$|y\b|e\b))")),
    (
        "dose",
        re.compile(
            rf"(?<![\w/.,])(?<!\blos )(?<!\blas )(?<!\bestos )(?<!\bestas )(?<!\besos )(?<!\besas )(?P<n>{_N})"
            rf"(?= de (?!{_MONTHS}|(?:ell[oa]s|est[oa]s|es[oa]s|sus|manera|forma|los|las|cada)\b)[a-z]{{4}})"
        ),
    ),
    ("dose", re.compile(rf"\b(?:luego|despues|seguid[oa]s? de) (?P<n>{_N})(?=\s?(?:[,;.()]|$|y\b|e\b))")),
)


# «Por el mismo tiempo», «a igual dosis»: what was told last in the sentence.
_SAME = r"\b(?:por|durante|con|a|en|de) (?:el |la |un |una )?(?:mism[oa]|igual|identic[oa])"
_AGAIN: tuple[tuple[MeasureKind, re.Pattern[str]], ...] = (
    ("duration", re.compile(rf"{_SAME} (?:tiempo|periodo|plazo|lapso|duracion|(?:numero|cantidad) de dias)\b")),
    ("frequency", re.compile(rf"{_SAME} (?:frecuencia|intervalo|horario)\b")),
    ("dose", re.compile(rf"{_SAME} dosis\b")),
    ("route", re.compile(rf"{_SAME} via\b")),
)


def _repeated(folded: str, found: list[Measure]) -> Iterator[Measure]:
    for kind, pattern in _AGAIN:
        for m in pattern.finditer(folded):
            floor = folded.rfind(". ", 0, m.start())
            before = [f for f in found if f.kind == kind and floor < f.start < m.start()]
            if before:
                yield Measure(kind, before[-1].norms, m.start(), m.end())


def _elided(folded: str, found: list[Measure]) -> Iterator[Measure]:
    taken = {place for f in found for place in range(f.start, f.end)}
    for kind, pattern in _UNSAID:
        readers = [(p, norms) for k, p, norms in _READERS if k == kind]
        for m in pattern.finditer(folded):
            start, end = m.span("n")
            floor = folded.rfind(". ", 0, start)
            before = next((f for f in reversed(found) if f.kind == kind and floor < f.start < start), None)
            if before is None or not taken.isdisjoint(range(start, end)):
                continue
            said = re.sub(_RANGE, m["n"], folded[before.start : before.end], count=1)
            norms = next((norms(x) for p, norms in readers if (x := p.fullmatch(said))), None)
            if norms:
                yield Measure(kind, norms, start, end)
