"""Milliseconds to read a record of sixty items, and to make the document of a crowded one.

`python -m tests.benchmarks.record_speed`
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable

from engine.documents import render_pdf
from engine.intake import read_case
from tests.helpers.documents import crowded_case, draft


def sixty_items() -> bytes:
    """Ten diagnoses, forty drugs and ten long notes."""
    drug = {"codigo": "J01DD04", "nombre": "Ceftriaxona", "dosis": "2 g", "via": "EV", "frecuencia": "cada 24 horas"}
    note = {"fecha": "2026-01-01", "nota": "Buenas condiciones, afebril, sin oxígeno. " * 10}
    diagnosis = {"codigo": "J18.9", "nombre": "Neumonía", "fecha": "2026-01-01"}
    record = {
        "diagnostico_ingreso": [diagnosis] * 10,
        "tratamientos_intrahosp": [drug] * 20,
        "evolucion": [note] * 10,
        "indicaciones_alta": {"medicamentos": [drug] * 20},
    }
    return json.dumps(record).encode()


def median(work: Callable[[], object], times: int) -> float:
    """Of the clock, in milliseconds; the first run, which loads what is kept, does not count."""
    work()
    took = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


def main() -> None:
    data, case = sixty_items(), crowded_case()
    print(f"sixty items read: {median(lambda: read_case(data), 30):.1f} ms")
    print(f"a crowded document made: {median(lambda: render_pdf(case, draft(), approved=True, version='1'), 7):.0f} ms")


if __name__ == "__main__":
    main()
