"""What a text says that the record does not hold: «alergias y controles: No consignado».

The words of such a stretch name fields and state nothing of the patient. What lacks may stand before the phrase («de
alergias nada se anota»), after it («sin constancia de alergias») or within it («ni alergias ni antecedentes aparecen
consignados»).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from engine.checking.pieces import pieces
from engine.checking.spelled import PATTERN
from engine.paths import resource

_TOLD = r"(?:consignad|registrad|informad|documentad|detallad|precisad|mencionad|anotad)[oa]s?"
_SAYS = r"(?:consigna|registra|menciona|figura|consta|incluye|indica|detalla|precisa|informa|senala|trae)n?"
_RECORD = r"(?:ficha|registro|registros|antecedentes disponibles|documento|fuente|nota|notas)"
# «Sin incidentes, tiene dos sangrados anotados» says what is recorded.
_NAMED = rf"(?!\d|{PATTERN}\b|(?:tiene|tuvo|presenta|presento|quedan?)\b)\w+"
# «… no consignado»: what lacks stands before; after a colon it is the whole list.
_BEFORE = re.compile(
    rf"\b(?:(?:no|sin)\s|s/\s?)(?:se\s|esta[n]?\s|fue(?:ron)?\s|hay\s|ha[n]?\ssido\s)*(?:{_TOLD}|"
    rf"consignan?|(?:registros?|informacion|info|datos?|antecedentes)(?=\W*(?:[.;)]|$))|constancia)"
)
# «No figuran …», «la ficha no menciona …»: what lacks stands after.
_AFTER = re.compile(
    rf"\b(?:(?:{_RECORD})\s(?:\w+\s){{0,2}}?no\s{_SAYS}|(?:no|tampoco)\s(?:se\s)?(?:consigna|figura|consta|menciona)n?|"
    rf"(?:no\shay|sin)(?=(?P<named>\s(?:{_NAMED}[\s,]+(?:y\s|ni\s|o\s)?){{1,4}}?{_TOLD}\b)))\b"
)
_CLIPPED = re.compile(r"\.(?=[,:/)]| y )")
_WORD = re.compile(r"\b[sn]/\s?[a-z]+|[a-z]+\.?(?=\s?[,:/])|[a-z]+|\S")
_MARKS = frozenset(",:(-=→/")  # «)» ends what it opened
_DISEASE = re.compile(r"\s?\([a-z]\d{2}(?:\.\w{1,2})?\)")  # «alergia no especificada (T78.4)» is a diagnosis
_OBJECT = re.compile(r"\s(?!(?:y|e|ni|pero|aunque|por|en|se|para|que|al|ingres\w+)\b)[a-z]")
_PAST = re.compile(rf"{_TOLD}$")
_DENIES = re.compile(r"\b(?:nieg\w+|negando|nego|refiere|presenta)(?: (?:ser|tener))?\s$")
_PIECES = re.compile(r",(?: \w+){1,3}(?:, \w+(?: \w+){0,2})* ni ")
_SIGNS = "signos de "
_STOPS = ".;(—\n"
_PIECE = 5  # words of one field in a list
# What the patient is names no field: «apendicectomizado, alergias y antecedentes no consignados».
_STATE = re.compile(
    r"(?:(?:ectom|ostom)izad|operad|hipertens|diabetic|fumador|tabaquic|asmatic|epileptic|obes|embarazad|postrad)[oa]?s?\b"
)


@dataclass(frozen=True, slots=True)
class Absence:
    """A stretch of the text that says what is not recorded; `what` is its folded words."""

    start: int
    end: int
    what: str


@dataclass(frozen=True, slots=True)
class _Part:
    """A word of such a stretch and what it does there: names a field, keeps a record, denies, joins."""

    start: int
    end: int
    does: frozenset[str]


def absences(folded: str) -> list[Absence]:
    """Every such stretch of a folded text, in order."""
    found = (Absence(a.start + at, a.end + at, a.what) for at, piece in pieces(folded) for a in _within(piece))
    return sorted(found, key=lambda a: a.start)


@lru_cache(maxsize=4096)
def _within(folded: str) -> tuple[Absence, ...]:
    """Of two of one place the longer."""
    found = sorted((*_of_anything(folded), *_of_fields(folded)), key=lambda a: (a.start, -a.end))
    return tuple(a for i, a in enumerate(found) if not any(a.end <= b.end for b in found[:i]))


def _of_anything(folded: str) -> Iterator[Absence]:
    for m in _BEFORE.finditer(folded):
        yield _before(folded, m)
    for m in _AFTER.finditer(folded):  # «sin otros antecedentes consignados, ingresa por…»: no further than the word
        end = m.end("named") if m["named"] else _end(folded, m.end())
        yield Absence(m.start(), end, folded[m.end() : end])


def _of_fields(folded: str) -> Iterator[Absence]:
    """Stretches of nothing but names of fields, words of record keeping and a denial, in any order."""
    run: list[_Part] = []
    for m in _WORD.finditer(folded):
        does = _does(m[0].rstrip(".")) if m[0] not in _MARKS else frozenset(["mark"])
        if does:
            run.append(_Part(m.start(), m.start() + len(m[0].rstrip(".")), does))
            continue
        yield from _said(folded, run)
        run = []
    yield from _said(folded, run)


def _said(folded: str, run: Sequence[_Part]) -> Iterator[Absence]:
    """The absence that a run of such words tells, without what leads to it and what follows."""
    for part in _cut(_free(folded, run)):
        named, cues = _which(part, "fields"), _which(part, "denying", "neither", "silent")
        kept = [i for i in _which(part, "keeping", "silent") if cues and cues[0] <= i]
        if not (named and kept):
            continue
        last = max(*named, *kept)  # a denial after it is of what follows
        first = min(*named, cues[0], *_which(part, "keeping"))
        end = part[last].end
        if "keeping" in part[last].does and _OBJECT.match(folded, end) and not _PAST.search(folded, 0, end):
            continue  # «en el control no aparece anemia» tells a finding
        if not _DISEASE.match(folded, end):
            others = "otros " if any("others" in p.does for p in part) else ""
            yield Absence(
                _headed(folded, part[first].start), end, others + folded[_headed(folded, part[named[0]].start) : end]
            )


def _headed(folded: str, start: int) -> int:
    """«Signos de alarma» from its first word."""
    return start - len(_SIGNS) if folded.endswith(_SIGNS, 0, start) else start


def _free(folded: str, run: Sequence[_Part]) -> Sequence[_Part]:
    """Without what the patient denies: «niega alergias y su motivo de consulta quedó sin consignar»."""
    if not run or not _DENIES.search(folded, 0, run[0].start):
        return run
    joins = (i for i, p in enumerate(run) if folded[p.start : p.end] in ("y", "e", ","))
    return run[next(joins, len(run)) + 1 :]


def _which(part: Sequence[_Part], *names: str) -> list[int]:
    return [i for i, p in enumerate(part) if not p.does.isdisjoint(names)]


def _cut(run: Sequence[_Part]) -> Iterator[Sequence[_Part]]:
    """The statements of a run, each with its own denial: «alergias: no consignado, control», «… y sin alergias»."""
    start = 0
    for i, p in enumerate(run):
        before = run[start:i]
        named, cues = _which(before, "fields"), _which(before, "denying", "neither", "silent")
        if not (named and cues and any(j >= cues[0] for j in _which(before, "keeping", "silent"))):
            continue
        if ("mark" in p.does and named[0] < cues[0]) or "denying" in p.does:
            yield before
            start = i
    yield run[start:]


@lru_cache(maxsize=4096)
def _does(word: str) -> frozenset[str]:
    return frozenset(name for name, pattern in _vocabulary() if pattern.fullmatch(word))


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[tuple[str, re.Pattern[str]], ...]:
    data: dict[str, str] = tomllib.loads(resource("lexicon/absence.toml").read_text(encoding="utf-8"))
    return tuple((name, re.compile("|".join(re.split(r"\s+", words.strip())))) for name, words in data.items())


def _before(folded: str, m: re.Match[str]) -> Absence:
    said = folded[: m.start()].rstrip()
    after_colon = said.endswith(":")
    floor = _floor(folded, m.start(), _STOPS if after_colon else f"{_STOPS}:")
    start = m.start() if said.endswith(",") else floor if after_colon else _list_start(folded, floor, m.start())
    named = (w.start() for w in _WORD.finditer(folded, start, m.start()) if "fields" in _does(w[0].rstrip(".")))
    start = _headed(folded, next(named, start))  # «operado, alergias y antecedentes: no consignado»
    return Absence(start, m.end(), folded[start : m.start()].strip(" :"))


def _floor(folded: str, place: int, stops: str) -> int:
    """Where the statement before `place` begins: after the last stop that is no point of a clipped word («antec.:»)."""
    while place > 0:
        place = max(folded.rfind(c, 0, place) for c in stops)
        if place < 0 or folded[place] != "." or not _CLIPPED.match(folded, place):
            break
    return place + 1


def _list_start(folded: str, floor: int, stop: int) -> int:
    """The first of the short pieces between commas that lead to `stop` without a figure or a code."""
    start = stop
    for piece in reversed(folded[floor:stop].split(",")):
        if len(piece.split()) > _PIECE or re.search(r"[\d()]", piece) or _STATE.search(piece):
            last = re.search(r"\b(?:y|e|ni) ((?:[^\W\d]+ ?){1,4})$", piece) if start == stop else None
            return stop - len(last[1]) if last else max(floor, start + 1)
        start -= len(piece) + 1
    return max(floor, start + 1)


def _end(folded: str, place: int) -> int:
    """Where the list ends that begins at a place: at a stop, or at a comma after which no more of it is told."""
    stop = next(re.compile(r"[.;)](?!\d)|$").finditer(folded, place)).start()
    if folded[place:].lstrip()[:1] == ",":
        return place
    commas = (m.start() for m in re.compile(",").finditer(folded, place, stop))
    return next((c for c in commas if not _goes_on(folded, c, stop)), stop)


def _goes_on(folded: str, comma: int, stop: int) -> bool:
    """A field follows, or short pieces up to a «ni»."""
    words = (_does(w[0].rstrip(".")) for w in _WORD.finditer(folded, comma + 1, stop))
    first = next((does for does in words if "links" not in does or "fields" in does), frozenset())
    return bool(first & {"fields", "about"}) or _PIECES.match(folded, comma, stop) is not None
