"""Whether a word is affirmed, negated or suspected where it stands.

The same rules read the record and the text. After a comma or «y» the reach of a negation is open to two readings:
such words are `open`, and agree with anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise, takewhile
from typing import Literal

from engine.checking.lexicon import lexicon, stem
from engine.checking.words import Token

Modality = Literal["affirmed", "negated", "suspected", "open"]

_NEGATIONS = frozenset(
    (
        "sin no niega niegan niegue nego negaba negando negaron negacion ni nunca jamas tampoco ausencia ningun"
        " ninguna desprovisto desprovista imposibilidad incapacidad falta carencia carece carecia careciendo"
        " descarta descartan descarto descartaron descartado descartada descartandose descartando excluye excluyo"
    ).split()
)
# «Libre de dolor», «nada de sangrado»: only before «de».
_NEGATIONS_OF = frozenset("libre libres exento exenta exentos exentas nada".split())
_LEFT_OF = frozenset("dejo deja dejan dejando dejaron".split())  # «dejó de vomitar»: it was, and is no more
_OF = frozenset(["de", "del"])
_BACKWARD = frozenset(
    "negativo negativa negativos negativas ausente ausentes descartado descartada descartados descartadas"
    " nulo nula nulos nulas".split()
)
# «Neumoperitoneo no hay», «fiebre nunca tuvo»: what is denied stands before, where nothing follows.
_DENIED_BEFORE = frozenset(["no", "nunca", "jamas", "tampoco", "ya"])
_HAS = re.compile(
    r"(?:hay|hubo|habia|tiene|tuvo|tenia|presenta|presento|presentaba|existe|existia|aparecio|aparece|ve|vio|observa|"
    r"observo|aprecia|aprecio|refiere|refirio|reporta|muestra|mostro|requirio|requiere|necesito|necesita|registra)n?$"
)
_DENIED_BACK = 2  # content words before such a verb
_AFFIRMATIVE = frozenset("positivo positiva positivos positivas".split())
_TURNS = _NEGATIONS | _NEGATIONS_OF | _LEFT_OF | _BACKWARD | _DENIED_BEFORE | _AFFIRMATIVE
_SIGNS = frozenset(["(+)", "(-)", "-"])
_SUSPICIONS = frozenset(
    "sospecha sospechas probable probables posible posibles presunto presunta impresiona sugerente sugiere".split()
)
_STOPS = frozenset("pero aunque se con que al tras luego hasta desde mientras posteriormente presenta por bajo".split())
_PLACES = frozenset("a al en segun".split())  # «sin arritmias al monitor» does not deny the monitor
_ALSO = frozenset(["y", "e"])
_JOINS = frozenset(["y", "e", "o", "u", "ni"])
_FORBIDS = ("evit", "prohib", "absten", "proscri", "suspender")  # a list of things
_CEASES = (
    "suspen",
    "retir",
    "destete",
    "resoluc",
    "desapar",
    "cese",
    "mejoria",
    "mejora",
    "corrig",
    "correcc",
    "remision",
    "cedi",
    "cede",
    "remit",
    "regres",
    "resolv",
    "resuelv",
    "cesa",
    *_FORBIDS,
)
# «La fiebre cedió»: the verbs, not «en regresión».
_CEASED_BEFORE = re.compile(
    r"(?:ced(?:e|io|iendo|ieron)|remit(?:e|io|iendo|ieron)|regres(?:a|o|ando|aba|aron)|desapare(?:ce|cio|ciendo|cieron)|"
    r"resolv(?:io|iendo|ieron)|resuelven?|ces(?:a|o|ando|aron))$"
)
_CEASED = 2  # content words that may have ceased
_NO_FINDING = frozenset(["presion", "sistema"])  # «presión negativa» denies nothing
_STATE = re.compile(
    r"(?:satura|tolera|deambula|camina|evolucion|mantien|mantenia|persist|logra|micciona|duerm|orientad|vigil|eutim)|"
    r"(?:afebril|tiene|tenia|esta|estaba|queda|quedaba|recibe|recibio)$"
)
_OPENS = frozenset("y e se con en el la al alta".split())
_UNITS = frozenset("% ° mmhg lpm rpm mg g ml cc metros minutos kg".split())
_CLAUSE = 8  # words after a comma in which it shows what follows
_LIST = 3  # commas after which a list is no longer denied, unless a «ni» follows
_REACH = 3  # content words that a cue surely reaches


def agree(one: Modality, other: Modality) -> bool:
    return one == other or "open" in (one, other)


NEGATION = re.compile(r"\b(?:sin|no|niega) (?=\w)")


def denies(token: Token) -> bool:
    """True where the word denies what follows it at once."""
    return token.folded in ("sin", "no", "niega", "nunca")


def changes_before(token: Token, after: Token | None = None) -> bool:
    """True where the word denies or doubts what follows it; `after` is the next one («nada de»)."""
    of = token.folded in _NEGATIONS_OF and after is not None and after.folded in _OF
    return token.folded in _NEGATIONS or token.folded in _SUSPICIONS or of


def changes_after(following: Sequence[Token]) -> bool:
    """True where the words right after a statement deny, affirm or doubt it."""
    first, second = ([t.folded for t in following] + ["", ""])[:2]
    sign = bool(following) and following[0].sort == "sign"
    return sign or first in _BACKWARD or first in _AFFIRMATIVE or (first, second) == ("en", "estudio")


def of(found: Sequence[Token], sentences: Sequence[int], special: Sequence[str]) -> list[Modality]:
    """The modality of each token."""
    out: list[Modality] = ["affirmed"] * len(found)
    for i, token in enumerate(found):
        if special[i]:
            continue
        if token.folded in _SUSPICIONS or (
            token.folded == "en" and i + 1 < len(found) and found[i + 1].folded == "estudio"
        ):
            _suspect(found, sentences, i, out)
        if token.folded.startswith(_CEASES) and (i == 0 or found[i - 1].folded not in _NEGATIONS):
            _cease(found, sentences, i, out, 1)
            if _CEASED_BEFORE.match(token.folded):
                _cease(found, sentences, i, out, -1)
        if token.folded in _TURNS or token.text in _SIGNS:
            _turn(found, sentences, i, out)
    return out


def _turn(found: Sequence[Token], sentences: Sequence[int], i: int, out: list[Modality]) -> None:
    """What a word that denies or affirms does to those around it."""
    token = found[i]
    if _denied_back(found, sentences, i):
        _backward(found, sentences, i - _is_already(found, i), out, "negated", _DENIED_BACK)
    elif (token.folded in _NEGATIONS and token.folded not in _BACKWARD) or (
        token.folded in ("descartado", "descartada") and _opens(found, i)
    ):
        _forward(found, sentences, i, out, "negated")
    elif _before_of(found, i, _NEGATIONS_OF):
        _forward(found, sentences, i + 1, out, "negated")
    elif _before_of(found, i, _LEFT_OF):
        _cease(found, sentences, i, out, 1)
    elif token.text == "(-)" or token.folded in _BACKWARD or _below_zero(found, i):
        _backward(found, sentences, i, out, "negated")
    elif token.text == "(+)" or token.folded in _AFFIRMATIVE:
        _backward(found, sentences, i, out, "affirmed")


def _before_of(found: Sequence[Token], i: int, words: frozenset[str]) -> bool:
    """One of the words, right before «de»."""
    return found[i].folded in words and i + 1 < len(found) and found[i + 1].folded in _OF


def _denied_back(found: Sequence[Token], sentences: Sequence[int], i: int) -> bool:
    """«Neumoperitoneo no hay», «fiebre no ha tenido»: the verb ends its clause; «fiebre: no», «vómitos (no)»."""
    if found[i].folded not in _DENIED_BEFORE or i == 0:
        return False
    after = [t for t, s in zip(found[i + 1 : i + 4], sentences[i + 1 : i + 4], strict=True) if s == sentences[i]]
    ends = [not after[n:] or after[n].sort == "mark" or after[n].folded in _ALSO for n in range(len(after) + 1)]
    has = [bool(_HAS.match(t.folded)) for t in after[:2]] + [False, False]
    participle = _has_been(after)
    if ends[0]:
        return found[i].folded == "no" and found[i - 1].text in (":", "(")
    return found[i - 1].sort == "word" and ((has[0] and ends[1]) or (participle and ends[2]))


def _has_been(after: Sequence[Token]) -> bool:
    """«Ha tenido», «se observa»."""
    first, second = ([t.folded for t in after] + ["", ""])[:2]
    return (first in ("ha", "han", "habia") and re.match(r"(?:tenid|presentad|habid|vist)o$", second) is not None) or (
        first in ("se", "le", "lo", "la", "los", "las") and _HAS.match(second) is not None
    )


def _is_already(found: Sequence[Token], i: int) -> int:
    """«Dolor ya no tiene»."""
    return int(found[i - 1].folded == "ya")


def _below_zero(found: Sequence[Token], i: int) -> bool:
    """«Balance -3 L» is a negative balance."""
    return (
        found[i].text == "-"
        and i > 0
        and found[i - 1].folded == "balance"
        and i + 1 < len(found)
        and found[i + 1].sort == "number"
    )


def _opens(found: Sequence[Token], i: int) -> bool:
    return i == 0 or found[i - 1].sort == "mark"


def _cease(found: Sequence[Token], sentences: Sequence[int], i: int, out: list[Modality], step: int) -> None:
    """«Retiro de oxígeno» tells that it was and that it is no more."""
    seen, j = 0, i
    lists = step > 0 and found[i].folded.startswith(_FORBIDS)
    while 0 <= (j := j + step) < len(found):
        if sentences[j] != sentences[i] or (found[j].sort == "mark" and not (lists and found[j].text == ",")):
            return
        if lists and (found[j].text == "," or found[j].folded in _JOINS):
            seen = 0
            continue
        if seen == _CEASED or (lists and found[j].folded in _STOPS):
            return
        if seen and found[j].folded in _ALSO:  # «se retira el catéter y presenta delirium»
            return
        if found[j].content and found[j].sort == "word":
            out[j] = "open"
            seen += 1


def _forward(found: Sequence[Token], sentences: Sequence[int], i: int, out: list[Modality], mode: Modality) -> None:
    seen = commas = 0
    sure = True
    is_relative = i > 0 and found[i - 1].folded == "que"  # «dolor que no cede o fiebre» does not deny the fever
    for j in range(i + 1, len(found)):
        token = found[j]
        if sentences[j] != sentences[i] or token.text in ";:(" or (token.folded in _STOPS - _PLACES and seen):
            return
        commas += token.text == ","
        if token.text == "," and mode == "negated" and _states(found, j + 1):
            return
        if commas > _LIST and not _goes_on(found, sentences, j):
            return
        if is_relative and seen and (token.sort == "mark" or token.folded in _JOINS):
            return
        if token.folded in _PLACES and seen:
            sure, seen = False, _REACH
        if token.text in ",)" or token.folded in _ALSO or seen >= _REACH:
            sure = False
        elif token.folded in ("ni", "o", "u"):
            sure, seen = True, 0
        if token.content and token.sort == "word":
            out[j] = mode if sure and (not seen or mode != "negated" or _may_be_denied(token)) else "open"
            seen += 1


def _states(found: Sequence[Token], i: int) -> bool:
    """«Niega disnea, satura 95%», «sin fiebre, T 36 °C»: what follows the comma states something of its own."""
    clause = list(takewhile(lambda token: token.sort != "mark" or token.text in "%°.", found[i : i + _CLAUSE]))
    opening = next((t for t in clause if t.folded not in _OPENS), None)
    if opening is not None and _STATE.match(opening.folded):
        return True
    return any(one.sort == "number" and (two.folded in _UNITS) for one, two in pairwise(clause))


def _may_be_denied(token: Token) -> bool:
    """«Sin signos de infección» denies the infection; «sin lesión de piel» denies no skin."""
    known = lexicon()
    return (
        stem(token.folded) in known.findings or token.key in known.findings or bool(known.endings.search(token.folded))
    )


def _goes_on(found: Sequence[Token], sentences: Sequence[int], j: int) -> bool:
    return denied_on([t for t, s in zip(found[j:], sentences[j:], strict=True) if s == sentences[j]])


def denied_on(rest: Sequence[Token]) -> bool:
    """«Sin fiebre, tos, disnea, dolor ni edema»: a «ni», before any other negation, shows that all is still denied."""
    return next((t.folded == "ni" for t in rest if t.folded == "ni" or denies(t)), False)


def _backward(
    found: Sequence[Token], sentences: Sequence[int], i: int, out: list[Modality], mode: Modality, most: int = 99
) -> None:
    seen = 0
    after = i - (found[i - 1].text in ":(" and found[i].folded == "no")  # «fiebre: no»
    for j in range(after - 1, -1, -1):
        token = found[j]
        if sentences[j] != sentences[i] or token.text in ";,.:()" or token.text in ("(+)", "(-)") or seen == most:
            return
        if token.folded in _NO_FINDING:
            return
        if token.content and token.sort == "word":
            out[j] = mode if seen == 0 else "open"
            seen += 1


def _suspect(found: Sequence[Token], sentences: Sequence[int], i: int, out: list[Modality]) -> None:
    if found[i].folded == "en":
        _backward(found, sentences, i, out, "suspected")
    else:
        _forward(found, sentences, i, out, "suspected")
