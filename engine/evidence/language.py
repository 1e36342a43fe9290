"""Spanish ward language: folding, accents, capitals and abbreviations.

Everything here changes how a phrase looks, never what it says: an abbreviation with two readings stays.
The word lists stand in resources/lexicon/.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache

from engine.paths import resource

_WORD = re.compile(r"[^\W\d_]+(?:\d+[^\W\d_]*)*|\d+(?:[.,]\d+)*|\s+|.", re.UNICODE)
_ROMAN = re.compile(r"^(?:I{1,3}|IV|V|VI{1,3}|IX|X|XI{0,3})$")
_UNIT = "MCG|NG|PG|MMOL|MOSM|MG|GR|G|KG|ML|CC|DL|LTS?|L|CM|MMHG|MM|MEQ|HRS?|H|MIN|LPM|RPM|M2|DIA"
_UNITS = re.compile(rf"(\d\s?)((?:{_UNIT})(?:/(?:{_UNIT}))*)\b", re.IGNORECASE)
_UNIT_LETTERS = {
    "MMHG": "mmHg",
    "L": "L",
    "LT": "L",
    "LTS": "L",
    "DL": "dL",
    "MEQ": "mEq",
    "GR": "g",
    "HR": "h",
    "HRS": "horas",
    "H": "h",
    "DIA": "día",
    "MOSM": "mOsm",
}
_LOWER_SHORT = frozenset(
    "a al ante bajo cada como con de del desde dia el en era es esta este fue ha han hay la las le lo los mal mas "
    "mes muy ni no nos o para pero por que se sin sino sobre son su sus tal tras tan un una uno vez y ya buen alta "
    "baja leve piel ojo ojos ver voz via dos tres pie mano dolor tos hoy ayer luego solo asi aun dado dan tos sano "
    "sana frio pelo peso sed luz sal gas gel ano oido cara asma edad hijo hija hora mano nada poco rash soma tono "
    "tubo uña vena zona".split()
)
# Orthography: a word in -ción, -sión, -xión (singular) always carries the accent; so do these Greek endings in Chile.
_ENDINGS = (
    (re.compile(r"(?<=[a-zñ])(sc|tr)op(ic[oa]s?)$"), r"\1óp\2"),
    (re.compile(r"(?<=[a-zñ])log(ic[oa]s?)$"), r"lóg\1"),
    (re.compile(r"(?<=[a-zñ])graf(ic[oa]s?)$"), r"gráf\1"),
    (re.compile(r"(?<=[a-zñ])pat(ic[oa]s?)$"), r"pát\1"),
    (re.compile(r"(?<=[a-zñ])([gb]|sc|h)em(ic[oa]s?)$"), r"\1ém\2"),
    (re.compile(r"(?<=[a-zñ])(p|r)oet(ic[oa]s?)$"), r"\1oét\2"),
    (re.compile(r"(?<=[a-zñ]{2})gen(ic[oa]s?)$"), r"gén\1"),
    (re.compile(r"(?<=[a-zñ]{2})(ci|si|xi)on$"), r"\1ón"),
    (re.compile(r"(?<=[a-zñ])(graf|scop|pat|log|tom|plast|raf|plej|cirug)ia(s?)$"), r"\1ía\2"),
)


def fold(text: str) -> str:
    """Lower case without accents, «ñ» kept: the form in which words are compared."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    kept = (c for c in decomposed if unicodedata.category(c) != "Mn" or c == "\u0303")
    return unicodedata.normalize("NFC", "".join(kept))


def words(text: str) -> list[str]:
    """The folded words and numbers of a text, punctuation left out."""
    return re.findall(r"[^\W_]+(?:[.,]\d+)*", fold(text))


@lru_cache(maxsize=1)
def _lexicon() -> tuple[dict[str, str], dict[str, str], dict[str, str], frozenset[str], dict[str, str]]:
    abbreviations = tomllib.loads(resource("lexicon/abbreviations.toml").read_text(encoding="utf-8"))
    accents = {fold(word): word for word in _listed("accents.txt")}
    eponyms = {fold(word): word for word in _listed("eponyms.txt")}
    acronyms = frozenset(_listed("acronyms.txt"))
    return abbreviations["expand"], abbreviations["always"], accents, acronyms, eponyms


def _listed(name: str) -> list[str]:
    lines = resource(f"lexicon/{name}").read_text(encoding="utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


def expansions() -> dict[str, str]:
    """Abbreviation (folded) → its one reading."""
    return _lexicon()[0]


def accented(word: str) -> str:
    """The word with the accent that a terse note dropped, where only one spelling exists."""
    _, _, accents, _, _ = _lexicon()
    lower = word.lower()
    if lower in accents:
        return _with_case(accents[lower], word)
    for pattern, replacement in _ENDINGS:
        if pattern.search(lower):
            return _with_case(pattern.sub(replacement, lower), word)
    return word


def _with_case(spelling: str, like: str) -> str:
    if like.isupper() and len(like) > 1:
        return spelling.upper()
    return spelling[0].upper() + spelling[1:] if like[0].isupper() else spelling


def _is_shouted(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return len(letters) > 1 and not any(c.islower() for c in letters)


def _cased(token: str, shouted: bool) -> str:
    _, _, _, acronyms, eponyms = _lexicon()
    if fold(token) in eponyms and (shouted or token[0].isupper()):
        return eponyms[fold(token)]
    if not shouted or (token.upper() in acronyms and fold(token) not in _LOWER_SHORT):
        return token
    if _ROMAN.match(token) or any(c.isdigit() for c in token):
        return token
    short = len(token) <= 3
    if fold(token) in _LOWER_SHORT:
        return token.lower()
    return token if short or (len(token) <= 5 and not re.search("[aeiou]", fold(token))) else token.lower()


def _sentence_lower(text: str) -> str:
    """The first letter in lower case, unless the first word is an acronym or a proper name."""
    first = re.match(r"[^\W\d_]+", text)
    if (
        not first
        or re.match(r"[\d°]", text[first.end() :])
        or fold(first[0]) in _lexicon()[4]
        or first[0] in _lexicon()[1].values()
        or (not first[0][1:].islower()
        and len(first[0]) > 1)
    ):
        return text
    return text[0].lower() + text[1:]


def _tokens(text: str) -> list[str]:
    return _WORD.findall(text)


def plain(text: str) -> str:
    """The phrase in sentence case with certain accents and habits mended; abbreviations kept."""
    shouted = _is_shouted(text)
    always = _lexicon()[1]
    out: list[str] = []
    tokens = _tokens(text)
    for i, token in enumerate(tokens):
        if not token[0].isalpha():
            out.append(token)
            continue
        key = fold(token)
        if key in always and not (key == "ac" and token.isupper() and not shouted):
            out.append(always[key])
            out.extend(
                " "
                for _ in range(
                    key == "ac" and i + 2 < len(tokens) and tokens[i + 1] == "." and not tokens[i + 2].isspace()
                )
            )
            if i + 1 < len(tokens) and tokens[i + 1] == ".":
                tokens[i + 1] = "\0"
            continue
        out.append(accented(_cased(token, shouted)))
    text = "".join(out).replace("\0", "")
    return _tidy(_sentence_lower(_UNITS.sub(_unit, text) if shouted else text))


def expanded(text: str) -> str:
    """`plain` with every abbreviation of one reading written out."""
    table = expansions()
    tokens = _tokens(plain(text))
    return _tidy(
        "".join(
            table[fold(t)] if fold(t) in table and t.upper() in _lexicon()[3] and _stands_alone(tokens, i) else t
            for i, t in enumerate(tokens)
        )
    )


def _unit(match: re.Match[str]) -> str:
    """«0.6 CC/KG/HR» → «0.6 cc/kg/h»: the usual letters of each unit."""
    return match[1] + "/".join(_UNIT_LETTERS.get(u.upper(), u.lower()) for u in match[2].split("/"))


def _stands_alone(tokens: list[str], i: int) -> bool:
    """False inside a compound such as «FA/CV» or «V4-TC»."""
    before = tokens[i - 1] if i else " "
    after = tokens[i + 1] if i + 1 < len(tokens) else " "
    return before not in "/-+" and after not in "/-+"


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip(" .;,")
    return re.sub(r"\s+([,;:.])(?=\s|$)", r"\1", text)


def forms(text: str) -> tuple[str, ...]:
    """The ways to write a phrase: written out, as abbreviated, and the record's own words."""
    own = _tidy(text)
    candidates = (expanded(text), plain(text), _sentence_lower(own), own)
    return tuple(dict.fromkeys(c for c in candidates if c))


def capitalised(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def enclitic_and(following: str) -> str:
    """«y», or «e» before the sound /i/ (RAE, Ortografía 2010): «e hipertensión», but «y hierro»."""
    start = fold(following)
    if start.startswith("hi") and not start.startswith(("hia", "hie", "hio")):
        return "e"
    return "e" if start.startswith("i") and not start.startswith(("ia", "ie", "io", "iu")) else "y"
