"""What a clinical course tells: the limits, what may never be left out, and what weighs more than the rest.

Every rule on the length of the course stands here. The record's own words decide: the stems are in
resources/lexicon/course.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from engine.evidence.claims import Claim
from engine.evidence.language import fold, words
from engine.paths import resource

# Words of the clauses with their dates; with connectives that gives at most 150. A shorter course is told whole.
MAX_WORDS = 138
CLOSING_WORDS = 60  # of a long last note: what it ends with
MOMENT_WORDS = 2  # «día 3:», «el 02-10-2026,»
_DIES = re.compile(r"fallece\b|se constata (?:el )?fallecimiento|se constata defuncion")
_LEAVING = frozenset(("alta", "alta medica", "fallece", "fallecido", "fallecida"))
_DENIAL = re.compile(r"(?:sin|no|niega|ausencia)\b")
_OUTCOME = re.compile(r"\([+-]\)|positiv|negativ|:|desarroll|crec|pendient|sensib|resist|informa")
_LONG_CLAUSE = 3  # words; a shorter one («afebril») may well be said of two days
_SAME_AGAIN = 3  # words of a clause that only repeats what was already told: «noradrenalina 0.3»


@lru_cache(maxsize=1)
def _stems() -> dict[str, re.Pattern[str]]:
    data = tomllib.loads(resource("lexicon/course.toml").read_text(encoding="utf-8"))
    groups = {name: data[name].values() for name in ("always", "weight")}
    named = {"always": [s for group in groups["always"] for s in group], **data["weight"]}
    return {name: re.compile(rf"\b(?:{'|'.join(map(re.escape, stems))})") for name, stems in named.items()}


def is_key(clause: str) -> bool:
    """True for what no summary may leave out: cultures, complications, critical care, findings, outcome."""
    return bool(_stems()["always"].search(fold(clause)))


def weighed(course: Sequence[Claim]) -> list[Claim]:
    """The clauses of a course with `required` set: those of the last note, and the key ones.

    Where these alone pass the limit, a key clause that denies («sin incidentes») or says again in a few words what an
    earlier one said («noradrenalina 0.3») is left to choice.
    """
    closing, again = _closing(course) - _once(course), _again(course)
    marked = [
        replace(c, required=c.id in closing or (c.id not in again and is_key(f"{c.name} {c.forms[-1]}")))
        for c in course
    ]
    needed = [c for c in marked if c.required]
    if not is_long(needed):
        return marked
    return [replace(c, required=c.required and (c.id in closing or not _spare(c, needed))) for c in marked]


def _closing(course: Sequence[Claim]) -> frozenset[str]:
    """The state at discharge: the last note; of a long course no more than its last words."""
    last = [c for c in course if c.note == course[-1].note]
    if is_long(course):
        last = [c for i, c in enumerate(last) if size(last[i:]) <= CLOSING_WORDS or c is last[-1]]
    return frozenset(c.id for c in last)


def _again(course: Sequence[Claim]) -> frozenset[str]:
    """Clauses whose words the last note, or else an earlier one, has too: they are told once."""
    last = course[-1].note if course else ""
    closing = {fold(c.name) for c in course if c.note == last}
    seen: set[str] = set()
    out: set[str] = set()
    for claim in course:
        folded = fold(claim.name)
        if len(words(folded)) >= _LONG_CLAUSE and claim.note != last and folded in seen | closing:
            out.add(claim.id)
        seen.add(folded)
    return frozenset(out) | _once(course)


def _once(course: Sequence[Claim]) -> frozenset[str]:
    """A bare «fallece» beside a clause that tells the death, a bare «alta» that the leaving tells as well."""
    last = [c for c in course if c.note == course[-1].note]
    bare = {c.id: fold(c.name).strip(" .") for c in last}
    told = [c for c in last if bare[c.id] not in _LEAVING and c.polarity == "affirmed"]
    if any(_DIES.match(fold(c.name)) for c in told):
        return frozenset(i for i, name in bare.items() if name in ("fallece", "fallecido", "fallecida"))
    ends = not any(re.search(r"fallec|traslad|deriv", fold(c.name)) for c in last)
    return frozenset(i for i, name in bare.items() if told and ends and name in _LEAVING)


def size(claims: Iterable[Claim]) -> int:
    """Words of the clauses and of the moments before their notes."""
    told = list(claims)
    return sum(len(words(c.name)) for c in told) + MOMENT_WORDS * len({c.note for c in told})


def _spare(claim: Claim, needed: Sequence[Claim]) -> bool:
    """A denial, a state that goes on, a culture without its result, a few words about what was told before."""
    folded, own, stems = fold(claim.name), words(claim.name), _stems()
    if stems["results"].search(folded):
        return not _OUTCOME.search(folded)
    if _DENIAL.match(folded) or stems["still"].match(folded):
        return True
    earlier = needed[: needed.index(claim)]
    is_again = 0 < len(own) <= _SAME_AGAIN and any(max(own, key=len) in words(c.name) for c in earlier)
    return is_again and not stems["changes"].search(folded)


def is_long(course: Sequence[Claim]) -> bool:
    """True where not all can be told."""
    return size(course) > MAX_WORDS


def candidates(course: Sequence[Claim]) -> list[Claim]:
    """What may be told, in order: all of a short course; of a long one the required and the weightiest others."""
    again = _again(course)
    course = [c for c in course if c.id not in again]
    if not is_long(course):
        return course
    kept = [c for c in course if c.required]
    for claim in sorted(course, key=lambda c: -_weight(c, course[0].note)):
        if not claim.required and _weight(claim, course[0].note) and size([*kept, claim]) <= MAX_WORDS:
            kept.append(claim)
    told = {c.id for c in kept}
    return [c for c in course if c.id in told]


def _weight(claim: Claim, first_note: str) -> int:
    """0 for what a summary leaves out first, up to 4: findings of images, then changes of treatment."""
    folded = fold(claim.name)
    stems = _stems()
    if stems["images"].search(folded) and not _DENIAL.match(folded):
        return 4
    if _DENIAL.match(folded) or stems["routine"].search(folded):
        return 0
    if stems["changes"].search(folded):
        return 3
    return 2 if claim.note == first_note or stems["findings"].search(folded) else 1
