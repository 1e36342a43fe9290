"""Texts read as a careful reader of Spanish would: agreement, conjunctions, marks, capitals, one style of dates."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest

from engine import intake
from engine.domain import Case
from engine.drafting import plan
from engine.drafting.grammar import Node, preferred, sample
from engine.drafting.manner import HABITS, Writer
from engine.evidence import build
from tests.helpers.spanish import date_styles, faults

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "packaging" / "model"))

from records import generate  # the folder is no installed package

SAMPLES = sorted((ROOT / "resources" / "samples").glob("*.json"))


def _texts(case: Case, seed: int) -> tuple[str, str, str]:
    """The template's, a writer's, and one of any choices."""
    tree = plan.build(build(case))
    rng = random.Random(seed)
    writer = Writer(random.Random(seed))
    return (
        "".join(preferred(node) for _, node in tree),
        "".join(sample(node, writer) for _, node in tree),
        "".join(sample(node, lambda options, _style: rng.randrange(len(options))) for _, node in tree),
    )


@pytest.mark.parametrize("seed", range(740000, 740060))
def test_the_texts_of_a_generated_record_have_no_fault(seed: int) -> None:
    record = json.dumps(generate(seed, plain=True), ensure_ascii=False)
    template, written, drawn = _texts(intake.read_case(record.encode()), seed)
    assert [f for text in (template, written, drawn) for f in faults(text, record)] == []
    assert date_styles(template) <= 1
    assert date_styles(written) <= 1


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_the_texts_of_a_sample_have_no_fault(path: Path) -> None:
    for text in _texts(intake.read_file(path), 5):
        assert faults(text, path.read_bytes().decode("utf-8", "replace")) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Se indica control  en 7 días.", "doubled space"),
        ("Se indica control , en 7 días.", "space before a mark"),
        ("Hipertensión y insuficiencia renal.", "y before i"),
        ("Fiebre e tos.", "e before another sound"),
        ("Alta. se indica control.", "small letter after a full stop"),
        ("Ingresa por dolor de el pecho.", "de el"),
        ("Recibió ceftriaxona y.", "dangling conjunction"),
        ("Evolución:: favorable.", "doubled mark"),
        ("Control en en 7 días.", "doubled word"),
        ("control en 7 días", "no sentence"),
    ],
)
def test_the_reader_sees_a_fault(text: str, fault: str) -> None:
    assert any(f.startswith(fault) for f in faults(text))
    assert faults("Paciente ingresa por hipertensión e insuficiencia renal. Egresa el 02-10-2026.") == []


def test_what_the_record_writes_so_is_no_fault() -> None:
    assert faults("Evolución: hb estable y inr 2.", "HB ESTABLE Y INR 2.") == []


def test_a_writer_without_temperature_writes_the_template() -> None:
    for path in SAMPLES:
        tree = plan.build(build(intake.read_file(path)))
        calm = Writer(random.Random(1), temperature=0)
        assert [sample(node, calm) for _, node in tree] == [preferred(node) for _, node in tree]


def test_a_habit_holds_for_the_whole_text() -> None:
    for style in HABITS:
        writer = Writer(random.Random(3), temperature=5)
        assert len({writer(("a", "b"), style) for _ in range(30)}) == 1


def _styles(node: Node) -> set[str]:
    if isinstance(node, str):
        return set()
    own = {node.style} if hasattr(node, "style") else set()
    inner = (getattr(node, name, ()) for name in ("options", "parts", "items"))
    return own.union(*(_styles(part) for group in inner for part in group))


def test_every_habit_is_a_choice_of_some_tree() -> None:
    records = (generate(seed, plain=True) for seed in range(740000, 740060))
    cases = [intake.read_case(json.dumps(r, ensure_ascii=False).encode()) for r in records]
    met = set[str]().union(*(_styles(node) for case in cases for _, node in plan.build(build(case))))
    assert set(HABITS) <= met
