"""Codes of diagnoses, procedures and drugs: one spelling, and at the end of a plain text."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

_PREFIX: Final = re.compile(
    r"(?:ATC|(?:CIE|ICD)[-\s]?(?:10|9)(?:[-\s]?[CM]{2})?|FONASA)\s*[:\-\s]\s*(?=\S)", re.IGNORECASE
)
_AT_END: Final = re.compile(r"(?P<name>.*\S)\s*[(\[](?P<code>[^()\[\]]{2,24})[)\]]\.?\Z", re.DOTALL)
_UNDOTTED: Final = re.compile(r"([A-Z]\d[0-9A-Z])(\d[0-9A-Z]{0,3})\Z")
_LETTER_FIRST: Final = re.compile(r"[A-Za-z]\s?\d")
_COMMA: Final = re.compile(r"([A-Z]\d[0-9A-Z]),(\d[0-9A-Z]{0,3})\Z")
_YEAR: Final = re.compile(r"(?:19|20)\d\d\Z")


class CodeSystem(Enum):
    """Where a code comes from; the value says how one looks inside a plain text."""

    CIE10 = re.compile(r"[A-Z]\d\d(?:\.[0-9A-Z]{1,4}|X)?\Z")
    PROCEDURE = re.compile(r"(?:\d\d\.\d{1,2}|[A-Z]?\d{3,4}|\d{6,7}|\d\d-\d\d-\d{3}|(?=.*\d)[0-9A-Z]{7})\Z")
    ATC = re.compile(r"[A-Z]\d\d[A-Z](?:[A-Z](?:\d\d)?)?\Z")


def normalise(code: str, system: CodeSystem) -> str:
    """«s720» → «S72.0», «ATC:j01dd04» → «J01DD04»; a procedure code only loses a prefix.

    Empty where the text cannot be a code («sin código»), so that it is not printed as one.
    """
    bare = _PREFIX.sub("", code.strip(), count=1) if _PREFIX.match(code.strip()) else code.strip()
    if not any(character.isdigit() for character in bare):
        return ""
    if system is CodeSystem.PROCEDURE:
        return bare
    if not _LETTER_FIRST.match(bare):
        return bare
    joined = bare.replace(" ", "").upper()
    if system is CodeSystem.ATC:
        return joined
    return _UNDOTTED.sub(r"\1.\2", _COMMA.sub(r"\1.\2", joined))


def split(text: str, system: CodeSystem) -> tuple[str, str]:
    """A plain text and the code written at its end, «» where it has none: «HTA (i10)» → («HTA», «i10»)."""
    found = _AT_END.match(text)
    if found is None:
        return text, ""
    code = normalise(found["code"], system).upper()
    if not system.value.match(code) or (system is CodeSystem.PROCEDURE and _YEAR.match(code)):
        return text, ""
    return found["name"], found["code"]
