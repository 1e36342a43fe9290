"""What a physician vouches for, as scripts hand it over: a JSON list of {"phrase", "author", "at"}."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Final

from engine.domain import Attestation, author_name
from engine.errors import InputRefused

_MOST: Final = 500
_FIELDS: Final = {"phrase", "author", "at"}


def read(path: Path) -> tuple[Attestation, ...]:
    """The attestations of a file (UTF-8). Raises InputRefused, with the JSON pointer of what is wrong."""
    if not path.exists():
        raise InputRefused("file_missing", file=path.name)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise InputRefused("attestations_unreadable") from None
    return parse(text)


def parse(text: str) -> tuple[Attestation, ...]:
    """The attestations of a JSON text. Raises InputRefused, with the JSON pointer of what is wrong."""
    try:
        listed = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise InputRefused("attestations_unreadable") from None
    if not isinstance(listed, list) or len(listed) > _MOST:
        raise InputRefused("attestations_unreadable")
    return tuple(_attestation(item, f"/{i}") for i, item in enumerate(listed))


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object as a dict; a key that stands twice would leave open which value was meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("repeated key")
    return found


def _attestation(item: object, pointer: str) -> Attestation:
    if not isinstance(item, dict) or set(item) != _FIELDS:
        raise InputRefused("attestation_fields", pointer=pointer)
    phrase, author, at = item["phrase"], item["author"], item["at"]
    if not isinstance(phrase, str) or not phrase.strip() or not phrase.isprintable():
        raise InputRefused("attestation_phrase", pointer=f"{pointer}/phrase")
    name = author_name(author) if isinstance(author, str) else None
    if name is None:
        raise InputRefused("attestation_author", pointer=f"{pointer}/author")
    if not isinstance(at, str) or not _is_moment(at):
        raise InputRefused("attestation_at", pointer=f"{pointer}/at")
    return Attestation(phrase, name, at)


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
