"""Layout values to PDF/A-3a and PDF/UA-1 bytes, with Typst and the faces of resources/fonts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import typst

from engine.documents.glyphs import legible
from engine.documents.layout import layout
from engine.domain import Case, Draft, Requirement
from engine.domain.signing import Addendum, Signature
from engine.errors import EpicrisisError
from engine.paths import resource


def render_pdf(
    case: Case,
    draft: Draft,
    *,
    approved: bool,
    version: str,
    declared: Sequence[Requirement] = (),
    attachment: bytes | None = None,
    signature: Signature | None = None,
    addenda: Sequence[Addendum] = (),
) -> bytes:
    """The document as PDF bytes (letter size); the same arguments give the same bytes.

    Until `approved` every page carries «BORRADOR». `declared` is told with its author and time. `attachment` (the
    record as it was read) travels inside as «registro.json». With a `signature` it says who signed and the digest,
    and the `addenda` follow. Nothing is written to disk. Raises EpicrisisError.
    """
    contents = layout(
        case, draft, approved=approved, version=version, declared=declared, signature=signature, addenda=addenda
    )
    data = _legible(contents)
    try:
        return typst.compile(
            _file("epicrisis.typ"),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={
                "data": json.dumps(data, ensure_ascii=False),
                "watermark": _file("borrador.svg").decode("ascii"),
                **_attached(attachment),
            },
            pdf_standards=["a-3a", "ua-1"],
            timestamp=datetime.fromisoformat(draft.generated_at),
        )
    except typst.TypstError:
        # Typst quotes the text that it could not set.
        raise EpicrisisError("pdf_failed") from None


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(False, False, [resource("fonts")])


@lru_cache
def _file(name: str) -> bytes:
    return resource(f"typst/{name}").read_bytes()


def _attached(content: bytes | None) -> dict[str, str]:
    """Typst takes text only: bytes that are no UTF-8 go as a JSON list of numbers."""
    if content is None:
        return {}
    try:
        return {"text": content.decode("utf-8")}
    except UnicodeDecodeError:
        return {"bytes": json.dumps(list(content))}


def _legible(value: object) -> object:
    """Every string of a tree of lists and dicts, drawable."""
    if isinstance(value, str):
        return legible(value)
    if isinstance(value, dict):
        return {key: _legible(item) for key, item in value.items()}
    return [_legible(item) for item in value] if isinstance(value, list) else value
