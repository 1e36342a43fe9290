"""Diagnoses, procedures and drugs: each in the text once, in its list, and nothing of another list."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.checking.alignment import Alignment, Mention
from engine.checking.ellipses import shares_its_head, told_around, told_in_full_before
from engine.checking.families import family
from engine.checking.reading import Word, same_code
from engine.checking.record import DIAGNOSES
from engine.checking.rules.common import ITEM_TYPE, NOUNS, omitted, violation
from engine.checking.rules.sides import SIDES
from engine.checking.support import implied
from engine.checking.units import flat
from engine.domain import Severity, Violation
from engine.evidence import Kind, Section

_IGNORED = frozenset(
    {"especificad", "post", "atencion", "pared", "cara"}
)  # «post exacerbación» is «tras la exacerbación»
_CLIPPED = 3  # letters of an abbreviation that any longer word may spell out
_CAPITALS = range(2, 6)  # letters of an abbreviation of several words
_TOLERABLE = 0.5  # a name with less than this share of its words is another name


def check(alignment: Alignment) -> Iterator[Violation]:
    for index in alignment.missing:
        yield _missing(alignment, index)
    for mention in alignment.mentions:
        yield from _altered(alignment, mention)


def _missing(alignment: Alignment, index: int) -> Violation:
    entry = alignment.record.entries[index]
    noun = NOUNS[entry.claim.kind]
    elsewhere = _elsewhere(alignment, index)
    if elsewhere is not None:
        start, end, _section = elsewhere
        reason = f"«{entry.label}» es {noun.removeprefix('el ')} en la ficha y aparece en otra parte del texto."
        return violation(ITEM_TYPE[entry.claim.kind], alignment, start, end, reason, entry.claim.pointers)
    return omitted(entry, entry.label, len(alignment.reading.text), f"Falta {noun} «{entry.label}».")


def _elsewhere(alignment: Alignment, index: int) -> tuple[int, int, Section] | None:
    """A run that names the missing item whole, that no other claim accounts for."""
    entry = alignment.record.entries[index]
    taken = {i for m in alignment.mentions for i in range(m.run.first, m.run.last + 1)}
    for run in alignment.named[entry.keys]:
        if len(run.keys) == len(entry.keys) and not taken & set(range(run.first, run.last + 1)):
            return run.start, run.end, run.section
    return None


def _altered(alignment: Alignment, mention: Mention) -> Iterator[Violation]:
    """A name with a word less, or with another word in its place."""
    entry = alignment.record.entries[mention.entry]
    lost = [
        k
        for k in entry.keys
        if k not in mention.run.keys
        and k not in _IGNORED
        and not _spelled_out(alignment, mention, k)
        and not implied(k, mention.run.keys)
        and not _beside_code(alignment, mention, k)
        and not _abbreviated(alignment, mention, k)
        and not _told_before(alignment, mention, k)
    ]
    strange = _strange(alignment, mention)
    if not lost:
        yield from _of_another_list(alignment, mention, strange)
        return
    end = max([mention.run.end, *(w.token.end for w in strange)])
    said = alignment.reading.text[mention.run.start : end]
    severity: Severity = "blocking" if strange or mention.share < _TOLERABLE else "warning"
    yield violation(
        ITEM_TYPE[entry.claim.kind],
        alignment,
        mention.run.start,
        end,
        f"La ficha dice «{entry.label}»; el texto dice «{said}».",
        entry.claim.pointers,
        severity,
    )


def _spelled_out(alignment: Alignment, mention: Mention, key: str) -> bool:
    """«T. ansioso» told as «trastorno ansioso», «obs. tumor» as «en observación de tumor»."""
    before = alignment.reading.words[max(0, mention.run.first - 3) : mention.run.first]
    return len(key) <= _CLIPPED and any(w.token.folded.startswith(key) for w in before)


def _beside_code(alignment: Alignment, mention: Mention, key: str) -> bool:
    """«Bota de yeso (93.54, inmovilización)»: the rest of the name stands with the code."""
    code, reading = mention.run.code, alignment.reading
    if code is None:
        return False
    inside = reading.inside(code.group, reading.text.find(")", code.end - 1))
    return any(family(reading.words[i].key) == family(key) for i in inside if reading.words[i].key)


def _abbreviated(alignment: Alignment, mention: Mention, key: str) -> bool:
    """«BAV completo (I44.2)», «CAD grave (E10.1)»: capitals beside the item's own code that stand for its words."""
    entry, run = alignment.record.entries[mention.entry], mention.run
    if run.code is None or not same_code(run.code.value, entry.claim.code):
        return False
    letters = re.sub(r"\W", "", flat(entry.label))
    near = alignment.reading.words[max(0, run.first - 2) : run.last + 1]
    said = [w.token.folded for w in near if w.token.text.isupper() and len(w.token.text) in _CAPITALS]
    return any(key[0] in s and letters.startswith(s[0]) and re.search(".*?".join(s), letters) for s in said)


def _told_before(alignment: Alignment, mention: Mention, key: str) -> bool:
    """The word was told of this item before, or of the one before it: «ese absceso», «… y de pelvis»."""
    entry, run, reading = alignment.record.entries[mention.entry], mention.run, alignment.reading
    if run.code is None or not same_code(run.code.value, entry.claim.code):
        return False
    if key not in SIDES and told_around(reading, run.code, _of_others(alignment, mention), key):
        return True
    return told_in_full_before(reading, entry, run.first, run.last, key) or shares_its_head(
        reading, entry, run.first, key
    )


def _of_others(alignment: Alignment, mention: Mention) -> set[int]:
    """The words that name other items."""
    return {i for m in alignment.mentions if m is not mention for i in range(m.run.first, m.run.last + 1)}


def _strange(alignment: Alignment, mention: Mention) -> list[Word]:
    """Words inside the name or right after it, up to a mark, that are not the item's own."""
    entry = alignment.record.entries[mention.entry]
    words = alignment.reading.words
    out = [w for w in words[mention.run.first : mention.run.last + 1] if w.key and not entry.holds(w.key)]
    for word in words[mention.run.last + 1 : mention.run.last + 4]:
        if word.token.sort == "mark" or word.special or word.token.folded in ("y", "e", "con", "se"):
            break
        if word.key and not entry.holds(word.key) and word.token.sort == "word":
            out.append(word)
    return out


def _of_another_list(alignment: Alignment, mention: Mention, strange: list[Word]) -> Iterator[Violation]:
    """«Neumonía resuelta» told at admission: the word belongs to the discharge lists alone."""
    entry = alignment.record.entries[mention.entry]
    if entry.claim.section is not Section.ADMISSION:
        return
    yield from _treated(alignment, mention)
    for word in strange:
        holders = [e for e in alignment.record.entries if word.key in e.all_keys]
        leaving = [e for e in holders if e.claim.section in (Section.DISCHARGE, Section.PLAN)]
        told_so = any(set(entry.keys) < set(e.keys) for e in leaving)
        if (
            leaving
            and not any(
                e.claim.section is Section.ADMISSION and (e.claim.kind in DIAGNOSES or not told_so) for e in holders
            )
            and (told_so or len(leaving) == len(holders))
        ):
            yield violation(
                "dx",
                alignment,
                word.token.start,
                word.token.end,
                f"«{word.token.text}» es del egreso: al ingreso la ficha dice «{entry.label}».",
                (*entry.claim.pointers[:1], *leaving[0].claim.pointers[:1]),
            )


def _treated(alignment: Alignment, mention: Mention) -> Iterator[Violation]:
    """«Angina inestable tratada» at admission: elsewhere the word is a mere verb («tratada con»)."""
    following = alignment.reading.words[mention.run.last + 1 : mention.run.last + 3]
    if (
        not following
        or not following[0].token.folded.startswith("tratad")
        or following[-1].token.folded in ("con", "en")
    ):
        return
    entry, word = alignment.record.entries[mention.entry], following[0].token
    told = [c for c in alignment.record.evidence.of(Kind.DISCHARGE_DIAGNOSIS) if "tratad" in c.forms[-1].lower()]
    if told:
        yield violation(
            "dx",
            alignment,
            word.start,
            word.end,
            f"«{word.text}» es del egreso: al ingreso la ficha dice «{entry.label}».",
            (*entry.claim.pointers[:1], *told[0].pointers[:1]),
        )
