"""What a text says that the record does not hold: «alergias y controles: No consignado».

The words of such a stretch name fields and state nothing of the patient.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.checking.spelled import PATTERN

_TOLD = r"(?:consignad|registrad|informad|documentad|detallad|precisad|mencionad|anotad)[oa]s?"
_SAYS = r"(?:consigna|registra|menciona|figura|consta|incluye|indica|detalla|precisa|informa|senala|trae)n?"
_RECORD = r"(?:ficha|registro|registros|antecedentes disponibles|documento|fuente|nota|notas)"
# «Sin incidentes, tiene dos sangrados anotados» says what is recorded.
_NAMED = rf"(?!\d|{PATTERN}\b|(?:tiene|tuvo|presenta|presento|quedan?)\b)\w+"
# «… no consignado»: what lacks stands before; after a colon it is the whole list.
_BEFORE = re.compile(
    rf"\b(?:(?:no|sin)\s|s/\s?)(?:se\s|esta[n]?\s|fue(?:ron)?\s|hay\s|ha[n]?\ssido\s)*(?:{_TOLD}|consignan?|(?:registros?|informacion|info|datos?|antecedentes)(?=\W*(?:[.;)]|$))|constancia)"
)
# «No figuran …», «la ficha no menciona …»: what lacks stands after.
_AFTER = re.compile(
    rf"\b(?:(?:{_RECORD})\s(?:\w+\s){{0,2}}?no\s{_SAYS}|(?:no|tampoco)\s(?:se\s)?(?:consigna|figura|consta|menciona)n?|"
    rf"(?:no\shay|sin)(?=(?P<named>\s(?:{_NAMED}[\s,]+(?:y\s|ni\s|o\s)?){{1,4}}?{_TOLD}\b)))\b"
)
_CLIPPED = re.compile(r"\.(?=[,:/)]| y )")
_STOPS = ".;(—\n"
_PIECE = 5  # words of one field in a list


@dataclass(frozen=True, slots=True)
class Absence:
    """A stretch of the text that says what is not recorded; `what` is its folded words."""

    start: int
    end: int
    what: str


def absences(folded: str) -> list[Absence]:
    """Every such stretch of a folded text, in order."""
    found = [_before(folded, m) for m in _BEFORE.finditer(folded)]
    for m in _AFTER.finditer(folded):  # «sin otros antecedentes consignados, ingresa por…»: no further than the word
        end = m.end("named") if m["named"] else _end(folded, m.end())
        found.append(Absence(m.start(), end, folded[m.end() : end]))
    return sorted(found, key=lambda a: a.start)


def _before(folded: str, m: re.Match[str]) -> Absence:
    said = folded[: m.start()].rstrip()
    after_colon = said.endswith(":")
    floor = _floor(folded, m.start(), _STOPS if after_colon else f"{_STOPS}:")
    start = m.start() if said.endswith(",") else floor if after_colon else _list_start(folded, floor, m.start())
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
        if len(piece.split()) > _PIECE or re.search(r"[\d()]", piece):
            last = re.search(r"\b(?:y|e|ni) ((?:[^\W\d]+ ?){1,4})$", piece) if start == stop else None
            return stop - len(last[1]) if last else max(floor, start + 1)
        start -= len(piece) + 1
    return max(floor, start + 1)


def _end(folded: str, place: int) -> int:
    m = re.compile(r"[.;)](?!\d)|$").search(folded, place)
    return m.start() if m else len(folded)
