"""What grows with the record, and what must not grow with the number of drafts.

    python -m tests.benchmarks.growth [--model ID|FILE] [--backend NAME] [--repeats N] [--drafts N] [--batch N]

Drafts records of 1 to 60 drugs and of 1 to 30 days of notes (milliseconds, median of the repeats); the same records
many times in a row, with the memory of the program and of the model's process a tenth of the way and at the end; and a
batch of many records that is interrupted half-way and resumed. Linux. Prints one line of JSON; exits with 1 where
memory grew by more than 2 % or the resumed batch lacks a line. Small by default: --drafts 1000 --batch 5000 take hours.
"""

from __future__ import annotations

import argparse
import copy
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from engine import services
from engine.cancellation import CancelToken
from engine.domain import Case
from engine.inference import runtimes
from engine.paths import resource

ITEMS = (1, 5, 15, 30, 60)
DAYS = (1, 5, 10, 20, 30)
MOST_GROWTH = 1.02
_WHOLE: dict[str, Any] = json.loads(resource("samples/days.json").read_text(encoding="utf-8"))


def with_items(count: int) -> dict[str, Any]:
    record = copy.deepcopy(_WHOLE)
    usual = record["tratamientos_intrahosp"][0]
    names = [f"Prueb{chr(97 + n % 26)}{chr(97 + n // 26)}ol {5 * (n + 1)} mg c/8h" for n in range(count)]
    record["tratamientos_intrahosp"] = [
        {**usual, "codigo": f"ATC:J01MA{n:02}", "nombre": x} for n, x in enumerate(names)
    ]
    return record


def with_days(count: int) -> dict[str, Any]:
    record = copy.deepcopy(_WHOLE)
    record["evolucion_resumen"] = [
        {"dia": n, "texto": f"AFEBRIL, SAT {90 + n % 9}% AMBIENTAL. PCR {300 - 9 * n}. DEAMBULA CON ANDADOR"}
        for n in range(1, count + 1)
    ]
    return record


def case_of(record: dict[str, Any]) -> Case:
    return services.read(json.dumps(record, ensure_ascii=False).encode())


def resident(pid: int | str) -> int:
    """Bytes that a process holds of its own; files mapped for reading apart."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:")), 0)


class Bench:
    def __init__(self, model: str | None, backend: str | None) -> None:
        self.model, self.backend = model, backend

    def draft(self, case: Case, seed: int) -> float:
        options = services.DraftOptions(model=self.model, backend=self.backend, seed=seed, kept=False)
        began = time.perf_counter()
        services.drafted(case, options, CancelToken())
        return (time.perf_counter() - began) * 1000

    def growth(self, repeats: int) -> dict[str, dict[int, float]]:
        cases = {
            "items": {count: case_of(with_items(count)) for count in ITEMS},
            "days": {count: case_of(with_days(count)) for count in DAYS},
        }
        self.draft(cases["days"][1], 0)  # loads the model
        return {
            name: {n: round(statistics.median(self.draft(case, s) for s in range(repeats))) for n, case in kind.items()}
            for name, kind in cases.items()
        }

    def memory(self, drafts: int) -> dict[str, float]:
        """How much larger both processes are at the end than a tenth of the way."""
        cases = [case_of(record) for record in (with_items(5), with_days(5), with_items(15))]
        early: dict[str, int] = {}
        for number in range(drafts):
            self.draft(cases[number % len(cases)], number)
            if number == max(drafts // 10, len(cases)):
                early = self._held()
        late = self._held()
        return {name: round(late[name] / max(early.get(name, late[name]), 1), 4) for name in late}

    def _held(self) -> dict[str, int]:
        model = runtimes.model_process()
        return {"program": resident("self"), **({"modelProcess": resident(model)} if model else {})}

    def batch(self, records: int) -> dict[str, int]:
        """Interrupted once half of the lines are there, then resumed."""
        options = [
            *(["--model", self.model] if self.model else []),
            *(["--backend", self.backend] if self.backend else []),
        ]
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "in.jsonl"), Path(folder, "out.jsonl")
            lines = (json.dumps(with_items(1 + n % 20), ensure_ascii=False) for n in range(records))
            source.write_text("\n".join(lines), encoding="utf-8")
            words = [sys.executable, "-m", "engine.cli", "batch", str(source), "--out", str(target), *options]
            first = subprocess.Popen(words, stderr=subprocess.DEVNULL)
            while first.poll() is None and _lines(target) < records // 2:
                time.sleep(0.05)
            first.send_signal(signal.SIGINT)
            first.wait()
            kept = _lines(target)
            again = subprocess.run([*words, "--resume"], stderr=subprocess.DEVNULL, check=False)
            return {"records": records, "kept": kept, "lines": _lines(target), "status": again.returncode}


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--model")
    words.add_argument("--backend")
    for name, usual in (("repeats", 3), ("drafts", 30), ("batch", 20)):
        words.add_argument(f"--{name}", type=int, default=usual)
    args = words.parse_args()
    bench = Bench(args.model, args.backend)
    grown, memory, batch = bench.growth(args.repeats), bench.memory(args.drafts), bench.batch(args.batch)
    print(json.dumps({**grown, "memory": memory, "batch": batch}))
    return 0 if max(memory.values()) <= MOST_GROWTH and batch["lines"] == args.batch else 1


if __name__ == "__main__":
    sys.exit(main())
