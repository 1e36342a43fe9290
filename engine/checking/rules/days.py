"""Days of stay: «día 3:», «al tercer día», «D10:» beside what the record tells of that day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from engine.checking.alignment import Alignment
from engine.checking.keeping import kept
from engine.checking.lexicon import lexicon
from engine.checking.pieces import matches
from engine.checking.reading import Word
from engine.checking.record import Entry, Record, root
from engine.checking.rules.common import violation
from engine.checking.rules.dates import quoted_after
from engine.checking.units import flat
from engine.domain import Severity, Violation
from engine.evidence.quantities import ORDINALS

_ORDINALS = {flat(name): int(number) for number, name in ORDINALS.items()}
_DAY = re.compile(rf"\b(?:dia |d)(?P<n>\d{{1,3}})\b(?! (?:de|h))|\b(?P<o>{'|'.join(_ORDINALS)}) dia\b")
_BY_ITSELF = re.compile(r"\b(?:al|(?:desde|hasta) el|a partir del) $")
_OPENING = re.compile(r"\. (?:El )?$")
_HEADING = re.compile(r"[:,]")
_NEAR = 4  # content words that a day is told of
_LEAST = 2  # of them that must be another day's


def check(alignment: Alignment) -> Iterator[Violation]:
    folded = flat(alignment.reading.text)
    for m in matches(_DAY, folded):
        if _is_code(alignment, m) or any(q.start <= m.start() < q.end for q in alignment.quotes):
            continue
        day = int(m["n"]) if m["n"] else _ORDINALS[m["o"]]
        heads = m["n"] is not None and _HEADING.match(folded, m.end()) is not None and _opens(alignment, m)
        quoted = quoted_after(alignment, m.end() + 1) if heads else []
        wrong = _of_another(alignment.record, quoted, day) if quoted else _by_words(alignment, m, day)
        wrong = wrong or _by_its_own(alignment, m, day)
        if wrong is not None:
            start, end = m.span("n" if m["n"] else "o")
            reason = f"«{wrong.label}» no es de ese día en la ficha."
            severity: Severity = "blocking" if quoted else "warning"
            yield violation("date", alignment, start, end, reason, wrong.claim.pointers, severity)


def _opens(alignment: Alignment, m: re.Match[str]) -> bool:
    """No word that says anything stands before the day in its clause; «grupo B. El día 3,» opens a sentence too."""
    if _OPENING.search(alignment.reading.text, 0, m.start()):
        return True
    words = alignment.reading.words
    first = alignment.reading.inside(*m.span())[0]
    return not any(
        w.token.sort == "word" and w.token.folded not in lexicon().function
        for w in _back(words[:first], words[first].clause)
    )


def _of_another(record: Record, quoted: list[tuple[Entry, ...]], day: int) -> Entry | None:
    """A statement told under this day that the record has of another, and whose words none of this day holds."""
    for entries in quoted:
        days = {e.claim.day for e in entries if e.claim.day is not None}
        if days and day not in days and not _held(record, entries[0], day):
            return entries[0]
    return None


def _held(record: Record, entry: Entry, day: int) -> bool:
    """Statements of the day say the same, parted otherwise by commas."""
    own = {part for e in record.entries if e.claim.day == day for part in flat(e.label).split(", ")}
    return set(flat(entry.label).split(", ")) <= own


def _by_words(alignment: Alignment, m: re.Match[str], day: int) -> Entry | None:
    """The statement that the words around the day tell best, where it is of another day and none of this day fits."""
    told = _around(alignment, m)
    scored = [(len(e.roots & told), days, e) for days, e in _by_days(alignment.record)]
    same = max((n + (n > 0 and day in _named(e)) for n, days, e in scored if day in days), default=0)
    other, _, entry = max((s for s in scored if s[1] and day not in s[1]), key=lambda s: s[0], default=(0, None, None))
    return entry if other > same and other >= _LEAST else None


def _by_its_own(alignment: Alignment, m: re.Match[str], day: int) -> Entry | None:
    """«Se retira al día 7»: every statement of the record with that word names a day itself, and none this one."""
    words, first = alignment.reading.words, alignment.reading.inside(*m.span())[0]
    if not _BY_ITSELF.search(flat(alignment.reading.text)[: m.start()]):
        return None
    before = next((w.key for w in _back(words[:first], words[first].clause) if w.key and not w.is_number), "")
    told = [e for e in alignment.record.entries if before and any(root(k) == root(before) for k in e.keys)]
    named = [_named(e) | ({e.claim.day} if e.claim.day is not None else set()) for e in told]
    return told[0] if told and all(map(_named, told)) and not any(day in n for n in named) else None


@kept
def _by_days(record: Record) -> list[tuple[set[int], Entry]]:
    return [(days_of(record, e), e) for e in record.entries]


def _is_code(alignment: Alignment, m: re.Match[str]) -> bool:
    return any(alignment.reading.words[i].special == "code" for i in alignment.reading.inside(*m.span()))


def _around(alignment: Alignment, m: re.Match[str]) -> set[str]:
    """The content words that follow, or those of the clause before where the day ends it."""
    words = alignment.reading.words
    inside = alignment.reading.inside(*m.span())
    clause = words[inside[0]].clause
    after = [w for w in words[inside[-1] + 1 :] if w.sentence == words[inside[0]].sentence]
    ends = not after or after[0].token.folded in ("y", "e") or after[0].token.sort == "mark"
    stop = next((i for i, w in enumerate(after) if w.token.text == ";" or w.special == "date"), len(after))
    told = _back(words[: inside[0]], clause) if ends else after[:stop]
    return set([root(w.key) for w in told if w.key and not w.is_number and not w.special][:_NEAR])


def _back(words: Sequence[Word], clause: int) -> list[Word]:
    """The words of the clause before the day, back to an «y»."""
    out: list[Word] = []
    for word in reversed(words):
        if word.clause != clause or word.token.folded in ("y", "e"):
            break
        out.append(word)
    return out


def days_of(record: Record, entry: Entry) -> set[int]:
    """The days that a statement may be of: its note's, of the stay or the month, and those that it names."""
    named = _named(entry)
    if entry.claim.day is not None:
        named.add(entry.claim.day)
    start, told = _start(record), entry.claim.date
    if start and told:
        try:
            passed = (date.fromisoformat(told) - date.fromisoformat(start)).days
        except ValueError:
            return named
        named |= {passed, passed + 1, date.fromisoformat(told).day}
    return named


def _named(entry: Entry) -> set[int]:
    """«Se retira drenaje al día 3»: the days that the statement itself tells."""
    return {int(m["n"]) if m["n"] else _ORDINALS[m["o"]] for m in _DAY.finditer(flat(entry.label))}


def _start(record: Record) -> str | None:
    stay = record.evidence.case.stay.start
    return stay.value[:10] if stay else min(record.evidence.dates, default=None)
