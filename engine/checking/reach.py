"""Which measures of the text are told of which drug."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from engine.checking.alignment import Alignment, Mention
from engine.checking.measures import Measure
from engine.checking.reading import Reading, Word
from engine.checking.record import DRUGS
from engine.evidence.language import fold

# Words of how a drug is given, which any drug may have; and verbs that begin another matter.
_GIVING = frozenset(
    ("bolo bolos infusion continua carga mantencion rescate profilaxis profilactico profilactica bic seguido").split()
)
_TURNS = re.compile(r"(?:[aei]ndo|ndose|ndole)$|^(?:alta|evolu\w+|egres\w+|fallec\w+|realiz\w+|quedo)$")
_ALL = frozenset("ambos ambas todos todas todo".split())
_BESIDE = 2  # code points between a name and the code right after it
_OF = re.compile(r"\s+(?:de|del|con)\s+$")


def assign(alignment: Alignment) -> None:
    """Fills `reach`, `owned` and `shared` of every drug mention."""
    drugs = [m for m in alignment.mentions if alignment.record.entries[m.entry].claim.kind in DRUGS]
    before = {id(m): _told_before(alignment.reading, m) for m in drugs}
    spoken_for = {d.start for d in before.values() if d}
    for mention, following in zip_longest(drugs, drugs[1:]):
        mention.reach = _reach(alignment, mention)
        inside = tuple(
            m
            for m in alignment.reading.measures
            if mention.run.end <= m.start < mention.reach and m.start not in spoken_for
        )
        own = before[id(mention)]
        mention.owned = ((own,) if own else ()) + _undisputed(alignment, inside, mention, following)
    taken = {m.start for mention in drugs for m in mention.owned}
    for mention in drugs:
        mention.shared = tuple(_shared(alignment, mention, drugs, taken, spoken_for))


def _undisputed(
    alignment: Alignment, inside: tuple[Measure, ...], mention: Mention, following: Mention | None
) -> tuple[Measure, ...]:
    """«A 1 g (…) y, por 3 días, B»: what stands after the code and is only of the next drug is told of that one."""
    code = mention.run.code
    if following is None or code is None or not any(m.end <= code.start for m in inside):
        return inside
    own, other = (alignment.record.entries[m.entry].norms for m in (mention, following))
    return tuple(m for m in inside if m.start < code.end or m.norms & own or not m.norms & other)


def _shared(
    alignment: Alignment, mention: Mention, drugs: list[Mention], taken: set[int], leading: set[int]
) -> Iterator[Measure]:
    """Measures told of several drugs at once, or of this one at a distance, that the record has of it.

    Of those before it («todo vía oral: A, B», «nebulizaciones de A y B») the last of each kind counts; those after it
    up to the next item; and those after the last drug of the sentence («A y B, ambos por 7 días»).
    """
    words, norms = alignment.reading.words, alignment.record.entries[mention.entry].norms
    start, end = _sentence(alignment, mention)
    free = [m for m in alignment.reading.measures if start <= m.start < end and m.start not in taken]
    led = [m for m in alignment.reading.measures if start <= m.start < mention.run.start and m.start in leading]
    heads = {m.kind: m for m in (*led, *free) if m.start < mention.run.start}
    if mention.run.start == mention.run.end:  # the name was told before, with what both share
        heads = {m.kind: m for m in alignment.reading.measures if start <= m.start < mention.run.start}
    mates = [m for m in drugs if start <= m.run.start < end]
    last = max((m.reach for m in mates), default=end)
    closing = max((c.end for c in alignment.reading.codes if c.start < end and c.end > mention.reach), default=end)
    if any(_follows_its_name(m, closing) or m.run.start >= closing for m in mates):
        closing = end
    tail = [m for m in alignment.reading.measures if min(last, closing) <= m.start < end]
    if any(words[i].token.folded in _ALL for i in alignment.reading.inside(start, end)):
        tail = [m for m in alignment.reading.measures if mention.run.end <= m.start < end]
    stop = min((m.run.start for m in alignment.mentions if m.run.first > mention.run.last), default=end)
    near = [m for m in free if mention.run.end <= m.start < stop]
    return (m for m in dict.fromkeys((*heads.values(), *near, *tail)) if m.norms & norms)


def _follows_its_name(mention: Mention, closing: int) -> bool:
    """«B (code) 20 mg»: what stands after this code is told of its own drug."""
    code = mention.run.code
    return code is not None and code.end == closing and code.start - mention.run.end <= _BESIDE


def _sentence(alignment: Alignment, mention: Mention) -> tuple[int, int]:
    """The bounds of the sentence, with the next one where it speaks of all: «… Todos por vía oral.»"""
    words = alignment.reading.words
    number = words[mention.run.first].sentence
    inside = [w for w in words if w.sentence == number]
    after = [w for w in words if w.sentence == number + 1]
    if after and after[0].token.folded in _ALL:
        inside += after
    return inside[0].token.start, inside[-1].token.end


def _told_before(reading: Reading, mention: Mention) -> Measure | None:
    """«2 g de ceftriaxona», «7 días de ertapenem»; «por 7 días con A y B» is told of both."""
    for measure in reading.measures:
        between = reading.text[measure.end : mention.run.start]
        if measure.end <= mention.run.start and (
            _OF.match(between) or (measure.kind == "dose" and not between.strip())
        ):
            return None if "con" in between and measure.kind != "dose" else measure
    return None


def _reach(alignment: Alignment, mention: Mention) -> int:
    reading = alignment.reading
    entry = alignment.record.entries[mention.entry]
    measured = {i for m in reading.measures for i in range(m.start, m.end)}
    following = min(
        (m.run.first for m in alignment.mentions if m.run.first > mention.run.last), default=len(reading.words)
    )
    end = mention.run.end
    for i in range(mention.run.last + 1, following):
        word = reading.words[i]
        own = entry.holds(word.key) or (bool(word.key) and word.token.folded in fold(entry.label))
        if _stops(word, reading.words[mention.run.last], measured) and not own:
            break
        if word.special or word.token.sort != "mark":
            end = word.token.end
    return end


def _stops(word: Word, last: Word, measured: set[int]) -> bool:
    """A new sentence, a semicolon, or a word that speaks of something else."""
    if word.sentence != last.sentence or (word.token.text == ";" and not word.special):
        return True
    if _TURNS.search(word.token.folded):
        return True
    return (
        bool(word.key) and not word.is_number and word.token.start not in measured and word.token.folded not in _GIVING
    )
