"""Is anything of the record lost on its way into the Case?

This decodes and walks the raw record by itself: it shares no code with the rest of intake, so that a
mistake there cannot hide itself here.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Final

from engine.domain import Case, Text

_BULLET: Final = re.compile(r"\A\s*[-•*–·]\s+")
_FILLING: Final = re.compile(r"[\s()\[\].:,•*–·\-]+")
_HIDDEN: Final = re.compile(
    "[\u0080-\u009f\u00ad\u034f\u180e\u200b-\u200d\u2060-\u2064\u206a-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_CODE_SYSTEMS: Final = frozenset(
    ("", "atc", "cie", "cie10", "cie9", "cie9mc", "icd10", "icd10cm", "icd9", "icd9cm", "fonasa")
)
_ISO: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d))?")
_MONTH_NAMES: Final = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "se", "oct", "nov", "dic")


def unaccounted(raw: bytes, case: Case) -> tuple[str, ...]:
    """Pointers of the leaves of `raw` whose words stand in no Text of the case with their pointer.

    A Text put together from several fields carries the pointer of their object. Null, «», [] and {} say
    nothing. The tuple is empty where everything is accounted for.
    """
    said: dict[str, list[str]] = {}
    for text in _texts(case):
        said.setdefault(text.pointer, []).append(text.value)
    return min((_lost(reading, said) for reading in _readings(raw)), key=len)


def _readings(raw: bytes) -> Iterator[str]:
    """The ways to read these bytes; the reader took one of them."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield raw.decode("utf-16")
        return
    try:
        yield raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield raw.decode("utf-8-sig", "replace")
        yield raw.decode("cp1252", "replace").removeprefix("ï»¿")


def _texts(value: object) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))


def _lost(text: str, said: dict[str, list[str]]) -> tuple[str, ...]:
    root = json.loads(text, strict=False, parse_int=str, parse_float=str)
    return tuple(pointer for pointer, leaf in _leaves(root, "", said) if not _found(pointer, leaf, said))


def _leaves(value: object, pointer: str, said: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and not _covered(value, said.get(pointer, [])):
        value = _opened(value)
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, pointer + "/" + key.replace("~", "~0").replace("/", "~1"), said)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{pointer}/{index}", said)
    elif isinstance(value, bool):
        yield pointer, str(value).lower()
    elif isinstance(value, str) and _folded(value):
        yield pointer, value


def _opened(text: str) -> object:
    """The list, object or null that a string holds, else the string."""
    if text.lstrip()[:1] not in ("[", "{") and text.strip() != "null":
        return text
    try:
        return json.loads(text, strict=False, parse_int=str, parse_float=str)
    except ValueError:
        return text


def _found(pointer: str, leaf: str, said: dict[str, list[str]]) -> bool:
    own = said.get(pointer, [])
    around = said.get(pointer.rpartition("/")[0], [])
    if leaf in ("true", "false") and (own or "SOS" in " ".join(around)):
        return True
    if _covered(leaf, own):
        return True
    left = _left(leaf, own, _spaced).strip(" ()[].")
    return any(_quoted(leaf, text) or (left and _quoted(left, text)) for text in around)


def _covered(leaf: str, texts: list[str]) -> bool:
    """The words of the leaf stand in one text, or are what all its texts say together."""
    said = [_folded(text) for text in texts]
    whole, pieces = "\n".join(said), set(said)
    if all(line in pieces or line in whole for line in map(_folded, _lines(leaf))):
        return True
    if any(_same_moment(leaf, text) for text in texts):
        return True
    return bool(texts) and _FILLING.sub("", _left(leaf, texts, _folded)) in _CODE_SYSTEMS


def _left(leaf: str, texts: list[str], form: Callable[[str], str]) -> str:
    """What is left of the leaf without these texts; a code may have been given its dot."""
    left = form(leaf).replace(",", ".")
    for text in sorted(texts, key=len, reverse=True):
        words = form(text).replace(",", ".")
        left = left.replace(words if words in left else words.replace(".", ""), "", 1)
    return left


def _lines(leaf: str) -> list[str]:
    """The lines of the leaf without their bullets; each may have become a text of its own."""
    return [_BULLET.sub("", line) for line in leaf.splitlines()]


def _quoted(leaf: str, text: str) -> bool:
    """The leaf stands in the text as whole words."""
    whole_words = rf"(?<!\w){re.escape(_spaced(leaf))}(?!\w)"
    return re.search(whole_words, _spaced(text)) is not None or _same_moment(leaf, text)


def _spaced(text: str) -> str:
    return " ".join(_visible(text).split())


def _folded(text: str) -> str:
    return "".join(_visible(text).split())


def _visible(text: str) -> str:
    if text.isascii():
        return text.casefold()
    return unicodedata.normalize("NFC", _HIDDEN.sub("", text)).casefold()


def _same_moment(leaf: str, text: str) -> bool:
    """An ISO date in the text has the day, month, year and time that the leaf was written with."""
    return any(_is_moment(leaf.casefold(), iso) for iso in _ISO.finditer(text))


def _is_moment(written: str, iso: re.Match[str]) -> bool:
    numbers = [int(number) for number in re.findall(r"\d+", written)]
    year, month, day = int(iso[1]), int(iso[2]), int(iso[3])
    if numbers[:1] == [int(iso[1] + iso[2] + iso[3])]:
        numbers[:1] = [year, month, day]
    if re.search(rf"[a-z\s./-]{_MONTH_NAMES[month - 1]}[a-z]*", written) and len(numbers) > 1:
        numbers.insert(1, month)
    clock = [int(iso[4]), int(iso[5])] if iso[4] else [0, 0]
    return numbers[:3] in ([year, month, day], [day, month, year]) and (numbers[3:5] or [0, 0]) == clock
