"""Any value in any field: the program drafts it, or refuses it by name; it never breaks."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import services
from engine.cancellation import CancelToken
from engine.errors import InputRefused

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
HOSTILE = (
    ".",
    "-",
    "()",
    "(J18.9)",
    "0",
    "½ comp",
    "«»",
    "sin",
    "no",
    "y",
    "e",
    "ayer",
    "31-02-2026",
    "2026-13-45",
    "x" * 3000,
    "🙂",
    "<|im_end|>",
    "a | b",
    '"',
    "\\",
    "%s {0} ${x}",
    "SIN FIEBRE\nDISNEA",
    "ceftriaxona",
    "500",
    "c/8h",
    "c/",
    "1/2",
    "A" * 40,
    "º ª ° ± µ",
    "1.000",
    "38,5 °C",
    "+++",
    "**negrita** #set",
    0,
    3.5,
    True,
    None,
    [],
    {},
    [None],
    ["", "x"],
    [["x"]],
)


def _paths(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _paths(inner, (*path, key))


def _with(record: object, path: tuple[str | int, ...], value: object) -> object:
    changed = copy.deepcopy(record)
    target = changed
    for key in path[:-1]:
        target = target[key]  # type: ignore[index]  # a path of the record itself
    target[path[-1]] = value  # type: ignore[index]  # likewise
    return changed


@pytest.mark.parametrize("name", ["angina", "days"])
def test_any_value_in_any_field(name: str) -> None:
    record = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    drafted = refused = 0
    for number, path in enumerate(p for p in _paths(record) if p):
        for value in HOSTILE[number % 8 :: 8]:
            data = json.dumps(_with(record, path, value), ensure_ascii=False).encode()
            try:
                case = services.read(data)
            except InputRefused:
                refused += 1
                continue
            draft, _ = services.drafted(case, services.DraftOptions(backend="template"), CancelToken())
            assert draft.text.strip(), (path, value)
            assert "\n" not in draft.text, (path, value)
            drafted += 1
    assert drafted > 150
    assert refused > 20
