"""Items told by a part of their name: «insulinas: cristalina 6 UI (A10AB01) y glargina 20 UI (A10AE04)».

Their code beside them says which they are; what is left out of the name stands before, or is its end cut off.
"""

from __future__ import annotations

import re

from engine.checking.families import family
from engine.checking.lexicon import lexicon, stem
from engine.checking.reading import Code, Reading, same_code
from engine.checking.record import Entry
from engine.evidence.language import fold

_LEAST = 4  # letters of a word cut off
_THAT = frozenset(
    "ese esa esos esas este esta estos estas dicho dicha dichos dichas tal tales aquel aquella aquellos aquellas mismo "
    "misma mismos mismas mencionado mencionada referido referida citado citada".split()
)
_NEAR = 2  # words before a name in which «esa», «dicha» stands


def named_in_part(reading: Reading, entry: Entry, code: Code, taken: set[int]) -> tuple[int, int] | None:
    """The first and last word before a drug's own code that are of its name, if all of the name is told by them.

    A word may be cut off («pipe/tazo»); one that other items of the sentence share may stand before («insulinas: …»).
    """
    if not same_code(code.value, entry.claim.code):
        return None
    stretch = _stretch(reading, code, taken)
    atoms = [a for a in re.findall(r"[^\W\d_]{3,}", fold(entry.label)) if a not in lexicon().function]
    told = {i: a for i in stretch for a in atoms if _tells(reading.words[i].token.folded, a)}
    left = [a for a in atoms if a not in told.values()]
    if not told or left not in ([], atoms[:1]) or not all(_told_before(reading, stretch.start, a) for a in left):
        return None
    return min(told), max(told)


def _stretch(reading: Reading, code: Code, taken: set[int]) -> range:
    """The words back from a code to the item, code, semicolon or sentence before."""
    stop = reading.inside(code.group, code.end)[0]
    start = stop
    while start > 0:
        word = reading.words[start - 1]
        if (
            start - 1 in taken
            or word.special == "code"
            or word.token.text in ";:"
            or (word.sentence != reading.words[stop].sentence)
        ):
            break
        start -= 1
    return range(start, stop)


def _tells(said: str, atom: str) -> bool:
    return stem(said) == stem(atom) or (len(said) >= _LEAST and atom.startswith(said))


def _told_before(reading: Reading, stop: int, atom: str) -> bool:
    sentence = reading.words[min(stop, len(reading.words) - 1)].sentence
    return any(w.sentence == sentence and stem(w.token.folded) == stem(atom) for w in reading.words[:stop])


def told_in_full_before(reading: Reading, entry: Entry, first: int, last: int, key: str) -> bool:
    """«… absceso de la mano izquierda …, por ese absceso (L02.4)»: `key` stands beside the same word before."""
    words = reading.words
    pointing = {w.token.folded for w in words[max(0, first - _NEAR) : last]}
    if pointing.isdisjoint(_THAT):
        return False
    heads = {family(w.key) for w in words[first : last + 1] if w.key and entry.holds(w.key)}
    before = [i for i in reading.by_family.get(family(key), ()) if i < first]
    return any(_sentence_has(reading, i, first, heads) for i in before)


def _sentence_has(reading: Reading, i: int, stop: int, heads: set[str]) -> bool:
    return any(
        family(reading.words[j].key) in heads
        for j in reading.sentences[reading.words[i].sentence]
        if j < stop and reading.words[j].key
    )


def shares_its_head(reading: Reading, entry: Entry, first: int, key: str) -> bool:
    """«Fractura de cadera (S72.0) y de pelvis (S32.8)»: the first word of the name stands before the item before."""
    words = reading.words
    if not entry.keys or key != entry.keys[0] or not _goes_on(reading, first):
        return False
    before = [i for i in reading.by_family.get(family(key), ()) if i < first]
    return any(words[i].sentence == words[first].sentence for i in before)


def _goes_on(reading: Reading, first: int) -> bool:
    """Between the last code and the name stand only words that join: «y de», «, otra de»."""
    i = first - 1
    while i >= 0 and not reading.words[i].special:
        if reading.words[i].key:
            return False
        i -= 1
    return i >= 0 and reading.words[i].special == "code"
