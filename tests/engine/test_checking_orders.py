"""What lacks, what is denied, when and in which order a text tells it: in any words; an error in them does not pass."""

import json
from typing import Any

import pytest

from engine import intake
from engine.checking import check
from engine.checking.absence import absences
from engine.checking.alignment import align
from engine.checking.calendar import dates
from engine.checking.reading import read
from engine.checking.record import prepare
from engine.checking.units import flat
from engine.evidence import Evidence, Section, build


def _drug(name: str, code: str, way: str, **more: str) -> dict[str, str]:
    return {"codigo": code, "nombre": name, "via": way, **more}


_STAYED = {"inicio": "2028-07-06", "fin": "2028-07-16"}
_WARD: dict[str, Any] = {
    "motivo_ingreso": "Eritema y dolor de pierna derecha",
    "atencion": {"fecha_ingreso": "2028-07-06", "fecha_alta": "2028-07-16", "condicion_egreso": "Alta a domicilio"},
    "antecedentes": {"medicos": ["Asma"], "quirurgicos": [], "alergias": ""},
    "diagnostico_ingreso": [{"codigo": "L03.1", "nombre": "Celulitis de pierna derecha"}],
    "procedimientos": [{"codigo": "86.22", "nombre": "Aseo quirúrgico", "fecha": "2028-07-07"}],
    "tratamientos_intrahosp": [
        _drug("Cefazolina 1 g cada 8 horas", "J01DB04", "EV", **_STAYED),
        _drug("Paracetamol 1 g cada 8 horas SOS", "N02BE01", "VO", **_STAYED),
    ],
    "evolucion_resumen": [
        {"dia": 2, "texto": "Aseo sin incidentes. Niega consumo de drogas. Sin flictenas."},
        {"dia": 10, "texto": "Herida con tejido de granulación, sin secreción. Sin eritema ni dolor al alta."},
    ],
    "diagnostico_egreso": [{"codigo": "L03.1", "nombre": "Celulitis de pierna derecha resuelta"}],
    "indicaciones_alta": {
        "medicamentos": [
            _drug("Clindamicina", "J01FF01", "VO", dosis="600 mg", frecuencia="cada 6 horas", duracion="8 días"),
            _drug("Lorazepam", "N05BA06", "VO", dosis="2 mg", frecuencia="cada noche", duracion="permanente"),
            _drug("Losartán", "C09CA01", "VO", dosis="50 mg", frecuencia="cada 12 horas", duracion="permanente"),
        ],
        "controles": ["Cirugía vascular en 28 días"],
        "cuidados": ["Evitar esfuerzos y alcohol"],
        "signos_alarma": ["Fiebre"],
    },
}
_ADMISSION = (
    "Asmático, ingresa el 6 de julio de 2028 por eritema y dolor de pierna derecha, con celulitis de pierna derecha "
    "(L03.1). "
)
_STAY = (
    "Se realizó aseo quirúrgico (86.22) el 7 de julio. Recibió desde el ingreso y hasta el alta cefazolina 1 g EV cada "
    "8 "
    "horas (J01DB04) y paracetamol 1 g VO cada 8 horas SOS (N02BE01). "
)
_COURSE = (
    "El aseo fue sin incidentes, niega consumo de drogas, sin flictenas. Al décimo día la herida con tejido de "
    "granulación, sin secreción; sin eritema ni dolor al alta. "
)
_LEAVES = "Egresa el 16 de julio con celulitis de pierna derecha resuelta (L03.1). "
_DRUGS = (
    "Se indica clindamicina 600 mg VO cada 6 horas por 8 días (J01FF01), lorazepam 2 mg VO cada noche, permanente "
    "(N05BA06), y losartán 50 mg VO cada 12 horas, permanente (C09CA01). "
)
_AFTER = "Control en Cirugía vascular en 28 días; evitar esfuerzos y alcohol; consultar por fiebre."
_TEXT = _ADMISSION + _STAY + _COURSE + _LEAVES + _DRUGS + _AFTER


def _evidence() -> Evidence:
    return build(intake.read_case(json.dumps(_WARD, ensure_ascii=False).encode()))


def _alarms(text: str) -> list[tuple[str, str, str]]:
    return [(v.type, v.mention, v.reason) for v in check(_evidence(), text).violations]


def _instead(said: str, instead: str) -> list[tuple[str, str, str]]:
    assert said in _TEXT
    return _alarms(_TEXT.replace(said, instead))


def test_the_plain_text_passes() -> None:
    assert _alarms(_TEXT) == []


@pytest.mark.parametrize(
    "lacking",
    [
        "sin constancia de alergias ni de cirugías, ",
        "sin que el registro consigne las cirugías, los hábitos ni las alergias, ",
        "ni alergias ni otros antecedentes aparecen consignados, ",
        "y no tiene otros antecedentes, cirugías ni alergias registrados, ",
        "otros antecedentes y alergias, No consignado; ",
        "alergias y otros antec.: no consignado; ",
        "de alergias nada se anota; ",
        "se desconocen alergias y cirugías; ",
        "AQx, alergias y fármacos de uso: s/ registro; ",
        "alergias: s/d; ",
        "la ficha calla sobre alergias y hábitos; ",
        "no hay registro de alergias ni de cirugías; ",
        "sin alergias ni cirugías en la ficha, ",
        "alergias no documentadas, ",
        "nada dice el registro de alergias; ",
        "no se dispone de datos sobre alergias; ",
        "falta información sobre alergias y cirugías; ",
        "las alergias no figuran en la ficha; ",
        "se ignora si tiene alergias; ",
        "no quedaron registradas las alergias; ",
        "tampoco hay registro de alergias; ",
        "de las alergias, ni una palabra; ",
        "el registro es silente respecto de alergias; ",
        "la información disponible no incluye alergias; ",
        "sin alergias que consten, ",
        "cuyas alergias el registro no menciona, ",
        "alergias y cirugías en blanco, ",
        "(alergias no consignadas) ",
    ],
)
def test_a_field_said_to_lack_in_any_order_states_nothing(lacking: str) -> None:
    assert _instead("Asmático, ingresa", f"Asmático, {lacking}ingresa") == []


@pytest.mark.parametrize(
    "denied",
    ["sin alergias, ", "niega alergias, ", "alergias: no; ", "no refiere alergias, ", "sin alergias conocidas, "],
)
def test_a_denial_where_the_record_is_silent_is_a_finding(denied: str) -> None:
    assert {kind for kind, _, _ in _instead("Asmático, ingresa", f"Asmático, {denied}ingresa")} & {"allergy", "dx"}


def test_what_the_record_has_may_not_be_said_to_lack() -> None:
    assert "format" in {k for k, _, _ in _alarms(f"{_TEXT} De controles nada se anota.")}
    assert _instead("evitar esfuerzos y alcohol; consultar por fiebre", "signos de alarma sin registro")


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("En fecha que no se consigna, drenaje de una colección (54.91).", "drenaje"),
        ("Operado, alergias y antecedentes médicos No consignado.", "operado"),
        ("Enfermedad renal crónica, no especificada (N18.9).", "cronica"),
        ("Alergia no especificada (T78.4).", "alergia"),
        ("No se registra fiebre ni se registraron complicaciones.", "fiebre"),
        ("No constan alergias, ingresa por dolor sin fiebre ni vómitos.", "dolor"),
        ("Sin constancia de alergias, ingresa por neumonía.", "neumonia"),
        ("Sin antecedentes consignados y sin alergias conocidas.", "sin alergias"),
        ("Niega alergias y su motivo de consulta quedó sin consignar.", "alergias"),
        ("Según el informe de laboratorio y control, sin fiebre.", "sin fiebre"),
        ("En los exámenes de control no aparece anemia.", "no aparece"),
        ("Laboratorio y control sin registro de fiebre.", "fiebre"),
    ],
)
def test_what_lacks_ends_where_something_is_told(said: str, left: str) -> None:
    place = flat(said).index(left)
    assert not any(a.start <= place < a.end for a in absences(flat(said)))


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("sin flictenas", "flictenas no hay"),
        ("sin flictenas", "flictenas no se observan"),
        ("sin flictenas", "libre de flictenas"),
        ("sin flictenas", "nada de flictenas"),
        ("sin flictenas", "flictenas (no)"),
        ("sin flictenas", "exento de flictenas"),
        ("sin flictenas", "con ausencia de flictenas"),
        ("niega consumo de drogas", "con negación de consumo de drogas"),
        ("niega consumo de drogas", "consumo de drogas no tiene"),
        ("sin eritema ni dolor al alta", "al alta ya no hay eritema ni dolor"),
        ("sin eritema ni dolor al alta", "al alta libre de eritema y de dolor"),
        ("con tejido de granulación, sin secreción", "granula y ya no secreta"),
        ("evitar esfuerzos y alcohol", "no hacer esfuerzos ni beber alcohol"),
        ("evitar esfuerzos y alcohol", "prohibidos los esfuerzos y el alcohol"),
        ("evitar esfuerzos y alcohol", "abstenerse de esfuerzos y alcohol"),
    ],
)
def test_a_denial_in_other_words_or_after_its_noun(said: str, instead: str) -> None:
    assert _instead(said, instead) == []


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (", niega consumo de drogas, sin flictenas", "; flictenas hay; niega consumo de drogas"),
        ("sin flictenas", "con flictenas"),
        ("niega consumo de drogas", "con consumo de drogas"),
        ("sin eritema ni dolor al alta", "al alta hay eritema y dolor"),
        ("por eritema y dolor de pierna derecha", "sin eritema ni dolor de pierna derecha"),
    ],
)
def test_a_lost_or_added_denial_is_caught(said: str, instead: str) -> None:
    assert {kind for kind, _, _ in _instead(said, instead)} & {"negation", "omission"}


def _modes(text: str) -> dict[str, str]:
    return {w.token.folded: w.modality for w in read(text).words if w.key}


def test_a_denial_after_its_noun_reaches_no_further() -> None:
    assert _modes("Tolera régimen, fiebre no presenta y come")["regimen"] == "affirmed"
    assert _modes("El dolor no presenta cambios")["dolor"] == "affirmed"
    assert _modes("Lactancia a libre demanda")["demanda"] == "affirmed"
    assert _modes("Suspende ceftriaxona, inicia meropenem. Evitar sol, alcohol y sal")["alcohol"] == "open"


_BACKWARDS = [
    "Deja Medicina el 16 de julio de 2028 con su celulitis de pierna derecha resuelta (L03.1): ya no hay eritema ni "
    "dolor. "
    "Le receto {drugs}Lo citan a Cirugía vascular en 28 días; que evite esfuerzos y alcohol; que vuelva si tiene "
    "fiebre. "
    "Cómo empezó: el 6 de julio ingresó por eritema y dolor de pierna derecha, con celulitis de pierna derecha "
    "(L03.1); "
    "asmático. {stay}",
    "Alta el 16/07/2028, con: celulitis de pierna derecha resuelta (L03.1). Receta: {drugs}Cirugía vascular en 28 "
    "días; "
    "evitar esfuerzos y alcohol; volver si fiebre. Resumen: asma. Ingresó el 06/07/2028 por eritema y dolor de pierna "
    "derecha; dx de ingreso: celulitis de pierna derecha (L03.1). {stay}",
    "Se va de alta el 16 de julio de 2028 con su celulitis de pierna derecha resuelta (L03.1). Se lleva {drugs}Control "
    "en "
    "Cirugía vascular en 28 días, evitar esfuerzos y alcohol, consultar por fiebre. Todo empezó el 6 de julio, cuando "
    "ingresó por eritema y dolor de pierna derecha con celulitis de pierna derecha (L03.1); es asmático. {stay}",
    "Hoy, 16 de julio de 2028, se va a su casa con celulitis de pierna derecha resuelta (L03.1). Le dejo {drugs}Lo "
    "esperan en "
    "Cirugía vascular en 28 días; evitar esfuerzos y alcohol; consultar por fiebre. Había llegado el 6 de julio, "
    "asmático, "
    "por eritema y dolor de pierna derecha, con diagnóstico de ingreso de celulitis de pierna derecha (L03.1). {stay}",
    "Diagnóstico de egreso (16/07/2028): celulitis de pierna derecha resuelta (L03.1). Diagnóstico de ingreso "
    "(06/07/2028): celulitis de pierna derecha (L03.1), en asmático que consulta por eritema y dolor de pierna "
    "derecha. {stay}Rp: {drugs}Cirugía vascular en 28 días. Evitar esfuerzos y alcohol. Consultar si fiebre.",
    "Remedios que se lleva: {drugs}Diagnóstico con que egresa el 16 de julio: celulitis de pierna derecha "
    "resuelta (L03.1). Control en Cirugía vascular en 28 días; evitar esfuerzos y alcohol; consultar por fiebre. "
    "Ingresó el 6 de julio de 2028, asmático, por eritema y dolor de pierna derecha: celulitis de pierna derecha "
    "(L03.1). {stay}",
    "Parte el 16 de julio de 2028 con su celulitis de pierna derecha resuelta (L03.1). Tomará {drugs}Lo verá "
    "Cirugía vascular en 28 días, evitará esfuerzos y alcohol y consultará por fiebre. Diez días antes se había "
    "internado, asmático él, por eritema y dolor de pierna derecha, con celulitis de pierna derecha (L03.1). "
    "{stay}",
    "El paciente se retira hoy a su domicilio con celulitis de pierna derecha resuelta (L03.1), con "
    "{drugs}Control en Cirugía vascular en 28 días, evitando esfuerzos y alcohol y consultando por fiebre. "
    "Estuvo con nosotros desde el 6 de julio de 2028, cuando entró por eritema y dolor de pierna derecha "
    "(celulitis de pierna derecha, L03.1); es asmático. {stay}Alta el 16 de julio.",
]


@pytest.mark.parametrize("told", _BACKWARDS)
def test_a_text_that_begins_with_the_discharge(told: str) -> None:
    text = told.format(drugs=_DRUGS.removeprefix("Se indica "), stay=_STAY + _COURSE)
    parts = align(prepare(_evidence()), text).reading
    at = {c.value: [] for c in parts.codes}  # type: dict[str, list[Section]]
    for code in parts.codes:
        at[code.value].append(parts.words[parts.inside(code.start, code.end)[0]].section)
    assert at["L03.1"] == [Section.DISCHARGE, Section.ADMISSION]
    assert {*at["J01FF01"], *at["C09CA01"]} == {Section.PLAN}
    assert _alarms(text) == []


@pytest.mark.parametrize("told", _BACKWARDS)
def test_an_error_in_a_text_that_begins_with_the_discharge(told: str) -> None:
    drugs, stay = _DRUGS.removeprefix("Se indica "), _STAY + _COURSE
    assert _alarms(told.format(drugs=drugs.replace("600", "300"), stay=stay))
    assert _alarms(told.format(drugs=drugs, stay=stay).replace("derecha resuelta", "derecha", 1))
    swapped = told.format(drugs=drugs.replace("clindamicina 600 mg", "cefazolina 600 mg"), stay=stay)
    assert "med" in {kind for kind, _, _ in _alarms(swapped)}


@pytest.mark.parametrize(
    "instead",
    [
        "desde el 6 y hasta el 16 de julio",
        "desde su llegada hasta el 16 de julio",
        "durante toda la hospitalización",
        "entre el 6 y el 16 de julio",
        "desde el primer día y hasta el egreso",
        "del 6/7 al 16/7",
        "hasta el alta",
        "del 06/07/2028-16/07/2028",
        "6/7-16/7",
    ],
)
def test_the_dates_of_several_drugs_told_once(instead: str) -> None:
    assert _instead("desde el ingreso y hasta el alta", instead) == []


@pytest.mark.parametrize(
    "instead", ["desde el 6 y hasta el 15 de julio", "entre el 7 y el 16 de julio", "del 6/8 al 16/7", ""]
)
def test_a_wrong_or_lacking_date_of_several_drugs(instead: str) -> None:
    assert {kind for kind, _, _ in _instead("desde el ingreso y hasta el alta", instead)} & {"date", "omission"}


def test_the_day_of_the_admission_may_be_that_of_its_diagnoses() -> None:
    day = "2021-12-11"
    case = {
        "diagnostico_ingreso": [{"codigo": "J44.0", "nombre": "EPOC exacerbada", "fecha": day}],
        "procedimientos": [{"codigo": "87.44", "nombre": "Radiografía de tórax", "fecha": day}],
    }
    told = f"El {day} ingresa con EPOC exacerbada (J44.0). Se hizo radiografía de tórax{{}} (87.44)."
    evidence = build(intake.read_case(json.dumps(case).encode()))
    dated = [[v.type for v in check(evidence, told.format(at)).violations] for at in (" al ingreso", "")]
    assert dated == [[], ["omission"]]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Ingresa el 6 de julio; al día siguiente, aseo", 7),
        ("Aseo el 7 de julio; albúmina de ese mismo 7", 7),
        ("Aseo el 7 de julio; la víspera, fiebre", 6),
        ("Ingresa el 6 de julio. Diez días después, alta", 16),
        ("Ingresa el 6 de julio; esa misma noche, fiebre", 6),
        ("Alta el 16 de julio; 10 días antes, fiebre", 6),
        ("Aseo el 7 de julio; el día anterior, fiebre", 6),
    ],
)
def test_a_day_told_by_another(text: str, day: int) -> None:
    found = dates(text, frozenset({"2028-07-06", "2028-07-07", "2028-07-16"}))
    assert len(found) == 2
    assert found[-1].day == day


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (
            "lorazepam 2 mg VO cada noche, permanente (N05BA06), y losartán 50 mg VO cada 12 horas, permanente "
            "(C09CA01)",
            "lorazepam 2 mg VO en la noche (N05BA06) y losartán 50 mg VO cada 12 horas (C09CA01), los dos de manera "
            "permanente",
        ),
        (
            "lorazepam 2 mg VO cada noche, permanente (N05BA06), y losartán 50 mg VO cada 12 horas, permanente "
            "(C09CA01)",
            "lorazepam 2 mg todas las noches (N05BA06) y losartán 50 mg cada 12 horas (C09CA01), ambos por boca y a "
            "permanencia",
        ),
        ("VO cada noche, permanente", "VO nocte, para siempre"),
        ("VO cada noche, permanente", "VO al irse a la cama, sin fecha de término"),
        ("cada 8 horas SOS", "cada 8 horas si lo requería"),
        ("cada 8 horas SOS", "cada 8 horas solo si era necesario"),
        ("cada 8 horas SOS", "cada 8 horas en caso de dolor"),
        ("cada 8 horas SOS", "cada 8 horas si lo precisaba"),
    ],
)
def test_more_ways_to_say_how_long_and_when(said: str, instead: str) -> None:
    assert _instead(said, instead) == []


@pytest.mark.parametrize(
    ("said", "instead", "kind"),
    [
        ("cada noche, permanente", "cada mañana, permanente", "frequency"),
        ("cada noche, permanente", "cada noche, por un solo día", "duration"),
        ("cada 8 horas SOS", "cada 8 horas", "omission"),
        ("losartán 50 mg", "losartán dos comprimidos", "dose"),
    ],
)
def test_a_wrong_detail_in_such_words(said: str, instead: str, kind: str) -> None:
    assert kind in {k for k, _, _ in _instead(said, instead)}
