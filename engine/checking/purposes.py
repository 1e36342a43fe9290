"""What a drug is given for: «para el dolor, paracetamol», «metoclopramida por las náuseas».

The symptom is no finding of the patient's own where a drug of the record that is given for it stands beside it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import lru_cache

from engine.checking.alignment import Alignment
from engine.checking.keeping import kept
from engine.checking.lexicon import lexicon, stem
from engine.checking.record import DRUGS, Entry
from engine.evidence.language import fold
from engine.paths import resource

_FOR = frozenset("para contra por ante si caso cuando segun".split())
_AGAINST = ("preven", "evit", "profila", "protec", "proteg")
# Words that may stand between «para» and the symptom.
_BETWEEN = frozenset(
    "el la los las un una su sus de del al en y o u e ni tratar calmar aliviar controlar disminuir bajar quitar "
    "manejar manejo alivio control tratamiento tiene tuviera presenta hay aparece siente posible posibles eventual "
    "eventuales que cada se lo le mas mayor nuevo nueva".split()
)
_REACH = 7  # words back to «para»


@kept
def told_as_purpose(alignment: Alignment) -> frozenset[int]:
    """The indexes of the symptoms for which, or against which, a drug of the record is told beside them to be."""
    return frozenset(i for i, prevented in _purposes(alignment) if _treated(alignment, i, prevented=prevented))


def _purposes(alignment: Alignment) -> Iterator[tuple[int, bool]]:
    """Each word that «para» leads to; true where the drug is to prevent it."""
    words = alignment.reading.words
    for i, word in enumerate(words):
        if not word.key or word.token.sort != "word" or stem(word.token.folded) not in _symptoms():
            continue
        prevented = False
        for before in reversed(words[max(0, i - _REACH) : i]):
            folded = before.token.folded
            if before.sentence != word.sentence or before.token.text in ".;:()":
                break
            prevented = prevented or folded.startswith(_AGAINST)
            if folded in _FOR or folded.startswith(_AGAINST[:1] + _AGAINST[2:]):
                yield i, prevented
                break
            leads = folded in _BETWEEN or folded.startswith(_AGAINST) or stem(folded) in _symptoms()
            if not leads and before.token.text != ",":
                break


def _treated(alignment: Alignment, i: int, *, prevented: bool) -> bool:
    """The nearest drug of the sentence before the word, or the next after it, is given for that."""
    words = alignment.reading.words
    drugs = [m for m in alignment.mentions if alignment.record.entries[m.entry].claim.kind in DRUGS]
    here = [m for m in drugs if words[m.run.first].sentence == words[i].sentence]
    before = [m for m in here if m.run.last < i][-1:]
    after = [m for m in here if m.run.first > i][:1]
    base = stem(words[i].token.folded)
    entries = (alignment.record.entries[m.entry] for m in (*before, *after))
    return any(base in _given_for(entry, prevented=prevented) for entry in entries)


def _given_for(entry: Entry, *, prevented: bool) -> frozenset[str]:
    drugs = lexicon().drugs
    atc = {entry.claim.code or "", *(c for k in entry.keys if k in drugs for c in drugs[k].atc)}
    told = (lists for begins, lists in _table().items() if any(c.startswith(begins) for c in atc))
    return frozenset(s for symptoms, hindered in told for s in (symptoms | hindered if prevented else symptoms))


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """By the beginning of a drug's code: the symptoms that it is given for, and those that it prevents."""
    data = tomllib.loads(resource("lexicon/glosses.toml").read_text(encoding="utf-8"))["purposes"]
    return {begins: (_stems(d["symptoms"]), _stems(d["prevented"])) for begins, d in data.items()}


@lru_cache(maxsize=1)
def _symptoms() -> frozenset[str]:
    return frozenset(s for lists in _table().values() for words in lists for s in words)


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(fold(w)) for w in words.split())
