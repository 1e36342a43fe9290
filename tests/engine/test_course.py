"""The course: its limit, what it keeps, what it says once."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine import intake
from engine.drafting import course
from engine.drafting.grammar import preferred, sample
from engine.evidence import Evidence, Kind, build
from tests.helpers.records import read

sys.path.append(str(Path(__file__).resolve().parents[2] / "packaging" / "model"))

from records import generate  # the folder is no installed package

LIMIT = 150
PANCREATITIS = (
    "URGENCIA: PACIENTE CON DOLOR ABDOMINAL DE 24 HRS, VOMITOS. PA 85/50, FC 128, SAT 89% AMBIENTAL. LIPASA 4500. ECO: "
    "COLELITIASIS, VIA BILIAR 9 MM. SE DECIDE INGRESO A UCI. SE INICIA NORADRENALINA 0.15 MCG/KG/MIN",
    "UCI: EN VMI POR IRA HIPOXEMICA, PAFI 140. NORADRENALINA 0.3. LACTATO 4.1. DIURESIS 0.3 CC/KG/HR. CREATININA 2.8. "
    "BALANCE +4.2 LT. SEDOANALGESIA CON MIDAZOLAM FENTANYL. FAMILIA INFORMADA DE GRAVEDAD",
    "PERSISTE EN VMI, FIO2 60%. HEMOCULTIVOS (-). CREATININA 3.4, SE INICIA HEMODIALISIS. NORADRENALINA 0.25",
    "CPRE CON ESFINTEROTOMIA, SE EXTRAEN 2 CALCULOS, SIN INCIDENTES. NORADRENALINA 0.1. PCR 310. TAC ABDOMEN: NECROSIS "
    "30% DEL CUERPO, SIN GAS, COLECCION PERIPANCREATICA AGUDA",
    "NORADRENALINA SUSPENDIDA. LACTATO 1.8. FIO2 40%. HEMODIALISIS SIN INCIDENTES. SIN FIEBRE",
    "FIEBRE 38.9. SE TOMAN HMC X2, UC Y CULTIVO ST. SE CAMBIA CVC. INICIA MEROPENEM + VANCOMICINA",
    "HMC (+) A COCACEAS GRAM (+) EN RACIMOS 2/2. ECOCARDIOGRAMA SIN VEGETACIONES. FIO2 35%",
    "HMC: STAPHYLOCOCCUS AUREUS MS. SE SUSPENDE VANCOMICINA, INICIA CEFAZOLINA. FRACASA DESTETE DE VM",
    "AFEBRIL. SE EXTUBA SIN INCIDENTES. CNAF 40 LT. DELIRIUM HIPERACTIVO: QUETIAPINA. CREATININA 1.9",
    "NARICERA 3 LT. DELIRIUM EN REGRESION. REALIMENTACION CON REGIMEN LIQUIDO SIN GRASA. KNT MOTORA 2 VECES AL DIA",
    "TRASLADO A UTI. SIN FIEBRE. HMC DE CONTROL (-). PCR 98. DOLOR ABDOMINAL LEVE CON ALIMENTACION",
    "TVP FEMORAL DERECHA EN ECO DOPPLER. ENOXAPARINA 1 MG/KG C/12 HRS. UPP SACRA GRADO II, CURACIONES",
    "TRASLADO A MEDICINA. O2 AMBIENTAL SAT 94%. TOLERA REGIMEN BLANDO. CREATININA 1.3",
    "SIN DOLOR, AFEBRIL. TAC CONTROL: COLECCION 5 CM ORGANIZADA SIN GAS. UPP EN GRANULACION",
    "BUENAS CONDICIONES GENERALES. TOLERA REGIMEN LIVIANO. CREATININA 1.1. DEAMBULA CON ANDADOR. ALTA",
)


def _evidence(notes: tuple[str, ...], **more: Any) -> Evidence:
    days = [{"dia": i, "texto": note} for i, note in enumerate(notes, 1)]
    return build(read({"evolucion_resumen": days, "diagnostico_egreso": [], **more}))


def _told(evidence: Evidence, seed: int | None = None) -> str:
    if seed is None:
        return preferred(course.build(evidence))
    rng = random.Random(seed)
    return sample(course.build(evidence), lambda options, _style: rng.randrange(len(options)))


def test_fifteen_long_notes_give_a_course_that_can_be_signed() -> None:
    evidence = _evidence(PANCREATITIS)
    text = _told(evidence)
    assert all(len(t.split()) <= LIMIT for t in (text, *(_told(evidence, seed) for seed in range(6))))
    for kept in (
        "se inicia noradrenalina",
        "Día 2 (UCI): en VMI",
        "hemocultivos negativos",
        "se inicia hemodiálisis",
        "hemocultivos positivos a cocáceas",
        "hemocultivos: Staphylococcus aureus MS",
        "se extuba sin incidentes",
        "delirium",
        "trombosis venosa profunda femoral derecha",
        "necrosis 30%",
        "UPP sacra",
        "creatinina 1.1",
    ):
        assert kept.lower() in text.lower(), kept


def test_no_generated_course_passes_the_limit() -> None:
    for seed in range(730000, 730120):
        evidence = build(intake.read_case(json.dumps(generate(seed), ensure_ascii=False).encode()))
        alone = replace(evidence, claims=tuple(c for c in evidence.claims if c.kind is not Kind.OBSERVATION))
        assert max(len(_told(alone).split()), len(_told(alone, seed).split())) <= LIMIT, seed


def test_a_long_note_alone_keeps_its_end_and_what_may_not_be_left_out() -> None:
    note = ". ".join(
        ("HMC (+) A S. AUREUS", *(f"CONTROL {i} SIN CAMBIOS DE RELEVANCIA HOY" for i in range(40)), "ALTA EN BCG")
    )
    text = _told(_evidence((note,)))
    assert len(text.split()) <= LIMIT
    assert "positivos a S. aureus" in text
    assert text.endswith("alta en buenas condiciones generales.")


def test_what_two_notes_say_alike_is_told_once() -> None:
    text = _told(_evidence(("Tenorrafía sin incidentes", "Tenorrafía sin incidentes. Herida seca")))
    assert text.lower().count("tenorrafía sin incidentes") == 1


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("MEDICINA INGRESA FEBRIL", "el día 1 (medicina), ingresa febril."),
        ("UCI: EN VMI", "el día 1 (UCI), en VMI."),
        ("CIRUGIA: VESICULA GANGRENOSA", "el día 1, cirugía: vesícula gangrenosa."),
        ("NEFROLOGIA: SIN URGENCIA DIALITICA", "el día 1, nefrología: sin urgencia dialítica."),
        ("CIRUGIA SIN INCIDENTES", "el día 1, cirugía sin incidentes."),
        ("FIEBRE 39. SAT 86% FIO2 AMBIENTAL", "el día 1, presenta fiebre 39 y saturación 86% con FiO2 ambiental."),
        ("DOLOR MEJORA", "el día 1, dolor mejora."),
        ("S/ FIEBRE, C/ ANDADOR", "el día 1, sin fiebre, con andador."),
        ("HMC X CVC (+). MP (+)", "murmullo pulmonar presente."),
        ("TAC: DERRAME. SIN FIEBRE. ALTA", "el día 1, tomografía computada: derrame. Sin fiebre."),
        ("ALTA", "el día 1, alta."),
        ("DERIVADA. ALTA", "el día 1, derivada, alta."),
        ("SHOCK REFRACTARIO, FALLECE. FALLECE ACOMPAÑADO", "el día 1, shock refractario y fallece acompañado."),
        ("PSIQUIATRIA: SIN IDEACION SUICIDA, SIN FIEBRE", "el día 1, psiquiatría: sin ideación suicida. Sin fiebre."),
        (
            "IC A NUTRICION: SE SIGUEN INDICACIONES, NO REQUIERE DVA",
            "siguen indicaciones. No requiere drogas vasoactivas.",
        ),
        ("FALLECE, SE CONSTATA FALLECIMIENTO A LAS 5:14 HRS", "el día 1, se constata fallecimiento a las 5:14 horas."),
        ("CULTIVO DE LIQUIDO ASCITICO (-), FLAPPING (+)", "cultivo de líquido ascítico negativo, flapping positivo."),
        ("TAC: SIN DERRAME, SIN NEUMOTORAX", "el día 1, tomografía computada: sin derrame, sin neumotórax."),
        ("SE VA DE ALTA CON SONDA", "el día 1, se va de alta con sonda."),
        ("ASA VIABLE, ASA II, ECO ALITIASICA", "asa viable, ASA II y eco alitiásica."),
        ("DEAMBULA, DOLOR EVA 3", "el día 1, deambula, dolor EVA 3."),
        ("TEST DE EMBARAZO (-). FEBRIL 38.5C", "el día 1, test de embarazo negativo, febril 38.5 °C."),
    ],
)
def test_ward_language_becomes_a_sentence(note: str, told: str) -> None:
    assert _told(_evidence((note,))).endswith(told)


RESULT = {
    "prueba": "Creatinina en sangre",
    "unidad": "mg/dL",
    "ingreso": {"valor": 2.4, "fecha": "2026-10-02", "estado": "alto"},
    "periodo": {"min": 1.4, "max": 2.4},
}


def test_a_result_that_the_course_gives_in_full_is_told_there_with_its_unit() -> None:
    text = _told(_evidence(("CREATININA 2.4 (BASAL 1.3)", "CREATININA 1.4"), laboratorios_resumen=[RESULT]))
    assert text == " Evolución: el día 1, creatinina 2.4 mg/dL (basal 1.3); el día 2, creatinina 1.4 mg/dL."


def test_a_result_that_the_course_gives_in_part_is_told_in_full() -> None:
    text = _told(_evidence(("CREATININA 2.4", "AFEBRIL"), laboratorios_resumen=[RESULT]))
    assert "Exámenes relevantes: creatinina en sangre 2.4 mg/dL el 02-10-2026, con mínimo de 1.4 mg/dL." in text


def test_a_baseline_is_no_result() -> None:
    text = _told(_evidence(("CREATININA 5 (BASAL 2.4), 1.4",), laboratorios_resumen=[RESULT]))
    assert "Exámenes relevantes" in text
