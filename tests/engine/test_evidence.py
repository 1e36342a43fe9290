"""Evidence: what each line of a record comes to mean, and how it may be written."""

from __future__ import annotations

import pytest

from engine.domain import Case, Medication, Note, Stay, Text
from engine.evidence import Kind, build, clauses
from engine.evidence.language import enclitic_and, expanded, fold, forms, plain
from engine.evidence.measures import attribute, parse
from engine.evidence.quantities import canonical, date_forms, numbers


@pytest.mark.parametrize(
    ("recorded", "written"),
    [
        ("HTA", "hipertensión arterial"),
        ("Neumonia adquirida en comunidad", "neumonía adquirida en comunidad"),
        (
            "TAC DE TORAX: CONDENSACION LOBULO INFERIOR DERECHO",
            "tomografía computada de tórax: condensación lóbulo inferior derecho",
        ),
        ("SE RETIRA CVC", "se retira catéter venoso central"),
        ("Amoxicilina/Ac.clavulanico", "amoxicilina/ácido clavulánico"),
        ("DIURESIS 0.6 CC/KG/HR", "diuresis 0.6 cc/kg/h"),
        ("Peritonitis fecal Hinchey IV", "peritonitis fecal Hinchey IV"),
        ("PCR 34 (INGRESO 286)", "PCR 34 (ingreso 286)"),
        ("O2 NARICERA 1 LT", "O2 naricera 1 L"),
        ("Hb estable", "Hb estable"),
    ],
)
def test_phrases_are_written_as_prose(recorded: str, written: str) -> None:
    assert expanded(recorded) == written
    assert recorded.strip() in forms(recorded)


@pytest.mark.parametrize("ambiguous", ["PCR", "IRA", "UC", "HC", "PA", "MP", "GB"])
def test_abbreviations_with_two_readings_are_kept(ambiguous: str) -> None:
    assert expanded(f"{ambiguous} alta") == f"{ambiguous} alta"


def test_normalising_never_changes_words_or_numbers() -> None:
    text = "Dolor torácico 10/10, Troponina 0,8 ng/mL (-)"
    assert fold(plain(text)) == fold(text)


@pytest.mark.parametrize(
    ("line", "name", "details"),
    [
        (
            "Ceftriaxona 2g EV c/24h 7d",
            "Ceftriaxona",
            [("dose", "2 g"), ("route", "endovenosa"), ("frequency", "cada 24 horas"), ("duration", "7 días")],
        ),
        ("Salbutamol 2puff c/6h", "Salbutamol", [("dose", "2 puff"), ("frequency", "cada 6 horas")]),
        (
            "Insulina cristalina 0.05U/kg/h EV",
            "Insulina cristalina",
            [("dose", "0.05 U/kg/h"), ("route", "endovenosa")],
        ),
        (
            "Digoxina 0.5mg EV luego 0.25mg c/24h",
            "Digoxina",
            [
                ("dose", "0.5 mg"),
                ("route", "endovenosa"),
                ("note", "luego"),
                ("dose", "0.25 mg"),
                ("frequency", "cada 24 horas"),
            ],
        ),
        (
            "Omeprazol 40mg VO c/12h 8sem",
            "Omeprazol",
            [("dose", "40 mg"), ("route", "oral"), ("frequency", "cada 12 horas"), ("duration", "8 semanas")],
        ),
        ("Alteplase 100mg EV en 2h", "Alteplase", [("dose", "100 mg"), ("route", "endovenosa"), ("note", "en 2h")]),
        ("Warfarina segun INR objetivo 2-3", "Warfarina", [("note", "segun inr objetivo 2-3")]),
        ("Levofloxacino 750 mg c/48h", "Levofloxacino", [("dose", "750 mg"), ("frequency", "cada 48 horas")]),
        ("Octreotide EV", "Octreotide", [("route", "endovenosa")]),
        ("Dieta absoluta 5d", "Dieta absoluta", [("duration", "5 días")]),
        (
            "Budesonida/Formoterol 320/9ug 2puff c/12h",
            "Budesonida/Formoterol",
            [("dose", "320/9 mcg"), ("dose", "2 puff"), ("frequency", "cada 12 horas")],
        ),
    ],
)
def test_a_treatment_line_is_taken_apart(line: str, name: str, details: list[tuple[str, str]]) -> None:
    parsed = parse(line, "/tto/0")
    assert parsed.name == name
    assert [(a.kind, a.value) for a in parsed.attributes] == details


def test_nothing_of_a_line_is_lost() -> None:
    line = "Fitomenadiona 10mg ampolla 1 amp c/día IM lento"
    parsed = parse(line, "/x")
    kept = fold(" ".join([parsed.name, *(form for a in parsed.attributes for form in a.forms)]))
    assert all(word in kept for word in ("fitomenadiona", "10", "ampolla", "amp", "lento", "im"))


def test_a_field_may_hold_two_details() -> None:
    kinds = [(a.kind, a.value) for a in attribute("duration", "5 dias, SOS dolor", "/x")]
    assert kinds == [("duration", "5 días"), ("note", "sos dolor")]


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("Favorable, afebril 3er dia, sin O2 5to dia", ["favorable", "afebril al tercer día", "sin O2 al quinto día"]),
        ("sin fiebre, dolor ni disnea, tolera VO", ["sin fiebre, dolor ni disnea", "tolera vía oral"]),
        ("TC: sin lesiones, EEG: normal", ["tomografía computada: sin lesiones", "electroencefalograma: normal"]),
        ("Creatinina 2.4 (basal 1.3). Afebril 48h", ["creatinina 2.4 (basal 1.3)", "afebril 48 horas"]),
        ("TAC: condensación, sin derrame", ["tomografía computada: condensación, sin derrame"]),
    ],
)
def test_notes_are_cut_into_clauses(note: str, expected: list[str]) -> None:
    assert [clauses.clause_forms(c)[0] for c in clauses.split(note)] == expected


@pytest.mark.parametrize(
    ("clause", "polarity"),
    [
        ("sin disnea", "negated"),
        ("hemocultivos (-)", "negated"),
        ("niega dolor", "negated"),
        ("probable neumonía", "suspected"),
        ("tolera vía oral", "affirmed"),
    ],
)
def test_polarity(clause: str, polarity: str) -> None:
    assert clauses.polarity(clause) == polarity


def test_numbers_and_dates() -> None:
    assert [canonical(n) for n in ("0,80", "05", "1.000", "100", "2.50")] == ["0.8", "5", "1.000", "100", "2.5"]
    assert [(n.value, n.start) for n in numbers("PA 90/60")] == [("90", 3), ("60", 6)]
    assert date_forms("2024-01-05") == ("05-01-2024", "5 de enero de 2024", "05/01/2024")


@pytest.mark.parametrize(
    ("word", "conjunction"), [("ibuprofeno", "e"), ("hierro", "y"), ("hipertensión", "e"), ("dolor", "y")]
)
def test_conjunction_before_i(word: str, conjunction: str) -> None:
    assert enclitic_and(word) == conjunction


def test_the_same_item_twice_is_one_claim_with_both_pointers() -> None:
    drugs = tuple(Medication(Text("Paracetamol 1 g", f"/tto/{i}"), Text("N02BE01", f"/tto/{i}")) for i in range(2))
    claims = list(build(Case("compact", "", treatments=drugs)).of(Kind.TREATMENT))
    assert [c.pointers for c in claims] == [("/tto/0", "/tto/1")]


@pytest.mark.parametrize(
    ("case", "deceased"),
    [
        (Case("ward", "", stay=Stay(disposition=Text("Fallecido", "/d"))), True),
        (Case("ward", "", notes=(Note(Text("Fallece a las 10:20.", "/e")),)), True),
        (Case("ward", "", notes=(Note(Text("Padre fallecido. Alta.", "/e")),)), False),
        (Case("ward", "", notes=(Note(Text("Alta a domicilio.", "/e")),)), False),
    ],
)
def test_death_of_the_patient(case: Case, deceased: bool) -> None:
    assert build(case).deceased is deceased


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        (
            "UROCULTIVO: E. COLI BLEE. NORADRENALINA EN DESCENSO",
            ["UROCULTIVO: E. COLI BLEE", "NORADRENALINA EN DESCENSO"],
        ),
        ("Diuresis 0.3 cc/kg/h. Creatinina 3.4.", ["Diuresis 0.3 cc/kg/h", "Creatinina 3.4"]),
        ("Balance -3 L. Sin edema", ["Balance -3 L", "Sin edema"]),
        ("Evaluado por Dr. Soto. Alta", ["Evaluado por Dr. Soto", "Alta"]),
        ("SIN FIEBRE\nDISNEA", ["SIN FIEBRE", "DISNEA"]),
    ],
)
def test_where_a_sentence_ends(note: str, expected: list[str]) -> None:
    assert clauses.split(note) == expected
