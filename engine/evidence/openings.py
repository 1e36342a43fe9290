"""Indications that open alike: «consultar ante fiebre», «consultar ante disnea»."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from engine.evidence.claims import Claim

_OPENING = re.compile(r"(?:re)?(?:consultar|acudir|volver)\w*(?: \w+){0,3}? (?:ante|si|por|en caso de) (?=\w)")


def alike(claims: Sequence[Claim]) -> dict[str, list[Claim]]:
    """Claims by their common opening, where two or more have it."""
    found: dict[str, list[Claim]] = {}
    for claim in claims:
        opening = _OPENING.match(claim.name)
        if opening:
            found.setdefault(opening[0], []).append(claim)
    return {opening: group for opening, group in found.items() if len(group) > 1}


def shortened(claims: Sequence[Claim]) -> list[Claim]:
    """The claims; those that open alike may also be told without their opening."""
    bare = {c.id: c.name.removeprefix(opening) for opening, group in alike(claims).items() for c in group}
    return [replace(c, forms=(*c.forms[:-1], bare[c.id], c.forms[-1])) if c.id in bare else c for c in claims]
