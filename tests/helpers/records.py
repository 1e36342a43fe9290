"""Reads records that are written as Python objects, as an export would write them."""

from __future__ import annotations

import json
from pathlib import Path

from engine.domain import Case, Text
from engine.intake import read_case

SAMPLES = Path(__file__).parents[2] / "resources" / "samples"


def read(record: object) -> Case:
    return read_case(json.dumps(record, ensure_ascii=False).encode())


def values(texts: tuple[Text, ...]) -> list[str]:
    return [text.value for text in texts]


def notices(case: Case) -> set[tuple[str, str]]:
    """(code, pointer) of everything that was repaired or pointed out."""
    return {(repair.code, repair.pointer) for repair in case.repairs}
