"""Codes: in the record, beside their own item, between parentheses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from engine.checking.alignment import Alignment, Mention
from engine.checking.keeping import kept
from engine.checking.pieces import found
from engine.checking.reading import Code, same_code
from engine.checking.record import LISTED, Entry, Record
from engine.checking.rules.common import omitted, violation
from engine.domain import Violation


def check(alignment: Alignment) -> Iterator[Violation]:
    held: set[int] = set()
    for n, mention in enumerate(alignment.mentions):
        code = _own_code(alignment, mention, alignment.mentions[n + 1 :])
        if code:
            held.add(code.start)
        yield from _beside(alignment, mention, code)
    for code in alignment.reading.codes:
        if code.start not in held:
            yield _orphan(alignment, code)
    yield from _bare(alignment)


def _own_code(alignment: Alignment, mention: Mention, later: Sequence[Mention]) -> Code | None:
    """The code after the mention, if no other mention stands between but those whose code stands beside it."""
    code = mention.run.code
    if code is None:
        return None
    if alignment.record.entries[mention.entry].claim.code is None and _speaks_of_more(alignment, mention, code):
        return None
    until = takewhile(lambda m: m.run.start < code.start, later)
    between = [m for m in until if mention.run.last < m.run.first]
    beside = [m for m in between if m.run.code and m.run.code.group == code.group and m.run.code.start > code.start]
    return code if len(beside) == len(between) else None


def _speaks_of_more(alignment: Alignment, mention: Mention, code: Code) -> bool:
    """«Complejo B, y sulfato de hierro (…)»: after a comma another thing begins, whose code it is."""
    words = alignment.reading.words
    inside = alignment.reading.starting(mention.run.end, code.start)
    commas = [i for i in inside if words[i].token.text in ",;"]
    return bool(commas) and any(words[i].key and words[i].token.sort == "word" for i in inside if i > commas[0])


def _beside(alignment: Alignment, mention: Mention, code: Code | None) -> Iterator[Violation]:
    entry = alignment.record.entries[mention.entry]
    expected = entry.claim.code
    if expected and code is None:
        yield omitted(entry, expected, mention.run.end, f"Falta el código {expected} de «{entry.label}».")
    elif code and not same_code(code.value, expected):
        owner = _owner(alignment, code.value)
        known = f"pertenece a «{owner.label}»" if owner else "no está en la ficha"
        right = f"el código es {expected}" if expected else "no tiene código en la ficha"
        yield violation(
            "code",
            alignment,
            code.start,
            code.end,
            f"El código {code.value} {known}; «{entry.label}»: {right}.",
            entry.claim.pointers,
        )


def _owner(alignment: Alignment, code: str) -> Entry | None:
    """The first item of the record that has the code."""
    return next((alignment.record.entries[i] for i in alignment.record.coded(code)), None)


def _orphan(alignment: Alignment, code: Code) -> Violation:
    owner = _owner(alignment, code.value)
    reason = (
        f"El código {code.value} es de «{owner.label}» y no está junto a ese ítem."
        if owner
        else f"El código {code.value} no está en la ficha."
    )
    return violation("code", alignment, code.start, code.end, reason, owner.claim.pointers if owner else ())


def _bare(alignment: Alignment) -> Iterator[Violation]:
    """A code of the record outside parentheses."""
    text = alignment.reading.text
    enclosed = (c for c in alignment.reading.codes if text[c.group] == "(")
    covered = {place for c in enclosed for place in range(c.start, c.end)}
    for start, end in found(_any_of(alignment.record), text):
        if start not in covered:
            yield violation("code", alignment, start, end, f"El código {text[start:end]} debe ir entre paréntesis.")


@kept
def _any_of(record: Record) -> re.Pattern[str]:
    """A code of an item, as a word of its own."""
    codes = {record.entries[i].claim.code for i in record.of(*LISTED)}
    ways = "|".join(re.escape(c) for c in sorted(filter(None, codes)))
    return re.compile(rf"(?<![\w.])(?:{ways or '(?!)'})(?!\w|\.\d)")
