"""Who signed a text and when, and what was added afterwards."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, as they were then."""

    user_id: str
    name: str
    rut: str
    profession: str
    registry: str
    role: str


@dataclass(frozen=True, slots=True)
class Signature:
    """`digest` is 64 hexadecimal digits, to be printed on the document; `at` ISO 8601 with zone."""

    case_id: str
    draft_version: int
    digest: str
    at: str
    signer: Signer


@dataclass(frozen=True, slots=True)
class Addendum:
    """What was added after signing; its digest covers the signature's and those of the addenda before it."""

    number: int
    text: str
    digest: str
    at: str
    signer: Signer
