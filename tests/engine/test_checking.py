"""The checker on faithful texts, on one planted error at a time, and on the traces that it gives."""

import json
from pathlib import Path

import pytest

from engine import intake
from engine.checking import check, record_warnings
from engine.domain import Violation
from engine.drafting import plan
from engine.drafting.grammar import preferred
from engine.evidence import Evidence, build

_HERE = Path(__file__).parent
_SAMPLES = _HERE.parent.parent / "resources" / "samples"
_FREE = [json.loads(line) for line in (_HERE / "checking_free.jsonl").read_text(encoding="utf-8").splitlines()]


def _evidence(record: object) -> Evidence:
    return build(intake.read_case(json.dumps(record, ensure_ascii=False).encode()))


def _sample(name: str) -> Evidence:
    return build(intake.read_case((_SAMPLES / name).read_bytes()))


def _template(evidence: Evidence) -> str:
    return "".join(preferred(node) for _, node in plan.build(evidence))


def _blocking(evidence: Evidence, text: str) -> list[Violation]:
    return [v for v in check(evidence, text).violations if v.severity == "blocking"]


@pytest.mark.parametrize("row", _FREE, ids=lambda row: row["text"][:40])
def test_a_faithful_text_in_a_physicians_words_passes(row: dict[str, object]) -> None:
    text = str(row["text"])
    assert [(v.type, v.mention, v.reason) for v in _blocking(_evidence(row["case"]), text)] == []


@pytest.mark.parametrize("name", sorted(p.name for p in _SAMPLES.glob("*.json")))
def test_the_template_text_of_every_sample_passes_without_a_warning(name: str) -> None:
    evidence = _sample(name)
    assert check(evidence, _template(evidence)).violations == ()


# The template's text of angina.json, kept here so that these tests do not hang on the drafter's wording.
_ANGINA = (
    "Paciente ingresa por dolor torácico agudo, con diagnóstico de ingreso de angina inestable (I20.0). Se "
    "realizó coronariografía (K492) el 15-01-2024. Recibió ácido acetilsalicílico 100 mg vía oral cada 24 "
    "horas (B01AC06) y enoxaparina 60 mg vía subcutánea cada 12 horas por 3 días (B01AB05). Evolución: el "
    "14-01-2024, dolor torácico opresivo de 2 horas, electrocardiograma con infradesnivel ST en V4-V6, "
    "troponina 0,8 ng/mL; el 15-01-2024, coronariografía con lesión del 80% en arteria descendente anterior, "
    "se implanta stent medicado sin incidentes; el 17-01-2024, sin dolor, hemodinamia estable y deambula. "
    "Diagnóstico de egreso: infarto agudo al miocardio sin elevación del ST (I21.4). Al alta se indican ácido "
    "acetilsalicílico 100 mg vía oral cada 24 horas en forma permanente (B01AC06), ticagrelor 90 mg vía oral "
    "cada 12 horas por 12 meses (B01AC24) y atorvastatina 80 mg vía oral cada noche en forma permanente "
    "(C10AA05). Controles: control en policlínico de cardiología en 7 días. Recomendaciones: régimen "
    "hiposódico y consultar en urgencia ante dolor torácico."
)
PLANTED = [  # what the text says, what is put in its place, the type that names it
    ("60 mg vía subcutánea", "600 mg vía subcutánea", "dose"),
    ("60 mg vía subcutánea", "60 g vía subcutánea", "dose"),
    ("60 mg vía subcutánea", "60 mg vía endovenosa", "route"),
    ("cada 12 horas por 3 días", "cada 8 horas por 3 días", "frequency"),
    ("por 12 meses", "por 2 meses", "duration"),
    ("ticagrelor", "prasugrel", "med"),
    ("(B01AC24)", "(B01AC22)", "code"),
    ("(B01AC24)", "B01AC24", "code"),
    (" (B01AC24)", "", "omission"),
    ("angina inestable (I20.0)", "angina inestable (I21.4)", "code"),
    ("angina inestable (I20.0)", "angina estable (I20.0)", "dx"),
    ("angina inestable (I20.0)", "probable angina inestable (I20.0)", "dx"),
    ("el 15-01-2024. Recibió", "el 16-01-2024. Recibió", "date"),
    ("80% en arteria", "90% en arteria", "number"),
    ("0,8 ng/mL", "8 ng/mL", "number"),
    ("0,8 ng/mL", "0,8 mg/mL", "lab"),
    ("sin incidentes", "con incidentes", "negation"),
    ("sin dolor, hemodinamia", "dolor, hemodinamia", "negation"),
    ("hemodinamia estable", "sin hemodinamia estable", "negation"),
    ("Controles: control en policlínico de cardiología en 7 días. ", "", "omission"),
    ("Se realizó coronariografía (K492) el 15-01-2024. ", "", "omission"),
    ("Paciente ingresa", "Paciente Juan Soto ingresa", "identity"),
    ("Paciente ingresa", "Paciente de sexo masculino ingresa", "identity"),
    ("Recibió", "Alergias: penicilina. Recibió", "allergy"),
    ("Recibió", "Sin alergias conocidas. Recibió", "allergy"),
    ("Recibió", "Recibió amiodarona 200 mg vía oral cada 24 horas, ", "med"),
    ("Diagnóstico de egreso", "Evolución favorable. Diagnóstico de egreso", "dx"),
    ("arteria descendente anterior", "arteria descendente anterior derecha", "laterality"),
    (". Recibió", ".\nRecibió", "format"),
    ("Controles:", "<|im_end|>Controles:", "format"),
]


@pytest.mark.parametrize(("said", "instead", "kind"), PLANTED)
def test_a_planted_error_is_named_where_it_stands(said: str, instead: str, kind: str) -> None:
    evidence = _sample("angina.json")
    assert said in _ANGINA
    assert _blocking(evidence, _ANGINA) == []
    found = _blocking(evidence, _ANGINA.replace(said, instead, 1))
    assert kind in {v.type for v in found}


def test_offsets_are_code_points_of_the_text_and_the_reason_says_both_values() -> None:
    evidence = _sample("angina.json")
    text = _ANGINA.replace("enoxaparina 60 mg", "enoxaparina 600 mg")
    (violation,) = _blocking(evidence, text)
    assert text[violation.start : violation.end] == violation.mention == "600 mg"
    assert violation.reason == "La dosis de enoxaparina es 60 mg en la ficha, no 600 mg."
    assert violation.evidence == ("/tratamientos_intrahosp/1/dosis",)


def test_a_drug_of_the_stay_among_the_discharge_drugs_is_caught() -> None:
    evidence = _sample("angina.json")
    text = _ANGINA.replace("ticagrelor 90 mg", "enoxaparina 60 mg vía subcutánea (B01AB05), ticagrelor 90 mg")
    assert {"med", "code"} <= {v.type for v in _blocking(evidence, text)}


def test_doses_exchanged_between_two_drugs_are_two_errors() -> None:
    evidence = _evidence(
        {
            "dx": ["Neumonia (J18.9)"],
            "proc": [],
            "evo": "",
            "dx_alta": ["Neumonia (J18.9)"],
            "med": [],
            "tto": ["Ceftriaxona 2g EV c/24h (J01DD04)", "Azitromicina 500mg VO c/24h (J01FA10)"],
        }
    )
    text = (
        "Ingresa por neumonía (J18.9). Recibió ceftriaxona 500 mg EV cada 24 horas (J01DD04) y azitromicina 2 g VO "
        "cada 24 horas "
        "(J01FA10). Evolución: No consignado. Egresa con neumonía (J18.9). Indicaciones al alta: No consignado."
    )
    assert [v.mention for v in _blocking(evidence, text) if v.type == "dose"] == ["500 mg", "2 g"]


def test_side_turned_in_a_diagnosis_is_caught() -> None:
    evidence = _sample("string_fields.json")
    text = _template(evidence).replace("fémur izquierdo (S72.0)", "fémur derecho (S72.0)", 1)
    assert "laterality" in {v.type for v in _blocking(evidence, text)}


def test_age_sex_and_allergy_of_the_record_hold() -> None:
    evidence = _sample("days.json")
    text = _template(evidence)
    for said, instead, kind in (
        ("74 años", "47 años", "identity"),
        ("sexo femenino", "sexo masculino", "identity"),
        ("Alergias: penicilina (rash).", "Sin alergias conocidas.", "allergy"),
        ("afebril desde hoy", "febril desde hoy", "negation"),
        ("38.7", "37.8", "number"),
    ):
        assert said in text
        assert kind in {v.type for v in _blocking(evidence, text.replace(said, instead))}, said


_DAYS = {
    "paciente": {"sexo": "M", "edad": "60"},
    "motivo_ingreso": "Disnea de 3 días",
    "antecedentes": {"alergias": "Mariscos", "farmacos": ["Losartan 50 mg", "Metformina 850 mg"]},
    "diagnostico_ingreso": [{"codigo": "J18.9", "nombre": "Neumonía"}],
    "procedimientos": [],
    "tratamientos_intrahosp": [],
    "evolucion_resumen": [
        {"dia": 1, "texto": "Extubado al día 2. Sin signos de irritación meníngea"},
        {"dia": 4, "texto": "Extubado al día 3. Murphy (+). Marcha independiente"},
    ],
    "diagnostico_egreso": [{"codigo": "J18.9", "nombre": "Neumonía"}],
    "indicaciones_alta": {
        "medicamentos": [],
        "controles": ["Control en CESFAM en 14 días", "Control en CESFAM en 21 días"],
    },
}


def test_statements_told_word_for_word_support_every_word_in_them() -> None:
    evidence = _evidence(_DAYS)
    text = _template(evidence)
    assert _blocking(evidence, text) == []
    for said, instead, kind in (
        ("sin signos de irritación", "signos de irritación", "negation"),
        ("Murphy positivo", "sin Murphy positivo", "negation"),
        ("día 4,", "día 1,", "date"),
        ("en 21 días", "en 28 días", "number"),
        ("60 años", "61 años", "identity"),
    ):
        assert said in text, said
        assert kind in {v.type for v in _blocking(evidence, text.replace(said, instead))}, said


def test_capitals_stand_for_a_name_beside_its_code_but_a_class_does_not() -> None:
    record = {
        "dx": ["IC descompensada CF IV (I50.9)"],
        "proc": ["Coronariografia (K492)"],
        "tto": [],
        "evo": "",
        "dx_alta": ["IC compensada CF II (I50.9)"],
        "med": [],
    }
    text = (
        "Ingresa por IC descompensada CF IV (I50.9). Se realizó CNG (K492). Evolución: No consignado. "
        "Egresa con IC compensada CF II (I50.9). Indicaciones al alta: No consignado."
    )
    evidence = _evidence(record)
    assert _blocking(evidence, text) == []
    turned = text.replace("IC descompensada CF IV", "IC compensada CF II")
    assert "dx" in {v.type for v in _blocking(evidence, turned)}


def test_every_span_has_a_pointer_and_covers_the_text_it_says() -> None:
    evidence = _sample("angina.json")
    text = _ANGINA
    spans = check(evidence, text).spans
    assert all(s.evidence and 0 <= s.start < s.end <= len(text) for s in spans)
    by_text = {text[s.start : s.end]: s for s in spans}
    assert by_text["60 mg"].evidence == ("/tratamientos_intrahosp/1/dosis",)
    assert by_text["(I21.4)"].evidence == ("/diagnostico_egreso/0/codigo",)
    assert by_text["ticagrelor"].kind == "prescription"


@pytest.mark.parametrize(
    "text", ["", " ", "x", "(J18.9)", "\n\n", "<|im_end|>", "🙂 " * 50, "a" * 20000, ", ; . : ( )"]
)
def test_any_text_gets_a_report_that_does_not_pass(text: str) -> None:
    assert not check(_sample("angina.json"), text).ok


def test_the_record_s_own_conflicts_are_warnings() -> None:
    evidence = _evidence(
        {
            "paciente": {"nombre": "Ana Prueba", "rut": "11.111.111-1", "sexo": "F", "edad": 50},
            "atencion": {"fecha_ingreso": "2026-05-10", "fecha_alta": "2026-05-01"},
            "motivo_ingreso": "Fiebre",
            "antecedentes": {"alergias": "Penicilina"},
            "diagnostico_ingreso": [{"codigo": "J18.9", "nombre": "Neumonía"}],
            "procedimientos": [],
            "tratamientos_intrahosp": [
                {"codigo": "ATC:J01XA01", "nombre": "Ceftriaxona 2 g c/24h", "via": "EV"},
                {"codigo": "ATC:J01CR02", "nombre": "Amoxicilina/Ácido clavulánico 875 mg c/12h", "via": "VO"},
                {"codigo": "ATC:C03CA01", "nombre": "Furosemida 4000 mg c/24h", "via": "EV"},
            ],
            "evolucion_resumen": [{"dia": 2, "texto": "Fallece."}],
            "diagnostico_egreso": [{"codigo": "J18.9", "nombre": "Neumonía"}],
            "indicaciones_alta": {
                "medicamentos": [{"codigo": "ATC:N02BE01", "nombre": "Paracetamol", "dosis": "1 g", "via": "VO"}]
            },
        }
    )
    found = {(w.type, w.pointer) for w in record_warnings(evidence)}
    assert ("code", "/tratamientos_intrahosp/0/codigo") in found
    assert {kind for kind, _ in found} == {"code", "date", "dose", "allergy", "death"}


def test_a_sound_record_has_no_warning() -> None:
    assert record_warnings(_sample("angina.json")) == ()
