"""Items told by a part of their name: «insulinas: cristalina 6 UI (A10AB01) y glargina 20 UI (A10AE04)».

Their code beside them says which they are; what is left out of the name stands before, or is its end cut off.
"""

from __future__ import annotations

import re

from engine.checking.families import family
from engine.checking.lexicon import lexicon, stem
from engine.checking.reading import Code, Reading, Word, same_code
from engine.checking.record import DRUGS, Entry
from engine.checking.support import implied
from engine.checking.words import keys
from engine.evidence.language import fold

_LEAST = 4  # letters of a word cut off
_THAT = frozenset(
    "ese esa esos esas este esta estos estas dicho dicha dichos dichas tal tales aquel aquella aquellos aquellas mismo "
    "misma mismos mismas mencionado mencionada referido referida citado citada".split()
)
_TAIL = 5  # words after a code that may end the name
_NEAR = 2  # words before a name in which «esa», «dicha» stands


def named_in_part(
    reading: Reading, entry: Entry, code: Code, taken: set[int], others: frozenset[str]
) -> tuple[int, int] | None:
    """The first and last word before an item's own code that are of its name, if all of the name is told by them.

    The words may be told in other forms («hemorragia del tubo digestivo alto»), those of a drug be cut off
    («pipe/tazo»), unless it may be one of the `others`, words of the record's other drugs; the first, if other items of
    the sentence share it, may stand before («insulinas: …»).
    """
    if not same_code(code.value, entry.claim.code):
        return None
    stretch = _stretch(reading, code, taken)
    atoms = [a for a in re.findall(r"[^\W\d_]{3,}", fold(entry.label)) if a not in lexicon().function]
    is_drug = entry.claim.kind in DRUGS
    told = {i: a for i in stretch for a in atoms if _tells(reading.words[i], a, is_drug=is_drug)}
    if is_drug and (_is_another(reading, told, others) or _has_another_half(reading, told)):
        return None
    left = [a for a in atoms if a not in told.values()]
    if not told or left not in ([], atoms[:1]) or not all(_told_before(reading, stretch.start, a) for a in left):
        return None
    return min(told), max(told)


def _is_another(reading: Reading, told: dict[int, str], others: frozenset[str]) -> bool:
    """«Keto» where the record has ketoprofeno and ketorolaco."""
    cut = [
        reading.words[i].token.folded for i, atom in told.items() if stem(reading.words[i].token.folded) != stem(atom)
    ]
    return any(other.startswith(word) for word in cut for other in others)


def _has_another_half(reading: Reading, told: dict[int, str]) -> bool:
    """«Amoxi/clav» for amoxicilina: what a slash joins to the name is of another drug."""
    words = reading.words
    slashes = [i for i in range(1, len(words) - 1) if words[i].token.text == "/" and {i - 1, i + 1} & told.keys()]
    return any(words[j].token.sort == "word" and j not in told for i in slashes for j in (i - 1, i + 1))


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


def _tells(word: Word, atom: str, *, is_drug: bool) -> bool:
    said = word.token.folded
    if is_drug:
        return stem(said) == stem(atom) or (len(said) >= _LEAST and atom.startswith(said))
    if word.token.sort != "word" or said in lexicon().function:
        return False
    return family(stem(said)) == family(stem(atom)) or any(implied(k, (word.key,)) for k in keys(atom)[:1] if word.key)


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


def told_around(reading: Reading, code: Code, taken: set[int], key: str) -> bool:
    """The word stands elsewhere between the item before and the code, or right after it: «… (S72.0), ya operada»."""
    around = (*_stretch(reading, code, taken), *_following(reading, code, taken))
    told = {k for i in around for k in (reading.words[i].key, stem(reading.words[i].token.folded)) if k}
    families = {family(k) for k in told}
    ways = lexicon().ways.get(key, ())
    return family(key) in families or any(way and all(family(a) in families for a in way) for way in ways)


def _following(reading: Reading, code: Code, taken: set[int]) -> range:
    """The few words after a code up to a mark; a comma may stand first."""
    start = reading.inside(code.group, code.end)[-1] + 1
    stop = start
    while stop < min(start + _TAIL, len(reading.words)):
        word = reading.words[stop]
        if (
            stop in taken
            or word.special
            or (word.token.sort == "mark" and (stop > start + 1 or word.token.text not in "),"))
        ):
            break
        stop += 1
    return range(start, stop)
