"""How long a check takes: of a text never seen, and of each keystroke while a physician edits it.

    python -m tests.benchmarks.checking_speed [--keys N] [--seed N]

Texts: those of `free_texts/looked-at.jsonl` of 110 to 200 words, and the template's text of a record with 60 drugs.
*Full* is the first check of a text by a new checker, in a process that has read other texts; *a key* is one step of
typing a word, deleting backwards, pasting and cutting in random places of a text that the checker knows. Milliseconds
of the clock, and of the processor alone (`cpu`), which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from engine import intake
from engine.checking import Checker
from engine.drafting import plan
from engine.drafting.grammar import preferred
from engine.evidence import Evidence, build
from tests.helpers.keystrokes import keystrokes

_FREE = Path(__file__).parent / "free_texts" / "looked-at.jsonl"
_WORDS = range(110, 201)
_DRUGS = 60
Pair = tuple[Evidence, str]


def paragraphs() -> Iterator[Pair]:
    for line in _FREE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if len(row["text"].split()) in _WORDS:
            yield _evidence(row["case"]), row["text"]


def many_drugs() -> Pair:
    """Half of the drugs given during the stay, half at discharge, each with a dose of its own."""
    names = (
        "enalapril losartan amlodipino bisoprolol furosemida metformina atorvastatina omeprazol paracetamol tramadol"
    )
    drugs = [
        {"nombre": n, "codigo": f"A{i:02}BC{i:02}", "dosis": f"{i + 1} mg", "via": "VO", "frecuencia": "cada 8 horas"}
        for i, n in enumerate(f"{name} {k}" for k in "ABC" for name in names.split())
    ]
    evidence = _evidence(
        {
            "motivo_ingreso": "Disnea",
            "diagnostico_ingreso": [{"codigo": "J18.9", "nombre": "Neumonía"}],
            "procedimientos": [],
            "tratamientos_intrahosp": drugs[: _DRUGS // 2],
            "evolucion": [{"fecha": "2026-05-01", "nota": "Afebril, sin disnea."}],
            "diagnostico_egreso": [{"codigo": "J18.9", "nombre": "Neumonía resuelta"}],
            "indicaciones_alta": {"medicamentos": drugs[: _DRUGS // 2], "controles": [], "recomendaciones": []},
        }
    )
    return evidence, "".join(preferred(node) for _, node in plan.build(evidence))


def _evidence(record: object) -> Evidence:
    return build(intake.read_case(json.dumps(record, ensure_ascii=False).encode()))


class Times:
    """Milliseconds of many runs."""

    def __init__(self) -> None:
        self.clock: list[float] = []
        self.cpu: list[float] = []

    def take(self, run: Callable[[], object]) -> None:
        clock, cpu = time.perf_counter(), time.process_time()
        run()
        self.cpu.append((time.process_time() - cpu) * 1000)
        self.clock.append((time.perf_counter() - clock) * 1000)

    def __str__(self) -> str:
        return ", ".join(
            f"{name} median {statistics.median(v):.1f} ms, p95 {statistics.quantiles(v, n=20)[-1]:.1f} ms"
            for name, v in (("clock", self.clock), ("cpu", self.cpu))
        )


def measure(pairs: list[Pair], keys: int, rng: random.Random) -> tuple[Times, Times, Times]:
    """Preparing the record, checking a text whole, checking each key."""
    ready, full, key = Times(), Times(), Times()
    for evidence, text in pairs:
        made: list[Checker] = []
        ready.take(lambda: made.append(Checker(evidence)))  # noqa: B023 - called at once
        full.take(lambda: made[0].check(text))  # noqa: B023 - called at once
        for edited in keystrokes(text, keys // len(pairs), rng):
            key.take(lambda: made[0].check(edited))  # noqa: B023 - called at once
    return ready, full, key


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    free = list(paragraphs())
    measure(free[:3], 3, rng)  # the word lists are read once
    words = statistics.median(len(text.split()) for _, text in free)
    for name, pairs in ((f"{len(free)} texts of {words:.0f} words", free), (f"{_DRUGS} drugs", [many_drugs()] * 12)):
        ready, full, key = measure(pairs, options.keys, rng)
        print(f"{name}: record made ready: {ready}\n  full: {full}\n  a key: {key}")


if __name__ == "__main__":
    main()
