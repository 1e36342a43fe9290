"""Whether a record carries a word in other words: by the parts of a name, or by something that implies it.

«Diabetes» is told by «DM2», «infección» by «neumonía»; nothing is implied the other way.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache

from engine.checking.families import family
from engine.checking.lexicon import lexicon, stem
from engine.checking.words import RESULTS, keys
from engine.evidence.language import fold
from engine.paths import resource


class Support:
    """The words of one record, those that its abbreviations stand for included."""

    def __init__(self, values: Iterable[str], known: frozenset[str], codes: Iterable[str] = ()) -> None:
        self._keys = known
        drugs = (lexicon().drugs[k] for k in known if k in lexicon().drugs)
        given = {*codes, *(c for d in drugs for c in d.atc)}
        self._groups = frozenset(w for atc, w in _groups() if any(code.startswith(atc) for code in given))
        words = {w for v in values for w in re.findall(r"[^\W\d_]+\d*", fold(v)) if not _read_otherwise(w, known)}
        parts = {a for k in known for way in lexicon().ways.get(k, ()) for a in way}
        self._families = frozenset(family(w) for w in {*map(stem, words), *parts, *known})

    def holds(self, key: str) -> bool:
        """True where the record has the word, all parts of one of its names, what implies it or a drug of it."""
        return (
            self._has(key)
            or family(key) in self._groups
            or any(all(map(self._has, way)) for way in _implying().get(family(key), ()))
        )

    def _has(self, key: str) -> bool:
        ways = lexicon().ways.get(key, ())
        return (
            key in self._keys
            or family(key) in self._families
            or any(len(way) > 0 and all(family(a) in self._families for a in way) for way in ways)
        )


def _read_otherwise(word: str, known: frozenset[str]) -> bool:
    """«FA» among results stands for no arrhythmia."""
    meant = lexicon().phrases.get(word, {}).get("") if word in RESULTS else None
    return meant is not None and meant not in known


def implying(general: str) -> tuple[str, ...]:
    """The keys of what implies a general word."""
    return tuple(key for way in _implying().get(family(general), ()) for key in way)


def implied(general: str, told: Iterable[str]) -> bool:
    """«Doppler» says that it is an «ecografía»."""
    specific, known = _implying().get(family(general), ()), frozenset(told)
    return any(known.issuperset(way) for way in specific)


@lru_cache(maxsize=1)
def _groups() -> tuple[tuple[str, str], ...]:
    """The beginning of an ATC code and the family of a word for its group."""
    text = resource("lexicon/drug_groups.toml").read_text(encoding="utf-8")
    table: dict[str, str] = tomllib.loads(text)["groups"]
    return tuple((atc, family(k)) for atc, words in table.items() for w in words.split() for k in keys(w)[:1])


@lru_cache(maxsize=1)
def _implying() -> dict[str, tuple[tuple[str, ...], ...]]:
    """For the family of a general word the keys of each phrase that implies it."""
    out: dict[str, tuple[tuple[str, ...], ...]] = {}
    for general, *specific in lexicon().implied:
        told = tuple(tuple(keys(phrase)) for phrase in specific if keys(phrase))
        for key in keys(general)[:1]:
            out[family(key)] = (*out.get(family(key), ()), *told)
    return out
