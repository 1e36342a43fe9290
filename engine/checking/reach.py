"""Which measures of the text are told of which drug."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
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
_THE = frozenset("los las estos estas".split())
_OF = re.compile(r"\s+(?:de|del|con)\s+$")


@dataclass(frozen=True, slots=True)
class _Passage:
    """The sentence of some drugs: its measures that no drug owns, its drugs, and where the last one's details end."""

    start: int
    end: int
    free: tuple[Measure, ...]
    mates: tuple[Mention, ...]
    last: int
    of_all: bool  # a word of it speaks of all: «ambos por 7 días»


def assign(alignment: Alignment) -> None:
    """Fills `reach`, `owned` and `shared` of every drug mention."""
    drugs = [m for m in alignment.mentions if alignment.record.entries[m.entry].claim.kind in DRUGS]
    before = {id(m): _told_before(alignment.reading, m) for m in drugs}
    spoken_for = {d.start for d in before.values() if d}
    measured = {i for m in alignment.reading.measures for i in range(m.start, m.end)}
    for mention, following in zip_longest(drugs, drugs[1:]):
        mention.reach = _reach(alignment, mention, measured)
        own = alignment.reading.measured(mention.run.end, mention.reach)
        inside = tuple(m for m in own if m.start not in spoken_for)
        led = before[id(mention)]
        mention.owned = ((led,) if led else ()) + _undisputed(alignment, inside, mention, following)
    taken = {m.start for mention in drugs for m in mention.owned}
    passages: dict[int, _Passage] = {}
    for mention in drugs:
        sentence = alignment.reading.words[mention.run.first].sentence
        if sentence not in passages:
            passages[sentence] = _passage(alignment, mention, drugs, taken)
        mention.shared = tuple(_shared(alignment, mention, passages[sentence], spoken_for))


def _undisputed(
    alignment: Alignment, inside: tuple[Measure, ...], mention: Mention, following: Mention | None
) -> tuple[Measure, ...]:
    """«A 1 g (…) y, por 3 días, B»: what stands after the code and is only of the next drug is told of that one."""
    code = mention.run.code
    if following is None or code is None or not any(m.end <= code.start for m in inside):
        return inside
    own, other = (alignment.record.entries[m.entry].norms for m in (mention, following))
    return tuple(m for m in inside if m.start < code.end or m.norms & own or not m.norms & other)


def _passage(alignment: Alignment, mention: Mention, drugs: list[Mention], taken: set[int]) -> _Passage:
    start, end = _sentence(alignment, mention)
    free = tuple(m for m in alignment.reading.measured(start, end) if m.start not in taken)
    mates = tuple(m for m in drugs if start <= m.run.start < end)
    every = any(_speaks_of_all(alignment.reading.words, i) for i in alignment.reading.inside(start, end))
    last = max((m.reach for m in mates), default=end)
    return _Passage(start, end, free, mates, last, of_all=every)


def _shared(alignment: Alignment, mention: Mention, passage: _Passage, leading: set[int]) -> Iterator[Measure]:
    """Measures told of several drugs at once, or of this one at a distance, that the record has of it.

    Of those before it («todo vía oral: A, B», «nebulizaciones de A y B») the last of each kind counts; those after it
    up to the next item; and those after the last drug of the sentence («A y B, ambos por 7 días»).
    """
    norms, start, end = alignment.record.entries[mention.entry].norms, passage.start, passage.end
    before = alignment.reading.measured(start, mention.run.start)
    led = [m for m in before if m.start in leading]
    heads = {m.kind: m for m in (*led, *passage.free) if m.start < mention.run.start}
    if mention.run.start == mention.run.end:  # the name was told before, with what both share
        heads = {m.kind: m for m in before}
    closing = max((c.end for c in alignment.reading.codes if c.start < end and c.end > mention.reach), default=end)
    if any(_follows_its_name(m, closing) or m.run.start >= closing for m in passage.mates):
        closing = end
    tail = alignment.reading.measured(min(passage.last, closing), end)
    if passage.of_all:
        tail = alignment.reading.measured(mention.run.end, end)
    stop = next((m.run.start for m in alignment.mentions if m.run.first > mention.run.last), end)
    near = [m for m in passage.free if mention.run.end <= m.start < stop]
    return (m for m in dict.fromkeys((*heads.values(), *near, *tail)) if m.norms & norms)


def _follows_its_name(mention: Mention, closing: int) -> bool:
    """«B (code) 20 mg»: what stands after this code is told of its own drug."""
    code = mention.run.code
    return code is not None and code.end == closing and code.start - mention.run.end <= _BESIDE


def _sentence(alignment: Alignment, mention: Mention) -> tuple[int, int]:
    """The bounds of the sentence, with the next one where it speaks of all: «… Todos por vía oral.»"""
    words, sentences = alignment.reading.words, alignment.reading.sentences
    inside = sentences[words[mention.run.first].sentence]
    after = sentences.get(words[mention.run.first].sentence + 1)
    last = after[-1] if after and _speaks_of_all(words, after[0]) else inside[-1]
    return words[inside[0]].token.start, words[last].token.end


def _speaks_of_all(words: tuple[Word, ...], i: int) -> bool:
    """«Ambos por 7 días», «los cuatro permanentes», «uno y otro», «8 días cada uno»."""
    if words[i].token.folded in ("uno", "una", "unos", "unas") and i + 2 < len(words):
        return words[i + 1].token.folded in ("y", "como") and words[i + 2].token.folded.startswith("otr")
    if words[i].token.folded == "cada" and i + 2 < len(words):
        return words[i + 1].token.folded in ("uno", "una") and words[i + 2].token.sort == "mark"
    counted = words[i].token.folded in _THE and i + 1 < len(words) and words[i + 1].is_number
    return words[i].token.folded in _ALL or (counted and not words[i + 1].token.text.isdigit())


def _told_before(reading: Reading, mention: Mention) -> Measure | None:
    """«2 g de ceftriaxona», «7 días de ertapenem»; «por 7 días con A y B» is told of both."""
    measure = next(reversed(reading.measured(0, mention.run.start)), None)
    if measure is None or measure.end > mention.run.start:
        return None
    between = reading.text[measure.end : mention.run.start]
    if not _OF.match(between) and (measure.kind != "dose" or between.strip()):
        return None
    return None if "con" in between and measure.kind != "dose" else measure


def _reach(alignment: Alignment, mention: Mention, measured: set[int]) -> int:
    reading = alignment.reading
    entry = alignment.record.entries[mention.entry]
    later = (m.run.first for m in alignment.mentions if m.run.first > mention.run.last)  # mentions are in order
    following, label = next(later, len(reading.words)), fold(entry.label)
    end = mention.run.end
    for i in range(mention.run.last + 1, following):
        word = reading.words[i]
        own = entry.holds(word.key) or (bool(word.key) and word.token.folded in label)
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
