"""What the document says, before it is drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.checking import completeness
from engine.documents import layout
from engine.documents.dates import days_of_stay, shown_date, shown_moment
from engine.documents.glyphs import legible
from engine.documents.shapes import Layout, Table
from engine.domain import Case, Medication, Observation, Stay
from engine.evidence import build
from tests.helpers.documents import crowded_case, draft, empty_case, in_name_drug, text, texts, ward_case

DRUGS_GIVEN = "Medicamentos administrados durante la hospitalización"


def laid_out(case: Case, *, approved: bool = False) -> Layout:
    return layout(case, draft(), approved=approved, version="1.2.3")


def table(case: Case, title: str) -> Table:
    return next(item for item in laid_out(case)["tables"] if item["title"] == title)


def texts_of(item: Table) -> list[list[str]]:
    return [[cell["text"] for cell in row] for row in item["rows"]]


def facts(case: Case) -> dict[str, str]:
    return {fact["label"]: fact["value"]["text"] for fact in laid_out(case)["identity"]}


def test_identity_shows_the_record_and_the_computed_stay() -> None:
    assert facts(ward_case()) == {
        "Nombre": "Rosa Elena Ñancupil Iturra",
        "RUT": "11.111.111-1",
        "N.º de atención": "900417",
        "Sexo": "F",
        "Edad": "74 años",
        "Fecha de nacimiento": "09-03-1952",
        "Fecha de ingreso": "02-10-2026",
        "Fecha de alta": "11-10-2026",
        "Días de estada": "9 días",
        "Destino al egreso": "Domicilio",
        "Médico tratante": "Dra. de prueba",
    }


def test_every_empty_field_says_so() -> None:
    page = laid_out(empty_case())
    assert {fact["value"]["text"] for fact in [*page["identity"], page["allergies"]]} == {"No consignado"}
    assert page["facility"]["text"] == "Establecimiento no consignado"
    assert [item["rows"] for item in page["tables"]] == [[]] * 6
    assert {item["empty"] for item in (*page["tables"], *page["lists"])} == {"No consignado"}


def test_the_dead_are_given_no_indications_and_the_gate_says_the_same() -> None:
    case = replace(empty_case(), stay=Stay(disposition=text("Fallecido")))
    page = laid_out(case)
    said = {item["title"]: item["empty"] for item in (*page["tables"], *page["lists"])}
    gate = {found.id: found.reason for found in completeness(build(case), None, None).requirements}
    at_discharge = ("Medicamentos indicados al alta", "Controles y seguimiento", "Cuidados", "Signos de alarma")
    assert {said[title] for title in at_discharge} == {gate["discharge_medications"]} == {gate["follow_up"]}
    assert said[DRUGS_GIVEN] == "No consignado"


def test_age_with_its_own_unit_is_left_alone() -> None:
    case = replace(empty_case(), patient=replace(empty_case().patient, age=text("8 meses")))
    assert facts(case)["Edad"] == "8 meses"


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("2026-10-02", "2026-10-11", "9 días"),
        ("2024-02-28T23:50", "2024-03-01T00:10", "2 días"),
        ("2026-10-02", "2026-10-03", "1 día"),
        ("2026-10-02", "2026-10-02", "Alta el mismo día"),
        ("2026-10-11", "2026-10-02", None),
        ("2026-02-31", "2026-03-02", None),
        ("octubre", "2026-10-02", None),
        (None, "2026-10-02", None),
        ("2026-10-02", None, None),
    ],
)
def test_days_of_stay(start: str | None, end: str | None, shown: str | None) -> None:
    assert days_of_stay(start, end) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-10-02", "02-10-2026"),
        ("2026-10-02T09:10", "02-10-2026 09:10"),
        ("2026-10-02T09:10:00Z", "02-10-2026 09:10"),
        ("02 de octubre", "02 de octubre"),
        ("2026-10-02 aprox.", "2026-10-02 aprox."),
        ("2026-10", "2026-10"),
    ],
)
def test_dates_on_paper(value: str, shown: str) -> None:
    assert shown_date(value) == shown


def test_moment_keeps_its_zone() -> None:
    assert shown_moment("2026-10-11T14:05:31-03:00") == "11-10-2026 14:05 (UTC-03:00)"


def test_dose_inside_the_name_is_not_denied_beside_it() -> None:
    given = table(ward_case(), DRUGS_GIVEN)
    assert texts_of(given) == [
        ["Levofloxacino 750 mg c/48h", "J01MA12", "–", "EV", "–", "02-10-2026 al 09-10-2026"],
        ["Heparina", "B01AB01", "5000 UI", "SC", "cada 12 horas", "No consignado"],
    ]
    assert given["footnote"].startswith("–")


def test_columns_that_stand_in_the_names_are_left_out() -> None:
    lines = (
        Medication(*texts("Ceftriaxona 2g EV c/24h 7d", "J01DD04")),
        Medication(*texts("Ketorolaco 30mg EV c/8h", "M01AB15")),
    )
    given = table(replace(empty_case(), treatments=lines), DRUGS_GIVEN)
    assert [column["label"] for column in given["columns"]] == ["Medicamento", "ATC"]
    assert given["footnote"] == ""


def test_columns_stay_where_a_name_has_no_dose() -> None:
    lines = (in_name_drug(), Medication(text("Heparina")))
    given = table(replace(empty_case(), treatments=lines), DRUGS_GIVEN)
    assert texts_of(given)[1] == ["Heparina", *["No consignado"] * 5]


@pytest.mark.parametrize(
    ("start", "end", "duration", "shown"),
    [
        ("2026-10-02", None, None, "desde 02-10-2026"),
        (None, "2026-10-09", None, "hasta 09-10-2026"),
        ("2026-10-02", "2026-10-09", "7 días", "7 días · 02-10-2026 al 09-10-2026"),
    ],
)
def test_duration_and_period(start: str | None, end: str | None, duration: str | None, shown: str) -> None:
    item = Medication(
        name=text("Heparina"),
        duration=text(duration) if duration else None,
        start=text(start) if start else None,
        end=text(end) if end else None,
    )
    assert texts_of(table(replace(empty_case(), treatments=(item,)), DRUGS_GIVEN))[0][-1] == shown


def test_results_show_unit_interpretation_range_and_extremes() -> None:
    assert texts_of(table(ward_case(), "Resultados relevantes")) == [
        ["Proteína C reactiva", "286 mg/L (alto)", "0 – 5", "34 – 286", "02-10-2026 09:10"],
        ["Troponina", "0,8 ng/mL", "No consignado", "No consignado", "No consignado"],
    ]


def test_results_without_ranges_have_no_range_columns() -> None:
    case = replace(empty_case(), observations=(Observation(*texts("Troponina", "0,8 ng/mL")),))
    labels = [column["label"] for column in table(case, "Resultados relevantes")["columns"]]
    assert labels == ["Examen", "Resultado", "Fecha"]


def test_half_a_range_says_which_half() -> None:
    item = Observation(text("Sodio"), text("131"), low=text("135"), maximum=text("140"))
    case = replace(empty_case(), observations=(item,))
    assert texts_of(table(case, "Resultados relevantes"))[0][2:4] == ["mín. 135", "máx. 140"]


def test_the_paragraph_is_the_draft_to_the_letter() -> None:
    assert "".join(run["text"] for run in laid_out(ward_case())["summary"]) == draft().text


def test_a_draft_says_that_it_is_one() -> None:
    assert laid_out(ward_case())["status"].startswith("Borrador")
    approved = laid_out(ward_case(), approved=True)
    assert (approved["draft"], approved["status"]) == (False, "")


def test_footer_tells_program_model_record_and_time() -> None:
    assert laid_out(ward_case())["footer"] == [
        "Epicrisis 1.2.3 · Modelo epicrisis-0.5b 9f2c9f2c9f2c",
        "Registro ab12ab12ab12 · Generado el 11-10-2026 14:05 (UTC-03:00)",
    ]


def test_page_heading_identifies_a_loose_page_on_one_line() -> None:
    running = laid_out(ward_case())["running"]
    assert running == "Epicrisis · Rosa Elena Ñancupil Iturra · 11.111.111-1 · 900417"
    assert len(laid_out(crowded_case())["running"]) < 110
    anonymous = replace(empty_case(), stay=Stay())
    assert laid_out(anonymous)["running"] == "Epicrisis"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("ñandú ≥ 38 °C → µg", "ñandú ≥ 38 °C → µg"),
        ("ánimo \U0001f9e0", "ánimo [U+1F9E0]"),
        ("血压", "[U+8840][U+538B]"),
        ("a\x01b", "a[U+0001]b"),
        ("epi\u00adcri\u200dsis\ufe0f", "epicrisis"),
        ("a\r\nb\u2028c\td", "a\nb\nc d"),
    ],
)
def test_what_no_face_can_draw_is_named(given: str, shown: str) -> None:
    assert legible(given) == shown
