"""Every shape of a record reaches the same values, with the pointer of the field they came from."""

from __future__ import annotations

import hashlib
import json

import pytest

from engine.domain import Condition, Medication, Note, Patient, Procedure, Text
from engine.intake import parse, read_case, read_file
from tests.helpers.records import SAMPLES, read, values


def test_clinical_api() -> None:
    data = (SAMPLES / "angina.json").read_bytes()
    case = read_case(data)
    assert (case.shape, case.sha256) == ("clinical", hashlib.sha256(data).hexdigest())
    assert case.reason == Text("Dolor torácico agudo", "/motivo_ingreso")
    assert case.procedures == (
        Procedure(
            Text("Coronariografía", "/procedimientos/0/nombre"),
            Text("K492", "/procedimientos/0/codigo"),
            Text("2024-01-15", "/procedimientos/0/fecha"),
        ),
    )
    ticagrelor = case.plan.medications[1]
    assert ticagrelor.duration == Text("12 meses", "/indicaciones_alta/medicamentos/1/duracion")
    assert [note.recorded.value for note in case.notes if note.recorded] == ["2024-01-14", "2024-01-15", "2024-01-17"]
    assert case.observations[0].value == Text("0,8 ng/mL", "/laboratorios_relevantes/0/valor")
    assert values(case.plan.care) == ["Régimen hiposódico", "Consultar en urgencia ante dolor torácico"]
    assert (case.unused, case.repairs) == ((), ())


def test_ward_export() -> None:
    case = read_file(SAMPLES / "days.json")
    assert case.shape == "ward"
    assert case.patient == Patient(
        name=Text("Rosa Elena Ñancupil Iturra", "/paciente/nombre"),
        identifier=Text("11.111.111-1", "/paciente/rut"),
        gender=Text("F", "/paciente/sexo"),
        age=Text("74", "/paciente/edad"),
        birth_date=Text("1952-03-09", "/paciente/fecha_nacimiento"),
    )
    assert case.stay.practitioner == Text("Dra. de prueba", "/atencion/medico_tratante")
    assert case.history.allergies == (Text("Penicilina (rash)", "/antecedentes/alergias"),)
    assert values(case.history.surgeries) == ["Colecistectomia 2009"]
    first = case.treatments[0]
    assert (first.name, first.code) == (
        Text("Levofloxacino 750 mg c/48h", "/tratamientos_intrahosp/0/nombre"),
        Text("J01MA12", "/tratamientos_intrahosp/0/codigo"),
    )
    assert first.end == Text("2026-10-09", "/tratamientos_intrahosp/0/fin")
    assert [note.day.value for note in case.notes if note.day] == ["1", "2", "4", "7", "10"]
    creatinine = case.observations[1]
    assert [creatinine.value, creatinine.unit, creatinine.low, creatinine.minimum] == [
        Text("2.4", "/laboratorios_resumen/1/ingreso/valor"),
        Text("mg/dL", "/laboratorios_resumen/1/unidad"),
        Text("0.5", "/laboratorios_resumen/1/ingreso/rango_inferior"),
        Text("1.4", "/laboratorios_resumen/1/periodo/min"),
    ]
    assert values(case.plan.alarm_signs) == ["Fiebre mayor a 38C", "Disnea", "Disminucion de diuresis"]
    assert case.unused == (Text("900417", "/atencion/id"),)


def test_database_export() -> None:
    case = read_file(SAMPLES / "string_fields.json")
    assert case.admission[0].code == Text("S72.0", "/diagnostico_ingreso/0/codigo")
    assert case.discharge[0].code == Text("S72.0", "/diagnostico_egreso/0/codigo")
    assert case.procedures[0].performed == Text("2026-09-14T10:30", "/procedimientos/0/fecha")
    assert [note.recorded for note in case.notes] == [
        Text("2026-09-14", "/evolucion/0/fecha"),
        Text("2026-09-17", "/evolucion/1/fecha"),
    ]
    assert case.plan.follow_up == (Text("Traumatología en 14 días", "/indicaciones_alta/controles/0"),)
    assert case.observations == ()


def test_what_is_empty_is_none() -> None:
    case = read_file(SAMPLES / "sparse.json")
    assert case.discharge == (Condition(Text("Dolor abdominal en estudio", "/diagnostico_egreso/0/nombre")),)
    assert (case.reason, case.admission, case.unused) == (None, (), ())


def test_compact() -> None:
    case = read(
        {
            "dx": ["Neumonia (J18.9)"],
            "proc": ["Apendicectomia laparoscopica (47.01)"],
            "tto": ["Ceftriaxona 2g EV c/24h 7d (J01DD04)", "Transfusion 2U GR"],
            "evo": "Favorable",
            "dx_alta": ["Neumonia resuelta (J18.9)"],
            "med": ["Amoxicilina/Ac.clavulanico 875mg VO c/12h 5d (J01CR02)"],
        }
    )
    assert case.shape == "compact"
    assert case.admission == (Condition(Text("Neumonia", "/dx/0"), Text("J18.9", "/dx/0")),)
    assert case.procedures == (Procedure(Text("Apendicectomia laparoscopica", "/proc/0"), Text("47.01", "/proc/0")),)
    assert case.treatments == (
        Medication(Text("Ceftriaxona 2g EV c/24h 7d", "/tto/0"), Text("J01DD04", "/tto/0")),
        Medication(Text("Transfusion 2U GR", "/tto/1")),
    )
    assert case.notes == (Note(Text("Favorable", "/evo")),)
    assert [drug.code for drug in case.plan.medications] == [Text("J01CR02", "/med/0")]


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("HTA (i10)", "HTA", "I10"),
        ("Fractura (S720)", "Fractura", "S72.0"),
        ("HTA [I10].", "HTA", "I10"),
        ("Colelitiasis (CIE10: K80.2)", "Colelitiasis", "K80.2"),
        ("Hipertermia (38.5)", "Hipertermia (38.5)", None),
        ("HTA (en estudio)", "HTA (en estudio)", None),
        ("(I10)", "(I10)", None),
    ],
)
def test_code_at_the_end_of_a_diagnosis(text: str, name: str, code: str | None) -> None:
    found = read({"dx": [text]}).admission[0]
    assert (found.name, found.code) == (Text(name, "/dx/0"), Text(code, "/dx/0") if code else None)


@pytest.mark.parametrize("text", ["Colecistectomia (2009)", "Drenaje (izquierdo)", "Paracentesis (3 L)"])
def test_what_is_no_code_stays_in_the_name_of_a_procedure(text: str) -> None:
    assert read({"proc": [text]}).procedures == (Procedure(Text(text, "/proc/0")),)


def test_wrapped_record_keeps_the_key_of_the_wrapper() -> None:
    case = read(
        {
            "episodeId": 77,
            "clinicalData": json.loads((SAMPLES / "angina.json").read_text(encoding="utf-8")),
            "patientInfo": {"nombre": "Ana Soto", "rut": "1-9", "fechaNacimiento": "09/03/1952"},
        }
    )
    assert case.reason == Text("Dolor torácico agudo", "/clinicalData/motivo_ingreso")
    assert case.patient.birth_date == Text("1952-03-09", "/patientInfo/fechaNacimiento")
    assert case.stay.identifier == Text("77", "/episodeId")
    assert (case.shape, case.unused) == ("clinical", ())


def test_wrapper_held_in_a_string() -> None:
    case = read(
        {"clinicalData": json.dumps({"dx": ["HTA (I10)"], "paciente": {"edad": 5}}), "patientInfo": {"nombre": "Ana"}}
    )
    assert case.admission[0].name == Text("HTA", "/clinicalData/dx/0")
    assert (case.patient.age, case.patient.name) == (
        Text("5", "/clinicalData/paciente/edad"),
        Text("Ana", "/patientInfo/nombre"),
    )


def test_shapes_may_be_mixed() -> None:
    case = read(
        {
            "id_atencion": "A-1",
            "evolucion": [{"fecha": "2026-01-02", "nota": "Bien"}, "Sin fiebre"],
            "evolucion_resumen": [{"dia": 3, "texto": "Alta"}],
            "dx": ["HTA (I10)"],
            "laboratorios_relevantes": [{"prueba": "Hb", "ingreso": {"valor": 9.10}, "egreso": {"valor": 11}}],
            "laboratorios_resumen": ["PCR 30 mg/L"],
            "alergias": [{"sustancia": "Penicilina", "reaccion": "rash"}, "Látex"],
            "antecedentes": ["HTA", {"diagnostico": "Asma", "codigo": "J45"}],
            "indicaciones_alta": {
                "recomendaciones": "Reposo relativo",
                "cuidados": ["Curación"],
                "medicamentos": ["Paracetamol 1 g"],
            },
        }
    )
    assert [note.text.value for note in case.notes] == ["Bien", "Sin fiebre", "Alta"]
    assert [(o.name.value, o.value.value if o.value else None) for o in case.observations] == [
        ("Hb", "9.1"),
        ("Hb", "11"),
        ("PCR 30 mg/L", None),
    ]
    assert case.history.allergies == (Text("Penicilina (rash)", "/alergias/0"), Text("Látex", "/alergias/1"))
    assert values(case.history.conditions) == ["HTA", "Asma (J45)"]
    assert values(case.plan.care) == ["Reposo relativo", "Curación"]
    assert case.plan.medications == (Medication(Text("Paracetamol 1 g", "/indicaciones_alta/medicamentos/0")),)
    assert case.unused == ()


def test_names_of_other_systems() -> None:
    case = read(
        {
            "motivoConsulta": "Disnea",
            "Diagnósticos de egreso": [{"cie10": "j441", "glosa": "EPOC", "estado": "sospecha"}],
            "datosPaciente": {"nombres": "Ana María", "apellidos": "Soto Paz", "género": "F", "run": "1-9"},
            "fechaHoraIngreso": "01/02/2026 08:30",
            "tipo_alta": "Médica",
            "condición_egreso": "Fallecido",
            "tratamientosIntrahospitalarios": [
                {
                    "farmaco": "Enoxaparina",
                    "dosis": 60,
                    "unidad": "mg",
                    "dias": 3,
                    "observación": "control de plaquetas",
                    "prn": True,
                }
            ],
        }
    )
    assert case.reason == Text("Disnea", "/motivoConsulta")
    diagnosis = case.discharge[0]
    assert diagnosis.name == Text("EPOC (sospecha)", "/Diagnósticos de egreso/0")
    assert diagnosis.code == Text("J44.1", "/Diagnósticos de egreso/0/cie10")
    assert case.patient.name == Text("Ana María Soto Paz", "/datosPaciente")
    assert case.stay.start == Text("2026-02-01T08:30", "/fechaHoraIngreso")
    assert case.stay.disposition == Text("Fallecido", "/condición_egreso")
    drug = case.treatments[0]
    assert [part.value for part in (drug.dose, drug.duration, drug.note) if part] == [
        "60 mg",
        "3 días",
        "SOS; control de plaquetas",
    ]
    assert case.unused == (Text("Médica", "/tipo_alta"),)


def test_a_transfer_or_death_counts_before_other_ways_to_leave() -> None:
    case = read({"dx": [], "condicion_egreso": "Estable", "destino": "Traslado a UCI Hospital Regional"})
    assert case.stay.disposition == Text("Traslado a UCI Hospital Regional", "/destino")


def test_history_that_means_nothing_without_its_name_keeps_it() -> None:
    case = read({"dx": [], "antecedentes": {"familiares": ["Padre con IAM"], "tabaco": "No", "otros": "Vive sola"}})
    assert values(case.history.other) == ["Familiares: Padre con IAM", "Tabaco: No", "Vive sola"]


def test_each_line_of_a_text_is_an_item() -> None:
    case = read(
        {"indicaciones_alta": {"cuidados": "- Reposo\n- Régimen liviano", "controles": ["Cardiología\nKinesiología"]}}
    )
    assert values(case.plan.care) == ["Reposo", "Régimen liviano"]
    assert values(case.plan.follow_up) == ["Cardiología", "Kinesiología"]


def test_line_breaks_of_a_note_stay_for_they_separate_statements() -> None:
    assert read({"evolucion": "Sin fiebre\r\n\r\n  Disnea leve"}).notes[0].text.value == "Sin fiebre\nDisnea leve"


def test_notes_in_parts() -> None:
    case = read(
        {"evolucion": [{"fecha": "2026-01-01", "subjetivo": "Sin dolor", "plan": "Alta", "autor": {"nombre": "Dr. A"}}]}
    )
    assert [(note.text.value, note.author.value if note.author else "") for note in case.notes] == [
        ("Sin dolor", "Dr. A"),
        ("Alta", "Dr. A"),
    ]


def test_follow_up_as_objects() -> None:
    case = read(
        {"indicaciones_alta": {"controles": [{"especialidad": "Cardiología", "plazo": "7 días", "con": "ECG"}]}}
    )
    assert case.plan.follow_up == (Text("Cardiología (7 días, con: ECG)", "/indicaciones_alta/controles/0"),)


def test_unknown_fields_are_kept() -> None:
    case = read(
        {"dx": [{"nombre": "HTA", "activo": True, "id": 7}], "prevision": {"tipo": "FONASA", "tramos": ["B", ""]}}
    )
    assert case.unused == (
        Text("true", "/dx/0/activo"),
        Text("7", "/dx/0/id"),
        Text("FONASA", "/prevision/tipo"),
        Text("B", "/prevision/tramos/0"),
    )


def test_two_names_of_one_field() -> None:
    case = read({"motivo_ingreso": "Fiebre", "motivo": "Control", "examenes": ["Hb 9"], "laboratorios": ["PCR 3"]})
    assert case.reason == Text("Fiebre", "/motivo_ingreso")
    assert values(tuple(o.name for o in case.observations)) == ["Hb 9", "PCR 3"]
    assert case.unused == (Text("Control", "/motivo"),)


def test_numbers_keep_their_digits() -> None:
    case = read_case(
        b'{"laboratorios_relevantes": [{"parametro": "K", "valor": 4.10}], "paciente": {"rut": 12345678901234567890}}'
    )
    assert case.observations[0].value == Text("4.10", "/laboratorios_relevantes/0/valor")
    assert case.patient.identifier == Text("12345678901234567890", "/paciente/rut")


def test_parse_reads_what_was_parsed_already() -> None:
    assert parse({"dx": ["HTA (I10)"]}).admission[0].code == Text("I10", "/dx/0")


def test_a_whole_name_is_not_written_twice() -> None:
    case = read({"dx": [], "paciente": {"nombre_completo": "Ana Soto Paz", "nombres": "Ana", "apellidos": "Soto Paz"}})
    assert case.patient.name == Text("Ana Soto Paz", "/paciente/nombre_completo")
    assert values(case.unused) == ["Ana", "Soto Paz"]
