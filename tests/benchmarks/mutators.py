"""What every planted error is made of: the changed text, where it was changed, and where an item of the record stands.

Nothing here asks the checker: an item is found in the text by its own words and code.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from engine.evidence import Claim, Evidence, Kind
from engine.evidence.language import fold


@dataclass(frozen=True, slots=True)
class Mutant:
    """A text with one error at `start`–`end` of it; `types` name it fittingly.

    `lost` is what stood there before; `pointers` are the fields of the item that was left out or changed, so that a
    report that names the item is known to speak of the change.
    """

    text: str
    start: int
    end: int
    types: frozenset[str]
    lost: str
    pointers: frozenset[str] = frozenset()

    @property
    def change(self) -> str:
        return f"{self.lost} → {self.text[self.start : self.end]}"


Mutator = Callable[[str, Evidence, random.Random], Mutant | None]
DRUGS = (Kind.TREATMENT, Kind.PRESCRIPTION)
DIAGNOSES = (Kind.ADMISSION_DIAGNOSIS, Kind.DISCHARGE_DIAGNOSIS)
LEAVING = (Kind.DISCHARGE_DIAGNOSIS, Kind.PRESCRIPTION, Kind.FOLLOW_UP, Kind.CARE, Kind.ALARM_SIGN)
N = r"\d+(?:[.,]\d+)?"
CODE = r"(?:[A-Z]\d{2}(?:\.\d{1,2}|[A-Z]{2}\d{2})?|[A-Z]\d{3}|\d{2}\.\d{1,2})"
NUMBERS = "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince".split()
_EGRESS = re.compile(
    r"(?:\b(?:[Dd]iagn[oó]sticos?|[Dd]gs?\.?|[Dd]x\.?) (?:de |al )?(?:egreso|alta)|\b[Ee]gres[ao]\b|[Ss]e da de alta|"
    r"\b[Dd]e alta\b|\bAl? ?[Aa]lta\b|\b[Ff]allec)"
)
_DETAILS = r"(?:\d[.,]\d|(?! [ye] )[^;,.(])*"
_ITEM_END = re.compile(rf"{_DETAILS}(?:\([^)]*\))?{_DETAILS}")
_EMPTY = frozenset(  # words of a statement that name nothing of it
    "para ante cada hasta desde sobre entre durante consultar acudir control controles urgencia urgencias presenta "
    "registra consigna paciente mantiene queda logra evoluciona signos caso alta".split()
)


def put(text: str, start: int, end: int, new: str, *types: str, claim: Claim | None = None) -> Mutant:
    """The text with `new` in the place of `start`–`end`."""
    pointers = frozenset(claim.pointers) if claim else frozenset()
    changed = text[:start] + new + text[end:]
    return Mutant(changed, start, start + len(new), frozenset(types), text[start:end], pointers)


def one(pattern: str, text: str, rng: random.Random, start: int = 0, end: int | None = None) -> re.Match[str] | None:
    """A random match of the pattern within `start`–`end`."""
    found = list(re.compile(pattern).finditer(text, start, len(text) if end is None else end))
    return rng.choice(found) if found else None


@lru_cache(maxsize=64)
def flat(text: str) -> str:
    """The folded text with one code point for each of the original."""
    folded = fold(text)
    return folded if len(folded) == len(text) else "".join(fold(c)[:1] or " " for c in text)


def boundary(text: str, evidence: Evidence) -> int:
    """Where the discharge begins: the last cue before the first discharge diagnosis, as it is told last."""
    place = -1
    for claim in evidence.of(Kind.DISCHARGE_DIAGNOSIS):
        place = max(
            text.rfind(f"({claim.code})") if claim.code else -1, *(flat(text).rfind(flat(f)) for f in claim.forms)
        )
        if place >= 0:
            break
    cues = [m.start() for m in _EGRESS.finditer(text)]
    if place < 0:
        return next((c for c in cues if 2 * c > len(text)), len(text))
    return max((c for c in cues if c <= place), default=place)


def part(text: str, evidence: Evidence, kind: Kind) -> tuple[int, int]:
    """The half of the text in which an item of this kind is told."""
    cut = boundary(text, evidence)
    return (cut, len(text)) if kind in LEAVING else (0, cut)


def places(text: str, form: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the form stands as whole words."""
    folded = flat(text)
    for m in re.finditer(rf"(?<!\w){re.escape(flat(form))}(?!\w)", folded[start:end]):
        yield start + m.start(), start + m.end()


def place(text: str, evidence: Evidence, claim: Claim) -> tuple[int, int] | None:
    """Where the claim is named in its own half; before its own code if it has one."""
    start, end = part(text, evidence, claim.kind)
    for form in claim.forms:
        for at in places(text, form, start, end):
            code = re.search(rf"\(({CODE})\)", text[at[1] :])
            if not claim.code or (
                code and code[1] == claim.code and "." not in re.sub(r"\d\.\d", "", text[at[1] : at[1] + code.start()])
            ):
                return at
    return None


def named(text: str, evidence: Evidence, *kinds: Kind) -> list[tuple[Claim, tuple[int, int]]]:
    """The claims of these kinds that the text names, with their places."""
    found = ((c, place(text, evidence, c)) for c in evidence.of(*kinds))
    return [(c, at) for c, at in found if at]


def item_end(text: str, place: int) -> int:
    """Where the item whose name ends at `place` ends: its details and code, up to the next mark."""
    match = _ITEM_END.match(text, place)
    return match.end() if match else place


def gone(lost: str, rest: str) -> bool:
    """True where a word or a number of what was left out stands nowhere in the rest: else it is told elsewhere too."""
    said = set(_words(rest))
    short = _initials(lost)  # «HPB», «DLP»
    shortened = (re.fullmatch(".*?".join(a.lower()) + ".*", flat(lost)) for a in re.findall(r"\b[A-Z]{3,5}\b", rest))
    is_short = len(short) > 1 and short in flat(rest).split()
    is_long = re.fullmatch(r"[a-z]{4,5}", flat(lost)) and flat(lost) in _initials(rest)  # «SBOR», told in words
    return any(w not in said for w in _words(lost)) and not is_short and not is_long and not any(shortened)


def _initials(text: str) -> str:
    return "".join(w[0] for w in re.findall(r"[a-z]{4,}", flat(text)))


def twin(evidence: Evidence, claim: Claim, rest: str) -> bool:
    """Another item of the record, told in the rest, is the same in other words («DLP», «dislipidemia»)."""
    own = {flat(f) for f in claim.forms}
    same = (c for c in evidence.claims if c is not claim and own & {flat(f) for f in c.forms})
    return any(flat(f) in flat(rest) for c in same for f in c.forms)


def _words(text: str) -> list[str]:
    found = re.findall(r"[a-zñ]{3,}|\d+(?:[.,]\d+)?", flat(text).replace("alimentacion", "regimen"))
    return [w[:5].rstrip("aeos") if w[0].isalpha() else w.replace(",", ".") for w in found if w not in _EMPTY]


def swap(pattern: str, options: dict[str, str], *types: str) -> Mutator:
    """Replaces one match by another option of the same sort."""

    def mutate(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
        m = one(pattern, text, rng)
        return put(text, m.start(), m.end(), options[m[0]], *types) if m and m[0] in options else None

    return mutate


def other_number(pattern: str, *types: str) -> Mutator:
    """Changes the number of group 1 to another."""

    def mutate(text: str, _evidence: Evidence, rng: random.Random) -> Mutant | None:
        m = one(pattern, text, rng)
        return put(text, m.start(1), m.end(1), another(m[1], rng), *types) if m else None

    return mutate


def another(number: str, rng: random.Random) -> str:
    """A number near this one: «7» → «9», «2,5» → «3,75», «siete» → «nueve»."""
    if number in NUMBERS:
        return rng.choice([n for n in NUMBERS if n != number])
    if number.isdigit():
        return str(int(number) + rng.choice([1, 2, 3, 5]))
    changed = f"{float(number.replace(',', '.')) * 1.5:.2f}".rstrip("0").rstrip(".")
    return changed.replace(".", ",") if "," in number else changed


def exchange(pattern: str, *types: str, late: bool | None = None) -> Mutator:
    """Exchanges two different neighbouring matches of one enumeration; `late`: only after the discharge, or before."""

    def mutate(text: str, evidence: Evidence, rng: random.Random) -> Mutant | None:
        cut = boundary(text, evidence)
        pairs = [
            (a, b)
            for a, b in pairwise(re.finditer(pattern, text))
            if _bare(a[0]) != _bare(b[0])
            and (late is None or (a.start() >= cut) == late == (b.start() >= cut))
            and not re.search(r"[.:](?!\d)", text[a.end() : b.start()])
            and re.search(r"[a-z]{4}", text[a.end() : b.start()])
        ]
        if not pairs:
            return None
        a, b = rng.choice(pairs)
        new = b[0] + text[a.end() : b.start()] + a[0]
        return put(text, a.start(), b.end(), new, *types)

    return mutate


def _bare(measure: str) -> str:
    """«durante 7 días» and «por 7 días» are no different."""
    return re.sub(r"\D", "", measure) or measure
