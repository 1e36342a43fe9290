"""What counts as caught and as a false alarm, and the counts of one run."""

from __future__ import annotations

import re
import statistics
import time
from collections import Counter
from collections.abc import Sequence

from engine.checking import Checker
from engine.domain import Violation
from engine.evidence import Evidence
from tests.benchmarks.mutation_kinds import MUTATORS
from tests.benchmarks.mutators import NUMBERS, Mutant, flat

_CLAUSE = re.compile(r"(?:[^,;:.]|[,;:.](?!\s|$))+")


def caught(mutant: Mutant, before: Sequence[Violation], found: Sequence[Violation], old: str) -> list[Violation]:
    """The new violations of a fitting type that touch the change, or name what it left out."""
    known = {_moved(v, mutant, old) for v in before}
    new = (v for v in found if v.type in mutant.types and (v.type, v.start, v.end, v.reason) not in known)
    return [v for v in new if _touches(v, mutant) or _names(v, mutant)]


def _moved(v: Violation, mutant: Mutant, old: str) -> tuple[str, int, int, str]:
    """A violation of the unmutated text where it stands in the mutated one."""
    shift, end = len(mutant.text) - len(old), mutant.start + len(mutant.lost)
    start = v.start + (shift if v.start >= end else 0)
    return v.type, start, v.end + (shift if v.end >= end else 0), v.reason


def _touches(v: Violation, mutant: Mutant) -> bool:
    """The clause that was changed, with the code that follows it."""
    rest = re.match(r"[^,;.(]*(?:\.\S[^,;.(]*)*(?:\([^)]*\))?", mutant.text[mutant.end :])
    return v.start <= mutant.end + (rest.end() if rest else 0) and v.end >= mutant.start - 2


def _names(v: Violation, mutant: Mutant) -> bool:
    """It points at the item that was changed, or what it misses stood there."""
    if mutant.pointers & set(v.evidence):
        return True
    return v.type == "omission" and bool(_words(v.mention) & _words(mutant.lost))


def _words(text: str) -> set[str]:
    """The words and figures; «ocho» is 8 too."""
    found = re.findall(r"[a-zñ]{3,}|[a-z]?\d[\w.]*", flat(text))
    return {*found, *(str(2 + NUMBERS.index(w)) for w in found if w in NUMBERS)}


def clauses(text: str, evidence: Evidence) -> list[tuple[int, int]]:
    """The fact-bearing clauses: stretches between marks with a number or a word of the record."""
    known = {w[:5] for w in evidence.words if len(w) > 3}
    return [
        m.span()
        for m in _CLAUSE.finditer(text)
        if any(w[0].isdigit() or w[:5] in known for w in re.findall(r"\d+|[a-zñ]{4,}", flat(m[0])))
    ]


def alarms(found: Sequence[Violation], spans: Sequence[tuple[int, int]]) -> int:
    """Clauses that are flagged; what is said to be missing counts one each."""
    placed = [v for v in found if v.start < v.end]
    flagged = sum(any(v.start < end and v.end > start for v in placed) for start, end in spans)
    astray = sum(not any(v.start < end and v.end > start for start, end in spans) for v in placed)
    return flagged + astray + len(found) - len(placed)


class Tally:
    """Counts of one run, by kind of error and kind of text."""

    def __init__(self, misses: int, only: str | None = None) -> None:
        self.planted: Counter[tuple[str, str]] = Counter()
        self.hits: Counter[tuple[str, str]] = Counter()
        self.blocked: Counter[tuple[str, str]] = Counter()
        self.texts: Counter[str] = Counter()
        self.clauses: Counter[str] = Counter()
        self.alarms: Counter[tuple[str, str]] = Counter()
        self.ms: list[float] = []
        self._left = misses
        self._kinds = {k: m for k, m in MUTATORS.items() if not only or any(o in k for o in only.split(","))}

    def text(self, kind: str, evidence: Evidence, text: str, rng: object) -> None:
        """Checks one faithful text and one mutant of each kind."""
        checker = Checker(evidence)
        start = time.perf_counter()
        before = checker.check(text).violations
        self.ms.append((time.perf_counter() - start) * 1000)
        spans = clauses(text, evidence)
        self.texts[kind] += 1
        self.clauses[kind] += len(spans)
        self.alarms[kind, "any"] += alarms(before, spans)
        self.alarms[kind, "blocking"] += alarms([v for v in before if v.severity == "blocking"], spans)
        for name, mutate in self._kinds.items():
            mutant = mutate(text, evidence, rng)  # type: ignore[arg-type]
            if mutant and mutant.text != text:
                self._mutant(name, kind, checker, mutant, before, text)

    def _mutant(
        self, name: str, kind: str, checker: Checker, mutant: Mutant, before: Sequence[Violation], text: str
    ) -> None:
        found = checker.check(mutant.text).violations
        named = caught(mutant, before, found, text)
        self.planted[name, kind] += 1
        self.hits[name, kind] += bool(named)
        self.blocked[name, kind] += any(v.severity == "blocking" for v in named)
        if not named and self._left > 0:
            self._left -= 1
            around = (
                f"{mutant.text[max(0, mutant.start - 90) : mutant.start]}⟦{mutant.text[mutant.start : mutant.end]}⟧"
            )
            said = [(v.type, v.mention[:30], v.reason) for v in found if v not in before]
            print(f"MISSED {name} ({kind}): «{mutant.change}» … {around}{mutant.text[mutant.end :][:60]} … {said}\n")

    def rate(self, hits: Counter[tuple[str, str]], name: str | None = None, kind: str | None = None) -> tuple[int, int]:
        """Hits and planted errors of a kind of error, a kind of text, or of all."""
        keys = [k for k in self.planted if name in (None, k[0]) and kind in (None, k[1])]
        return sum(hits[k] for k in keys), sum(self.planted[k] for k in keys)

    def scores(self, severity: str, kind: str | None = None) -> dict[str, float]:
        """Precision, recall and F1."""
        hit, planted = self.rate(self.hits if severity == "any" else self.blocked, kind=kind)
        false = sum(n for (text, s), n in self.alarms.items() if s == severity and kind in (None, text))
        precision, recall = hit / max(1, hit + false), hit / max(1, planted)
        return {
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(2 * precision * recall / max(1e-9, precision + recall), 4),
        }

    def figures(self) -> dict[str, object]:
        """Every figure, ready for JSON."""
        names = sorted({n for n, _ in self.planted})
        return {
            "planted": sum(self.planted.values()),
            "caught": sum(self.hits.values()),
            "kinds": {n: {**self._row(n), **{t: self._row(n, t) for t in self.texts}} for n in names},
            "texts": {t: self._text(t) for t in self.texts},
            "all": {severity: self.scores(severity) for severity in ("any", "blocking")},
            "milliseconds": {"median": round(statistics.median(self.ms), 1), "max": round(max(self.ms), 1)},
        }

    def _row(self, name: str, kind: str | None = None) -> dict[str, object]:
        hits, planted = self.rate(self.hits, name, kind)
        return {"planted": planted, "caught": hits, "blocking": self.rate(self.blocked, name, kind)[0]}

    def _text(self, kind: str) -> dict[str, object]:
        number = self.clauses[kind]
        return {
            "texts": self.texts[kind],
            "clauses": number,
            **{f"alarms_{s}": self.alarms[kind, s] for s in ("blocking", "any")},
            **{f"per_clause_{s}": round(self.alarms[kind, s] / max(1, number), 5) for s in ("blocking", "any")},
            **self.scores("any", kind),
        }
