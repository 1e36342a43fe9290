"""Items told once more, or in the list of another part: admission and discharge diagnoses, stay and discharge drugs."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checking.alignment import Alignment, Mention, Run
from engine.checking.reading import same_code
from engine.checking.record import DIAGNOSES, DRUGS, Entry
from engine.checking.rules.common import NOUNS, violation
from engine.checking.units import flat
from engine.domain import Violation
from engine.evidence import Kind, Section

_LEAVING = (Section.DISCHARGE, Section.PLAN)
_STAY = (Section.STAY, Section.COURSE)
_NEAR = 60  # code points after a name in which its details stand


def check(alignment: Alignment) -> Iterator[Violation]:
    for mention in alignment.mentions:
        if alignment.record.entries[mention.entry].claim.kind in DIAGNOSES:
            yield from _of_the_other_list(alignment, mention)
    yield from _beside_its_code(alignment)
    taken = {i for m in alignment.mentions for i in range(m.run.first, m.run.last + 1)} | alignment.quoted
    for index in alignment.record.of(*DRUGS):
        yield from _told_again(alignment, index, taken)


def _others(alignment: Alignment, kind: Kind) -> list[tuple[Mention, Entry]]:
    """The diagnoses of the other list that the text tells, and where."""
    indexes = alignment.record.of(*(DIAGNOSES - {kind}))
    return [(alignment.found[i], alignment.record.entries[i]) for i in indexes if i in alignment.found]


def _elsewhere(mention: Mention, start: int, end: int) -> bool:
    """It is told in its own place: here it is told in the wrong one."""
    return mention.run.end <= start or mention.run.start >= end


def _of_the_other_list(alignment: Alignment, mention: Mention) -> Iterator[Violation]:
    """«Neumonía en tratamiento» at admission, where the record has the rest of the name at discharge alone."""
    entry = alignment.record.entries[mention.entry]
    folded = flat(alignment.reading.text)
    start = mention.run.start
    own = max((len(f) for f in _forms(entry) if folded.startswith(f, start)), default=0)
    for told, other in _others(alignment, entry.claim.kind):
        for form in _forms(other):
            end = start + len(form)
            longer = own < len(form) and len(form) > mention.run.end - start
            if (
                longer
                and _elsewhere(told, start, end)
                and folded.startswith(form, start)
                and not folded[end : end + 1].isalnum()
            ):
                yield _misplaced(alignment, start, end, entry, other)
                return


def _beside_its_code(alignment: Alignment) -> Iterator[Violation]:
    """A diagnosis of the one list right before the code of a diagnosis of the other."""
    folded = flat(alignment.reading.text)
    for code in alignment.reading.codes:
        before = folded[: code.start].rstrip(" (,;:")
        kind = _kind_at(alignment, len(before) - 1)
        owners = [alignment.record.entries[i] for i in alignment.record.of(kind)]
        own = [e for e in owners if same_code(code.value, e.claim.code)]
        if not own or any(_ends(before, f) for e in own for f in _forms(e)):
            continue
        for told, other in _others(alignment, kind):
            form = next((f for f in _forms(other) if _ends(before, f)), "")
            start = len(before) - len(form)
            if form and _elsewhere(told, start, len(before)) and not _same_words(own, other):
                yield _misplaced(alignment, start, len(before), own[0], other)


def _kind_at(alignment: Alignment, place: int) -> Kind:
    """Which of the lists of diagnoses the part of the text tells."""
    inside = alignment.reading.inside(max(0, place), place + 1)
    is_late = bool(inside) and alignment.reading.words[inside[0]].section in _LEAVING
    return Kind.DISCHARGE_DIAGNOSIS if is_late else Kind.ADMISSION_DIAGNOSIS


def _ends(before: str, form: str) -> bool:
    return before.endswith(form) and not before[: -len(form)][-1:].isalnum()


def _same_words(own: list[Entry], other: Entry) -> bool:
    return any(set(e.keys) == set(other.keys) for e in own)


def _forms(entry: Entry) -> list[str]:
    return [flat(f) for f in entry.claim.forms]


def _misplaced(alignment: Alignment, start: int, end: int, entry: Entry, other: Entry) -> Violation:
    said = alignment.reading.text[start:end]
    return violation(
        "dx",
        alignment,
        start,
        end,
        f"«{said}» es {NOUNS[other.claim.kind].removeprefix('el ')}; {NOUNS[entry.claim.kind]} es «{entry.label}».",
        (*entry.claim.pointers[:1], *other.claim.pointers[:1]),
    )


def _told_again(alignment: Alignment, index: int, taken: set[int]) -> Iterator[Violation]:
    """A drug's name that no item of its list accounts for: in the other list, or twice in its own with its details."""
    entry = alignment.record.entries[index]
    for run in alignment.named[entry.keys]:
        if len(run.keys) < len(entry.keys) or taken.intersection(range(run.first, run.last + 1)):
            continue
        if index in alignment.found and _same_item(alignment, entry, alignment.found[index].run, run):
            continue
        if _in_other_list(alignment, entry, run):
            where = "al alta" if run.section in _LEAVING else "en la hospitalización"
            reason = f"«{entry.label}» no está indicado {where} en la ficha."
            yield violation("med", alignment, run.start, run.end, reason, entry.claim.pointers)
        elif index in alignment.found and run.section in _own_parts(entry) and _with_details(alignment, entry, run):
            reason = f"«{entry.label}» ya está en esta lista."
            yield violation("med", alignment, run.start, run.end, reason, entry.claim.pointers, "warning")


def _same_item(alignment: Alignment, entry: Entry, one: Run, other: Run) -> bool:
    """«LVF 750 mg (levofloxacino, …)»: the name once more before the one code, but none of its details again."""
    first, last = sorted((one, other), key=lambda run: run.start)
    stop = _detailed_to(alignment, last)
    again = _told(alignment, entry, first.end, last.start) & _told(alignment, entry, last.end, stop)
    return one.code is not None and one.code == other.code and not again


def _own_parts(entry: Entry) -> tuple[Section, ...]:
    return _STAY if entry.claim.kind is Kind.TREATMENT else _LEAVING


def _in_other_list(alignment: Alignment, entry: Entry, run: Run) -> bool:
    """In the drugs of the other part of the text, of which nothing in the record tells it."""
    if entry.claim.kind is Kind.TREATMENT:
        parts: tuple[Section, ...] = _LEAVING if run.section is Section.PLAN else ()
    else:
        parts = (Section.ADMISSION, *_STAY) if run.section is Section.STAY else ()
    told = (e for e in alignment.record.entries if set(entry.keys) <= set(e.all_keys) and e is not entry)
    return bool(parts) and not any(e.claim.section in parts for e in told)


def _with_details(alignment: Alignment, entry: Entry, run: Run) -> bool:
    """A measure or date of the drug stands right after the name."""
    return bool(_told(alignment, entry, run.end, _detailed_to(alignment, run)))


def _detailed_to(alignment: Alignment, run: Run) -> int:
    """Where the details of a drug's name end at the latest: at the next item."""
    return min([run.end + _NEAR, *(m.run.start for m in alignment.mentions if m.run.start > run.end)])


def _told(alignment: Alignment, entry: Entry, start: int, stop: int) -> set[object]:
    """The measures and dates of the drug that a stretch of the text tells."""
    near = alignment.reading.measured(start, stop)
    dates = {a.value for a in entry.claim.attributes if a.kind == "date"}
    told = (d for d in alignment.reading.dates if start <= d.start < stop)
    return {n for m in near for n in m.norms & entry.norms} | {x for d in told for x in dates if d.fits(x)}
