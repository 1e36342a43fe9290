"""Evidence: what each line of a record comes to mean, and how it may be written."""

from __future__ import annotations

import pytest

from engine.domain import Case, Medication, Note, Patient, Procedure, Stay, Text
from engine.evidence import Kind, build, clauses
from engine.evidence.language import enclitic_and, expanded, fold, forms, plain
from engine.evidence.measures import attribute, parse
from engine.evidence.quantities import canonical, date_forms, dates, numbers


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
        ("FX EXPUESTA TIBIA IZQ GUSTILO IIIA", "fx expuesta tibia izq Gustilo IIIA"),
        ("SE INSTALA CPAP S/ INCIDENTES, P/F 180", "se instala CPAP s/ incidentes, P/F 180"),
        ("BACTEREMIA X CVC, HMC X2", "bacteremia x catéter venoso central, hemocultivos x2"),
        ("NORADRENALINA 0,5 UG/KG/MIN", "noradrenalina 0,5 ug/kg/min"),
        ("AFEBRIL 24HRS", "afebril 24 horas"),
        ("CREATININA 2.1 mg/dL", "creatinina 2.1 mg/dL"),
        ("Cirugia: Se realiza drenaje", "cirugía: se realiza drenaje"),
        ("Piperacilina/Tazobactam", "piperacilina/tazobactam"),
        ("Ac. Valproico", "ácido valproico"),
        ("Fe", "Fe"),
        ("H. pylori (+)", "H. pylori (+)"),
        ("A las 48 horas", "a las 48 horas"),
        ("Req. de O2", "requerimiento de O2"),
    ],
)
def test_phrases_are_written_as_prose(recorded: str, written: str) -> None:
    assert expanded(recorded) == written
    assert recorded.strip() in forms(recorded)


@pytest.mark.parametrize("ambiguous", ["PCR", "IRA", "UC", "HC", "PA", "MP", "GB"])
def test_abbreviations_with_two_readings_are_kept(ambiguous: str) -> None:
    assert expanded(f"{ambiguous} alta") == f"{ambiguous} alta"


@pytest.mark.parametrize(
    "phrase",
    [
        "HTA + SOB",  # histerectomía total abdominal
        "se realiza HTA",
        "FA 450, GGT 820",  # fosfatasas alcalinas
        "FA normotensa",  # fontanela anterior
        "PCR VHS 1 positivo",  # virus herpes simple
        "RM severa",  # regurgitación mitral, retardo mental
        "DG c/ insulina",  # diabetes gestacional
        "Ac anti-TPO (+)",  # anticuerpo
        "Bp pte",  # pendiente
        "Hb postop 9,1",
    ],
)
def test_an_abbreviation_stays_where_its_neighbours_leave_another_reading(phrase: str) -> None:
    assert fold(expanded(phrase)) == fold(phrase)


def test_a_procedure_is_no_disease() -> None:
    claims = build(Case("clinical", "", procedures=(Procedure(Text("HTA", "/p")),))).of(Kind.PROCEDURE)
    assert [c.forms for c in claims] == [("HTA",)]


def test_capitals_are_judged_by_the_note_that_a_clause_stands_in() -> None:
    assert clauses.clause_forms("TAL 7", "Lactante con SDR, TAL 7")[0] == "TAL 7"
    assert clauses.clause_forms("PESO 7", "LACTANTE CON SDR, PESO 7")[0] == "peso 7"
    assert clauses.clause_forms("IDEACION SUICIDA", "Duerme. IDEACION SUICIDA")[0] == "ideación suicida"


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
        (
            "Insulina NPH 10 UI AM - 8 UI PM",
            "Insulina NPH",
            [("dose", "10 UI"), ("note", "am -"), ("dose", "8 UI"), ("note", "pm")],
        ),
        (
            "Furosemida 40 mg c/12 hrs (8-16 hrs)",
            "Furosemida",
            [("dose", "40 mg"), ("frequency", "cada 12 horas"), ("note", "(8-16 hrs)")],
        ),
        ("Bicarbonato 2/3 M 100cc", "Bicarbonato 2/3 M", [("dose", "100 cc")]),
        ("Sulfato ferroso desde los 2 meses", "Sulfato ferroso desde los 2 meses", []),
        (
            "Domperidona 10 mg 30 min antes de comidas",
            "Domperidona",
            [("dose", "10 mg"), ("note", "30 min antes de comidas")],
        ),
        (
            "Paracetamol 1 g c/6 a 8 h por 3 a 5 días",
            "Paracetamol",
            [("dose", "1 g"), ("frequency", "cada 6-8 horas"), ("duration", "3-5 días")],
        ),
        (
            "Cefadroxilo 1 g hasta completar 10 dias",
            "Cefadroxilo",
            [("dose", "1 g"), ("note", "hasta completar 10 dias")],
        ),
        ("Jarabe 120mg/5ml 7,5 ml", "Jarabe", [("dose", "120 mg/5 mL"), ("dose", "7.5 mL")]),
        (
            "PNC 2,4 UI IM/sem hasta completar 7 d",
            "PNC",
            [
                ("dose", "2.4 UI"),
                ("route", "intramuscular"),
                ("frequency", "por semana"),
                ("note", "hasta completar 7 d"),
            ],
        ),
        ("Cefazolina 1 g EV c/8", "Cefazolina", [("dose", "1 g"), ("route", "endovenosa"), ("frequency", "cada 8")]),
        ("Atorvastatina 40mg/noche", "Atorvastatina", [("dose", "40 mg/noche")]),
        (
            "Enoxaparina 40mg SC/día",
            "Enoxaparina",
            [("dose", "40 mg"), ("route", "subcutánea"), ("frequency", "al dia")],
        ),
        (
            "EPO 4000 U SC 3v/sem",
            "EPO",
            [("dose", "4000 U"), ("route", "subcutánea"), ("frequency", "3 veces por semana")],
        ),
        ("Clopidogrel 75 mg x 1 año", "Clopidogrel", [("dose", "75 mg"), ("duration", "1 año")]),
        ("Suero fisiologico a 80 ml/h", "Suero fisiologico", [("note", "a"), ("dose", "80 mL/h")]),
    ],
)
def test_a_treatment_line_is_taken_apart(line: str, name: str, details: list[tuple[str, str]]) -> None:
    parsed = parse(line, "/tto/0")
    assert parsed.name == name
    assert [(a.kind, a.value) for a in parsed.attributes] == details


def test_a_unit_that_is_a_word_stands_apart_from_its_number() -> None:
    (tablet,) = parse("Furosemida 1 comp", "/x").attributes
    assert tablet.forms == ("1 comp",)


def test_a_comma_between_doses_stays() -> None:
    line = parse("N-Acetilcisteína 150 mg/kg en 1 h, 50 mg/kg en 4 h, ajustar", "/x")
    written = "".join(f if (f := a.forms[0]).startswith(",") else f" {f}" for a in line.attributes)
    assert written == " 150 mg/kg en 1 hora, 50 mg/kg en 4 horas, ajustar"


@pytest.mark.parametrize(("recorded", "route"), [("v.o.", "oral"), ("E.V.", "endovenosa"), ("S/C", "subcutánea")])
def test_routes_with_points(recorded: str, route: str) -> None:
    assert [a.value for a in attribute("route", recorded, "/x")] == [route]


@pytest.mark.parametrize(
    ("recorded", "told"),
    [
        ("74", "74 años"),
        ("1", "1 año"),
        ("5 a 3 m", "5 años 3 meses"),
        ("RN de 2 dias", "2 días"),
        ("8 meses", "8 meses"),
    ],
)
def test_ages(recorded: str, told: str) -> None:
    case = Case("clinical", "", patient=Patient(age=Text(recorded, "/edad")))
    assert [c.name for c in build(case).of(Kind.PATIENT)] == [told]


def test_a_field_of_punctuation_alone_says_nothing() -> None:
    case = Case("clinical", "", Text(".", "/m"), treatments=(Medication(Text("-", "/t")),))
    assert build(case).claims == ()


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
        (
            "Herida op. limpia, sin sg. de infección. Falla resp. aguda",
            ["herida op limpia", "sin sg de infección", "falla resp aguda"],
        ),
        ("PIERNA IZQ. RESTO NORMAL. DER. SIN EDEMA", ["pierna izq. resto normal", "der", "sin edema"]),
        ("- Afebril\n- Tolera VO", ["afebril", "tolera vía oral"]),
        ("1) Sin fiebre 2) Tolera régimen", ["sin fiebre", "tolera régimen"]),
        ("Incompat. ABO. Cultivo tej.: limpio. Pdte. Bx", ["incompat. ABO", "cultivo tej.: limpio", "pdte. Bx"]),
        ("Ca. gástrico est. avanzado. Coombs ind. (-)", ["Ca. gástrico est avanzado", "Coombs ind (-)"]),
        ("afebril. sin dolor. fx tibia izq. sin dolor", ["afebril", "sin dolor", "fx tibia izq", "sin dolor"]),
        ("No requiere hosp. Firma consentimiento", ["no requiere hosp", "firma consentimiento"]),
        ("Evolución:\n• Dolor leve\nPlan:\n- Alta", ["dolor leve", "plan: alta"]),
        ("GRUPO RN A(+), INFLUENZA A NEGATIVA", ["grupo RN A(+)", "influenza A negativa"]),
        ("Nivel de paracetamol bajo. NAC EV 21 h", ["nivel de paracetamol bajo", "NAC EV 21 horas"]),
        ("1.- Reposo 2.- Dieta", ["reposo", "dieta"]),
        ('Refiere "me siento mejor". Alta', ['refiere "me siento mejor"', "alta"]),
        ("KTR c/4-6h. Plaq. 520.000", ["KTR cada 4-6 horas", "plaq 520.000"]),
        ("TAC: condensación, sin derrame", ["tomografía computada: condensación, sin derrame"]),
    ],
)
def test_notes_are_cut_into_clauses(note: str, expected: list[str]) -> None:
    assert [clauses.clause_forms(c, note)[0] for c in clauses.split(note)] == expected


@pytest.mark.parametrize(
    ("clause", "polarity"),
    [
        ("sin disnea", "negated"),
        ("hemocultivos (-)", "negated"),
        ("herida s/ secreción", "negated"),
        ("UC neg", "negated"),
        ("se descartan lesiones", "negated"),
        ("s/p colecistectomía", "affirmed"),
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


def test_dates_inside_free_text() -> None:
    text = (
        "licencia desde 05-05 al 25-05-2026, control 3/6/26, ingreso 2026-05-01, alta el 8 de mayo de 2026; PA 120/80"
    )
    assert set(dates(text)) == {"2026-05-25", "2026-06-03", "2026-05-01", "2026-05-08"}


@pytest.mark.parametrize(
    ("word", "conjunction"),
    [("ibuprofeno", "e"), ("hierro", "y"), ("hipertensión", "e"), ("dolor", "y"), ("IOT", "e"), ("HIC", "y")],
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


def test_an_item_without_a_name_keeps_its_code() -> None:
    case = Case("clinical", "", treatments=(Medication(None, Text("J01DD04", "/t/codigo"), Text("2 g", "/t/dosis")),))
    (claim,) = build(case).of(Kind.TREATMENT)
    assert (claim.name, claim.code) == ("tratamiento codificado", "J01DD04")
    assert [a.value for a in claim.attributes] == ["2 g"]


@pytest.mark.parametrize(("moment", "forms"), [("2026-13-45", 1), ("ayer", 1), ("2026-02-28T10:30", 3)])
def test_only_real_dates_are_rewritten(moment: str, forms: int) -> None:
    assert len(date_forms(moment)) == forms
