"""A text read once: tokens with their sentence, part and modality, and the codes, dates and measures in it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from engine.checking import calendar, measures, modality, sections
from engine.checking.absence import Absence, absences
from engine.checking.acronyms import Acronyms
from engine.checking.families import family
from engine.checking.guide import Guide
from engine.checking.guide import stated as stated_hints
from engine.checking.labels import labels
from engine.checking.measures import Measure
from engine.checking.modality import Modality
from engine.checking.pieces import CARRIERS
from engine.checking.units import flat
from engine.checking.words import Token, carries, tokens
from engine.evidence import Section

_CODE = re.compile(
    r"\((?:ATC:\s?|CIE-?10:?\s?)?(?P<code>[A-Z]\d{2}(?:\.[\dX]{1,2})?|[A-Z]\d{2}[A-Z]{1,2}(?:\d{2})?|[A-Z]\d{3,4}|"
    r"\d{2}\.\d{1,2}|\d{2}-\d{2}-\d{3})\)"
)
_PARENTHESES = re.compile(r"\([^()]{1,160}\)")
_AMONG = re.compile(r"(?<![\w.,/-])(?:[A-Z]?\d[\dA-Z]*(?:\.[\dX]{1,2})?|\d{2}-\d{2}-\d{3})(?![\w/-]|[.,]\d)")
_BARE = re.compile(r"(?<![\w.(])[A-Z]\d{2}(?:\.\d{1,2}|[A-Z]{2}\d{2})(?=\]?(?:[,.;:)](?!\d)|$| [ye] ))")
_SURE = re.compile(r"[A-Z]\d{2}\.\d{1,2}|[A-Z]\d{2}[A-Z]{2}\d{2}")  # what can be nothing else
_SHORT = re.compile(rf"(?:^|[^\d\s]\s|[(])(?:[A-Za-z]|[DS]rs?|{'|'.join(CARRIERS)})$")
_DOTTED = re.compile(r"(?:^|[\s(])(?:[^\W\d_]\.){1,3}[^\W\d_]$")  # «v.o. c/8 h», «s.c. (B01AB05)»
_BEFORE = 8  # characters that hold the longest of them with what stands before it

Special = Literal["", "code", "date", "absent", "label"]


class Code(NamedTuple):
    """A code of the text; `group` is where its parentheses open, which may hold several (its own place without any)."""

    value: str
    start: int
    end: int
    group: int


def same_code(one: str, other: str | None) -> bool:
    """«96.33» and «9633» are one code."""
    if other is None or one[:1] != other[:1]:
        return False
    return one == other or one.replace(".", "") == other.replace(".", "")


class Word(NamedTuple):
    """A token in its place. `sentence` counts from 0; `clause` changes at every comma, semicolon or colon."""

    token: Token
    sentence: int
    clause: int
    section: Section
    modality: Modality
    special: Special
    key: str  # of the token; none for a code, a date or what is not recorded
    is_number: bool


@dataclass(frozen=True)
class Reading:
    text: str
    words: tuple[Word, ...]
    codes: tuple[Code, ...]
    dates: tuple[calendar.Date, ...]
    measures: tuple[Measure, ...]
    absences: tuple[Absence, ...] = ()
    labels: tuple[tuple[int, int], ...] = ()  # the marks that number a list

    def inside(self, start: int, end: int) -> range:
        """Indexes of the words that touch a stretch of the text."""
        return range(bisect_right(self._ends, start), bisect_left(self._starts, end))

    def starting(self, start: int, end: int) -> range:
        """Indexes of the words that begin within a stretch of the text."""
        return range(bisect_left(self._starts, start), bisect_left(self._starts, end))

    def first_from(self, place: int) -> int:
        """Index of the first word that begins at a place or after it; the number of words where none does."""
        return bisect_left(self._starts, place)

    def measured(self, start: int, end: int) -> tuple[Measure, ...]:
        """The measures that begin within a stretch of the text."""
        return self.measures[bisect_left(self._measures, start) : bisect_left(self._measures, end)]

    def measure_at(self, place: int) -> Measure | None:
        """The measure that covers a place of the text."""
        before = bisect_right(self._measures, place)
        return self.measures[before - 1] if before and place < self.measures[before - 1].end else None

    @cached_property
    def content(self) -> list[int]:
        """The indexes of the words that state something."""
        return [i for i, word in enumerate(self.words) if word.key]

    @cached_property
    def by_key(self) -> dict[str, list[int]]:
        """Where each content word stands."""
        out: dict[str, list[int]] = {}
        for i in self.content:
            out.setdefault(self.words[i].key, []).append(i)
        return out

    @cached_property
    def sentences(self) -> dict[int, range]:
        """The indexes of the words of each sentence."""
        return _stretches([w.sentence for w in self.words])

    @cached_property
    def clauses(self) -> dict[int, range]:
        """The indexes of the words of each clause."""
        return _stretches([w.clause for w in self.words])

    def code_of(self, first: int, last: int) -> Code | None:
        """The code told of some words: before them in the same parentheses («(B98.0: infección por…)»), or after."""
        start = self.words[first].token.start
        open_, close = self.text.rfind("(", 0, start), self.text.rfind(")", 0, start)
        before = [c for c in self._groups.get(open_, ()) if c.end <= start] if open_ > close else []
        return before[-1] if before else self.code_after[last]

    def together(self, code: Code) -> tuple[Code, ...]:
        """The codes of the same parentheses, in order."""
        return self._groups[code.group]

    @cached_property
    def by_family(self) -> dict[str, list[int]]:
        """Where each family of words stands."""
        out: dict[str, list[int]] = {}
        for key, places in self.by_key.items():
            out.setdefault(family(key), []).extend(places)
        return out

    @cached_property
    def code_after(self) -> tuple[Code | None, ...]:
        """For each word the next code of its sentence."""
        out: list[Code | None] = [None] * len(self.words)
        for i in range(len(self.words) - 2, -1, -1):
            following = self.words[i + 1]
            if following.sentence != self.words[i].sentence:
                continue
            place = following.token.start
            is_code = following.special == "code"
            out[i] = next(c for c in self.codes if c.start <= place < c.end) if is_code else out[i + 1]
        return tuple(out)

    @cached_property
    def _groups(self) -> dict[int, tuple[Code, ...]]:
        out: dict[int, tuple[Code, ...]] = {}
        for code in self.codes:
            out[code.group] = (*out.get(code.group, ()), code)
        return out

    @cached_property
    def _measures(self) -> list[int]:
        return [m.start for m in self.measures]

    @cached_property
    def _starts(self) -> list[int]:
        return [w.token.start for w in self.words]

    @cached_property
    def _ends(self) -> list[int]:
        return [w.token.end for w in self.words]


def _stretches(numbers: Sequence[int]) -> dict[int, range]:
    """Where each number stands in a row that never falls."""
    out: dict[int, range] = {}
    start = 0
    for i, number in enumerate(numbers):
        if number != numbers[start]:
            out[numbers[start]] = range(start, i)
            start = i
    return out | ({numbers[start]: range(start, len(numbers))} if numbers else {})


def read(
    text: str,
    codes: frozenset[str] = frozenset(),
    section: Section | None = None,
    acronyms: Acronyms | None = None,
    stated: Sequence[tuple[int, int, Section]] = (),
    dates: frozenset[str] = frozenset(),
    guide: Guide | None = None,
    days: frozenset[int] = frozenset(),
) -> Reading:
    """Reads a text. `codes` are the record's, known as codes whatever their shape; `section` fixes the part;
    `dates` are those of the record (ISO), so that a day told alone is known; `days` the days of stay that it names.

    `stated` are stretches that tell a statement of the record, with its part: no cue of another part within counts.
    `guide` knows of which part the items of the record are.
    """
    folded = flat(text)
    found_codes, numbering = tuple(_codes(text, codes)), tuple(labels(text))
    inside = {
        place for start, end in (*((c.start, c.end) for c in found_codes), *numbering) for place in range(start, end)
    }
    found_dates = tuple(d for d in calendar.dates(text, dates, days) if d.start not in inside)
    found = acronyms.joined(tokens(text), text) if acronyms else tokens(text)
    lacking = tuple(absences(folded)) if section is None else ()
    special = _specials(found, found_codes, found_dates, lacking, numbering)
    sentences, clauses = _bounds(text, found, special)
    scanned = tuple(m for m in measures.scan(text) if m.start not in inside)
    votes = _hints(text, folded, found, found_codes, scanned, stated, lacking, guide) if section is None else []
    parts = sections.assign(found, clauses, votes) if section is None else [section] * len(found)
    modes = modality.of(found, sentences, special)
    words = tuple(map(_word, found, sentences, clauses, parts, modes, special))
    return Reading(text, words, found_codes, found_dates, scanned, lacking, numbering)


def _hints(
    text: str,
    folded: str,
    found: list[Token],
    codes: tuple[Code, ...],
    scanned: tuple[measures.Measure, ...],
    stated: Sequence[tuple[int, int, Section]],
    lacking: tuple[Absence, ...],
    guide: Guide | None,
) -> list[sections.Hint]:
    cued = list(sections.cues(text, folded, stated, [(a.start, a.end) for a in lacking]))
    out = [*cued, *stated_hints(stated)]
    if guide:
        out.extend(guide.hints(folded, found, [(c.value, c.start, c.end) for c in codes], scanned, cued))
    return out


def _word(token: Token, sentence: int, clause: int, section: Section, modality: Modality, special: Special) -> Word:
    if modality == "negated" and token.key in ("fiebr", "febril"):  # «sin fiebre» is «afebril»
        token, modality = token._replace(key="=afebril"), "affirmed"
    key, is_number = ("", False) if special else (token.key, token.sort == "number")
    return Word(token, sentence, clause, section, modality, special, key, is_number)


def _codes(text: str, known: frozenset[str]) -> list[Code]:
    """The codes between parentheses, alone, several together or with words; and those of the record without them."""
    plain = frozenset(c.replace(".", "") for c in known)
    out: list[Code] = []
    for paren in _PARENTHESES.finditer(text):
        whole = _CODE.fullmatch(paren[0])
        inside = paren[0][1:-1].strip()
        if whole or inside.replace(".", "") in plain:
            out.append(Code(whole["code"] if whole else inside, *paren.span(), paren.start()))
            continue
        for m in _AMONG.finditer(text, paren.start() + 1, paren.end() - 1):
            before, after = text[: m.start()].rstrip()[-1], text[m.end() :].lstrip()[0]
            is_apart = before in "(,;:/" or after in "),;:/"
            if _SURE.fullmatch(m[0]) or (m[0].replace(".", "") in plain and is_apart):
                out.append(Code(m[0], m.start(), m.end(), paren.start()))
    taken = {place for c in out for place in range(c.start, c.end)}
    bare = (m for m in _BARE.finditer(text) if m[0].replace(".", "") in plain and m.start() not in taken)
    return sorted([*out, *(Code(m[0], *m.span(), m.start()) for m in bare)], key=lambda c: c.start)


def _specials(
    found: list[Token],
    codes: tuple[Code, ...],
    dates: tuple[calendar.Date, ...],
    lacking: tuple[Absence, ...],
    numbering: tuple[tuple[int, int], ...],
) -> list[Special]:
    out: list[Special] = [""] * len(found)
    starts = [t.start for t in found]
    special: list[tuple[Special, int, int]] = [("absent", a.start, a.end) for a in lacking]
    special += [("date", d.start, d.end) for d in dates]
    special += [("code", c.start, c.end) for c in codes]
    special += [("label", start, end) for start, end in numbering]
    for kind, start, end in special:
        for i in range(bisect_left(starts, start), bisect_left(starts, end)):
            out[i] = kind
    return out


def _bounds(text: str, found: list[Token], special: list[Special]) -> tuple[list[int], list[int]]:
    sentence = clause = 0
    sentences: list[int] = []
    clauses: list[int] = []
    before: Token | None = None
    for token, kind in zip(found, special, strict=True):
        clause += kind == "label"
        sentences.append(sentence)
        clauses.append(clause)
        if not kind and token.sort == "mark":
            ends = _ends(text, token, before)
            clause += token.text in ",;:" or ends
            sentence += ends
        before = token
    return sentences, clauses


def _ends(text: str, token: Token, before: Token | None) -> bool:
    """A full stop before a space or the end, that no abbreviation carries."""
    after = text[token.end : token.end + 1]
    if token.text not in ".!?" or (after and not after.isspace()):
        return False
    if token.text == "." and before is not None and before.end == token.start and carries(before, text, token.end):
        return False
    said = text[max(0, token.start - _BEFORE) : token.start]
    goes_on = _DOTTED.search(said) and not text[token.end :].lstrip()[:1].isupper()
    return not goes_on and not _SHORT.search(said)
