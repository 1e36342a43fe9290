"""Slips of a fluent hand: a count, a day, an artery, an ending, an abbreviation read as something else."""

import json
from functools import lru_cache

import pytest

from engine import intake
from engine.checking import Checker
from engine.domain import Violation
from engine.evidence import build

_CASE = {
    "id_atencion": 7,
    "paciente": {"sexo": "F", "edad": 66},
    "atencion": {"fecha_ingreso": "2026-03-02", "fecha_alta": "2026-03-11", "condicion_egreso": "Traslado a UTI"},
    "motivo_ingreso": "Dolor torácico",
    "diagnostico_ingreso": [{"codigo": "I21.0", "nombre": "Infarto agudo al miocardio"}],
    "procedimientos": [{"codigo": "37.22", "nombre": "Coronariografía"}],
    "tratamientos_intrahosp": [
        {"codigo": "B01AC06", "nombre": "Aspirina", "dosis": "100 mg", "via": "VO", "frecuencia": "c/24h"},
        {"codigo": "B01AC24", "nombre": "Ticagrelor", "dosis": "90 mg", "via": "VO", "frecuencia": "c/12h"},
    ],
    "evolucion_resumen": [
        {"dia": 1, "texto": "Lesión crítica de DA. Isquemia anterior e inferior en ECG. Sangrado leve. Edema de EEII"},
        {"dia": 4, "texto": "Sonda retirada al día 3. Sangrado leve. Herida limpia, sin hematoma. Sin disnea"},
    ],
    "laboratorios_resumen": [{"parametro": "FA", "valor": "320", "unidad": "U/L"}],
    "diagnostico_egreso": [{"codigo": "I21.0", "nombre": "Infarto agudo al miocardio"}],
    "indicaciones_alta": {
        "medicamentos": [],
        "controles": ["Cardiología en 8 días"],
        "recomendaciones": ["Kinesioterapia diaria", "Kinesioterapia ambulatoria"],
    },
}
_TEXT = (
    "Paciente de sexo femenino de 66 años, ingresada el 02-03-2026 por dolor torácico, con diagnóstico de infarto "
    "agudo al miocardio (I21.0). Se realizó coronariografía (37.22). Recibió aspirina 100 mg vía oral cada 24 horas "
    "(B01AC06) y ticagrelor 90 mg vía oral cada 12 horas (B01AC24), los dos sin plazo consignado. Evolución: día 1: "
    "lesión crítica de DA, isquemia anterior e inferior en electrocardiograma, sangrado leve, edema de extremidades "
    "inferiores. Día 4: sonda retirada al día 3, sangrado leve, herida limpia, sin hematoma, sin disnea. Tiene dos "
    "sangrados anotados. Exámenes: FA 320 U/L. Egresa trasladada a UTI el 11-03-2026. Diagnóstico de egreso: infarto "
    "agudo al miocardio (I21.0). Controles: cardiología en ocho días. Recomendaciones: kinesioterapia diaria y "
    "kinesioterapia ambulatoria."
)


@lru_cache(maxsize=1)
def _checker() -> Checker:
    return Checker(build(intake.read_case(json.dumps(_CASE, ensure_ascii=False).encode())))


def _found(said: str, instead: str) -> list[Violation]:
    """What the text with a change says that it does not say without."""
    assert _TEXT.count(said) == 1
    return list(_checker().check(_TEXT.replace(said, instead)).violations)


def test_the_text_without_a_slip_passes() -> None:
    assert [(v.type, v.mention, v.reason) for v in _checker().check(_TEXT).violations] == []


@pytest.mark.parametrize(
    ("said", "instead", "kind", "words"),
    [
        ("de DA,", "de la descendente posterior,", "dx", "posterior"),
        ("extremidades inferiores", "extremidades superiores", "dx", "extremidades superiores"),
        ("anterior e inferior", "anterior y superior", "dx", "superior"),
        ("anterior e inferior", "posterior e inferior", "dx", "posterior"),
        ("los dos sin plazo", "los tres sin plazo", "number", "tres"),
        ("dos sangrados anotados", "cuatro sangrados anotados", "number", "cuatro"),
        ("en ocho días", "en cinco días", "number", "cinco"),
        ("sonda retirada al día 3", "la sonda se retira al día 6", "date", "6"),
        ("limpia, sin hematoma", "limpia, hematoma", "negation", "hematoma"),
        ("Egresa trasladada", "Egresa trasladado", "identity", "Egresa trasladado"),
        ("cada 12 horas (B01AC24)", "cada 12 horas, ticagrelor 90 mg vía oral (B01AC24)", "med", "ticagrelor"),
        (" y kinesioterapia ambulatoria", "", "omission", "kinesioterapia ambulatoria"),
        ("ingresada el", "con fibrilación auricular, ingresada el", "dx", "fibrilación auricular"),
    ],
    ids=lambda x: x[:30],
)
def test_a_slip_is_named_by_its_words(said: str, instead: str, kind: str, words: str) -> None:
    found = _found(said, instead)
    assert any(v.type == kind and v.mention.lower() == words.lower() for v in found), found


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("de DA,", "de la arteria descendente anterior,"),
        ("extremidades inferiores", "EEII"),
        ("anterior e inferior", "inferior y anterior"),
        ("FA 320 U/L", "fosfatasas alcalinas 320 U/L"),
        ("FA 320 U/L", "fosfatasa alcalina de 320 U/L"),
        ("limpia, sin hematoma, sin disnea", "limpia, sin hematoma ni disnea"),
        ("limpia, sin hematoma, sin disnea", "limpia, sin hematoma, disnea"),
        ("los dos sin plazo consignado", "ambos sin plazo consignado"),
        ("sonda retirada al día 3", "al tercer día se retira la sonda"),
    ],
    ids=lambda x: x[:30],
)
def test_another_way_to_say_it_is_no_slip(said: str, instead: str) -> None:
    assert [(v.type, v.mention, v.reason) for v in _found(said, instead)] == []


def _alone(record: dict[str, object], text: str) -> list[tuple[str, str, str]]:
    """What a text says wrongly of a record, the statements left out set aside."""
    evidence = build(intake.read_case(json.dumps({**_RECORD, **record}, ensure_ascii=False).encode()))
    found = Checker(evidence).check(f"Ingresa por neumonía (J18.9). {text} Egresa con neumonía (J18.9).").violations
    return [(v.type, v.severity, v.mention) for v in found if v.type != "omission"]


_RECORD: dict[str, object] = {"dx": ["Neumonía (J18.9)"], "evo": "Afebril", "dx_alta": ["Neumonía (J18.9)"], "med": []}


@pytest.mark.parametrize("said", ["Egresa a su domicilio", "Se va de alta a su casa"])
def test_the_way_home_needs_the_record(said: str) -> None:
    assert _alone({}, f"Afebril. {said}.") == [("dx", "warning", said)]
    assert _alone({"evo": "Afebril. Alta a domicilio"}, f"Afebril. {said}.") == []


@pytest.mark.parametrize("noted", ["FA 320, GGT 400", "FA y GGT elevadas", "FA: 320 U/L"])
def test_an_enzyme_of_the_liver_is_no_arrhythmia(noted: str) -> None:
    told = ("dx", "blocking", "fibrilación auricular")
    assert told in _alone({"evo": noted}, f"{noted}. Tiene fibrilación auricular.")
    assert _alone({"evo": noted}, f"{noted}.") == []


@pytest.mark.parametrize("noted", ["FA con respuesta ventricular de 110 lpm", "FA 110 lpm", "FA desde 2019"])
def test_an_arrhythmia_beside_a_number_is_no_enzyme(noted: str) -> None:
    assert _alone({"evo": noted}, f"{noted.replace('FA', 'Fibrilación auricular')}.") == []


def test_a_denial_ends_where_something_else_is_stated() -> None:
    noted = "Niega vómitos. Saturación 98%. Sin disnea"
    assert ("negation", "blocking", "disnea") in _alone({"evo": noted}, "Niega vómitos, satura 98%, con disnea.")
    assert _alone({"evo": noted}, "Niega vómitos y disnea, satura 98%.") == []


def test_what_is_noted_twice_is_not_missing() -> None:
    noted = "Cirugía sin incidentes. Sangrado 135 cc. Sangrado 100 cc"
    said = "La cirugía, sin incidentes, tiene {} sangrados anotados: 135 cc y 100 cc."
    assert _alone({"evo": noted}, said.format("dos")) == []
    assert ("number", "catorce") in {(t, m) for t, _, m in _alone({"evo": noted}, said.format("catorce"))}
