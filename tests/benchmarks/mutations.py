"""Planted errors: how many of each kind the checker catches, and what it says of the faithful texts.

    python -m tests.benchmarks.mutations [--free FILE.jsonl …] [--texts template,sampled,draft] [--only KIND,…]
                                         [--limit N] [--misses N] [--seed N] [--json FILE] [CORPUS …]

A corpus is a JSONL file of records (the record in the field `input`, `case` or the line itself) or a JSON record. Each
record is told as the template, as a random text of the grammar and as a draft of the bundled model; `--free` adds
texts by hand. One error of each kind is planted in each text where it has a place (`mutation_kinds.py`).

- *Planted* is an error only where it changes what the text says: what is left out must stand nowhere else in its half
  of the text (an abbreviation not in words either), an item moved to another list must say what that list does not say
  in other words; a «sin» is dropped where no denial before it goes on («sin edema, artritis» denies
  both) and where it denies something of the patient (not of the record: «sin fecha», «sin motivo consignado»).
- *Caught*: a violation of a fitting type that is not in the unmutated text's report and that touches the clause
  changed, or points at the item that was changed or left out, by its field or by a word or figure («ocho» is 8).
- *Fact-bearing clause*: a stretch between marks (, ; : .) with a number or a word of the record. A *false alarm* is
  such a clause of a faithful text that is flagged, or an omission reported of it.
- *Precision, recall, F1*: a positive is a mutant; a true positive one that is caught, a false negative one that is not,
  a false positive a false alarm (counted once for each faithful text, not for each of its mutants). For comparison: the
  published checker without a language model has F1 0.856, on texts and errors of its own.
"""

from __future__ import annotations

import argparse
import json
import random
from itertools import islice
from pathlib import Path

from tests.benchmarks.mutation_score import Tally
from tests.benchmarks.mutation_texts import KINDS, OWN, free, records, told


def report(tally: Tally) -> None:
    """The tables on standard output."""
    kinds = [k for k in KINDS if tally.texts[k]]
    print(f"{'planted error':34}" + "".join(f"{k:>18}" for k in (*kinds, "all")) + "   blocking")
    for name in sorted({n for n, _ in tally.planted}):
        cells = [tally.rate(tally.hits, name, k) for k in (*kinds, None)]
        hits, planted = tally.rate(tally.blocked, name)
        print(f"{name:34}" + "".join(map(_cell, cells)) + f"{100 * hits / planted:9.1f} %")
    cells = [tally.rate(tally.hits, kind=k) for k in (*kinds, None)]
    print(f"{'all':34}" + "".join(map(_cell, cells)) + f"   kinds: {len({n for n, _ in tally.planted})}")
    for kind in kinds:
        found = ", ".join(
            f"{tally.alarms[kind, s]} {s} ({100 * tally.alarms[kind, s] / max(1, tally.clauses[kind]):.2f} %)"
            for s in ("blocking", "any")
        )
        print(f"{kind}: {tally.texts[kind]} texts, {tally.clauses[kind]} clauses, false alarms {found}")
    for severity in ("any", "blocking"):
        print(f"{severity}: {tally.scores(severity)}")
    print(f"ms a text: {tally.figures()['milliseconds']}")


def _cell(rate: tuple[int, int]) -> str:
    hits, planted = rate
    return f"{hits:6}/{planted:<5}{100 * hits / planted:5.1f}%" if planted else f"{'–':>18}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="*", type=Path)
    parser.add_argument("--free", nargs="+", type=Path, default=[])
    parser.add_argument("--texts", default=",".join(OWN))
    parser.add_argument("--only", help="kinds of error with this in their name, or one of these, parted by commas")
    parser.add_argument("--limit", type=int, help="records of each corpus")
    parser.add_argument("--misses", type=int, default=0, help="print the first so many that were not caught")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    tally = Tally(options.misses, options.only)
    for path in options.corpus:
        for case in islice(records(path), options.limit):
            for kind, evidence, text in told(case, frozenset(options.texts.split(",")), rng):
                tally.text(kind, evidence, text, rng)
    for path in options.free:
        for kind, evidence, text in free(path):
            tally.text(kind, evidence, text, rng)
    report(tally)
    if options.json:
        options.json.write_text(json.dumps(tally.figures(), ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
