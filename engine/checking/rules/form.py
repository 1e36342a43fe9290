"""One continuous paragraph of plain Spanish, without traces of the machinery that wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.checking.alignment import Alignment
from engine.checking.reading import Word
from engine.checking.rules.common import violation
from engine.domain import Severity, Violation, ViolationType
from engine.evidence import Claim, Kind

_PATTERNS: tuple[tuple[re.Pattern[str], str, Severity], ...] = (
    (re.compile(r"[\r\n]+"), "El texto debe ser un solo párrafo, sin saltos de línea.", "blocking"),
    (
        re.compile(r"<\|?\w*\|?>|<\|[^|]*\|?|\[/?INST\]|</?s>"),
        "Restos de formato de la conversación con el modelo.",
        "blocking",
    ),
    (
        re.compile(r"(?:(?<=^)|(?<=[\n.:;] ))[-*•–]\s+|[•▪●]|\*\*|__|^#+ |`"),
        "Sin viñetas ni marcas de formato.",
        "blocking",
    ),
    (
        re.compile(r"[\u0400-\u052F\u0590-\u06FF\u0900-\u0DFF\u0E00-\u0E7F\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7AF]+"),
        "Caracteres de otra escritura.",
        "blocking",
    ),
    (re.compile("\ufffd|Ã[\u0080-\u00bf©³¡±]"), "Carácter dañado.", "blocking"),
    (
        re.compile(
            r"(?i)\b(?:the|and|with|was|were|patient|discharged?|admitted|treatment was|history of)\b(?:\W+\w+){0,3}\W+"
            r"(?:the|and|with|was|were|of|on|for|to|patient)\b"
        ),
        "Texto en otro idioma.",
        "blocking",
    ),
    (re.compile(r" {2,}|\t+"), "Espacios repetidos.", "warning"),
    (re.compile(r" [,;.:](?!\d)|,,|;;|(?<!\.)\.\.(?!\.)|, ?\.|; ?\."), "Puntuación repetida o suelta.", "warning"),
)
_SHORT = 4  # tokens: shorter sentences may well be said twice
_FIELDS: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    ("diagnosticos? de ingreso|motivo y diagnostico", (Kind.ADMISSION_DIAGNOSIS,)),
    ("diagnosticos? de (?:egreso|alta)", (Kind.DISCHARGE_DIAGNOSIS,)),
    ("motivo", (Kind.REASON,)),
    ("alergias", (Kind.ALLERGY,)),
    ("(?:farmacos|indicaciones|medicamentos) (?:al|de) alta", (Kind.PRESCRIPTION,)),
    ("procedimientos", (Kind.PROCEDURE,)),
    ("tratamientos?(?: intrahospitalarios?)?(?=$|[,/]| [yen])", (Kind.TREATMENT,)),
    ("evolucion", (Kind.COURSE,)),
    ("controles|seguimiento", (Kind.FOLLOW_UP,)),
    ("recomendaciones|indicaciones generales", (Kind.CARE,)),
    ("signos de alarma", (Kind.ALARM_SIGN,)),
    ("antecedentes(?: medicos| morbidos)?(?=$|[,/]| [yen])", (Kind.HISTORY,)),
)
# The field itself, alone or in a list of fields; «otros procedimientos» are others than those told.
_LEADING = r"(?:del |de (?:los |las |la )?|los |las |el |la |sin )?"
_LACKS = [(re.compile(rf"(?:^|[,/] ?|\b(?:y|e|ni) ){_LEADING}(?:{f})"), kinds) for f, kinds in _FIELDS]
_OTHERS = re.compile(r"\b(?:otr[oa]s?|resto|demas|mas)\b")


def check(alignment: Alignment) -> Iterator[Violation]:
    text = alignment.reading.text
    if not text.strip():
        yield violation("format", alignment, 0, len(text), "El texto está vacío.")
        return
    for pattern, reason, severity in _PATTERNS:
        for m in pattern.finditer(text):
            yield violation("format", alignment, m.start(), m.end(), reason, (), severity)
    numbering = "".join(text[start:end] for start, end in alignment.reading.labels)
    if text.count("(") - numbering.count("(") != text.count(")") - numbering.count(")"):
        yield violation("format", alignment, 0, 0, "Paréntesis sin cerrar.", (), "warning")
    yield from _not_missing(alignment)
    yield from _repeated(alignment)


def _not_missing(alignment: Alignment) -> Iterator[Violation]:
    """«No consignado» of something that the record gives."""
    for absence in alignment.reading.absences:
        for field, kinds in _LACKS if not _OTHERS.search(absence.what) else ():
            claim = next((c for c in alignment.record.evidence.of(*kinds) if not _is_other(c)), None)
            if claim and field.search(absence.what):
                kind: ViolationType = "allergy" if claim.kind is Kind.ALLERGY else "format"
                reason = "La ficha sí lo consigna."
                yield violation(kind, alignment, absence.start, absence.end, reason, claim.pointers)


def _is_other(claim: Claim) -> bool:
    """«Vive con su hija» is no medical history."""
    return all("/otros" in p for p in claim.pointers)


def _repeated(alignment: Alignment) -> Iterator[Violation]:
    """The same sentence twice."""
    sentences: dict[int, list[Word]] = {}
    for word in alignment.reading.words:
        sentences.setdefault(word.sentence, []).append(word)
    seen: set[tuple[str, ...]] = set()
    for words in sentences.values():
        said = tuple(w.token.folded for w in words)
        if len(said) > _SHORT and said in seen:
            yield violation(
                "format", alignment, words[0].token.start, words[-1].token.end, "Frase repetida.", (), "warning"
            )
        seen.add(said)
