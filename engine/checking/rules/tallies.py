"""Counts of what was told before or is noted several times: «los cuatro permanentes», «anotado dos veces»."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.checking.alignment import Alignment
from engine.checking.families import family
from engine.checking.reading import Word
from engine.checking.record import DRUGS, number
from engine.checking.rules.common import violation
from engine.checking.words import keys
from engine.domain import Violation

_NOTED = ("anot", "registr", "inform", "consign", "describ", "descrit", "mencion", "figur", "repit", "repet")
THESE = frozenset("estos estas esos esas los las".split())
_NOTES = frozenset("anotaciones notas registros menciones".split())
_SAID_OF_DRUGS = re.compile(
    r"[.,;:()]|(?:sin|con|por|en|via|vo|ev|sc|im|desde|hasta)$|(?:permanente|indefinid|cronic|oral|endovenos|diari)"
)
_SEVERAL = 2
_REACH = 3  # words before «veces» in which it is said that they are noted


def check(alignment: Alignment) -> Iterator[Violation]:
    for i, word in enumerate(alignment.reading.words):
        if word.is_number and i not in alignment.quoted and not word.token.text.isdigit():
            yield from _of_drugs(alignment, i)
            yield from _of_notes(alignment, i)


def _of_drugs(alignment: Alignment, i: int) -> Iterator[Violation]:
    """«A, B y C, los tres sin plazo»: of the drugs of the sentence, or of those since its last semicolon."""
    words = alignment.reading.words
    after = words[i + 1].token.folded if i + 1 < len(words) else "."
    if not i or words[i - 1].token.folded not in THESE or not _SAID_OF_DRUGS.match(after):
        return
    named = [
        m.run.last
        for m in alignment.mentions
        if alignment.record.entries[m.entry].claim.kind in DRUGS
        and m.run.last < i
        and words[m.run.last].sentence == words[i].sentence
    ]
    since = max((j for j in range(i) if words[j].token.text == ";"), default=-1)
    told = {float(len(named)), float(sum(place > since for place in named))}
    if len(named) >= _SEVERAL and number(words[i]).isdisjoint(told):
        yield _miscounted(alignment, i, f"Antes se nombran {len(named)} fármacos")


def _of_notes(alignment: Alignment, i: int) -> Iterator[Violation]:
    """More notes of something than the record has words of it."""
    subject = _noted(alignment, i)
    most = _times(alignment, subject) if subject else 0
    if subject and most and all(v > most for v in number(alignment.reading.words[i])):
        times = "una vez" if most == 1 else f"{most} veces"
        yield _miscounted(alignment, i, f"La ficha nombra «{subject.token.text}» {times}")


def counts_notes(alignment: Alignment, i: int) -> bool:
    """The number counts the notes of something."""
    return _noted(alignment, i) is not None


def _times(alignment: Alignment, subject: Word) -> int:
    same = family(subject.key)
    return sum(family(k) == same for leaf in alignment.record.leaves for k in keys(leaf))


def _noted(alignment: Alignment, i: int) -> Word | None:
    """What is said to be noted so many times: «dos sangrados anotados», «negativa en dos anotaciones»."""
    words = alignment.reading.words
    following = [w.token.folded for w in words[i + 1 : i + 3]]
    if len(following) == _SEVERAL and following[1].startswith(_NOTED) and words[i + 1].key:
        return words[i + 1]
    verbs = any(w.token.folded.startswith(_NOTED) for w in words[max(0, i - _REACH) : i])
    if following[:1] and (following[0] in _NOTES or (following[0] == "veces" and verbs)):
        before = (w for w in reversed(words[:i]) if w.key and not w.is_number and not w.token.folded.startswith(_NOTED))
        return next((w for w in before if w.sentence == words[i].sentence), None)
    return None


def _miscounted(alignment: Alignment, i: int, why: str) -> Violation:
    token = alignment.reading.words[i].token
    return violation("number", alignment, token.start, token.end, f"{why}, no {token.text}.", (), "warning")
