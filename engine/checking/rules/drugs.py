"""Dose, route, frequency and duration: each drug with its own, all that the record gives and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.checking.alignment import Alignment, Mention
from engine.checking.measures import Measure, Norm
from engine.checking.record import DRUGS, Detail, Entry
from engine.checking.rules.common import omitted, violation
from engine.checking.units import flat
from engine.domain import Severity, Violation, ViolationType
from engine.evidence import Kind, Section

_TYPE: dict[str, ViolationType] = {
    "dose": "dose",
    "route": "route",
    "frequency": "frequency",
    "duration": "duration",
    "sos": "frequency",
    "note": "dose",
}
_NOUN = {
    "dose": "La dosis",
    "route": "La vía",
    "frequency": "La frecuencia",
    "duration": "La duración",
    "sos": "La condición «SOS»",
    "note": "La indicación",
}


def check(alignment: Alignment) -> Iterator[Violation]:
    for mention in alignment.mentions:
        entry = alignment.record.entries[mention.entry]
        if entry.claim.kind in DRUGS:
            yield from _drug(alignment, mention, entry)
    yield from _habitual(alignment)
    yield from _loose_routes(alignment)


def _habitual(alignment: Alignment) -> Iterator[Violation]:
    """The dose of a drug taken before the admission, right after its name."""
    told = {i for q in alignment.quotes for i in q.entries}
    for index in alignment.record.of(Kind.HABITUAL):
        entry = alignment.record.entries[index]
        own = [m for m in entry.name.measures if m.kind == "dose"]
        if index in told or not own:
            continue
        for measure in _doses_after(alignment, entry.keys[0]):
            if not any(measure.same(m) for m in own):
                said = alignment.reading.text[measure.start : measure.end]
                reason = f"La ficha dice «{entry.label}», no {said}."
                yield violation("dose", alignment, measure.start, measure.end, reason, entry.claim.pointers)


def _doses_after(alignment: Alignment, key: str) -> Iterator[Measure]:
    """The doses written at once after a word of the admission part."""
    ends = {
        w.token.end
        for i, w in enumerate(alignment.reading.words)
        if w.key == key and w.section is Section.ADMISSION and i not in alignment.quoted
    }
    for measure in alignment.reading.measures:
        if measure.kind == "dose" and any(
            not alignment.reading.text[e : measure.start].strip() for e in ends if e <= measure.start
        ):
            yield measure


# «Cánula nasal», «tacto rectal», «alimentación oral» are no routes of a drug.
_PLAIN = re.compile(r"v|por via|e\.?v|i\.?v|i\.?m|s\.?c|endov|intra|subcut")


def _loose_routes(alignment: Alignment) -> Iterator[Violation]:
    """«Tolera vía oral» told otherwise: a route that no drug of the sentence has, nor any statement."""
    owned = {m.start for mention in alignment.mentions for m in (*mention.owned, *mention.shared)}
    told = frozenset(
        n for e in alignment.record.entries if e.claim.kind not in DRUGS for m in e.name.measures for n in m.norms
    )
    for measure in alignment.reading.measures:
        if (
            measure.kind != "route"
            or measure.start in owned
            or any(q.start <= measure.start < q.end for q in alignment.quotes)
            or not _PLAIN.match(flat(alignment.reading.text)[measure.start : measure.end])
            or measure.norms & (told | _routes_near(alignment, measure))
        ):
            continue
        said = alignment.reading.text[measure.start : measure.end]
        yield violation("route", alignment, measure.start, measure.end, f"La ficha no dice «{said}» de eso.")


def _routes_near(alignment: Alignment, measure: Measure) -> frozenset[Norm]:
    """Routes of the drugs named in the measure's sentence."""
    words = alignment.reading.words
    sentence = next((w.sentence for w in words if w.token.end > measure.start), -1)
    near = [alignment.record.entries[m.entry] for m in alignment.mentions if words[m.run.first].sentence == sentence]
    return frozenset(n for e in near for n in e.norms)


def _drug(alignment: Alignment, mention: Mention, entry: Entry) -> Iterator[Violation]:
    known = entry.norms | _told_of(alignment, entry) | _doses(alignment, entry)
    strange = [m for m in mention.owned if m.norms.isdisjoint(known) and not _in_name(alignment, entry, m)]
    told = frozenset(n for m in (*mention.owned, *mention.shared) for n in m.norms)
    lost = [d for d in entry.details if d.measures and not any(m.norms & told for m in d.measures)]
    for measure in strange:
        match = next((d for d in lost if d.measures[0].kind == measure.kind), None)
        if match:
            lost.remove(match)
        yield _wrong(alignment, entry, measure, match)
    for detail in lost:
        said = detail.attribute.forms[0]
        reason = f"Falta {_NOUN[_kind(detail)].lower()} de {entry.label}: {said}."
        severity: Severity = "warning" if _is_free(alignment, detail) else "blocking"
        yield omitted(entry, said, mention.reach, reason, severity)
    yield from _notes(alignment, mention, entry)


def _is_free(alignment: Alignment, detail: Detail) -> bool:
    """How often, how long or by which way is told somewhere of no drug: it may be told of several."""
    owned = {m.start for mention in alignment.mentions for m in mention.owned}
    wanted = frozenset(n for m in detail.measures for n in m.norms)
    free = (m for m in alignment.reading.measures if m.start not in owned and m.kind != "dose")
    return any(m.norms & wanted for m in free)


def _doses(alignment: Alignment, entry: Entry) -> frozenset[Norm]:
    """«En dos dosis»: as many as the list has lines of the drug."""
    twins = [e for e in alignment.record.entries if e.claim.kind is entry.claim.kind and e.keys == entry.keys]
    return frozenset({("dose", float(len(twins)), "dosis", ())}) if len(twins) > 1 else frozenset()


def _told_of(alignment: Alignment, entry: Entry) -> frozenset[Norm]:
    """Measures that a statement of the record tells of a treatment that has none of its own."""
    if entry.norms:
        return frozenset()
    naming = [e for e in alignment.record.entries if e.claim.kind not in DRUGS and set(entry.keys) <= set(e.keys)]
    return frozenset(n for e in naming for m in e.name.measures for n in m.norms)


def _kind(detail: Detail) -> str:
    return detail.measures[0].kind if detail.measures else "note"


def _wrong(alignment: Alignment, entry: Entry, measure: Measure, detail: Detail | None) -> Violation:
    noun, said = _NOUN[measure.kind], alignment.reading.text[measure.start : measure.end]
    if detail:
        reason = f"{noun} de {entry.label} es {detail.attribute.forms[0]} en la ficha, no {said}."
        pointers: tuple[str, ...] = (detail.attribute.pointer,)
    else:
        known = [d.attribute.forms[0] for d in entry.details if d.measures and d.measures[0].kind == measure.kind]
        reason = (
            f"{noun} de {entry.label} es {', '.join(known)} en la ficha, no {said}."
            if known
            else f"La ficha no consigna {noun.lower()} «{said}» para {entry.label}."
        )
        pointers = entry.claim.pointers
    return violation(_TYPE[measure.kind], alignment, measure.start, measure.end, reason, pointers)


def _in_name(alignment: Alignment, entry: Entry, measure: Measure) -> bool:
    """The measure belongs to the drug's own name («Dextrosa 50%», «Peritoneal 2,5%»)."""
    return any(measure.same(m) for m in entry.name.measures)


def _around(alignment: Alignment, mention: Mention) -> frozenset[str]:
    """The words told of a drug: up to its reach, before its name from where the last item ended, before the first."""
    words = alignment.reading.words
    sentence = words[mention.run.first].sentence
    before = [m for m in alignment.mentions if m.run.first < mention.run.first]
    floor = max((m.run.end for m in before), default=0)
    head = min((m.run.start for m in before if words[m.run.first].sentence == sentence), default=0)
    stop = max(mention.reach, mention.run.end)
    inside = (words[i] for i in alignment.reading.sentences[sentence])
    return frozenset(w.key for w in inside if w.key and (floor <= w.token.start < stop or w.token.start < head))


def _notes(alignment: Alignment, mention: Mention, entry: Entry) -> Iterator[Violation]:
    """Words of the indication that are no measure («según esquema», «dosis de carga»)."""
    worded = [d for d in entry.details if not d.measures and d.keys]
    near = _around(alignment, mention) if worded else frozenset()
    for detail in worded:
        if not detail.keys & near:
            yield omitted(
                entry,
                detail.attribute.forms[0],
                mention.reach,
                f"Falta «{detail.attribute.forms[0]}» en la indicación de {entry.label}.",
                "warning",
            )
