"""The records with which a model is qualified.

`python packaging/model/acceptance.py > resources/acceptance/records.jsonl`

Thirty of the generator's records, for people to read (no pseudo-words), from seeds that no training, validation, test
or benchmark uses. They are chosen so that every ward and what is hard are among them; written once, and kept.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import project  # noqa: F401  (puts the engine on the path)
from records import generate
from records.tables import scenarios

from engine.domain import Case
from engine.evidence import build
from engine.intake import read_case

SEEDS = range(3 << 41, (3 << 41) + 300)  # above those of training, drills and validation (examples.py)
RECORDS = 30
_DRUGS, _NOTES = 9, 6  # at least so many drugs, notes
_WANTED = {"death": 2, "transfer": 2, "many_drugs": 3, "empty_fields": 4, "long_stay": 2}


def chosen() -> Iterator[dict[str, object]]:
    """First those that have something wanted, then the next of the ward that has fewest, in the order of the seeds."""
    drawn = [_drawn(seed) for seed in SEEDS]
    had: Counter[str] = Counter()
    picked: list[dict[str, Any]] = []
    for item in drawn:
        if any(had[f] < _WANTED[f] for f in item["features"]):
            picked.append(item)
            had.update(item["features"])
    while len(picked) < RECORDS:
        wards = Counter(i["ward"] for i in picked)
        rest = [i for i in drawn if i not in picked]
        picked.append(min(rest, key=lambda i: (wards[i["ward"]], rest.index(i))))
    for number, item in enumerate(picked, 1):
        yield {"id": f"{number:02d}", **item}


def _drawn(seed: int) -> dict[str, Any]:
    record = generate(seed, plain=True)
    case = read_case(json.dumps(record, ensure_ascii=False).encode())
    ward = Random(seed).choice(scenarios()).service  # the generator's own first draw
    return {"ward": ward, "features": features(case), "record": record}


def features(case: Case) -> list[str]:
    """What is hard in a record."""
    facts = build(case)
    lists = (case.admission, case.discharge, case.procedures, case.treatments, case.plan.medications, case.notes)
    measured = {
        "death": facts.deceased,
        "transfer": facts.transferred,
        "many_drugs": len(case.treatments) + len(case.plan.medications) >= _DRUGS,
        "empty_fields": sum(not part for part in lists) >= 2,
        "long_stay": len(case.notes) >= _NOTES,
    }
    return [name for name, is_so in measured.items() if is_so]


def main() -> None:
    for line in chosen():
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
