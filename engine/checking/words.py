"""A text as words with keys that are the same for every way to say the same.

A key is a folded stem without gender and number, or the key of a group of synonyms («HTA» and «hipertensión arterial»
have one). Positions count code points of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from engine.checking.lexicon import DENIALS, lexicon, stem
from engine.checking.pieces import pieces
from engine.checking.spelled import CARDINALS, ORDINALS, TENS
from engine.evidence.language import fold
from engine.evidence.quantities import canonical

Sort = Literal["word", "number", "mark", "sign"]

_TOKEN = re.compile(
    r"(?P<slashed>\b[sScC]/(?=\s?[^\W\d]))|(?P<sign>\([+-]\))|(?P<number>\d+(?:[.,]\d+)*)(?:(?:er[oa]?|d[oa]|t[oa]|m[oa]|v[oa]|n[oa]|r[oa])\b|[°º])?|"
    rf"(?P<spelled>\b(?i:{TENS}) y (?:un[oa]?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)\b)|"
    r"(?P<word>[^\W\d_]+(?:\d+[^\W\d_]*)*)|(?P<mark>[^\s\w])"
)
_WORDS_OF_NUMBER = {w: str(n) for w, n in (CARDINALS | ORDINALS).items()}
ELEMENTS = {"ca": "calcio", "mg": "magnesio", "cl": "cloro", "p": "fosforo", "alb": "albumina"}  # «Ca 8,2 mg/dL»
RESULTS = ELEMENTS | {"fa": "fosfatasas alcalinas"}  # what a short name stands for among results
_LIVER = r"(?:GGT|GOT|GPT|AST|ALT)"
# «FA 320 U/L», «FA y GGT elevadas»; not «FA 110 lpm», «FA 2019».
_AS_ENZYME = re.compile(
    r":? ?(?:de )?(?!(?:19|20)\d\d\b)\d+(?:[.,]\d+)?(?![\d.,]*\d| ?(?:lpm|x|lat|/ ?min|por min))|"
    rf"(?:,| y|/) ?{_LIVER}\b"
)
_BESIDE_ENZYME = re.compile(rf"\b{_LIVER}(?: y |/)$")
_RESULT = re.compile(r":? ?(?:de )?\d")
_BEFORE_DAY = frozenset("al el en del de desde hasta y a".split())
_KINDS = frozenset(
    "dimero vitamina vit hepatitis grupo tipo clase estadio grado child".split()
)  # «hepatitis D» is no side
_UNFINISHED = re.compile(r"[a-zñ]+[bcfghjkmpqtv]")
# What goes on telling a dose after the point of a unit: «1 gr. VO c/8 hrs. por 5 d. (N02BE01)».
_DOSED = re.compile(
    r"[,;:/+)(→]|(?:VO|EV|IV|SC|IM|SL|SOS|BIC|PRN|INH|NBZ)\b|"
    r"(?:c/|cada|por|x ?\d|vo|ev|iv|im|sc|sl|sos|durante|hasta|al d|diari)"
)
_HALF = re.compile(r"(?: [a-z]{1,12})? y medi[oa]\b")


class Token(NamedTuple):
    """One word, number or mark. `key` is empty where the word states no fact; `end` spans a whole phrase of a group."""

    start: int
    end: int
    text: str
    folded: str
    sort: Sort
    key: str = ""

    @property
    def content(self) -> bool:
        return bool(self.key)


def tokens(text: str) -> list[Token]:
    """The tokens of a text, phrases of a synonym group joined into one."""
    out: list[Token] = []
    for start, piece in pieces(text):
        # the mark between two pieces is of both
        out.extend([_moved(t, start) for t in _tokens(piece)[1:]] if start else _tokens(piece))
    return out


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[Token, ...]:
    return tuple(joined(list(_single(text))))


def _moved(token: Token, by: int) -> Token:
    start, end, text, folded, sort, key = token
    return Token(start + by, end + by, text, folded, sort, key)


def _single(text: str) -> Iterator[Token]:
    before: Token | None = None
    for match in _TOKEN.finditer(text):
        for token in _read(text, match, before):
            before = _halved(text, token) if token.sort == "number" else token
            yield before


def _read(text: str, match: re.Match[str], before: Token | None) -> Iterator[Token]:
    sort: Sort = match.lastgroup  # type: ignore[assignment]
    start, end, folded = match.start(), match.end(), fold(match[0])
    if match.lastgroup == "slashed":  # «s/incidentes», «c/andador»; «s/HGT» is «según HGT»
        long = "con" if folded[0] == "c" else "segun" if text[end:].lstrip()[:1].isupper() else "sin"
        yield Token(start, end, match[0], long, "word")
    elif match.lastgroup == "spelled":
        yield Token(start, end, match[0], folded, "number", _WORDS_OF_NUMBER[folded])
    elif sort == "word" and _is_day(match[0], before):
        yield Token(start, start + 1, match[0][0], "dia", "word")
        yield Token(start + 1, end, match[0][1:], folded[1:], "number", canonical(folded[1:]))
    elif match[0] == "D" and before is not None and before.sort == "word" and before.folded not in _KINDS:
        yield Token(start, end, "D", "derecho", "word", "=derecho")
    elif folded in ELEMENTS and match[0][0].isupper() and _RESULT.match(text, end):
        yield Token(start, end, match[0], folded, "word", keys(ELEMENTS[folded])[0])
    elif match[0] == "FA" and (_AS_ENZYME.match(text, end) or _BESIDE_ENZYME.search(text, 0, start)):
        yield Token(start, end, "FA", RESULTS["fa"], "word", keys(RESULTS["fa"])[0])
    elif sort == "word":
        yield _word(start, end, match[0], folded)
    else:
        key = canonical(match["number"]) if sort == "number" else ""
        yield Token(start, end, match[0], folded, sort, key)


def _is_day(said: str, before: Token | None) -> bool:
    """«D3: afebril», «al D4»: the third, the fourth day; not «vitamina D3», «vértebra D12»."""
    if not re.fullmatch(r"[dD]\d{1,2}", said):
        return False
    return before is None or before.sort != "word" or before.folded in _BEFORE_DAY


def _halved(text: str, token: Token) -> Token:
    """«Dos litros y medio» is 2.5."""
    if not re.fullmatch(r"\d+", token.key) or not _HALF.match(fold(text[token.end : token.end + 24])):
        return token
    return token._replace(folded=f"{token.key}.5", key=f"{token.key}.5")


def _word(start: int, end: int, text: str, folded: str) -> Token:
    return Token(start, end, text, *_sorted(text, folded))


@lru_cache(maxsize=8192)
def _sorted(text: str, folded: str) -> tuple[str, Sort, str]:
    """Folded, sort and key of a word."""
    folded = lexicon().clipped.get(folded, folded)
    if text.isupper() and len(text) == 3 and folded in lexicon().function:  # «LES» is a disease, «les» a pronoun
        return folded, "word", folded
    if folded in _WORDS_OF_NUMBER:
        return folded, "number", _WORDS_OF_NUMBER[folded]
    words = lexicon()
    is_neutral = folded not in words.facts and (folded in words.neutral or stem(folded) in words.neutral_stems)
    return folded, "word", "" if is_neutral else stem(folded)


def joined(single: list[Token]) -> Iterator[Token]:
    """Longest phrase first; function words inside a phrase are skipped, marks and breaks are not."""
    i = 0
    while i < len(single):
        size, key = _phrase(single, i)
        if size:
            last = single[i + size - 1]
            yield Token(single[i].start, last.end, single[i].text, single[i].folded, "word", key)
            i += size
        else:
            yield single[i]
            i += 1


def _phrase(single: list[Token], i: int) -> tuple[int, str]:
    best = (0, "")
    begins = single[i].sort == "word" and _may_begin(single[i])
    node = lexicon().phrases.get(_atom(single[i])) if begins else None
    j = i + 1
    while node is not None:
        if "" in node:
            best = (j - i, str(node[""]))
        while j < len(single) and _skipped(single[j], single[j - 1]) and _atom(single[j]) not in node:
            j += 1
        if j >= len(single) or _is_phrase(single[j]):
            break
        found = node.get(_atom(single[j]))
        node = found if isinstance(found, dict) else None
        j += 1
    return best


def _is_phrase(token: Token) -> bool:
    return token.end - token.start != len(token.text)


def _may_begin(token: Token) -> bool:
    """«DA» is an artery, «da» is not; a phrase found before stays whole."""
    if _is_phrase(token):
        return False
    return stem(token.folded) not in lexicon().neutral_stems or token.text.isupper()


def _skipped(token: Token, before: Token) -> bool:
    """Function words and the point of an abbreviation («E. coli») do not break a phrase."""
    return (token.folded in lexicon().function and token.folded not in DENIALS) or (
        token.folded == "." and token.start == before.end and (len(before.text) <= 2 or _is_clipped(before))
    )


def _is_clipped(token: Token) -> bool:
    """«Insuf.», «trast.»: a word that is read as a longer one."""
    return token.sort == "word" and token.folded != fold(token.text)


def carries(token: Token, text: str, place: int) -> bool:
    """The point after a clipped word, up to `place`, ends no sentence: «izq. (S82.6)», «et. 4», «insuf. renal»."""
    rest, said = text[place : place + 12].lstrip(), fold(token.text)
    following = rest[:1]
    if not following or token.sort != "word":
        return False
    if said in lexicon().clipped_units:
        return _DOSED.match(rest) is not None
    if following in ",;:/+)→=&" or said in lexicon().clipped_heads:
        return True
    if following.isupper() or not (following.isalnum() or following == "("):
        return False
    return _is_clipped(token) or said in lexicon().clipped_tails or _looks_clipped(token)


def _looks_clipped(token: Token) -> bool:
    """A word that ends as no Spanish one does, and that no list knows: «traumatol.» does not, «neum. 3» does."""
    said = token.folded
    return _UNFINISHED.fullmatch(said) is not None and not token.text.isupper() and stem(said) not in lexicon().phrases


def _atom(token: Token) -> str:
    return stem(token.folded) if token.sort == "word" else token.key or token.folded


def keys(text: str) -> list[str]:
    """The keys of a phrase in order, without those that state nothing."""
    return list(_keys(text))


@lru_cache(maxsize=4096)
def _keys(text: str) -> tuple[str, ...]:
    return tuple(t.key for t in tokens(text) if t.content)


def content(items: Iterable[Token]) -> list[Token]:
    return [t for t in items if t.content]
