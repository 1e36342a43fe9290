"""Faithful writing in anybody's words passes; an error in the same words does not."""

import json
from typing import Any

import pytest

from engine import intake
from engine.checking import check
from engine.checking.absence import absences
from engine.checking.alignment import align
from engine.checking.families import family
from engine.checking.measures import scan
from engine.checking.reading import read
from engine.checking.record import prepare
from engine.checking.units import flat
from engine.checking.words import keys
from engine.evidence import Evidence, Kind, Section, build

_RECORD: dict[str, Any] = {
    "dx": ["Apendicitis aguda perforada (K35.2)", "DM2 descompensada (E11.9)"],
    "proc": ["Apendicectomia laparoscopica (47.01)"],
    "tto": ["Ceftriaxona 2g EV c/24h 5d (J01DD04)", "Metronidazol 500mg EV c/8h 5d (J01XD01)"],
    "evo": "Afebril 3er dia, tolera regimen",
    "dx_alta": ["Apendicitis perforada operada (K35.2)", "DM2 compensada (E11.9)"],
    "med": ["Ciprofloxacino 500mg VO c/12h 5d (J01MA02)", "Paracetamol 1g VO c/8h SOS (N02BE01)"],
}
_ADMISSION = "Ingresa por apendicitis aguda perforada (K35.2) y DM2 descompensada (E11.9). "
_STAY = "Se realizó apendicectomía laparoscópica (47.01). "
_DRUGS = "Recibió ceftriaxona 2 g EV al día (J01DD04) y metronidazol 500 mg EV c/8 h (J01XD01), ambos por 5 días. "
_COURSE = "Afebril al tercer día, tolera régimen. "
_LEAVES = "Egresa con apendicitis perforada operada (K35.2) y DM2 compensada (E11.9). "
_PLAN = "Se indica ciprofloxacino 500 mg VO c/12 h por 5 días (J01MA02) y paracetamol 1 g VO c/8 h SOS (N02BE01)."


def _evidence(**changes: Any) -> Evidence:
    record = {**_RECORD, **changes}
    return build(intake.read_case(json.dumps(record, ensure_ascii=False).encode()))


def _alarms(text: str, evidence: Evidence | None = None) -> list[tuple[str, str]]:
    return [(v.type, v.reason) for v in check(evidence or _evidence(), text).violations]


def _sections(text: str, *words: str) -> list[Section]:
    read = align(prepare(_evidence()), text).reading.words
    return [next(w.section for w in read if w.token.text == said) for said in words]


def test_the_plain_text_passes() -> None:
    assert _alarms(_ADMISSION + _STAY + _DRUGS + _COURSE + _LEAVES + _PLAN) == []


@pytest.mark.parametrize(
    "plan",
    [
        "Continuará con ciprofloxacino 500 mg VO c/12 h por 5 días (J01MA02) y paracetamol 1 g VO c/8 h SOS (N02BE01).",
        "Para la casa: paracetamol 1 g VO c/8 h SOS (N02BE01), ciprofloxacino 500 mg VO c/12 h x 5 d (J01MA02).",
        "Por boca tomará ciprofloxacino 500 mg c/12 h 5 días (J01MA02) y paracetamol 1 g c/8 h SOS (N02BE01).",
        "Remedios, todos orales: ciprofloxacino 500 mg dos veces al día, 5 días (J01MA02); paracetamol 1 g tres veces "
        "al día, solo si lo necesita (N02BE01).",
    ],
)
def test_the_indications_are_known_however_they_begin(plan: str) -> None:
    assert _alarms(_ADMISSION + _STAY + _DRUGS + _COURSE + _LEAVES + plan) == []


@pytest.mark.parametrize(
    "leaves",
    [
        "Al egreso, la apendicitis perforada operada (K35.2) y la DM2 compensada (E11.9). ",
        "Se va con apendicitis perforada operada (K35.2) y DM2 compensada (E11.9). ",
        "Alta: apendicitis perforada operada (K35.2); DM2 compensada (E11.9). ",
    ],
)
def test_the_discharge_is_known_however_it_begins(leaves: str) -> None:
    assert _alarms(_ADMISSION + _STAY + _DRUGS + _COURSE + leaves + _PLAN) == []


def test_a_text_may_begin_with_the_operation() -> None:
    text = "Apendicectomía laparoscópica (47.01). Había ingresado con " + _ADMISSION[12:] + _DRUGS + _COURSE + _LEAVES
    assert _alarms(text + _PLAN) == []
    assert _sections(text, "Apendicectomía", "perforada", "ceftriaxona") == ["stay", "admission", "stay"]


def test_a_drug_of_the_stay_does_not_move_the_indications() -> None:
    text = _ADMISSION + _STAY + _DRUGS + _COURSE + _LEAVES + _PLAN
    mixed = text.replace("ciprofloxacino 500", "metronidazol 500 mg EV (J01XD01), ciprofloxacino 500")
    assert {"med", "code"} <= {kind for kind, _ in _alarms(mixed)}


@pytest.mark.parametrize(
    ("drugs", "wrong"),
    [
        (
            "En sala, todo endovenoso: ceftriaxona 2 g/día por 5 días (J01DD04), metronidazol 500 mg c/8 h por 5 días "
            "(J01XD01). ",
            ("todo endovenoso", "todo oral"),
        ),
        (
            "Se cubrió por 5 días con ceftriaxona 2 g EV al día (J01DD04) más metronidazol 500 mg EV c/8 h (J01XD01). ",
            ("por 5 días", "por 6 días"),
        ),
        (
            "Se dio ceftriaxona 2 g EV al día por cinco días (J01DD04) y metronidazol 500 mg EV c/8 h por cinco "
            "(J01XD01). ",
            ("por cinco (", "por seis ("),
        ),
        (
            "Recibió ceftriaxona 2 g por vena al día (J01DD04) y metronidazol 500 mg c/8 h por vena (J01XD01). Ambos "
            "por cinco días. ",
            ("cinco", "siete"),
        ),
    ],
)
def test_measures_told_of_several_drugs_at_once(drugs: str, wrong: tuple[str, str]) -> None:
    text = _ADMISSION + _STAY + drugs + _COURSE + _LEAVES + _PLAN
    assert _alarms(text) == []
    assert wrong[0] in text
    assert _alarms(text.replace(*wrong)) != []


def test_a_measure_before_the_next_drug_is_of_that_one() -> None:
    evidence = _evidence(tto=["Ceftriaxona 2g EV c/24h (J01DD04)", "Metronidazol 500mg EV c/8h 5d (J01XD01)"])
    drugs = "Recibió ceftriaxona 2 g EV al día (J01DD04) y, por 5 días, metronidazol 500 mg EV c/8 h (J01XD01). "
    assert _alarms(_ADMISSION + _STAY + drugs + _COURSE + _LEAVES + _PLAN, evidence) == []


@pytest.mark.parametrize(
    "lacking",
    [
        "Alergias, antecedentes, curaciones y signos de alarma: No consignado.",
        "Sin alergias registradas ni antecedentes consignados.",
        "El registro no menciona alergias, infecciones previas ni controles.",
        "No figuran alergias. Controles no consignados.",
    ],
)
def test_what_is_not_recorded_states_nothing(lacking: str) -> None:
    assert _alarms(_ADMISSION + _STAY + _DRUGS + _COURSE + _LEAVES + _PLAN + " " + lacking) == []


def test_not_recorded_ends_where_a_finding_begins() -> None:
    said = [
        flat("Sepsis por neumonía (J18.9). Evolución: fiebre, no consignado."),
        flat("Neumonía, no especificada (J18.9)."),
    ]
    assert [[a.what for a in absences(t)] for t in said] == [[""], []]


def test_the_third_day_and_the_right_side_in_short() -> None:
    assert keys("D3 afebril") == keys("día 3 afebril")
    assert keys("déficit motor D") == keys("déficit motor derecho")
    assert "=derecho" not in keys("hepatitis D")
    assert keys("vitamina D3") != keys("vitamina")
    assert keys("balance de dos litros y medio")[1] == keys("balance 2,5 L")[1] == "2.5"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mañana y noche", "cada 12 horas"),
        ("con el desayuno, el almuerzo y la cena", "c/8 h"),
        ("por día", "c/24h"),
        ("por vena", "EV"),
        ("orales", "VO"),
        ("en caso de dolor intenso", "SOS"),
        ("un comprimido y medio", "1,5 comp"),
        ("medio comprimido", "0,5 comp"),
    ],
)
def test_more_ways_to_say_a_measure(one: str, other: str) -> None:
    (a, *_), (b, *_) = scan(one), scan(other)
    assert a.same(b)


_WHOLE = _ADMISSION + _STAY + _DRUGS + _COURSE + _LEAVES + _PLAN


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("Se realizó apendicectomía laparoscópica (47.01).", "Fue apendicectomizado por laparoscopía (47.01)."),
        ("apendicitis aguda perforada (K35.2)", "perforación de apendicitis aguda (K35.2)"),
        ("apendicitis aguda perforada (K35.2)", "apendicitis aguda perforada, es decir, una infección (K35.2)"),
        (
            "apendicitis aguda perforada (K35.2) y DM2 descompensada (E11.9)",
            "apendicitis aguda perforada y DM2 descompensada (K35.2 y E11.9, respectivamente)",
        ),
        ("apendicitis aguda perforada (K35.2)", "apendicitis aguda (perforada, K35.2)"),
        ("y DM2 descompensada (E11.9)", "y DM2 (E11.9: diabetes descompensada)"),
        ("Afebril al tercer día,", "La fiebre cedió al tercer día,"),
        ("Afebril al tercer día,", "Sin fiebre desde D3,"),
    ],
)
def test_an_item_told_in_another_form(said: str, instead: str) -> None:
    assert said in _WHOLE
    assert _alarms(_WHOLE.replace(said, instead)) == []


@pytest.mark.parametrize(
    ("said", "instead", "kind"),
    [
        (
            "apendicitis aguda perforada (K35.2) y DM2 descompensada (E11.9)",
            "apendicitis aguda perforada y DM2 descompensada (E11.9 y K35.2, respectivamente)",
            "code",
        ),
        ("apendicitis aguda perforada (K35.2)", "apendicitis aguda perforada con hemorragia (K35.2)", "dx"),
        ("apendicitis aguda perforada (K35.2)", "apendicitis aguda perforada, es decir, un cáncer (K35.2)", "dx"),
        ("apendicectomía laparoscópica (47.01)", "colecistectomía laparoscópica (47.01)", "proc"),
        ("Afebril al tercer día,", "La fiebre no cedió al tercer día,", "dx"),
        ("Afebril al tercer día,", "Afebril al cuarto día,", "number"),
    ],
)
def test_an_error_in_another_form(said: str, instead: str, kind: str) -> None:
    assert said in _WHOLE
    assert kind in {k for k, _ in _alarms(_WHOLE.replace(said, instead))}


def test_combined_drugs_and_specialties_told_otherwise() -> None:
    record = {
        "motivo_ingreso": "Disnea",
        "diagnostico_ingreso": [{"codigo": "J45.9", "nombre": "Asma exacerbada"}],
        "procedimientos": [],
        "tratamientos_intrahosp": [],
        "evolucion": [{"fecha": "2024-03-05", "nota": "PIC 12 mmHg, UTI 5 dias. Temperatura 36,5 °C"}],
        "laboratorios_relevantes": [{"parametro": "CA", "valor": "8.2 mg/dL", "fecha": "2024-03-05"}],
        "diagnostico_egreso": [{"codigo": "J45.9", "nombre": "Asma controlada"}],
        "indicaciones_alta": {
            "medicamentos": [
                {"codigo": "R03AK07", "nombre": "Budesonida/Formoterol", "dosis": "2 puff", "frecuencia": "c/12h"}
            ],
            "controles": ["Traumatología en 14 días"],
        },
    }
    evidence = build(intake.read_case(json.dumps(record, ensure_ascii=False).encode()))
    text = (
        "Ingresa por disnea: crisis de asma (asma exacerbada, J45.9). El 5/3/2024, PIC de 12 mmHg, 36,5 °C, calcio "
        "8,2; cinco días en UTI. Alta con asma controlada (J45.9). Seguirá con budesonida con formoterol, dos puff "
        "mañana y noche (R03AK07). Ctrl trauma 14 d."
    )
    assert _alarms(text, evidence) == []
    for said, instead in (
        ("8,2", "9,2"),
        ("36,5", "38,5"),
        ("14 d.", "15 d."),
        ("12 mmHg", "21 mmHg"),
        ("cinco", "seis"),
    ):
        assert said in text
        assert _alarms(text.replace(said, instead), evidence) != [], said


def test_families_join_the_forms_of_a_word_and_no_other() -> None:
    def same(one: str, other: str) -> bool:
        return {family(k) for k in keys(one)} == {family(k) for k in keys(other)}

    assert same("inmovilización", "inmovilizado")
    assert same("colecistectomía", "colecistectomizado")
    assert same("hepático", "hígado")
    assert not same("colecistectomía", "colecistitis")
    assert not same("conservador", "conservada")
    assert not same("hipertensión", "hipotensión")


def test_what_implies_supports_and_never_the_reverse() -> None:
    assert prepare(_evidence()).support.holds(keys("infección")[0])
    assert prepare(_evidence()).support.holds(keys("diabetes")[0])
    assert not prepare(_evidence(dx=["Infeccion (A49.9)"], dx_alta=["Infeccion (A49.9)"])).support.holds("neumoni")


def test_one_name_for_two_lines_of_a_drug() -> None:
    lines = ["Albumina 1.5g/kg EV dia 1 (B05AA01)", "Albumina 1g/kg EV dia 3 (B05AA01)"]
    drugs = "Recibió albúmina EV en dos dosis: 1,5 g/kg el día 1 (B05AA01) y 1 g/kg el día 3 (B05AA01). "
    text = _WHOLE.replace(_DRUGS, drugs)
    assert _alarms(text, _evidence(tto=lines)) == []
    assert _alarms(text.replace("y 1 g/kg", "y 2 g/kg"), _evidence(tto=lines)) != []


def test_a_shared_route_before_two_drugs_is_of_both() -> None:
    lines = ["Salbutamol nebulizado c/2h (R03AC02)", "Ipratropio nebulizado c/4h (R03BB01)"]
    drugs = "Recibió nebulizaciones de salbutamol cada 2 horas (R03AC02) y de ipratropio cada 4 (R03BB01). "
    text = _WHOLE.replace(_DRUGS, drugs)
    assert _alarms(text, _evidence(tto=lines)) == []
    assert _alarms(text.replace("cada 4 ", "cada 6 "), _evidence(tto=lines)) != []


def test_general_words_in_an_explanation_for_the_patient_are_no_finding() -> None:
    for gloss in ("o sea, un cálculo y una obstrucción", "es decir, obstrucción"):
        found = check(_evidence(), _WHOLE.replace("aguda perforada (K35.2)", f"aguda perforada, {gloss} (K35.2)"))
        assert found.violations == (), gloss
    assert not check(_evidence(), _WHOLE.replace("tolera régimen", "tolera régimen, obstrucción")).ok


@pytest.mark.parametrize(
    ("recorded", "told"),
    [
        ("Resección transuretral de próstata", "RTU de próstata"),
        ("Colangiografia endoscopica retrograda", "CPRE"),
        ("SBOR", "síndrome bronquial obstructivo recurrente"),
        ("Gasometria arterial", "gases arteriales"),
        ("Infarto agudo al miocardio sin elevacion del ST", "IAMSEST"),
        ("Hierro sacarosa", "fierro sacarosa"),
    ],
)
def test_an_abbreviation_has_the_reading_of_the_record(recorded: str, told: str) -> None:
    record = prepare(_evidence(proc=[f"{recorded} (51.10)"]))
    read = align(record, f"Ingresa por apendicitis aguda perforada (K35.2). Se realizó {told} (51.10).")
    index = record.of(Kind.PROCEDURE)[0]
    assert read.found[index].share == 1.0


def test_an_abbreviation_without_its_reading_in_the_record_supports_nothing() -> None:
    assert ("omission", "Falta el procedimiento «colangiografía».") in _alarms(
        _WHOLE.replace("apendicectomía laparoscópica (47.01)", "RTU (47.01)"),
        _evidence(proc=["Colangiografia (47.01)"]),
    )


def test_verbs_of_a_group_are_read_in_any_form() -> None:
    assert keys("bajando") == keys("descendió") == keys("disminuyen") != []
    assert keys("mejoraron") == keys("mejoría") != []


def test_a_negation_denies_the_finding_and_not_where_it_is() -> None:
    told = {
        w.token.folded: w.modality for w in read("Sin lesión de piel ni signos de infección. Carece de apetito.").words
    }
    assert told["lesion"] == told["infeccion"] == told["apetito"] == "negated"
    assert told["piel"] == "open"


def test_an_hour_left_out_and_a_name_given_twice() -> None:
    assert scan("metamizol 1 g ev c/8 por 2 d")[2].same(scan("cada 8 horas")[0])
    drugs = _DRUGS.replace("ceftriaxona 2 g", "CTX 2 g").replace("(J01DD04)", "(ceftriaxona, J01DD04)")
    assert _alarms(_WHOLE.replace(_DRUGS, drugs)) == []
