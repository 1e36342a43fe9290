"""Errors that a report once passed over, each planted in a text that is faithful without it."""

import json
from functools import lru_cache

import pytest

from engine import intake
from engine.checking import Checker
from engine.domain import Violation
from engine.evidence import build

_CASE = {
    "id_atencion": 1,
    "paciente": {"nombre": "Marta Inés Quidel Soto", "sexo": "F", "edad": 74},
    "atencion": {"fecha_ingreso": "2026-10-02", "fecha_alta": "2026-10-11"},
    "motivo_ingreso": "Fiebre y caída a nivel",
    "antecedentes": {"medicos": ["HTA"], "alergias": "Dipirona (urticaria)"},
    "diagnostico_ingreso": [{"codigo": "J18.9", "nombre": "Neumonía"}],
    "procedimientos": [{"codigo": "88.76", "nombre": "Ecografía abdominal", "fecha": "2026-10-03"}],
    "tratamientos_intrahosp": [
        {"codigo": "J01DD04", "nombre": "Ceftriaxona", "dosis": "2 g", "via": "EV", "frecuencia": "cada 24 horas"},
        {"nombre": "Kinesioterapia respiratoria"},
    ],
    "evolucion_resumen": [
        {"dia": 1, "texto": "Febril, confusa. Ictericia a tensión. Muñón tibio. Leucocitos 12900 /mm3"},
        {"dia": 2, "texto": "Sin incidentes, sin signos de irritación peritoneal. Test de esfuerzo (+)"},
        {"dia": 5, "texto": "Sin ictericia a tensión. Sonda vesical retirada al día 3. Test de esfuerzo (-) en reposo"},
        {"dia": 9, "texto": "Muñón sano. Pulsos presentes. Tolera vía oral al cuarto día. Sin signos de alarma"},
    ],
    "laboratorios_resumen": [{"parametro": "Creatinina", "valor": "2.4", "unidad": "mg/dL"}],
    "diagnostico_egreso": [{"codigo": "J18.9", "nombre": "Neumonía en tratamiento"}],
    "indicaciones_alta": {
        "medicamentos": [
            {
                "codigo": "J01CR02",
                "nombre": "Amoxicilina",
                "dosis": "500 mg",
                "via": "VO",
                "frecuencia": "cada 8 horas",
            },
            {"nombre": "Budesonida", "dosis": "200 mcg", "via": "inh", "frecuencia": "c/12 h"},
        ],
        "controles": ["Control en policlínico en 12 días"],
        "recomendaciones": ["Evitar esfuerzos por 4 meses", "Reposo por 10 días", "Ejercicios respiratorios"],
        "signos_alarma": ["Dificultad respiratoria", "Vómitos persistentes", "Fiebre persistente"],
    },
}
_TEXT = (
    "Paciente de sexo femenino de 74 años ingresa el 02-10-2026 por fiebre y caída a nivel, con diagnóstico de "
    "ingreso de neumonía (J18.9). Antecedentes: hipertensión arterial. Alergias: dipirona (urticaria). Se realizó "
    "ecografía abdominal (88.76) el 03-10-2026. Recibió ceftriaxona 2 g vía endovenosa cada 24 horas (J01DD04) y "
    "kinesioterapia respiratoria. Evolución: día 1: febril, confusa, ictericia a tensión, muñón tibio, leucocitos "
    "12900 /mm3; día 2: sin incidentes, sin signos de irritación peritoneal, test de esfuerzo (+); día 5: sin "
    "ictericia a tensión, sonda vesical retirada al día 3, test de esfuerzo (-) en reposo; día 9: muñón sano, pulsos "
    "presentes, tolera vía oral al cuarto día, sin signos de alarma. Exámenes relevantes: creatinina 2.4 mg/dL. "
    "Diagnóstico de egreso: neumonía en tratamiento (J18.9). Al alta se indican amoxicilina 500 mg vía oral cada 8 "
    "horas (J01CR02) y budesonida 200 mcg vía inhalatoria cada 12 horas. Controles: control en policlínico en 12 "
    "días. Recomendaciones: evitar esfuerzos por 4 meses, reposo por 10 días y ejercicios respiratorios. Signos de "
    "alarma: dificultad respiratoria, vómitos persistentes y fiebre persistente."
)


@lru_cache(maxsize=1)
def _checker() -> Checker:
    return Checker(build(intake.read_case(json.dumps(_CASE, ensure_ascii=False).encode())))


def _found(text: str) -> list[Violation]:
    return list(_checker().check(text).violations)


def test_the_text_without_an_error_passes() -> None:
    assert [(v.type, v.mention, v.reason) for v in _found(_TEXT)] == []


PLANTED = [  # what the text says, what is put in its place, the type and the words that name it
    ("sonda vesical retirada al día 3", "sonda vesical retirada al día 6", "number", "6"),
    ("esfuerzo (-) en reposo", "esfuerzo (+) en reposo", "negation", "(+)"),
    ("tolera vía oral al", "tolera vía endovenosa al", "route", "endovenosa"),
    ("al cuarto día", "al noveno día", "number", "noveno"),
    ("12900 /mm3", "12900 %", "lab", "%"),
    ("creatinina 2.4 mg/dL", "creatinina 2.4 mg/L", "lab", "2.4"),
    ("muñón sano, ", "", "omission", "muñón sano"),
    ("pulsos presentes, ", "", "omission", "pulsos presentes"),
    ("dificultad respiratoria, ", "", "omission", "dificultad respiratoria"),
    (" y fiebre persistente", "", "omission", "fiebre persistente"),
    ("control en policlínico en 12 días", "kinesiología", "omission", "control en policlínico en 12 días"),
    (" por fiebre y caída a nivel", "", "omission", "fiebre y caída a nivel"),
    ("creatinina 2.4 mg/dL", "creatinina en control", "omission", "creatinina"),
    (
        "incidentes, sin signos de irritación",
        "incidentes, signos de irritación",
        "negation",
        "signos de irritación peritoneal",
    ),
    ("sin ictericia a tensión", "ictericia a tensión", "negation", "ictericia a tensión"),
    ("día 1: febril, confusa, ictericia", "día 1: febril, confusa, sin ictericia", "date", "1"),
    ("cuarto día, sin signos de alarma", "cuarto día, signos de alarma", "negation", "signos de alarma"),
    ("de neumonía (J18.9)", "de neumonía en tratamiento (J18.9)", "dx", "neumonía en tratamiento"),
    ("neumonía (J18.9). Ant", "neumonía izquierda (J18.9). Ant", "laterality", "izquierda"),
    ("abdominal (88.76)", "abdominal derecha (88.76)", "laterality", "derecha"),
    (
        "12 horas. Controles",
        "12 horas, kinesioterapia respiratoria. Controles",
        "med",
        "kinesioterapia respiratoria",
    ),
    ("respiratoria. Evol", "respiratoria, budesonida 200 mcg vía inhalatoria. Evol", "med", "budesonida"),
    ("(J01CR02) y", "(J01CR02), amoxicilina 500 mg vía oral y", "med", "amoxicilina"),
    ("(J01DD04) y", "(J01DD04), dipirona 1 g vía endovenosa y", "allergy", "dipirona"),
    ("esfuerzos por 4 meses, reposo por 10 días", "esfuerzos por 10 días, reposo por 4 meses", "number", "10"),
    ("de 74 años", "de 74 meses", "identity", "74 meses"),
    ("Paciente de sexo", "Camila Oyarzún Barría de sexo", "identity", "Camila Oyarzún Barría"),
    ("día 1: febril, confusa", "día 4: febril, confusa", "date", "4"),
    (
        "Signos de alarma: dificultad respiratoria, vómitos persistentes y fiebre persistente",
        "Signos de alarma: no consignado",
        "format",
        "Signos de alarma: no consignado",
    ),
    ("2 g vía endovenosa cada 24 horas (J01DD04)", "2 g vía endovenosa (J01DD04)", "omission", "cada 24 horas"),
]


@pytest.mark.parametrize(("said", "instead", "kind", "words"), PLANTED, ids=lambda x: x[:30])
def test_a_planted_error_is_named_by_its_words(said: str, instead: str, kind: str, words: str) -> None:
    assert _TEXT.count(said) == 1
    found = _found(_TEXT.replace(said, instead))
    assert any(v.type == kind and words.lower() in v.mention.lower() for v in found), found


FAITHFUL = [  # rephrasings that must not be taken for errors
    ("sonda vesical retirada al día 3", "se retiró la sonda vesical el día 3"),
    ("incidentes, sin signos de irritación peritoneal", "incidentes ni signos de irritación peritoneal"),
    ("creatinina 2.4 mg/dL", "creatinina de 2,40 mg/dL"),
    ("leucocitos 12900 /mm3", "leucocitos 12.900 por mm3"),
    ("de 74 años", "de 74 años de edad"),
    ("tolera vía oral al cuarto día", "al cuarto día tolera vía oral"),
    ("control en policlínico en 12 días", "policlínico a los 12 días"),
]


@pytest.mark.parametrize(("said", "instead"), FAITHFUL, ids=lambda x: x[:30])
def test_a_rephrasing_is_no_error(said: str, instead: str) -> None:
    assert _TEXT.count(said) == 1
    found = _found(_TEXT.replace(said, instead))
    assert [(v.type, v.mention, v.reason) for v in found if v.severity == "blocking"] == []
