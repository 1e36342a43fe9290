"""What a Spanish word is made from: «transfusión», «transfundió», «transfundida» are of one base.

Wider than `families`, which decides what may be said: this only decides what has been told.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache

from engine.paths import resource

_CLOSE = 5  # letters of a base, or of a root, that another word begins with
_TAIL = 2  # letters more that the longer one may have
_ENCLITIC = re.compile(r"(?:(?<=\w{3}[aei]r)|(?<=ndo))(?:se|lo|la|los|las|le|les|nos|me)$")
_SUFFIX = re.compile(
    r"(?<=\w{4})(?:ificaciones|ificacion|izaciones|izacion|aciones|acion|iciones|icion|uciones|ucion|siones|sion|ciones|cion|"
    r"amientos?|imientos?|adores|adoras?|ador|edores|edora?|antes?|ientes?|ancias?|encias?|abl[ei]s?|ibles?|aduras?|eduras?|"
    r"izad[oa]s?|izando|izar|iza|izo|ad[oa]s?|id[oa]s?|ando|iendo|aron|ieron|aban?|ian?|aran?|eran?|iran?|adas?|"
    r"ivas?|ivos?|icas?|icos?|ales|al|osos?|osas?|ias?|io|ios|ar|er|ir|arse|erse|irse|ismos?|istas?|ones|on|"
    r"mente|ues|ue|uen|[aeo]n|[aeo]s|[aeoi]|s)$"
)


@lru_cache(maxsize=16384)
def base(word: str) -> str:
    """The folded word without pronouns and endings, one of its forms for all where the root changes."""
    word = _ENCLITIC.sub("", word)
    while (shorter := _SUFFIX.sub("", word)) != word:
        word = shorter
    return _changed(word)


def _changed(word: str) -> str:
    """«Transfus» is «transfund», «duerm» «dorm»: the first of the line of which a long root begins the word."""
    begins = (first for root, first in _roots().items() if len(root) >= _CLOSE and word.startswith(root))
    return _roots().get(word) or next(begins, word)


@lru_cache(maxsize=1)
def _roots() -> dict[str, str]:
    """Each root with the first of its line, the longest first."""
    data = tomllib.loads(resource("lexicon/paraphrases.toml").read_text(encoding="utf-8"))
    found = {r: line.split()[0] for line in data["roots"]["groups"].strip().splitlines() for r in line.split()}
    return {r: found[r] for r in sorted(found, key=lambda r: -len(r))}


@lru_cache(maxsize=16384)
def akin(one: str, other: str) -> bool:
    """Two bases of one word: the same, or the longer one ends a little later."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    return len(short) >= _CLOSE and long.startswith(short) and len(long) - len(short) <= _TAIL
