"""Planted errors: how many of each kind the checker catches, and what it says of the texts before.

    python -m tests.benchmarks.mutations [--free FILE.jsonl] [--misses N] [--seed N] CORPUS…

A corpus is a JSONL file of records (the record in the field `input`, `case` or the line itself) or a JSON record.
Each record is told twice (the template and one random text of its grammar); `--free` adds texts by hand, a line each
with `case` and `text`. *Caught* means a violation of a fitting type that touches the change and that the report of the
unmutated text does not have.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from engine import intake
from engine.checking import Checker
from engine.domain import Violation
from engine.drafting import plan
from engine.drafting.grammar import preferred, sample
from engine.evidence import Evidence, build
from tests.benchmarks.mutation_kinds import MUTATORS
from tests.benchmarks.mutators import Mutant

Told = tuple[str, Evidence, str]  # kind of text, evidence, text


def records(path: Path) -> Iterator[Evidence]:
    if path.suffix != ".jsonl":
        yield build(intake.read_case(path.read_bytes()))
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        record = row.get("input") or row.get("case") or row
        yield build(intake.read_case(json.dumps(record, ensure_ascii=False).encode()))


def told(evidence: Evidence, rng: random.Random) -> Iterator[Told]:
    tree = plan.build(evidence)
    yield "template", evidence, "".join(preferred(node) for _, node in tree)
    yield "sampled", evidence, "".join(sample(node, lambda count, _style: rng.randrange(count)) for _, node in tree)


def free(path: Path) -> Iterator[Told]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield "free", build(intake.read_case(json.dumps(row["case"], ensure_ascii=False).encode())), row["text"]


def caught(mutant: Mutant, before: set[tuple[str, str, str]], found: tuple[Violation, ...]) -> bool:
    """True where a new violation of a fitting type touches the clause that was changed, or names an omission."""
    new = [v for v in found if (v.type, v.mention, v.reason) not in before and v.type in mutant.types]
    rest = re.match(r"[^,;.(]*(?:\.\S[^,;.(]*)*", mutant.text[mutant.end :])
    end = mutant.end + (rest.end() if rest else 0)
    return any(v.type == "omission" or v.start == v.end or (v.start <= end and v.end >= mutant.start - 2) for v in new)


class Tally:
    """Counts of one run."""

    def __init__(self, misses: int) -> None:
        self.total: Counter[str] = Counter()
        self.hits: Counter[str] = Counter()
        self.texts: Counter[str] = Counter()
        self.alarms: Counter[str] = Counter()
        self.clauses: Counter[str] = Counter()
        self.ms: list[float] = []
        self.left = misses

    def text(self, kind: str, evidence: Evidence, text: str, rng: random.Random) -> None:
        checker = Checker(evidence)
        start = time.perf_counter()
        report = checker.check(text)
        self.ms.append((time.perf_counter() - start) * 1000)
        self.texts[kind] += 1
        self.clauses[kind] += len(report.spans)
        for violation in report.violations:
            self.alarms[f"{kind} {violation.severity}"] += 1
        before = {(v.type, v.mention, v.reason) for v in report.violations}
        for name, mutate in MUTATORS.items():
            mutant = mutate(text, evidence, rng)
            if mutant and mutant.text != text:
                self._mutant(f"{name}", checker, mutant, before)

    def _mutant(self, name: str, checker: Checker, mutant: Mutant, before: set[tuple[str, str, str]]) -> None:
        found = checker.check(mutant.text).violations
        self.total[name] += 1
        if caught(mutant, before, found):
            self.hits[name] += 1
        elif self.left > 0:
            self.left -= 1
            around = mutant.text[max(0, mutant.start - 70) : mutant.end + 50]
            print(
                f"MISSED {name}: «{mutant.change}» … {around} … {[(v.type, v.mention[:30], v.reason) for v in found]}\n"
            )

    def report(self) -> None:
        for name in sorted(self.total):
            print(
                f"{name:28} {self.hits[name]:5}/{self.total[name]:<5} {100 * self.hits[name] / self.total[name]:6.1f} %"
            )
        planted, hits = sum(self.total.values()), sum(self.hits.values())
        print(f"{'all':28} {hits:5}/{planted:<5} {100 * hits / max(1, planted):6.1f} %   kinds: {len(self.total)}")
        for kind, count in self.texts.items():
            blocking, warned = self.alarms[f"{kind} blocking"], self.alarms[f"{kind} warning"]
            print(
                f"{kind}: {count} texts, {self.clauses[kind]} facts, false alarms "
                f"{blocking} blocking, {warned} warnings"
            )
        print(f"ms a text: median {statistics.median(self.ms):.1f}, max {max(self.ms):.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="*", type=Path)
    parser.add_argument("--free", type=Path)
    parser.add_argument("--misses", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    tally = Tally(options.misses)
    for path in options.corpus:
        for evidence in records(path):
            for kind, same, text in told(evidence, rng):
                tally.text(kind, same, text, rng)
    for kind, evidence, text in free(options.free) if options.free else ():
        tally.text(kind, evidence, text, rng)
    tally.report()


if __name__ == "__main__":
    main()
