"""Diagnoses explained to the patient, what drugs are given for, names told in part or in other words, rough figures."""

import json
from functools import lru_cache
from typing import Any

import pytest

from engine import intake
from engine.checking import Checker
from engine.domain import Violation
from engine.evidence import build

_RECORD: dict[str, Any] = {
    "dx": [
        "Insuficiencia cardiaca descompensada (I50.9)",
        "Colelitiasis (K80.2)",
        "Hemorragia digestiva alta (K92.2)",
        "Celulitis de pierna derecha (L03.1)",
        "Hipokalemia (E87.6)",
    ],
    "proc": ["Drenaje percutaneo de coleccion (54.91)", "Osteosintesis de cadera derecha (79.35)"],
    "tto": [
        "Insulina cristalina 6 UI SC c/8h 5d (A10AB01)",
        "Insulina glargina 20 UI SC c/24h 5d (A10AE04)",
        "Ceftriaxona 2g EV c/24h 7d (J01DD04)",
    ],
    "evo": "Pupilas mioticas, abdomen doloroso, ictericia leve. PCR 192 mg/L. Tolera regimen. Sin fiebre al alta.",
    "dx_alta": [
        "Insuficiencia cardiaca compensada (I50.9)",
        "Fractura de cadera derecha operada (S72.0)",
        "Lesion renal aguda (N17.9)",
        "Neumonia aspirativa (J69.0)",
        "Accidente isquemico transitorio (G45.9)",
        "Disfagia (R13)",
    ],
    "med": [
        "Paracetamol 1g VO c/8h 5d (N02BE01)",
        "Omeprazol 20mg VO c/24h permanente (A02BC01)",
        "Losartan 50mg VO c/12h permanente (C09CA01)",
        "Metoclopramida 10mg VO c/8h SOS (A03FA01)",
        "Zopiclona 7,5mg VO en la noche (N05CF01)",
        "Enoxaparina 40mg SC c/24h 11d (B01AB05)",
    ],
}
_FAILURE = "insuficiencia cardíaca descompensada (I50.9)"
_STONES = "colelitiasis (K80.2)"
_BLEEDING = "hemorragia digestiva alta (K92.2)"
_SKIN = "celulitis de pierna derecha (L03.1)"
_LOW = "hipokalemia (E87.6)"
_DRAIN = "drenaje percutáneo de colección (54.91)"
_PLATE = "osteosíntesis de cadera derecha (79.35)"
_BONE = "fractura de cadera derecha operada (S72.0)"
_KIDNEY = "lesión renal aguda (N17.9)"
_LUNG = "neumonía aspirativa (J69.0)"
_BRAIN = "accidente isquémico transitorio (G45.9)"
_SWALLOW = "disfagia (R13)"
_RAPID = "insulina cristalina 6 UI SC cada 8 horas por 5 días (A10AB01)"
_SLOW = "insulina glargina 20 UI SC cada 24 horas por 5 días (A10AE04)"
_PAIN = "paracetamol 1 g VO cada 8 horas por 5 días (N02BE01)"
_TWO = (
    "omeprazol 20 mg VO cada 24 horas permanente (A02BC01), losartán 50 mg VO cada 12 horas permanente (C09CA01)",
    "omeprazol 20 mg VO cada 24 horas (A02BC01) y losartán 50 mg VO cada 12 horas (C09CA01), {}",
)
_SICK = "metoclopramida 10 mg VO cada 8 horas SOS (A03FA01)"
_SLEEP = "zopiclona 7,5 mg VO en la noche (N05CF01)"
_CLOT = "enoxaparina 40 mg SC cada 24 horas por 11 días (B01AB05)"
_TEXT = (
    f"Ingresa por {_FAILURE}, {_STONES}, {_BLEEDING}, {_SKIN} e {_LOW}. Se realizó {_DRAIN} y {_PLATE}. "
    f"Recibió {_RAPID}, {_SLOW} y ceftriaxona 2 g EV cada 24 horas por 7 días (J01DD04). "
    "Evolucionó con pupilas mióticas, abdomen doloroso, ictericia leve. PCR 192 mg/L. Tolera régimen. "
    "Sin fiebre al alta. "
    f"Egresa con insuficiencia cardíaca compensada (I50.9), {_BONE}, {_KIDNEY}, {_LUNG}, {_BRAIN} y {_SWALLOW}. "
    f"Se indica {_PAIN}, {_TWO[0]}, {_SICK}, {_SLEEP} y {_CLOT}."
)


@lru_cache(maxsize=1)
def _checker() -> Checker:
    return Checker(build(intake.read_case(json.dumps(_RECORD, ensure_ascii=False).encode())))


def _found(said: str, instead: str) -> tuple[Violation, ...]:
    assert said in _TEXT
    return _checker().check(_TEXT.replace(said, instead, 1)).violations


def test_the_plain_text_passes() -> None:
    assert _checker().check(_TEXT).violations == ()


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (_SWALLOW, "trastorno de la deglución o disfagia (R13)"),
        (_SWALLOW, "disfagia (R13), o sea, dificultad para tragar"),
        (_SWALLOW, "dificultad para tragar —disfagia— (R13)"),
        (_SWALLOW, "lo que llamamos disfagia (R13), una dificultad para tragar con riesgo de ahogo"),
        (_STONES, "colelitiasis (K80.2), que son piedras en la vesícula"),
        (_STONES, "piedras en la vesícula, lo que se llama colelitiasis (K80.2)"),
        (_BLEEDING, "hemorragia digestiva alta (K92.2), que es un sangrado de la parte alta del tubo digestivo"),
        (_BLEEDING, "hemorragia digestiva alta, o sea que perdía sangre por el tubo digestivo (K92.2)"),
        (_BLEEDING, "hemorragia digestiva alta, es decir, vómito con sangre o deposiciones negras (K92.2)"),
        (_SKIN, "celulitis de pierna derecha (L03.1), una infección de la piel con dolor, hinchazón y enrojecimiento"),
        (_SKIN, "celulitis de pierna derecha (L03.1): la piel infectada e inflamada"),
        (_SKIN, "infección de la piel de la pierna derecha, llamada celulitis (L03.1)"),
        (_FAILURE, "insuficiencia cardíaca descompensada (I50.9; el corazón no bombea lo suficiente)"),
        (
            _FAILURE,
            "insuficiencia cardíaca descompensada (I50.9), es decir, falla del corazón con retención de líquido",
        ),
        (_KIDNEY, "lesión renal aguda (N17.9): el riñón que se había resentido por la obstrucción se recuperó"),
        (_KIDNEY, "lesión renal aguda (N17.9), una falla brusca de los riñones que aparece en horas o días"),
        (_LUNG, "NAsp, o sea neumonía aspirativa (J69.0)"),
        (_LUNG, "neumonía aspirativa (J69.0), que es una infección de los pulmones por aspiración de secreciones"),
        (
            _BRAIN,
            "accidente isquémico transitorio (G45.9), es decir, una obstrucción pasajera de una arteria del cerebro",
        ),
        (_BRAIN, "accidente isquémico transitorio (G45.9; breve falta de sangre en el cerebro)"),
        (_LOW, "K+ bajo (hipokalemia, E87.6)"),
        (_LOW, "descenso del potasio, llamado hipokalemia (E87.6)"),
        (_BONE, "fractura de cadera derecha operada (S72.0), o sea, una quebradura del hueso"),
    ],
)
def test_an_explanation_adds_nothing(said: str, instead: str) -> None:
    assert _found(said, instead) == ()


@pytest.mark.parametrize(
    ("said", "instead", "named"),
    [
        (_SWALLOW, "disfagia (R13), es decir, un cáncer de esófago", "cáncer"),
        (_SWALLOW, "disfagia (R13; acalasia)", "acalasia"),
        (_STONES, "colelitiasis (K80.2), que es una colangitis", "colangitis"),
        (_SKIN, "celulitis de pierna derecha (L03.1), una infección de la piel por Staphylococcus", "Staphylococcus"),
        (_SKIN, "celulitis de pierna derecha (L03.1), una trombosis venosa", "trombosis"),
        (_LOW, "sodio bajo (hiponatremia, E87.6)", "hiponatremia"),
        (_LOW, "hipokalemia (E87.6), es decir, anemia", "anemia"),
        (_KIDNEY, "lesión renal aguda (N17.9): una glomerulonefritis", "glomerulonefritis"),
        (_LUNG, "neumonía aspirativa (J69.0), una tuberculosis", "tuberculosis"),
        (_BRAIN, "accidente isquémico transitorio (G45.9), que es una epilepsia", "epilepsia"),
    ],
)
def test_an_explanation_names_no_other_disease(said: str, instead: str, named: str) -> None:
    assert named in {v.mention for v in _found(said, instead) if v.severity == "blocking"}


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (_PAIN, f"para el dolor, {_PAIN}"),
        (_PAIN, f"{_PAIN}, contra el dolor y la fiebre"),
        (_PAIN, f"{_PAIN}, que es para el dolor"),
        (_SICK, f"para las náuseas, {_SICK}"),
        (_SICK, "metoclopramida 10 mg VO cada 8 horas en caso de náuseas o vómitos (A03FA01)"),
        (_SICK, "si tiene náuseas o vómitos, metoclopramida 10 mg VO cada 8 horas (A03FA01)"),
        (_SICK, "metoclopramida 10 mg VO cada 8 horas solo si vomita (A03FA01)"),
        (_SLEEP, f"{_SLEEP} para el insomnio"),
        (_CLOT, f"{_CLOT} como prevención de trombosis"),
        (_CLOT, f"{_CLOT}, inyección para evitar trombosis"),
    ],
)
def test_what_a_recorded_drug_is_given_for(said: str, instead: str) -> None:
    assert _found(said, instead) == ()


@pytest.mark.parametrize(
    ("said", "instead", "named"),
    [
        (_PAIN, f"para las náuseas, {_PAIN}", "náuseas"),
        (_PAIN, f"para la diabetes, {_PAIN}", "diabetes"),
        (_SLEEP, f"{_SLEEP} para la depresión", "depresión"),
        (_CLOT, f"{_CLOT} por una trombosis", "trombosis"),
        ("abdomen doloroso", "abdomen doloroso, vómitos", "vómitos"),
        ("abdomen doloroso", "abdomen doloroso, insomnio", "insomnio"),
    ],
)
def test_what_no_recorded_drug_is_given_for(said: str, instead: str, named: str) -> None:
    assert named in {v.mention for v in _found(said, instead) if v.severity == "blocking"}


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (_DRAIN, "drenaje percutáneo de una colección (54.91)"),
        (_DRAIN, "drenaje de una colección por vía percutánea (54.91)"),
        (_DRAIN, "drenaje percutáneo (54.91) de una colección"),
        (_SKIN, "en la pierna derecha una celulitis (L03.1)"),
        (_BLEEDING, "hemorragia del tubo digestivo alto (K92.2)"),
        (_BLEEDING, "sangrado digestivo alto (K92.2)"),
        (_FAILURE, "insuficiencia del corazón descompensada (I50.9)"),
        (_LOW, "hipopotasemia (E87.6)"),
        (_BONE, "fractura de cadera derecha (S72.0), ya operada"),
        (f"{_RAPID}, {_SLOW}", f"insulinas: {_RAPID.removeprefix('insulina ')} y {_SLOW.removeprefix('insulina ')}"),
        ("ceftriaxona 2 g", "ceftria 2 g"),
        ("pupilas mióticas", "pupilas en miosis"),
        ("Tolera régimen.", "Buena tolerancia al régimen."),
    ],
)
def test_names_in_other_words_or_in_part(said: str, instead: str) -> None:
    assert _found(said, instead) == ()


def test_that_abscess_is_the_one_told_before() -> None:
    record = {"dx": ["Absceso de mano izquierda (L02.4)"], "proc": ["Drenaje de absceso (86.04)"], "tto": [], "evo": ""}
    checker = Checker(build(intake.read_case(json.dumps({**record, "dx_alta": [], "med": []}).encode())))
    before = "Se drenó un absceso de la mano izquierda (86.04) en paciente que había ingresado por {} (L02.4)."
    for said in ("ese absceso", "dicho absceso", "el mismo absceso"):
        assert [v.reason for v in checker.check(before.format(said)).violations] == [], said
    alone = before.replace(" de la mano izquierda", "").format("ese absceso")
    assert "dx" in {v.type for v in checker.check(alone).violations}


@pytest.mark.parametrize(
    ("said", "instead", "kind"),
    [
        (_SKIN, "celulitis de esa pierna (L03.1)", "dx"),
        (_SKIN, "celulitis de pierna izquierda (L03.1)", "laterality"),
        (_BLEEDING, "hemorragia digestiva baja (K92.2)", "dx"),
        (_SLOW, _SLOW.replace("glargina", "NPH"), "code"),
        (_SLOW, _SLOW.replace("insulina glargina", "cristalina"), "code"),
        (f"{_RAPID}, {_SLOW}", "insulinas: glargina 6 UI SC cada 8 horas por 5 días (A10AB01) y " + _SLOW[9:], "code"),
        ("ceftriaxona 2 g", "ceftazidima 2 g", "med"),
        ("pupilas mióticas", "pupilas midriáticas", "dx"),
        ("Tolera régimen.", "Mala tolerancia al régimen.", "dx"),
    ],
)
def test_names_that_are_others(said: str, instead: str, kind: str) -> None:
    assert kind in {v.type for v in _found(said, instead)}


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (_TWO[0], _TWO[1].format("los dos de manera permanente")),
        (_TWO[0], _TWO[1].format("uno y otro permanentes")),
        (_TWO[0], _TWO[1].format("ambos de por vida")),
        (_PAIN, "paracetamol VO tres tomas diarias de un gramo por 5 días (N02BE01)"),
        (_PAIN, "paracetamol 1 g VO tres veces al día por solo cinco días (N02BE01)"),
        (f"{_RAPID}, {_SLOW}", f"{_RAPID}, {_SLOW.replace('por 5 días', 'por el mismo tiempo')}"),
        (
            f"{_RAPID}, {_SLOW}",
            f"{_RAPID} e {_SLOW}".replace(" por 5 días (A10AE04)", " (A10AE04), cinco días cada una,"),
        ),
        ("PCR 192 mg/L", "PCR de casi 200 mg/L (192 mg/L)"),
        ("Evolucionó", "Dos fueron los procedimientos. Evolucionó"),
    ],
)
def test_numbers_told_otherwise(said: str, instead: str) -> None:
    assert _found(said, instead) == ()


@pytest.mark.parametrize(
    ("said", "instead", "kind"),
    [
        (_TWO[0], _TWO[1].format("los dos por siete días"), "duration"),
        (_PAIN, "paracetamol VO dos tomas diarias de un gramo por 5 días (N02BE01)", "frequency"),
        (_PAIN, "paracetamol 1 g VO cada 8 horas por un solo día (N02BE01)", "duration"),
        (f"{_RAPID}, {_SLOW}", f"{_RAPID}, {_SLOW.replace('cada 24 horas', 'con igual frecuencia')}", "frequency"),
        ("PCR 192 mg/L", "PCR de casi 300 mg/L", "number"),
        ("Evolucionó", "Nueve fueron los procedimientos. Evolucionó", "number"),
    ],
)
def test_numbers_that_are_others(said: str, instead: str, kind: str) -> None:
    assert kind in {"number" if v.type == "lab" else v.type for v in _found(said, instead)}
