"""What stands around a word of the text."""

from __future__ import annotations

from bisect import bisect_left

from engine.checking.lexicon import lexicon, stem
from engine.checking.reading import Reading

_SIDE = 4  # content words on each side


def neighbours(reading: Reading, index: int) -> frozenset[str]:
    """Keys of the content words around, within the sentence."""
    words, content = reading.words, reading.content
    here = bisect_left(content, index)
    after = here + (here < len(content) and content[here] == index)
    near = (*content[max(0, here - _SIDE) : here], *content[after : after + _SIDE])
    return frozenset(words[i].key for i in near if words[i].sentence == words[index].sentence) - {words[index].key}


def around(reading: Reading, index: int) -> frozenset[str]:
    """Stems of the words around, usual ones too but no function words, within the sentence."""
    words, function = reading.words, lexicon().function
    inside = words[max(0, index - _SIDE) : index + _SIDE + 1]
    return frozenset(
        stem(w.token.folded)
        for w in inside
        if w.sentence == words[index].sentence and w.token.sort == "word" and w.token.folded not in function
    )


def beside(reading: Reading, index: int, step: int) -> str:
    """Key of the nearest content word before (`step` −1) or after (1), no number, within the clause."""
    words = reading.words
    j = index + step
    while 0 <= j < len(words) and words[j].clause == words[index].clause:
        if words[j].key and not words[j].is_number:
            return words[j].key
        j += step
    return ""
