"""What a clause of the course opens with, and so which words may lead or join it.

The rules here only say what is allowed. Which of it reads best where is for whoever picks among the options.
"""

from __future__ import annotations

import re
from typing import Literal

from engine.drafting.grammar import Node, alt, seq
from engine.evidence import Claim
from engine.evidence.language import capitalised, words

LABEL = re.compile(r"^[^:]{1,45}: ")
STATES = frozenset(
    "favorable afebril febril estable inestable asintomatico asintomatica lucido lucida torpida torpido "
    "satisfactoria satisfactorio lenta estacionaria estacionario hipotenso hipotensa confuso confusa".split()
)
# Other states, which «evoluciona» does not fit as well; «se encuentra» fits all of a patient's.
OTHER_STATES = frozenset(
    "orientado orientada desorientado desorientada vigil consciente somnoliento somnolienta alerta tranquilo "
    "tranquila activo activa reactivo reactiva hidratado hidratada eutimico eutimica motivado motivada "
    "taquicardico taquicardica bradicardico bradicardica polipneico polipneica eupneico eupneica oligurico "
    "oligurica anurico anurica palido palida normotenso normotensa hipertenso hipertensa febricular subfebril "
    "eutermico eutermica hemodinamicamente cardiovascularmente taquipsiquico taquipsiquica inatento inatenta "
    "suspicaz euglicemico euglicemica".split()
)
_NOT_OF_PATIENT = frozenset(
    "favorable torpida torpido satisfactoria satisfactorio lenta estacionaria estacionario".split()
)
_VERBS = frozenset(
    "deambula tolera evoluciona presenta refiere responde requiere ingresa egresa mejora persiste continua "
    "mantiene inicia completa suspende retira logra desciende aumenta sube baja disminuye recibe queda pasa "
    "impresiona micciona recupera duerme succiona camina moviliza come".split()
)
# A verb within the clause: it is a sentence of its own, and «con» does not fit before it.
_WITHIN = _VERBS | frozenset(
    "mejoran descienden aumentan disminuyen persisten regresa regresan resuelve resuelven cede ceden revierte "
    "revierten corrige corrigen realimenta confirma confirman muestra muestran evidencia normaliza normalizan "
    "reinicia acepta participa obedece habla crea remite remiten sigue siguen es esta estan se niega fallece "
    "decide requirio recibio presento evoluciono permanece reaparece".split()
)
_BEFORE_NOUN = re.compile(r"[a-zñ]{3,}$")
_INFINITIVE = re.compile(r"(?:[ai]r|er|[aei]rse)$")  # «derivar a urología» is a plan, no finding
_PARTICIPLE = re.compile(r"[ai]d[oa]s?$")
_NOUNS = frozenset("sangrado herida heridas liquido estado contenido tejido".split())  # no participles
_UNLED = frozenset(
    "sin con no ni niega luego hoy ayer se el la los las lo al en por para post pendiente desde tras".split()
)
_NO_RESULT = frozenset("plan interconsulta indicacion indicaciones familia conducta".split())
_QUALITIES = frozenset(  # what a result is, not what an examination shows: «tomografía: normal»
    "normal normales negativo negativa negativos negativas positivo positiva positivos positivas estable estables "
    "conservada conservado adecuada adecuado satisfactoria satisfactorio elevado elevada aumentada pendientes".split()
)
_LABEL_WORDS = 5
_ARTICLES = {
    "la": "tomografia resonancia radiografia ecotomografia ecografia endoscopia colonoscopia coronariografia "
    "colangiografia colangiopancreatografia biopsia citologia angiografia rectosigmoidoscopia toracocentesis "
    "paracentesis laparoscopia cirugia",
    "el": "ecocardiograma electrocardiograma electroencefalograma doppler holter liquido cultivo urocultivo mielograma",
}


def part(claim: Claim) -> Literal["verb", "state", "noun"]:
    """What the clause opens with: only likes are joined by «y» («lúcida y orientada», not «deambula y dolor EVA 3»)."""
    first = _first(claim)
    if first in _VERBS:
        return "verb"
    return "state" if first in STATES or _PARTICIPLE.search(first) else "noun"


def evolves(claim: Claim) -> bool:
    """«Evoluciona» fits before it: «favorable», «afebril 48 horas»."""
    return _first(claim) in STATES


def is_nominal(claim: Claim) -> bool:
    """«Con» fits before it: an affirmed clause without a verb that opens with a noun, as far as its form tells."""
    first = _first(claim)
    return (
        claim.polarity == "affirmed"
        and LABEL.match(claim.name) is None
        and bool(_BEFORE_NOUN.match(first))
        and (part(claim) == "noun" or first in _NOUNS)
        and first not in _UNLED | OTHER_STATES
        and not _INFINITIVE.search(first)
        and _WITHIN.isdisjoint(words(claim.name))
        and " con " not in claim.name
    )


def led_forms(claim: Claim, forms: tuple[str, ...], *, capital: bool) -> tuple[Node, ...]:
    """A state that opens a sentence: «Evoluciona afebril», «Se encuentra orientada»; none for what is no state."""
    first = _first(claim)
    if claim.polarity != "affirmed" or LABEL.match(claim.name):
        return ()
    of_patient = first in (STATES | OTHER_STATES) - _NOT_OF_PATIENT
    verbs = ("evoluciona ",) * (first in STATES) + ("se encuentra ",) * of_patient
    return tuple(seq(capitalised(verb) if capital else verb, alt(*forms, style="name")) for verb in verbs)


def shown_forms(claim: Claim, forms: tuple[str, ...], *, capital: bool) -> tuple[Node, ...]:
    """«Ecocardiograma: FE 40%» as «el ecocardiograma muestra FE 40%» and «… con FE 40%»; none where a verb follows."""
    name, colon, told = claim.name.partition(": ")
    first = words(told)[:1]
    heading = words(name)
    if (
        not colon
        or not first
        or not 0 < len(heading) <= _LABEL_WORDS
        or heading[0].endswith("os")
        or not _NO_RESULT.isdisjoint(heading)
    ):
        return ()
    if first[0] in _UNLED | _QUALITIES or "," in told or not _WITHIN.isdisjoint(words(claim.name)):
        return ()
    article = next((f"{a} " for a, nouns in _ARTICLES.items() if heading[0] in nouns.split()), "")
    bare = [form for form in forms if ": " in form]
    return tuple(
        alt(*(_opened(form.replace(": ", way, 1), before, capital=capital) for form in bare), style="name")
        for way, before in ((" muestra ", article), (" con ", ""))
        if bare
    )


def _opened(text: str, before: str, *, capital: bool) -> str:
    return capitalised(before + text) if capital else before + text


def _first(claim: Claim) -> str:
    return next(iter(words(claim.name)), "")
