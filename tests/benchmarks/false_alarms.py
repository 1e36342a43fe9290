"""False alarms: what the checker says of faithful texts by hand.

    python -m tests.benchmarks.false_alarms [--show] [--json] FILE.jsonl…

Each line holds `case` (a raw record) and `text` (one faithful paragraph). The alarms are counted per *fact-bearing
clause* (as in `mutation_score.py`: a clause that is flagged, or an omission reported of the text) and per *fact* (a
stretch that the report maps to the record, none within another). Without `--show` nothing of a text is printed: a
held-out file is only counted.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import intake
from engine.checking import Checker
from engine.checking.provenance import UNSUPPORTED
from engine.domain import Span, Violation
from engine.evidence import build
from tests.benchmarks.mutation_score import alarms, clauses


@dataclass(slots=True)
class Count:
    """The tally of one file."""

    texts: int = 0
    clean: int = 0  # texts without any alarm
    facts: int = 0
    clauses: int = 0
    blocking: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)  # clauses, by severity
    ms: list[float] = field(default_factory=list)

    def add(self, violations: tuple[Violation, ...], spans: list[tuple[int, int]]) -> None:
        self.clean += not violations
        self.clauses += len(spans)
        blocking = [v for v in violations if v.severity == "blocking"]
        self.flagged["blocking"] += alarms(blocking, spans)
        self.flagged["any"] += alarms(violations, spans)
        for violation in violations:
            (self.blocking if violation.severity == "blocking" else self.warnings)[violation.type] += 1

    def summary(self) -> dict[str, Any]:
        blocking = sum(self.blocking.values())
        every = blocking + sum(self.warnings.values())
        return {
            "texts": self.texts,
            "clean": self.clean,
            "facts": self.facts,
            "clauses": self.clauses,
            "blocking": blocking,
            "any": every,
            "blockingPerClause": round(100 * self.flagged["blocking"] / max(1, self.clauses), 2),
            "anyPerClause": round(100 * self.flagged["any"] / max(1, self.clauses), 2),
            "blockingPerFact": round(100 * blocking / max(1, self.facts), 2),
            "anyPerFact": round(100 * every / max(1, self.facts), 2),
            "types": dict((self.blocking + self.warnings).most_common()),
            "msMedian": round(statistics.median(self.ms or [0.0]), 1),
        }


def count(path: Path, *, show: bool) -> Count:
    out = Count()
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        evidence = build(intake.read_case(json.dumps(row["case"], ensure_ascii=False).encode()))
        checker = Checker(evidence)
        start = time.perf_counter()
        report = checker.check(row["text"])
        out.ms.append((time.perf_counter() - start) * 1000)
        out.texts += 1
        out.facts += facts(report.spans)
        out.add(report.violations, clauses(row["text"], evidence))
        for violation in report.violations if show else ():
            _show(row, violation)
    return out


def facts(spans: tuple[Span, ...]) -> int:
    """The supported stretches, none within another."""
    count, end = 0, 0
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if span.kind != UNSUPPORTED and span.end > end:
            count, end = count + 1, span.end
    return count


def _show(row: dict[str, Any], found: Violation) -> None:
    around = row["text"][max(0, found.start - 60) : found.end + 50] if found.type != "omission" else ""
    print(f"{row.get('id')} {found.severity} {found.type} «{found.mention}» {found.reason} … {around}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--show", action="store_true", help="print each alarm; never of a held-out file")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for path in options.files:
        summary = count(path, show=options.show).summary()
        if options.json:
            print(json.dumps({"file": path.name, **summary}, ensure_ascii=False))
            continue
        print(path.name)
        for name, value in summary.items():
            print(f"  {name:18} {value}")


if __name__ == "__main__":
    main()
