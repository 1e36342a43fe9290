"""Where the sentences of a terse note end: a period after an abbreviation, an initial or a title ends none."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache

from engine.evidence.language import fold, is_acronym, is_proper, is_short_word
from engine.paths import resource

_LINE = re.compile(r"[;\n\r]+")
_TITLE = re.compile(r"^\s*evoluci[oó]n(?: cl[ií]nica)?:\s*", re.IGNORECASE)  # the section says so itself
_HEADED = re.compile(r":[ \t]*[\n\r]+\s*(?:[•·*▪–—-]+\s*)?")
_ENUMERATOR = re.compile(r"(?:^|(?<=\s))(\d{1,2})(?:\)|\.-|-\)|\.)\s+(?=\D)")
_BULLET = re.compile(r"^\s*(?:[•·*▪–—]+\s*|-\s*)(?=[^\W\d_])")
_LABEL = re.compile(r"[^\W\d_][\w /-]{0,25}:\s")
_POINTED = re.compile(r"\b([^\W\d_]{2,})\.(?=[\s,)+])")
_PREPOSITIONS = frozenset(("con", "en"))  # they open a statement after a comma, not after «der.»
_LOANS = frozenset(
    "shock stent test rash clip bypass shunt box flush weaning stress ok torax neumotorax hemotorax".split()
)
_COURTESY = frozenset(("dr", "dra", "sr", "sra", "prof"))
_STOP = re.compile(r"\.(?=\s|$)")


@lru_cache(maxsize=1)
def _rules() -> tuple[frozenset[str], ...]:
    """Abbreviations, titles, words that open a statement, words that never do."""
    data = tomllib.loads(resource("lexicon/course.toml").read_text(encoding="utf-8"))
    openers = " ".join(data[name] for name in ("heads", "nouns", "measured", "negations"))
    return tuple(frozenset(w.split()) for w in (data["shortened"], data["titles"], openers, data["joining"]))


def split(note: str) -> list[str]:
    """The note's sentences in their own words, without bullets and the numbers of a numbered list."""
    return [
        sentence.strip(" .,")
        for line in _LINE.split(_HEADED.sub(": ", _TITLE.sub("", _unnumbered(note))))
        for sentence in _sentences(_BULLET.sub("", line))
        if sentence.strip(" .,-•")
    ]


def unpointed(text: str, *, is_name: bool = False) -> str:
    """The text without the periods of abbreviations, which inside a paragraph look like the end of a sentence.

    In a note only before a small letter: before a capital («PIERNA IZQ. RESTO NORMAL») one may have ended there.
    """

    def bare(match: re.Match[str]) -> str:
        after = text[match.end() :].lstrip()[:1]
        return match[1] if _is_abbreviation(match[1]) and (is_name or not after.isupper()) else match[0]

    return _POINTED.sub(bare, text)


def _is_abbreviation(word: str) -> bool:
    shortened, titles, *_ = _rules()
    return fold(word) in shortened | (titles - _COURTESY)


def _unnumbered(note: str) -> str:
    """«1) Reposo 2) Dieta» and «1.- Reposo 2.- Dieta» as lines; only where the numbers count up from one."""
    numbers = [int(m[1]) for m in _ENUMERATOR.finditer(note)]
    if len(numbers) < 2 or numbers != list(range(1, len(numbers) + 1)):
        return note
    return _ENUMERATOR.sub("\n", note)


def _sentences(line: str) -> Iterator[str]:
    start = 0
    for stop in _STOP.finditer(line):
        if _ends(line[: stop.start()], line[stop.end() :].strip()):
            yield line[start : stop.start()]
            start = stop.end()
    yield line[start:]


def _ends(before: str, after: str) -> bool:
    if not after:
        return True
    shortened, titles, openers, joining = _rules()
    opening = re.match(r"[^\W_]+", after)
    following = fold(opening[0]) if opening else ""
    joins = following in joining and after[len(following) :].startswith(" ")
    word = re.search(r"[^\W\d_]+$", before)
    if joins or after.startswith(("+", "(", "=", ">", "→", "->")) or (word and fold(word[0]) in titles):
        return False
    if not word or _LABEL.match(after):
        return not (before[-1:].isdigit() and after[0].isdigit())
    if re.search(r"(?:^|\s)[^\W\d_]$", before):  # «E. coli», «Dra. M. Soto»; «3 L.» does end a sentence
        return bool(re.search(r"\d\s[^\W\d_]$", before))
    if fold(word[0]) not in shortened and not _is_clipped(word[0], after):
        return True
    if after[0].islower() and re.search("[A-ZÁÉÍÓÚÑ]", before):  # a writer who uses capitals would have used one
        return False
    is_new = following in openers - _PREPOSITIONS
    return is_new or (len(opening[0]) > 3 and opening[0].istitle() and not is_proper(opening[0]) if opening else False)


def _is_clipped(word: str, after: str) -> bool:
    """«pza», «incompat», «obst»: no Spanish word ends so, and no acronym either."""
    key = fold(word)
    if is_acronym(word) or key in _LOANS or not (after[0].islower() or len(word) > 4):
        return False
    if after[0].islower() and len(key) < 4 and not is_short_word(key):  # «Ca. gástrico», «est. avanzada»
        return True
    return not re.search("[aeiou]", key) or bool(re.search("[^aeiouynslrdz]$|[^aeiouy][^aeiouys]$", key))
