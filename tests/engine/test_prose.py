"""The drafter's own words are those of resources/lexicon/prose.toml and no others."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from engine.domain import (
    CarePlan,
    Case,
    Condition,
    History,
    Medication,
    Note,
    Observation,
    Patient,
    Procedure,
    Stay,
    Text,
)
from engine.drafting import plan
from engine.drafting.grammar import Alt, Node, Series
from engine.evidence import build
from engine.paths import resource

LEXICON = tomllib.loads(resource("lexicon/prose.toml").read_text(encoding="utf-8"))
ALLOWED = {word for group in LEXICON.values() for word in group["words"].split()}


def _text(value: str) -> Text:
    return Text(value, f"/{value}")


def _case(count: int, *, sex: str, dated: bool, disposition: str) -> Case:
    """A record whose every name is a nonsense word in z, so that what is left is the drafter's."""
    date = Text("2024-01-05", "/fecha") if dated else None
    names = [_text(f"zq{'x' * i}") for i in range(count)]
    drugs = tuple(
        Medication(n, Text("B01AC06", "/c"), _text("5 mg"), _text(r), _text("c/8h"), _text("7d"), date, date)
        for n, r in zip(names, ("VO", "EV", "SC", "IM", "SL"), strict=False)
    )
    notes = tuple(
        Note(_text(clauses), Text(str(i), "/d") if count > 1 else None, date)
        for i, clauses in enumerate(
            ["Favorable, dolor zq, creatinina 3, zq. Afebril zq", "Ecocardiograma: zq. Favorable"][:count]
        )
    )
    controls = tuple(names) if count > 2 else (_text("control zq"), _text("control zqx"))[:count]
    return Case(
        "clinical",
        "",
        _text("zqmotivo") if count else None,
        Patient(gender=_text(sex), age=_text("74")),
        Stay(start=date, disposition=_text(disposition)),
        History(tuple(names), tuple(names), tuple(names), tuple(names)),
        tuple(Condition(n, Text("J18.9", "/c"), date) for n in names),
        tuple(Procedure(n, None, date) for n in names),
        drugs,
        notes,
        tuple(Observation(n, _text("3 zq"), None, date, minimum=_text("1"), maximum=_text("4")) for n in names),
        tuple(Condition(n, None, date) for n in names),
        CarePlan(drugs, controls, tuple(names), tuple(names)),
    )


def _literals(node: Node) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Series):
        yield from (node.between, node.last)
        for item in node.items:
            yield from _literals(item)
    else:
        for part in node.options if isinstance(node, Alt) else node.parts:
            yield from _literals(part)


def _own_words(case: Case) -> set[str]:
    joined = " ".join(text for _, node in plan.build(build(case)) for text in _literals(node))
    words = re.findall(r"[^\W\d_]+", joined)
    taken = {
        "control",
        "dolor",
        "ecocardiograma",
        "creatinina",
        "afebril",
        "sin",
        "favorable",
        "mejorado",
        "uti",
        "domicilio",
        "ingreso",
    }
    units = {"mg", "c", "h", "g", "vo", "ev", "sc", "im", "sl", "b", "ac", "j", "d"}
    own = {w.lower() for w in words} - (taken - ALLOWED) - units
    return {w for w in own if not w.startswith("zq")}


LEAVING = ("Alta", "Fallecido", "Traslado", "Traslado a UTI", "Derivado a UTI", "Domicilio", "Mejorado")
DEATH = {"fallece"}
MOVE = {"trasladada", "trasladado", "traslado", "derivada", "derivado", "derivación"}


@pytest.mark.parametrize(
    ("count", "sex", "dated", "disposition"), list(product((0, 1, 2, 3), ("F", "M", "?"), (True, False), LEAVING))
)
def test_every_word_of_its_own_is_listed_with_a_reason(count: int, sex: str, dated: bool, disposition: str) -> None:
    assert _own_words(_case(count, sex=sex, dated=dated, disposition=disposition)) - ALLOWED == set()


def test_every_listed_word_is_used_and_every_group_has_a_reason() -> None:
    used: set[str] = set()
    for count, sex, dated, how in product((0, 1, 2, 3), ("F", "M", "?"), (True, False), LEAVING):
        used |= _own_words(_case(count, sex=sex, dated=dated, disposition=how))
    # Written where a name, a figure or a field of the record asks for them.
    spare = {"e", "destino", "motivo", *LEXICON["details"]["words"].split()}
    assert ALLOWED - used - spare == set()
    assert all(len(group["reason"]) > 30 for group in LEXICON.values())


@pytest.mark.parametrize("disposition", LEAVING)
def test_a_death_or_a_transfer_is_told_of_nobody_else(disposition: str) -> None:
    words = _own_words(_case(3, sex="F", dated=True, disposition=disposition))
    assert bool(DEATH & words) == (disposition == "Fallecido")
    assert bool(MOVE & words) == disposition.startswith(("Traslado", "Derivado"))


def test_nobody_who_died_is_told_to_go_home() -> None:
    case = _case(3, sex="F", dated=True, disposition="Fallecido")
    words = _own_words(case)
    assert {"egresa", "indican", "queda", "alta"} & words == set()


def test_a_record_without_anything_says_so_in_every_section() -> None:
    sections = plan.build(build(replace(_case(0, sex="?", dated=False, disposition="Alta"), patient=Patient())))
    assert all("No consignado" in "".join(_literals(node)) for _, node in sections)
