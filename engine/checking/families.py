"""Word formation: «inmovilización», «inmoviliza», «inmovilizado» are one family; so are «hígado» and «hepático»."""

from __future__ import annotations

import re
from functools import lru_cache

from engine.checking.lexicon import lexicon, stem
from engine.checking.words import keys

# Endings that make a verb, a noun or an adjective of the same thing, from stems without gender and number.
_ENDING = re.compile(
    r"(?:izacion|izad|izand|izant|iz|acion|icion|uccion|cion|ion|adur|amient|imient|ament|ad|id|and|iend|abl|"
    r"ibl|ez|ativ|itiv|iv|ar|aron|ieron|os|ic|ism|al|aj|in|i)$"
)
_LEAST = 4  # letters that tell a family


@lru_cache(maxsize=8192)
def family(key: str) -> str:
    """The key without its derivational ending; drugs, numbers and groups of several words stand for themselves."""
    base = _base(key)
    return _kin().get(base, base)


def _base(key: str) -> str:
    word = stem(key[1:]) if key[:1] == "=" and " " not in key else key
    if word[:1] in "=®" or len(word) <= _LEAST or word[0].isdigit():
        return word
    base = _ENDING.sub("", word)
    base = base if len(base) >= _LEAST else word
    return base.removesuffix("t") if base.endswith("ct") else base


@lru_cache(maxsize=1)
def _kin() -> dict[str, str]:
    """Families that no ending tells, by the base of each word: «hepátic» → «hígad»."""
    out: dict[str, str] = {}
    for line in lexicon().kin:
        bases = [_base(k) for word in line for k in keys(word)[:1]]
        out.update(dict.fromkeys(bases, bases[0]))
    return out
