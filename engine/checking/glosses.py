"""Where a text explains a diagnosis of the record to the patient, and what may be said there.

«… (G93.1), que es daño cerebral por falta de oxígeno», «trastorno de la deglución o disfagia (R13)»: general words
state nothing more than the name does; a symptom that the disease is felt by is none of its own; the name of another
disease is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from engine.checking.alignment import Alignment, Mention
from engine.checking.keeping import kept
from engine.checking.lexicon import lexicon, stem
from engine.checking.reading import Word
from engine.checking.record import DIAGNOSES
from engine.checking.units import flat
from engine.evidence.language import fold
from engine.paths import resource

_CLOSE = 14  # letters between a name and what explains it: its code, a comma
_SAME = r"(?:es decir|o sea|vale decir|esto es|dicho de otro modo|en otras palabras|en simple|dicho en simple)"
_SAID = re.compile(rf"\b{_SAME}\b[^.;()]*|[—–][^—–.;]*[—–]|\([^()]*\)")
# What follows a diagnosis and its code as an explanation of it: not «, con…», «, sin…», «, y…», nor another item.
OPENS = re.compile(
    r"[,:]? ?(?:[(—–]|, )(?!(?:con|sin|y|e|ni|mas|ademas|tras|en|a|al|se|no|niega|sospecha|probable|posible)\b)"
)
CLOSES = re.compile(r"[,.;:()—–/]")
_OR_COLON = re.compile(rf"{OPENS.pattern}|: ")
# These open one that may go on beyond a comma: «, una infección de la piel, que…».
_TELLS = re.compile(rf"(?:, (?:una? |un[oa]s |que (?:es|son|significa|consiste|quiere) |lo que |cuando |{_SAME}\b)|: )")
_ENDS = re.compile(r"[.;:()—–]")
# What leads from the explanation to the name: «falta de potasio, llamada hipokalemia», «trastorno de deglución o…».
_LEADS = re.compile(
    rf"(?:\s[ou]|,? {_SAME},?|,? (?:llamad|denominad|conocid)[oa]s?(?: como)?|,? que se (?:llama|conoce como)|\s?\(|:|"
    r"\s[—–])\s?(?:(?:la|el|los|las|una?)\s)?$"
)
_BEGINS = re.compile(r"[.;:,()—–]|\b(?:por|con|de ingreso|de egreso|y|e)\s")
_FAR = 70  # letters of an explanation that leads to a name


@dataclass(frozen=True, slots=True)
class Gloss:
    """A stretch of the text that explains an item; `entry` is its index, none where it explains a finding."""

    start: int
    end: int
    entry: int | None


@dataclass(frozen=True, slots=True)
class _Words:
    plain: frozenset[str]
    signs: frozenset[str]
    felt: tuple[tuple[tuple[str, ...], frozenset[str]], ...]  # beginnings of a name's words, what it is felt as


def glosses(alignment: Alignment) -> tuple[Gloss, ...]:
    """Every explanation, in the order of the items."""
    folded = flat(alignment.reading.text)
    said = said_otherwise(alignment)
    named = [m for m in alignment.mentions if alignment.record.entries[m.entry].claim.kind in DIAGNOSES]
    out = [Gloss(s, e, m.entry) for m in named for s, e in said if _follows(m, s)]
    for mention in named:
        out.extend(
            Gloss(s, e, mention.entry) for s, e in (*_after(alignment, folded, mention), *_before(folded, mention))
        )
    return tuple(out)


@kept
def said_otherwise(alignment: Alignment) -> list[tuple[int, int]]:
    """Where something is said in other words, whatever it explains: in parentheses, after «es decir»."""
    return [m.span() for m in _SAID.finditer(flat(alignment.reading.text))]


def _follows(mention: Mention, start: int) -> bool:
    return 0 <= start - mention.run.end <= _CLOSE


def _after(alignment: Alignment, folded: str, mention: Mention) -> Iterator[tuple[int, int]]:
    """«… (G93.1), que es daño cerebral por falta de oxígeno, …»: up to the next mark, unless a code follows."""
    codes = {c.group for c in alignment.reading.codes}
    code = mention.run.code
    for place in {mention.run.end, code.end if code else mention.run.end}:
        opens = _OR_COLON.match(folded, place)
        ends = _ENDS if _TELLS.match(folded, place) else CLOSES
        closes = ends.search(folded, opens.end()) if opens else None
        if opens and closes and (closes.start() not in codes or ends is _ENDS):
            yield opens.end(), _stop(alignment, mention, closes.start())


def _stop(alignment: Alignment, mention: Mention, end: int) -> int:
    """No further than where the next item begins."""
    return min((m.run.start for m in alignment.mentions if mention.run.end < m.run.start < end), default=end)


def _before(folded: str, mention: Mention) -> Iterator[tuple[int, int]]:
    """«Trastorno de la deglución o disfagia (R13)»: from the last mark, or the word that begins the item."""
    floor = max(0, mention.run.start - _FAR)
    leads = _LEADS.search(folded, floor, mention.run.start)
    if leads:
        begins = [m.end() for m in _BEGINS.finditer(folded, floor, leads.start())]
        yield (begins[-1] if begins else floor), leads.start()


def is_plain(alignment: Alignment, word: Word, within: tuple[Gloss, ...]) -> bool:
    """The word adds nothing to the item that it explains."""
    return any(_says_nothing(alignment, word, g) for g in within if g.start <= word.token.start < g.end)


def _says_nothing(alignment: Alignment, word: Word, gloss: Gloss) -> bool:
    base = stem(word.token.folded)
    if is_general(word.token.folded):
        return True
    label = fold(alignment.record.entries[gloss.entry].label) if gloss.entry is not None else ""
    names = re.findall(r"[^\W\d_]+", label)
    return any(base in felt and any(n.startswith(begins) for n in names) for begins, felt in _words().felt)


def is_general(said: str) -> bool:
    """One of the general words with which diseases are explained."""
    return stem(fold(said)) in _words().plain


def names_a_disease(said: str) -> bool:
    """A word that names a disease, which no explanation may add: no symptom, no general word."""
    base, known = stem(fold(said)), lexicon()
    is_sign = base in known.signs or base in _words().signs
    return base in known.findings | known.organisms and not is_sign and not is_general(said)


@lru_cache(maxsize=1)
def _words() -> _Words:
    data = tomllib.loads(resource("lexicon/glosses.toml").read_text(encoding="utf-8"))
    felt = tuple((tuple(k.split()), _stems(words)) for k, words in data["felt"].items())
    return _Words(_stems(data["plain"]["words"]), _stems(data["signs"]["words"]), felt)


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(fold(w)) for w in words.split())
