"""Which measures of the text are told of which drug."""

from __future__ import annotations

import re

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
_OF = re.compile(r"\s+(?:de|del|con)\s+$")


def assign(alignment: Alignment) -> None:
    """Fills `reach` and `owned` of every drug mention."""
    drugs = [m for m in alignment.mentions if alignment.record.entries[m.entry].claim.kind in DRUGS]
    before = {id(m): _told_before(alignment.reading, m) for m in drugs}
    spoken_for = {d.start for d in before.values() if d}
    for mention in drugs:
        mention.reach = _reach(alignment, mention)
        inside = tuple(
            m
            for m in alignment.reading.measures
            if mention.run.end <= m.start < mention.reach and m.start not in spoken_for
        )
        own = before[id(mention)]
        mention.owned = ((own,) if own else ()) + inside


def _told_before(reading: Reading, mention: Mention) -> Measure | None:
    """«2 g de ceftriaxona», «7 días de ertapenem», «nebulizaciones de salbutamol»."""
    for measure in reading.measures:
        between = reading.text[measure.end : mention.run.start]
        if measure.end <= mention.run.start and (
            _OF.match(between) or (measure.kind == "dose" and not between.strip())
        ):
            return measure
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
        own = word.key in entry.all_keys or (bool(word.key) and word.token.folded in fold(entry.label))
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
