"""Characters that do not belong in a clinical text: refused, removed or pointed out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from engine.errors import InputRefused
from engine.intake.limits import MAX_MARKS, MAX_TEXT

Notice = Callable[[str], None]  # takes a key of messages.toml

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# C1 controls after Ã or Â come from a wrong conversion: pointed out and removed, not refused.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff]|(?<![ÂÃ])[\x80-\x9f]")
_C1: Final = re.compile("[\x80-\x9f]")
_BIDI: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TAGS: Final = re.compile("[\U000e0000-\U000e007f]")
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u180e\u200b-\u200d\u2060-\u2064\u206a-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]"
)
_RARE: Final = re.compile("[^\x00-\u02ff\u2010-\u20cf\u2100-\u2bff]")  # among these stand all marks
_UNREADABLE: Final = re.compile("[\ufffd\ue000-\uf8ff]")
# What UTF-8 looks like when it was read as Windows-1252 or Latin-1.
_MOJIBAKE: Final = re.compile("[ÂÃ][\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ€]|â€|ï»¿")
_GREEK_ALIKE: Final = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοινρυ"  # μg, TNFα, β-bloqueador are rightly Greek
_ALIKE: Final = f"[\u0400-\u04ff{_GREEK_ALIKE}]"
_LATIN: Final = "[A-Za-zÀ-ɏ]"
_CYRILLIC_ALIKE: Final = "АВЕКМНОРСТУХаеорсухЅѕІіЈј"
_WHOLE: Final = f"(?<!\\w)(?:[{_CYRILLIC_ALIKE}]+|[{_GREEK_ALIKE}]{{2,}})(?!\\w)"  # a word of nothing else
_LOOKALIKE: Final = re.compile(f"{_LATIN}{_ALIKE}|{_ALIKE}{_LATIN}|{_WHOLE}")
_BREAKS: Final = re.compile("\r\n|[\r\u2028\u2029]")
_SPACES: Final = re.compile(r"[^\S\n]+")
_EMPTY_LINES: Final = re.compile(r" ?\n[ \n]*")


def clean(text: str, pointer: str, notice: Notice) -> str:
    """The text in NFC, trimmed, single-spaced; line breaks (`\\n`) stay, for they separate statements.

    Raises InputRefused: text_too_long, nul_character, control_character, lone_surrogate, bidi_control,
    combining_marks.
    """
    if len(text) > MAX_TEXT:
        raise InputRefused("text_too_long", pointer=pointer, limit=MAX_TEXT)
    refuse(text, pointer)
    if not text.isascii():
        text = _repair(text, notice)
    spaced = _EMPTY_LINES.sub("\n", _SPACES.sub(" ", _BREAKS.sub("\n", text.strip())))
    if spaced != text and spaced:
        notice("notice_spaces")
    return spaced


def refuse(text: str, pointer: str) -> None:
    """Raises InputRefused where the text holds a character that no clinical text holds."""
    if found := _CONTROL.search(text):
        code = "nul_character" if found[0] == "\0" else "control_character"
        raise InputRefused(code, pointer=pointer, point=_point(found))
    if text.isascii():
        return
    if found := _SURROGATE.search(text):
        raise InputRefused("lone_surrogate", pointer=pointer, point=_point(found))
    if found := _BIDI.search(text):
        raise InputRefused("bidi_control", pointer=pointer, point=_point(found))
    if _RARE.search(text) and _most_marks(text) > MAX_MARKS:
        raise InputRefused("combining_marks", pointer=pointer, limit=MAX_MARKS)


def _point(found: re.Match[str]) -> str:
    return f"U+{ord(found[0]):04X}"


def _most_marks(text: str) -> int:
    """The longest run of combining marks."""
    most = run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character)[0] == "M" else 0
        most = max(most, run)
    return most


def _repair(text: str, notice: Notice) -> str:
    if _TAGS.search(text):
        notice("notice_tags")
        text = _TAGS.sub("", text)
    if _INVISIBLE.search(text):
        notice("notice_zero_width")
        text = _INVISIBLE.sub("", text)
    if not unicodedata.is_normalized("NFC", text):
        notice("notice_nfc")
        text = unicodedata.normalize("NFC", text)
    for pattern, code in _DOUBTS:
        if pattern.search(text):
            notice(code)
    return _C1.sub("", text)


_DOUBTS: Final = (
    (_UNREADABLE, "notice_unreadable"),
    (_MOJIBAKE, "notice_mojibake"),
    (_LOOKALIKE, "notice_lookalike"),
)
