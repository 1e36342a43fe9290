"""Bytes to text: UTF-8 with or without BOM, UTF-16 with BOM, Windows-1252."""

from __future__ import annotations

import codecs
import re
from typing import Final

from engine.domain import Repair
from engine.errors import InputRefused

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_MULTIBYTE: Final = re.compile("[\x80-\U0010ffff]")
_JSON_START: Final = re.compile(rb'\s*[\[{"\-0-9tfnNI]')


def decode(data: bytes) -> tuple[str, tuple[Repair, ...]]:
    """The text of a file and what was done to read it.

    Raises InputRefused: empty_input, binary_input, encoding_unknown, encoding_damaged, lone_surrogate.
    """
    text, repairs = _decode(data)
    if not text.strip():
        raise InputRefused("empty_input")
    return text, repairs


def _decode(data: bytes) -> tuple[str, tuple[Repair, ...]]:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise InputRefused("encoding_unknown")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _utf16(data), (Repair("notice_utf16", ""),)
    if data.startswith(codecs.BOM_UTF8):
        text, repairs = _eight_bit(data[3:])
        return text, (Repair("notice_bom", ""), *repairs)
    return _eight_bit(data)


def _utf16(data: bytes) -> str:
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError as error:
        raise InputRefused("encoding_damaged", byte=error.start) from None


def _eight_bit(data: bytes) -> tuple[str, tuple[Repair, ...]]:
    _refuse_binary(data)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        return _not_utf8(data)


def _refuse_binary(data: bytes) -> None:
    head = data[:4096].lstrip()
    if head[1:2] == b"\0" or (head[:1] == b"\0" and head[1:2] in b"{["):
        raise InputRefused("encoding_unknown")  # UTF-16 without its mark
    if head and not _JSON_START.match(head) and re.search(rb"[\x00-\x08\x0e-\x1f]|\A%PDF", head):
        raise InputRefused("binary_input")


def _not_utf8(data: bytes) -> tuple[str, tuple[Repair, ...]]:
    """Windows-1252, unless most accents are sound UTF-8 and a few bytes are damaged."""
    passed = data.decode("utf-8", errors="surrogatepass") if _only_surrogates(data) else ""
    if _SURROGATE.search(passed):
        raise InputRefused("lone_surrogate", point="D800-DFFF")
    patched = data.decode("utf-8", errors="replace")
    damaged = patched.count("�") - data.count("�".encode())
    if len(_MULTIBYTE.findall(patched)) - damaged > damaged:
        return patched, (Repair("notice_utf8_damaged", ""),)
    try:
        return data.decode("cp1252"), (Repair("notice_cp1252", ""),)
    except UnicodeDecodeError as error:
        raise InputRefused("encoding_damaged", byte=error.start) from None


def _only_surrogates(data: bytes) -> bool:
    try:
        data.decode("utf-8", errors="surrogatepass")
    except UnicodeDecodeError:
        return False
    return True
