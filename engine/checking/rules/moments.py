"""Dates told by what they are the dates of: «desde el ingreso», «hasta el alta», «durante toda la estadía»."""

from __future__ import annotations

import re

from engine.checking.alignment import Alignment, Mention
from engine.checking.units import flat
from engine.domain import Condition, Text
from engine.evidence import Attribute

_ENTRY = r"(?:ingres\w+|llegada|llegar|admision|hospitalizarse|inicio|entrada|entrar|comienzo|primer (?:dia|momento))"
_EXIT = r"(?:alta|egres\w+|salida|irse|termino de la (?:estadia|hospitalizacion)|fallec\w+|muerte|ultimo dia|final)"
_THERE = r"(?:(?:el|la|su|que|al|dia|dia de|dia del|mismo|momento|de|del) )*"
_FROM = re.compile(
    rf"\b(?:desde|al?|a partir|en) {_THERE}{_ENTRY}\b|\b(?:el|ese) (?:mismo )?dia (?:del|de su|de la) {_ENTRY}\b|"
    r"\bde entrada\b|\bde inicio\b"
)
_UNTIL = re.compile(rf"\b(?:hasta|al?|en) {_THERE}{_EXIT}\b|\b(?:el|ese) (?:mismo )?dia (?:del|de su|de la) {_EXIT}\b")
_THROUGH = re.compile(
    r"\b(?:durante|en|a lo largo de) (?:toda|todo) (?:la|su|el) (?:estadia|estada|hospitalizacion|internacion|"
    r"episodio)\b|"
    r"\btoda la (?:estadia|estada|hospitalizacion)\b|\bmientras estuvo (?:hospitalizad|internad|ingresad)[oa]\b"
)
_ONLY_END = re.compile(r"\bhasta (?:el|la|que)\b")


def referred(alignment: Alignment, mention: Mention, attribute: Attribute) -> bool:
    """The sentence of an item tells its date as that of the admission or of the discharge."""
    case, iso = alignment.record.evidence.case, attribute.value[:10]
    said = _sentence(alignment, mention)
    starts = iso == day_of(case.stay.start, case.admission)
    ends = iso == day_of(case.stay.end, case.discharge)
    is_end = attribute.forms[0].startswith("hasta")
    if _THROUGH.search(said) and (ends if is_end else starts):
        return True
    if is_end:
        return ends and _UNTIL.search(said) is not None
    return starts and (_FROM.search(said) is not None or _implied(alignment, mention, attribute, said))


def _implied(alignment: Alignment, mention: Mention, attribute: Attribute, said: str) -> bool:
    """«Hasta el día siguiente recibió A y B»: since the admission."""
    before = said[: said.find(_name(alignment, mention))]
    return attribute.forms[0].startswith("desde") and _ONLY_END.search(before) is not None


def day_of(told: Text | None, diagnoses: tuple[Condition, ...]) -> str | None:
    """The day of the admission or of the discharge; where the record gives none, the one of all its diagnoses."""
    days = {told.value[:10]} if told else {c.recorded.value[:10] for c in diagnoses if c.recorded}
    return days.pop() if len(days) == 1 else None


def _name(alignment: Alignment, mention: Mention) -> str:
    return flat(alignment.reading.text[mention.run.start : mention.run.end])


def _sentence(alignment: Alignment, mention: Mention) -> str:
    inside = alignment.reading.sentences[alignment.reading.words[mention.run.first].sentence]
    words = alignment.reading.words
    return flat(alignment.reading.text[words[inside[0]].token.start : words[inside[-1]].token.end])
