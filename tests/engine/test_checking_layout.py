"""How a hand lays a text out: numbered lists, dotted abbreviations, dates with the month's name, codes in brackets."""

from __future__ import annotations

import pytest

from engine import services
from engine.checking.calendar import dates
from engine.checking.labels import labels
from engine.drafting import plan, template
from engine.evidence import build
from engine.paths import resource

CASE = services.read(resource("samples/days.json"))
TEXT = "".join(text for _, text in template.sections(plan.build(build(CASE)))).strip()
DIAGNOSES = "neumonía, no especificada (J18.9), e insuficiencia renal aguda, no especificada (N17.9)"
DRUGS = (
    "amlodipino 5 mg vía oral cada 24 horas en forma permanente (C08CA01)",
    "linagliptina 5 mg vía oral cada 24 horas en forma permanente (A10BH05)",
    "paracetamol 500 mg vía oral cada 8 horas por 5 días, SOS dolor (N02BE01)",
)
LISTED = f"{DRUGS[0]}; {DRUGS[1]}, y {DRUGS[2]}"


def _types(text: str) -> set[str]:
    return {v.type for v in services.check(CASE, text).violations}


@pytest.mark.parametrize("mark", ["{n}) ", "{n}. ", "{n}.- ", "({n}) ", "#{n} ", "{n}º ", "{a}) "])
def test_the_numbering_of_a_list_is_no_number_of_the_patient(mark: str) -> None:
    assert LISTED in TEXT
    numbered = " ".join(mark.format(n=i, a="abc"[i - 1]) + drug for i, drug in enumerate(DRUGS, 1))
    assert _types(TEXT.replace(LISTED, numbered)) == set()
    wrong = numbered.replace("linagliptina 5 mg", "linagliptina 2 mg")
    assert _types(TEXT.replace(LISTED, wrong)) & {"dose", "number"}


@pytest.mark.parametrize("text", ["Recibió 2) agua", "dosis (día 1) y luego (día 2) más", "tomó 1. Nada. Vio 3. Fin"])
def test_what_does_not_count_from_one_is_no_numbering(text: str) -> None:
    assert labels(text) == []


def test_a_dotted_abbreviation_ends_no_sentence() -> None:
    dotted = TEXT.replace("vía oral", "v.o.").replace("vía subcutánea", "s.c.").replace("vía endovenosa", "e.v.")
    assert dotted.count("v.o.") > 2
    assert _types(dotted) == set()
    assert _types(dotted.replace("s.c. cada 12", "e.v. cada 12")) & {"route", "omission"}


@pytest.mark.parametrize("told", ["14/ene/2024", "14-ene-2024", "14.ene.2024", "14ene2024", "14/ene/24", "14-ENE-24"])
def test_a_date_with_the_short_name_of_its_month(told: str) -> None:
    (date,) = dates(f"El {told}: dolor")
    assert (date.fits("2024-01-14"), date.fits("2023-01-14")) == (True, False)


@pytest.mark.parametrize("brackets", [" [{}]", " - {}", ", {}"])
def test_a_code_without_parentheses_is_one_finding(brackets: str) -> None:
    assert DIAGNOSES in TEXT
    bare = DIAGNOSES.replace(" (J18.9)", brackets.format("J18.9"))
    found = services.check(CASE, TEXT.replace(DIAGNOSES, bare)).violations
    assert [(v.type, v.mention) for v in found] == [("code", "J18.9")]
