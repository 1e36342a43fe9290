"""Mentions of drugs, diseases, findings, procedures and organisms that a record lacks: how many are found.

    python -m tests.benchmarks.mutation_terms [--missed] [--json FILE] [CORPUS …]

Each term of `mutation_terms.toml` is told in the template's text of a record that lacks it, affirmed, denied («sin
evidencia de») and as history («con antecedente de»). *Found*: a new violation of a fitting type on the words of the
term; *told apart*: the reason or the severity of a denied or past one is not that of the affirmed one. The half that
is held out is only counted; `--missed` names those of the other half that are not found.
"""

from __future__ import annotations

import argparse
import json
import random
import tomllib
from collections import Counter
from itertools import islice
from pathlib import Path

from engine.checking import Checker
from engine.domain import Violation
from engine.evidence import Evidence
from tests.benchmarks.mutation_texts import records, told
from tests.benchmarks.mutators import boundary, flat

_TERMS = Path(__file__).with_name("mutation_terms.toml")
_RECORDS = 12  # that the terms are dealt to in turn
_TYPES = {
    "drugs": {"med", "allergy"},
    "diseases": {"dx", "proc"},
    "findings": {"dx", "proc"},
    "procedures": {"proc", "dx"},
    "organisms": {"dx"},
}
_FRAMES = {
    "affirmed": {
        "drugs": "Recibió además {}.",
        "diseases": "Presentó {}.",
        "findings": "Se constató {}.",
        "procedures": "Se realizó {}.",
        "organisms": "Se aisló {}.",
    },
    "denied": dict.fromkeys(("diseases", "findings", "organisms"), "Sin evidencia de {}.")
    | {"drugs": "No recibió {}.", "procedures": "No requirió {}."},
    "past": dict.fromkeys(_TYPES, "Tiene antecedente de {}.") | {"drugs": "Tiene antecedente de uso de {}."},
}


def texts(corpora: list[Path]) -> list[tuple[Evidence, str]]:
    """The template's texts of the first records."""
    cases = (case for path in corpora for case in records(path))
    return [
        (evidence, text)
        for case in islice(cases, _RECORDS)
        for _, evidence, text in told(case, frozenset({"template"}), random.Random(0))
    ]


def found(checker: Checker, text: str, place: int, said: str, term: str, types: set[str]) -> list[Violation]:
    """The violations on the words of the term."""
    start = place + said.index(term)
    report = checker.check(text[:place] + said + " " + text[place:])
    return [v for v in report.violations if v.type in types and v.start < start + len(term) and v.end > start]


def lacks(evidence: Evidence, term: str) -> bool:
    return not any(w[:5] == k[:5] for w in flat(term).split() if len(w) > 3 for k in evidence.words)


def measure(told_in: list[tuple[Evidence, str]], *, missed: bool) -> dict[str, object]:
    """Counts by half, category and frame."""
    data = tomllib.loads(_TERMS.read_text(encoding="utf-8"))
    counts: Counter[tuple[str, str, str]] = Counter()
    checkers = [(Checker(evidence), evidence, text) for evidence, text in told_in]
    for category, halves in data.items():
        for half, terms in halves.items():
            for i, term in enumerate(terms):
                fit = [c for c in checkers if lacks(c[1], term)]
                checker, evidence, text = fit[i % len(fit)]
                place = boundary(text, evidence)
                plain: set[tuple[str, str]] = set()
                for frame, says in _FRAMES.items():
                    said = says[category].format(term)
                    named = found(checker, text, place, said, term, _TYPES[category])
                    counts[half, category, frame] += bool(named)
                    reasons = {(v.severity, v.reason) for v in named}
                    counts[half, category, f"{frame} apart"] += bool(named) and not reasons & plain
                    plain = plain or reasons
                    if missed and half == "looked_at" and not named:
                        print(f"NOT FOUND: {said}")
                counts[half, category, "terms"] += 1
    return {
        half: {c: {f: n for (h, k, f), n in counts.items() if (h, k) == (half, c)} for c in data}
        for half in ("looked_at", "held_out")
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="+", type=Path)
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    table = measure(texts(options.corpus), missed=options.missed)
    for half, categories in table.items():
        for category, counts in categories.items():  # type: ignore[attr-defined]
            row = ", ".join(f"{frame} {n}" for frame, n in counts.items() if frame != "terms")
            print(f"{half:10} {category:11} {counts['terms']} terms: {row}")
    if options.json:
        options.json.write_text(json.dumps(table, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
