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
_ROMAN = re.compile(r"^(?:I{1,3}|IV|V|VI{1,3}|IX|X|XI{0,3}|(?:I{1,3}|IV)[ABC])$")
_UNIT = "MSEG|MS|MCG|UG|UI|U|NG|PG|MMOL|MOSM|MG|GR|G|KG|ML|CC|DL|LTS?|L|CM|MMHG|MM|MEQ|HRS?|H|MIN|LPM|RPM|M2|DIA"
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
    "UI": "UI",
    "U": "U",
}
_LOWER_SHORT = frozenset(
    "a al ante bajo cada como con de del desde dia e el en era es esta este fue ha han hay la las le lo los mal mas "
    "mes muy ni no nos o para pero por que se sin sino sobre son su sus tal tras tan un una uno vez y ya buen alta "
    "baja leve piel ojo ojos ver voz via dos tres pie mano dolor tos hoy ayer luego solo asi aun dado dan tos sano "
    "sana frio pelo peso sed luz sal gas gel ano oido cara asma edad hijo hija hora mano nada poco rash soma tono "
    "tubo uña vena zona sem izq der obs red fx qx tx dx rx pre inf sup med lat ant ext pus dio mama papa fin "
    "amb cor max uso post pre via si eco ecos ser sea ese esa eso eje ala ion gen kit box van cae fin".split()
)
_NO_WORDS = frozenset("con sin por del los las obs sos pop sec".split())  # alone they name nothing
_BEFORE_TEN = frozenset("par pares craneal craneales nervio factor tipo grado etapa estadio fragil cromosoma".split())
_BEFORE_LETTER = frozenset("grupo hepatitis influenza vitamina vit tipo child clase etapa grado stanford ig".split())
_SYMBOLS = frozenset("Fe Na Ca Mg Zn Cl Li".split())
_AFTER_COLON = re.compile(
    r"(?<=: )(?:Se|Sin|No|Con|El|La|Los|Las|Paciente|Alta|Control|Dolor|Afebril|Estable|Evoluciona|Tolera|Persiste|"
    r"Normal|Presenta)\b"
)
_PARTS = "cerebro|encéfalo|cuello|tórax|abdomen|pelvis|columna|rodilla|cadera|hombro|tobillo|senos paranasales"
# «TC cerebro» written out wants its preposition.
_IMAGED = re.compile(rf"\b(tomografía computada|resonancia magnética|radiografía|ecografía) ({_PARTS})\b")
_TWO_PARTS = re.compile(r"\b(tórax|abdomen) (abdomen|pelvis)\b")
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


_TILDE = 0x303


class _Marks(dict[int, int | None]):
    """Code point → itself, or None for the marks that folding drops; learnt as they are met."""

    def __missing__(self, point: int) -> int | None:
        self[point] = None if unicodedata.category(chr(point)) == "Mn" and point != _TILDE else point
        return self[point]


_MARKS = _Marks()


def fold(text: str) -> str:
    """Lower case without accents, «ñ» kept: the form in which words are compared."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text.lower()).translate(_MARKS))


def unaccented(text: str) -> str:
    """Folded, with «n» for «ñ»: «año», «mañana»."""
    return fold(text).replace("ñ", "n")


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


def in_words(name: str) -> bool:
    """Whether somebody outside the profession finds a word in it: not in «J18.9», nor in «IRC»."""
    found = re.findall(r"[^\W\d_]{3,}", name)
    return any(not word.isupper() and word.lower() not in _NO_WORDS for word in found)


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


def is_acronym(word: str) -> bool:
    """True for what is written in capitals inside prose."""
    return word.upper() in _lexicon()[3]


def is_short_word(key: str) -> bool:
    """True for a short word of the language («hoy», «piel»), folded."""
    return key in _LOWER_SHORT


def is_proper(word: str) -> bool:
    """True for the names of people, places and germs."""
    return fold(word) in _lexicon()[4]


def is_shouted_in(phrase: str, note: str) -> bool:
    """True where the capitals of a phrase are no more than a habit: «TAL 7» in a note of ordinary letters is a name."""
    return _is_shouted(phrase) and (_is_shouted(note) or _has_loud_word(phrase))


def _is_shouted(text: str) -> bool:
    """All in capitals, or nearly so with a long word among them («CREATININA 2 mg/dL»)."""
    letters = [c for c in text if c.isalpha()]
    lower = sum(c.islower() for c in letters)
    return len(letters) > 1 and (not lower or (lower < 0.3 * len(letters) and _has_loud_word(text)))


def _has_loud_word(text: str) -> bool:
    return any(w.isupper() and not is_acronym(w) for w in re.findall(r"[^\W\d_]{6,}", text))


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
    """The first letter in lower case, unless the first word is an acronym, a symbol or a proper name."""
    first = re.match(r"(?:[áÁ]cido )?[^\W\d_]+(?:[-/+](?:ácido )?[^\W\d_]+)*", text)
    if not first:
        return text
    head = re.sub(r"[^\W\d_]+", lambda m: _lowered(m, first[0], text[first.end() :]), first[0])
    return head + text[first.end() :]


def _lowered(match: re.Match[str], head: str, rest: str) -> str:
    """One word of «Amoxicilina/Clavulánico», «Fe», «T», «A las 48 horas»."""
    word, following = match[0], head[match.end() :] or rest
    if fold(word) in _lexicon()[4] or word in _SYMBOLS or word in _lexicon()[1].values():
        return word
    if len(word) == 1:
        return word.lower() if word in "AOUY" and head == word and rest.startswith(" ") else word
    if match.start() and head[match.start() - 1] == "-" and len(word) < 4:  # «Anti-Xa»
        return word
    is_plain = word[1:].islower() and not re.match(r"[\d°]", following)
    return word[0].lower() + word[1:] if is_plain else word


def _tokens(text: str) -> list[str]:
    return _WORD.findall(text)


def plain(text: str, *, shouted: bool | None = None, context: str = "") -> str:
    """The phrase in sentence case with certain accents and habits mended; abbreviations kept.

    `context` is the text around it, which may show that an abbreviation has another reading.
    """
    shouted = _is_shouted(text) if shouted is None else shouted
    always, context = _lexicon()[1], fold(context or text)
    out: list[str] = []
    tokens = _tokens(text)
    for i, token in enumerate(tokens):
        key = fold(token)
        if not token[:1].isalpha() or (shouted and _is_letter(tokens, i)):
            out.append(token)
        elif shouted and _is_slashed(tokens, i):
            out.append(token.lower())
        elif key not in always or _other_reading(key, context) or (key == "ac" and token.isupper() and not shouted):
            is_word = shouted and _is_word(tokens, i)
            out.append(accented(token.lower() if is_word else _cased(token, shouted)))
        else:
            out.append(f" {always[key]}" if i and tokens[i - 1][:1].isdigit() else always[key])
            if tokens[i + 1 : i + 2] == ["."]:  # «Ac.clavulánico»
                tokens[i + 1] = " " if tokens[i + 2 : i + 3] and tokens[i + 2][0].isalnum() else ""
    joined = "".join(out)
    joined = _tidy(_sentence_lower(_UNITS.sub(_unit, joined) if shouted else joined))
    return _AFTER_COLON.sub(lambda m: m[0].lower(), joined).replace("requerimiento de de ", "requerimiento de ")


def _is_letter(tokens: list[str], i: int) -> bool:
    """«A(+)», «GRUPO O», «HEPATITIS A»: the name of a letter, and no preposition or conjunction."""
    if tokens[i] not in ("A", "O", "E"):
        return False
    after = tokens[i + 1] if i + 1 < len(tokens) else ""
    return after in ("(", "+", "-") or (i > 1 and fold(tokens[i - 2]) in _BEFORE_LETTER)


def _is_word(tokens: list[str], i: int) -> bool:
    """«SE VA», «SE DA»: a verb; «ASA VIABLE»: the gut, while «ASA II» is a class and «ASA 100 MG» a drug."""
    before = [t for t in tokens[max(i - 2, 0) : i] if not t.isspace()][-1:]
    after = [t for t in tokens[i + 1 : i + 3] if not t.isspace()][:1]
    if before and fold(before[0]) == "se":
        return True
    return fold(tokens[i]) == "asa" and bool(after and after[0].isalpha() and not _ROMAN.match(after[0]))


def _is_slashed(tokens: list[str], i: int) -> bool:
    """«S/ INCIDENTES», «C/FLIA», «X 5 DIAS», «X2» in capitals; «P/F», «S/P» and «PAR CRANEAL X» are none."""
    around = [*(tokens[max(i - 2, 0) : i] or [" "]), *tokens[i + 1 : i + 3], "", ""]
    offset = min(i, 2) or 1
    before, after, following = around[offset - 1 : offset + 2]
    if tokens[i][0] == "X" and not before.isdigit():
        is_times = tokens[i][1:].isdigit() or (tokens[i] == "X" and after.isspace() and following[:1].isalnum())
        return is_times and fold(around[0]) not in _BEFORE_TEN
    is_long = following[:1].isspace() or following[:1].isdigit() or len(following) > 3
    return tokens[i] in ("S", "C", "P", "Q") and before.isspace() and after == "/" and is_long


def _other_reading(key: str, context: str) -> bool:
    """True where the words around an abbreviation show, or leave open, a reading other than the listed one."""
    pattern = _kept().get(key)
    return bool(pattern and pattern.search(context))


@lru_cache(maxsize=1)
def _kept() -> dict[str, re.Pattern[str]]:
    data = tomllib.loads(resource("lexicon/abbreviations.toml").read_text(encoding="utf-8"))
    return {key: re.compile(pattern) for key, pattern in data["kept"].items()}


def expanded(text: str, *, shouted: bool | None = None, context: str = "") -> str:
    """`plain` with every abbreviation of one reading written out."""
    tokens = _tokens(plain(text, shouted=shouted, context=context))
    around = fold(context or text)
    written = _tidy("".join(_expansion(expansions(), tokens, i, around) for i in range(len(tokens))))
    return _IMAGED.sub(r"\1 de \2", _TWO_PARTS.sub(r"\1 y \2", written))


def _expansion(table: dict[str, str], tokens: list[str], i: int, context: str) -> str:
    key = fold(tokens[i])
    is_meant = key in table and is_acronym(tokens[i]) and _stands_alone(tokens, i)
    return table[key] if is_meant and not _other_reading(key, context) else tokens[i]


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
    text = re.sub(r"\s*([,;])(?:\s*[,;])+\s*|\s+([,;])(?=[^\W\d_])", r"\1\2 ", text)
    return re.sub(r"\s+([,;:.])(?=\s|$)", r"\1", text)


def forms(text: str, *, shouted: bool | None = None, context: str = "", expand: bool = True) -> tuple[str, ...]:
    """The ways to write a phrase: written out (unless not `expand`), as abbreviated, and the record's own words."""
    own = _tidy(text)
    written = (expanded(text, shouted=shouted, context=context),) if expand else ()
    candidates = (*written, plain(text, shouted=shouted, context=context), _sentence_lower(own), own)
    return tuple(dict.fromkeys(c for c in candidates if c))


def capitalised(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def enclitic(conjunction: str, following: str) -> str:
    """«y» or «o» before what follows: «e» before the sound /i/, «u» before /o/ (RAE, Ortografía 2010)."""
    if conjunction == "o":
        return "u" if fold(following).startswith(("o", "ho")) and not following[:2].isupper() else "o"
    return enclitic_and(following)


def enclitic_and(following: str) -> str:
    """«e hipertensión», but «y hierro»."""
    acronym = re.match(r"[A-Z][A-Z0-9]+\b", following)
    if acronym:  # spelled letter by letter: «e IOT», «y HIC»
        return "e" if following.startswith("I") else "y"
    start = fold(following)
    if start.startswith("hi") and not start.startswith(("hia", "hie", "hio")):
        return "e"
    return "e" if start.startswith("i") and not start.startswith(("ia", "ie", "io", "iu")) else "y"
