"""What a physician added beyond the record, marked in the paragraph and told below it."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase

from engine.documents.dates import shown_moment
from engine.documents.shapes import Addition, Run
from engine.domain import Attestation, Attested


def runs(text: str, attested: Sequence[Attested]) -> list[Run]:
    """The paragraph cut at the attested places, which are in order and do not overlap."""
    letters = _letters(attested)
    out: list[Run] = []
    at = 0
    for place in attested:
        out += [Run(text=text[at : place.start], mark="")] if at < place.start else []
        out.append(Run(text=text[place.start : place.end], mark=letters[place.attestation]))
        at = place.end
    return [*out, Run(text=text[at:], mark="")] if at < len(text) or not out else out


def additions(attested: Sequence[Attested]) -> list[Addition]:
    """One line for each attestation, however often its phrase stands in the text."""
    return [Addition(mark=letter, line=_line(by)) for by, letter in _letters(attested).items()]


def _letters(attested: Sequence[Attested]) -> dict[Attestation, str]:
    """«a», «b»… «z», «aa»: no figure, which beside a number of the text would read as part of it."""
    return {by: _letter(i) for i, by in enumerate(dict.fromkeys(a.attestation for a in attested))}


def _letter(index: int) -> str:
    head, last = divmod(index, len(ascii_lowercase))
    return (_letter(head - 1) if head else "") + ascii_lowercase[last]


def _line(by: Attestation) -> str:
    return f"Agregado por el médico: «{by.phrase}» — {by.author}, {shown_moment(by.at)}"
