"""Measures, dates, words and modality as the checker reads them."""

import pytest

from engine.checking.calendar import dates
from engine.checking.measures import scan, values
from engine.checking.reading import read
from engine.checking.words import keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 g", "1000 mg"),
        ("1 g", "1.000 mg"),
        ("0,5 mg", "500 mcg"),
        ("20 cc", "20 mL"),
        ("2 puff", "2 inhalaciones"),
        ("10 U", "10 unidades"),
        ("10 mg/kg", "10 mg por kg"),
        ("c/8h", "cada 8 horas"),
        ("c/8 h", "tres veces al día"),
        ("TID", "cada 8 horas"),
        ("c/24h", "una vez al día"),
        ("c/12 h", "2 veces al día"),
        ("EV", "vía intravenosa"),
        ("VO", "por vía oral"),
        ("en dosis única", "por una vez"),
        ("7d", "por una semana"),
        ("12 meses", "por un año"),
        ("permanente", "en forma permanente"),
        ("SOS", "en caso de necesidad"),
        ("c/noche", "al acostarse"),
        ("día por medio", "cada 48 horas"),
        ("5 mil UI", "5000 UI"),
        ("c/noche", "noche"),
    ],
)
def test_two_ways_to_say_a_measure_meet(one: str, other: str) -> None:
    (a,), (b,) = scan(one), scan(other)
    assert a.same(b)


def test_once_keeps_its_meaning_before_a_duration() -> None:
    assert [m.kind for m in scan("por una vez por 1 día")] == ["frequency", "duration"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 g", "1 mg"),
        ("2,5 mg", "25 mg"),
        ("5 mg", "5 mcg"),
        ("10 mg/kg", "10 mg"),
        ("c/8 h", "c/6 h"),
        ("EV", "VO"),
        ("7 días", "7 semanas"),
        ("0,1 U/kg/h", "0,1 U/h"),
        ("100 UI", "100 mg"),
        ("1 comprimido", "1 ampolla"),
    ],
)
def test_different_measures_do_not_meet(one: str, other: str) -> None:
    (a,), (b,) = scan(one), scan(other)
    assert not a.same(b)


def test_a_thousand_with_a_point_has_no_second_reading_but_a_half_has() -> None:
    assert values("1.000") == {1000.0}
    assert values("1.500") == {1500.0, 1.5}
    assert values("0,125") == {0.125}


@pytest.mark.parametrize(
    "text",
    [
        "15-01-2024",
        "15/01/24",
        "15.01.2024",
        "2024-01-15",
        "15 de enero de 2024",
        "el 15 de enero",
        "15 enero 2024",
        "el 15-01",
        "día 15/01",
    ],
)
def test_a_date_in_any_usual_form(text: str) -> None:
    (found,) = dates(text)
    assert found.fits("2024-01-15")
    assert not found.fits("2024-01-16")


@pytest.mark.parametrize(
    "text", ["17/01: sin dolor", "Extubado el 17.", "del 17 al 18 (H02AB06)", "el 17 presenta fiebre de 38 °C"]
)
def test_a_day_told_without_its_year_or_month_is_known_from_the_record(text: str) -> None:
    assert dates(text, frozenset({"2024-01-17"}))[0].fits("2024-01-17")
    assert not any(d.fits("2024-01-17") for d in dates(text))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("desde el 17 hasta el 20-01-2024", [17, 20]),
        ("del 17 al 20/01", [17, 20]),
        ("17, 18 y 20 de enero de 2024", [17, 18, 20]),
        ("el diecisiete de enero", [17]),
        ("ingresa el 17/01/2024; al día siguiente, TAC; ese mismo día, alta", [17, 18, 18]),
    ],
)
def test_several_days_of_one_month_and_days_told_by_another(text: str, days: list[int]) -> None:
    known = frozenset(f"2024-01-{d:02}" for d in days)
    found = dates(text, known)
    assert [d.day for d in found] == days
    assert all(d.month == 1 for d in found)


def test_a_day_reached_from_another_that_the_record_lacks_is_no_date() -> None:
    assert [d.day for d in dates("ingresa el 17/01/2024; al día siguiente, TAC", frozenset({"2024-01-17"}))] == [17]


def test_pressures_and_ranges_are_no_dates() -> None:
    known = frozenset({"2024-01-20", "2024-02-21"})
    assert dates("PA 120/70, HGT 140-180, budesonida 160/4,5, FiO2 al 21%, el 20 por ciento, al 20 mg", known) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HTA", "hipertensión arterial"),
        ("AAS", "ácido acetilsalicílico"),
        ("aspirina", "Ácido Acetilsalicílico"),
        ("DM2", "diabetes mellitus tipo 2"),
        ("TAC", "tomografía axial computada"),
        ("E. coli", "Escherichia coli"),
        ("losartán", "Losartan"),
        ("crónicas", "crónico"),
        ("Amoxicilina/Ac.clavulanico", "amoxicilina/ácido clavulánico"),
        ("NAC", "neumonía adquirida en la comunidad"),
        ("VMNI", "ventilación mecánica no invasiva"),
        ("GB", "recuento de leucocitos"),
    ],
)
def test_two_names_of_a_thing_have_one_key(one: str, other: str) -> None:
    assert keys(one) == keys(other) != []


def test_different_things_have_different_keys() -> None:
    assert keys("hipertensión") != keys("hipotensión")
    assert keys("cefazolina") != keys("ceftriaxona")
    assert keys("ventilación mecánica no invasiva") != keys("ventilación mecánica invasiva")
    assert keys("gota") != keys("GOT")


def test_a_slashed_preposition_is_read_as_written_out() -> None:
    told = {w.token.folded: w.modality for w in read("Stent s/incidentes, c/andador, insulina s/HGT").words}
    assert told["incidentes"] == "negated"
    assert told["andador"] == told["hgt"] == "affirmed"


def test_a_code_may_share_its_parentheses_with_words() -> None:
    reading = read("Bota de yeso (93.54, inmovilización)", frozenset({"93.54"}))
    assert [c.value for c in reading.codes] == ["93.54"]


def test_negation_reaches_its_words_and_no_further() -> None:
    reading = read("Sin fiebre ni dolor, hemodinamia estable; cultivo negativo con diuresis. Probable sepsis.")
    told = {w.token.folded: w.modality for w in reading.words if w.key}
    assert told["dolor"] == told["cultivo"] == "negated"
    assert told["hemodinamia"] == "open"
    assert told["diuresis"] == "affirmed"
    assert told["sepsis"] == "suspected"
