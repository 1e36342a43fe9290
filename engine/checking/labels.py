"""The marks that number a list, which are no numbers of the patient: «1) neumonía (J18.9) 2) hipertensión (I10)»."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MARK = re.compile(
    r"(?<!\S)(?:\((?P<round>\d{1,2}|[a-h])\)|(?P<half>\d{1,2}|[a-h])\)|#(?P<hash>\d{1,2})|(?P<dash>\d{1,2})\.?-|"
    r"(?P<point>\d{1,2})\.|(?P<ordinal>\d{1,2})[º°]\.?)(?= ?[^\W\d_])"
)


def labels(text: str) -> list[tuple[int, int]]:
    """Where the marks of one kind stand that count from one: a lone «2)» or «3.» is none."""
    out: list[tuple[int, int]] = []
    opened = (m for m in _MARK.finditer(text) if text.rfind("(", 0, m.start()) <= text.rfind(")", 0, m.start()))
    found = [(str(m.lastgroup), _value(str(m[str(m.lastgroup)])), m.span()) for m in opened]
    for kind in dict.fromkeys(k for k, _, _ in found):
        out.extend(_counted([(value, span) for k, value, span in found if k == kind]))
    return sorted(out)


def _value(mark: str) -> int:
    return int(mark) if mark.isdigit() else "abcdefgh".index(mark) + 1


def _counted(marks: list[tuple[int, tuple[int, int]]]) -> Iterator[tuple[int, int]]:
    run: list[tuple[int, int]] = []
    for value, span in marks:
        if value != len(run) + 1:
            yield from run if len(run) > 1 else ()
            run = []
        if value == len(run) + 1:
            run.append(span)
    yield from run if len(run) > 1 else ()
