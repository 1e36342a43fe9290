"""Planted errors that a physician's attestations could hide: every phrase on offer attested, what still blocks counted.

    python -m tests.benchmarks.attesting [--free FILE.jsonl] [--seed N] CORPUS…

Texts and errors are those of `tests.benchmarks.mutations`. Only additions may pass (`ADDITIONS`): a text with any other
planted error must still be blocked after everything that the window would offer, and every mention, was attested.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from pathlib import Path

from engine.checking import Checker, proposal
from engine.domain import Attestation
from tests.benchmarks.mutation_kinds import MUTATORS
from tests.benchmarks.mutation_texts import OWN, Told, free, records, told

ADDITIONS = frozenset(
    {"diagnosis added", "finding added", "organism added", "outcome added", "procedure added", "side added"}
)


def attested(text: str, checker: Checker) -> bool:
    """True where nothing blocks once all that is on offer was attested."""
    report = checker.check(text)
    offered = {proposal(text, v) for v in report.violations if v.attestable} | {v.mention for v in report.violations}
    by = [Attestation(phrase, "Dra. de prueba", "2026-01-01T00:00:00Z") for phrase in sorted(offered)]
    return checker.check(text, by).ok


def count(told_text: Told, rng: random.Random, planted: Counter[str], hidden: Counter[str]) -> None:
    """Counts the mutants of one clean text that are caught, and those that attesting hides."""
    _, evidence, text = told_text
    checker = Checker(evidence)
    if not checker.check(text).ok:
        return
    for name, mutate in MUTATORS.items():
        mutant = mutate(text, evidence, rng)
        if mutant and not checker.check(mutant.text).ok:
            planted[name] += 1
            hidden[name] += attested(mutant.text, checker)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="*", type=Path)
    parser.add_argument("--free", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    planted: Counter[str] = Counter()
    hidden: Counter[str] = Counter()
    texts = [t for path in options.corpus for evidence in records(path) for t in told(evidence, frozenset(OWN), rng)]
    for one in [*texts, *(free(options.free) if options.free else ())]:
        count(one, rng, planted, hidden)
    for name in sorted(planted):
        print(f"{name:28} {hidden[name]:4}/{planted[name]:<5} {'addition' if name in ADDITIONS else ''}")
    others = [name for name in planted if name not in ADDITIONS]
    print(f"no addition, hidden: {sum(hidden[n] for n in others)} of {sum(planted[n] for n in others)}")


if __name__ == "__main__":
    main()
