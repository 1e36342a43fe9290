"""Telegraphic hands: clipped words, pairs of drugs, ranges of dates, headings. Slips in them are still caught."""

import json
from functools import lru_cache
from typing import Any

import pytest

from engine import intake
from engine.checking import check
from engine.checking.absence import absences
from engine.checking.calendar import dates
from engine.checking.reading import read
from engine.evidence import Evidence, build

_RECORD: dict[str, Any] = {
    "motivo_ingreso": "Dolor abdominal",
    "antecedentes": {
        "medicos": ["Hipertensión arterial", "Diabetes mellitus tipo 2"],
        "quirurgicos": ["Colecistectomía"],
        "alergias": ["Penicilina (rash)"],
        "farmacos": ["Losartán 50 mg"],
    },
    "atencion": {"fecha_ingreso": "2023-09-28", "fecha_alta": "2023-10-05"},
    "diagnostico_ingreso": [{"codigo": "K35.2", "nombre": "Apendicitis aguda perforada"}],
    "procedimientos": [
        {"codigo": "47.01", "nombre": "Apendicectomía laparoscópica", "fecha": "2023-09-28"},
        {"codigo": "88.75", "nombre": "Ecotomografía renal", "fecha": "2023-10-01"},
    ],
    "tratamientos_intrahosp": [
        {
            "codigo": "J01CR05",
            "nombre": "Piperacilina/Tazobactam 4,5 g c/6h",
            "via": "EV",
            "inicio": "2023-09-28",
            "fin": "2023-10-02",
        },
        {
            "codigo": "A10AB01",
            "nombre": "Insulina cristalina 6 UI según HGT",
            "via": "SC",
            "inicio": "2023-09-28",
            "fin": "2023-10-04",
        },
        {"codigo": "N02BB02", "nombre": "Metamizol 1 g c/8h", "via": "EV", "inicio": "2023-09-28", "fin": "2023-09-30"},
    ],
    "evolucion_resumen": [
        {"dia": 1, "texto": "Abdomen en tabla, Blumberg (+). PCR 192 mg/L."},
        {"dia": 4, "texto": "Afebril, tolera régimen, herida sin signos de infección."},
    ],
    "laboratorios_resumen": [
        {"parametro": "Potasio", "valor": "3.1 mEq/L", "fecha": "2023-09-29"},
        {"parametro": "pH arterial", "valor": "7.30", "fecha": "2023-09-30"},
    ],
    "diagnostico_egreso": [{"codigo": "K35.2", "nombre": "Apendicitis aguda perforada operada"}],
    "indicaciones_alta": {
        "medicamentos": [
            {
                "codigo": "J01CR02",
                "nombre": "Amoxicilina/Ácido clavulánico",
                "dosis": "875/125 mg",
                "via": "VO",
                "frecuencia": "cada 12 horas",
                "duracion": "7 días",
            },
            {
                "codigo": "N02BE01",
                "nombre": "Paracetamol",
                "dosis": "1 g",
                "via": "VO",
                "frecuencia": "cada 8 horas",
                "duracion": "5 días",
            },
        ],
        "controles": ["Cirugía en 7 días"],
        "recomendaciones": ["Reposo relativo", "Acudir a urgencia si fiebre", "Consultar si dolor abdominal"],
    },
}
_PARTS = {
    "admission": [
        "MI: dolor abd. Dx ing.: apendicitis aguda perf. (K35.2). AM: HTA, DM2. AQx: colecistectomía. "
        "Alergias: PNC (rash). Fcos: losartán 50 mg.",
        "ing 28/9/23 x dolor abd., HTA + DM2, colecistectomizado, alérgico a penicilina (rash), usa losartán 50 mg. "
        "dx ing: apendicitis ag. perforada (K35.2).",
        "M.I.: dolor abdominal. Antec.: HTA / DM2 / colecistectomía / RAM penicilina (rash) / losartán 50 mg. "
        "Dg. ing.: apend. aguda perforada (K35.2).",
        "Motivo: dolor abd. Ant. mórb.: HTA, DM2; ant. qx: colecistectomía; alergia penicilina (rash); "
        "fcos. hab.: losartán 50 mg. Diag. ingreso: apendicitis aguda perf. (K35.2).",
    ],
    "stay": [
        "Procs: apendicectomía lap. (47.01) 28/9; eco renal 1/10 (88.75). ATB: pipe/tazo 4,5 g EV c/6h 28/9-2/10 "
        "(J01CR05). Insulinas: cristalina 6 UI SC s/HGT 28/9→4/10 (A10AB01). Analgesia: metamizol 1 g EV c/8h 28-30/9 "
        "(N02BB02).",
        "Qx: apendicectomía laparosc. (47.01) el 28/9. eco renal el 01/10/23 (88.75). tto: pipe-tazo 4,5 g ev c/6 h "
        "del 28/9 al 2/10 (J01CR05), cristalina 6 U sc según hgt del 28/9 al 4/10 (A10AB01), metamizol 1 g ev c/8 h "
        "del 28 al 30/9 (N02BB02).",
        "Procedim.: 28/09 apendicectomía laparoscóp. (47.01); 01/10 ecotomografía renal (88.75). Ttos.: "
        "piperac./tazob. 4,5 g EV c/6 hrs. (J01CR05) 28/09 - 02/10; I. cristalina 6 UI SC según HGT (A10AB01) "
        "28/09 - 04/10; metamiz. 1 g EV c/8 hrs. (N02BB02) 28/09 - 30/09.",
    ],
    "course": [
        "D1: abd. en tabla, Blumberg (+), PCR 192 mg/L. 29/9 K 3,1 mEq/L; 30/9 pH art 7,30. D4: afebril, tolera rég., "
        "HO s/ signos de infecc.",
        "d1: abdomen en tabla, Blumberg +, PCR 192. K 3,1 (29/9), pH 7,30 (30/9). d4: afebril, tolera régimen, herida "
        "s/signos de infección.",
        "Labs: PCR 192 / K+ 3,1 el 29-09 / pH art. 7,30 el 30-09. Evol.: abd. en tabla y Blumberg (+) al D1; al D4 "
        "afebril, tol. rég., herida sin sg. de infección.",
    ],
    "discharge": [
        "Alta 5/10/23. Dx egr.: apendicitis ag. perf. operada (K35.2).",
        "alta 05/10: dx egreso: apend. aguda perf. op. (K35.2).",
        "Egr. 5/10/2023 c/ dx: apendicitis aguda perforada oper. (K35.2).",
    ],
    "plan": [
        "Rp: amoxi/clav 875/125 mg VO c/12h x 7d (J01CR02); PCT 1 g VO c/8h x 5d (N02BE01). Ctrl Cx en 7 d. "
        "Reposo rel. SU si fiebre; CE si dolor abd.",
        "Ind. alta: amoxi-clavulánico 875/125 mg vo c/12 h x 7 días (J01CR02), paracet. 1 g vo c/8 h x 5 ds (N02BE01). "
        "control cirugía 7 d. reposo relativo. consultar si dolor abd., urgencia si fiebre.",
        "Meds alta: amoxi/ac. clav. 875/125 mg VO c/12 hrs. por 7 d. (J01CR02) + paracetamol 1 gr. VO c/8 hrs. por 5 "
        "d. (N02BE01). Ctrl.: cirugía en 1 sem. Cuidados: reposo relat. Alarma: fiebre → SU; dolor abd. → consultar.",
    ],
}


@lru_cache(maxsize=64)
def _read(record: str) -> Evidence:
    return build(intake.read_case(record.encode()))


def _evidence(record: dict[str, Any]) -> Evidence:
    return _read(json.dumps(record, ensure_ascii=False))


def _alarms(text: str, record: dict[str, Any]) -> list[tuple[str, str]]:
    return [(v.type, v.reason) for v in check(_evidence(record), text).violations]


def _text(part: str = "", said: str = "") -> str:
    return " ".join(said if name == part else ways[0] for name, ways in _PARTS.items())


@pytest.mark.parametrize(("part", "said"), [(part, said) for part, ways in _PARTS.items() for said in ways])
def test_telegraphic_parts_pass(part: str, said: str) -> None:
    assert _alarms(_text(part, said), _RECORD) == []


@pytest.mark.parametrize(
    ("said", "wrong", "kind"),
    [
        ("pipe/tazo 4,5 g", "pipe/tazo 2,5 g", "dose"),
        ("pipe/tazo 4,5 g", "amp/sulba 4,5 g", "med"),
        ("amoxi/clav", "amoxi/sulba", "med"),
        ("28/9-2/10", "28/9-3/10", "date"),
        ("28-30/9", "28-29/9", "date"),
        ("28/9→4/10", "27/9→4/10", "date"),
        ("cristalina 6 UI", "cristalina 8 UI", "dose"),
        ("cristalina 6 UI", "NPH 6 UI", "med"),
        ("metamizol 1 g", "ketorol. 1 g", "med"),
        ("perf. (K35.2)", "perf. (K35.3)", "code"),
        ("c/8h x 5d", "c/6h x 5d", "frequency"),
        ("VO c/12h", "EV c/12h", "route"),
        ("x 7d", "x 9d", "duration"),
        ("PNC (rash)", "ASS (rash)", "allergy"),
        ("K 3,1", "K 4,1", "lab"),
    ],
)
def test_a_slip_in_a_telegraphic_text_is_caught(said: str, wrong: str, kind: str) -> None:
    text = _text()
    assert said in text
    found = {v.type for v in check(_evidence(_RECORD), text.replace(said, wrong, 1)).violations}
    assert kind in found or ("omission" in found and kind in ("med", "allergy"))


_NAMES = {
    (
        "Insuficiencia respiratoria aguda",
        "J96.0",
    ): "insuf. resp. aguda|insuf resp aguda|insuf. respiratoria ag.|I. resp. aguda|IRA",
    (
        "Insuficiencia renal crónica etapa 3",
        "N18.3",
    ): "insuf. renal cron. et. 3|IRC et 3|insuf renal crónica etapa III|ERC E3",
    ("Acidosis metabólica", "E87.2"): "acidosis metab.|ac. metab.|acid. metabólica|acidosis met.",
    (
        "Fractura de tobillo izquierdo",
        "S82.8",
    ): "fx tobillo izq.|fract. tobillo izq.|fx de tobillo izqdo.|Fx. tobillo I|fx tob. izq.",
    (
        "Fractura intertrocantérica derecha",
        "S72.1",
    ): "fx intertroc. der.|fx. intertroc. D°|fract intertrocantérica Dº|fx intertroc. dcha.",
    (
        "Trastorno depresivo mayor",
        "F32.2",
    ): "trast. depresivo mayor|trast depresivo mayor|T. depresivo mayor|trast. depr. mayor",
    ("Hemorragia digestiva alta", "K92.2"): "hemorragia dig. alta|hem. digest. alta|hemorr. digestiva alta",
    ("Infección urinaria baja", "N30.0"): "inf. urinaria baja|ITU baja|infecc. urinaria baja|infec. urin. baja",
    (
        "Litiasis vesicular sintomática",
        "K80.2",
    ): "litiasis vesic. sintomática|colelitiasis sintomática|litiasis ves. sint.",
    ("Hernia inguinal derecha atascada", "K40.3"): "hernia ing. der. atascada|HI D atascada|hernia inguinal D° atasc.",
    (
        "Tumor renal izquierdo en observación",
        "D41.0",
    ): "obs. tumor renal izq.|tumor renal izq. en obs.|tumor renal I en observ.",
    (
        "Accidente cerebrovascular isquémico de arteria cerebral media derecha",
        "I63.5",
    ): "ACV isq. ACM der.|AVE isq. de ACM dcha.",
    ("Cetoacidosis diabética moderada", "E10.1"): "CAD mod.|cetoacidosis diab. moderada|cetoacid. diabética mod.",
    (
        "Pie diabético infectado derecho",
        "E11.5",
    ): "pie DBT infectado der.|pie diab. infect. der.|pie diabético infect. D°",
}
_SHAPES = (
    "Dx ing.: {0} ({1}). Procs: curaciones avanzadas (93.57). Evol: afebril, tolera régimen. Dx egr.: {0} ({1}), HTA "
    "(I10). Rp: paracetamol 1 g VO c/8 h x 5 d (N02BE01).",
    "ingresa x {0} ({1}). se hacen curaciones avanzadas (93.57). afebril, tolera régimen. alta c/ dx: {0} ({1}) + HTA "
    "(I10). ind.: paracetamol 1 g vo c/8h x 5d (N02BE01).",
)


def _named(name: str, code: str) -> dict[str, Any]:
    return {
        "dx": [f"{name} ({code})"],
        "proc": ["Curaciones avanzadas (93.57)"],
        "evo": "Afebril, tolera regimen",
        "dx_alta": [f"{name} ({code})", "Hipertensión arterial (I10)"],
        "med": ["Paracetamol 1g VO c/8h 5d (N02BE01)"],
    }


@pytest.mark.parametrize(
    ("name", "code", "said"), [(n, c, w) for (n, c), ways in _NAMES.items() for w in ways.split("|")]
)
@pytest.mark.parametrize("shape", _SHAPES)
def test_clipped_names_are_the_records(name: str, code: str, said: str, shape: str) -> None:
    assert _alarms(shape.format(said, code), _named(name, code)) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Fractura de tobillo izquierdo", "fx tobillo der."),
        ("Fractura de tobillo izquierdo", "fx tobillo D°"),
        ("Fractura de tobillo izquierdo", "fx rodilla izq."),
        ("Insuficiencia renal crónica etapa 3", "insuf. renal cron. et. 4"),
        ("Insuficiencia renal crónica etapa 3", "insuf. renal crónica etapa IV"),
        ("Insuficiencia renal crónica etapa 3", "insuf. resp. crónica et. 3"),
        ("Trastorno depresivo mayor", "trast. ansioso mayor"),
        ("Trastorno depresivo mayor", "trast. bipolar"),
        ("Acidosis metabólica", "alcalosis metab."),
        ("Hemorragia digestiva alta", "hemorragia dig. baja"),
        ("Infección urinaria baja", "inf. resp. baja"),
        ("Cetoacidosis diabética moderada", "CAD grave"),
        ("Insuficiencia respiratoria aguda", "insuf. resp. crónica"),
        ("Hernia inguinal derecha atascada", "hernia umb. der. atascada"),
    ],
)
def test_another_name_clipped_is_caught(name: str, said: str) -> None:
    assert _alarms(_SHAPES[0].format(said, "Z00.0"), _named(name, "Z00.0"))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Fx de tobillo izq. (S82.8) operada. Alta.", 2),
        ("ERC et. 4 en control. Alta.", 2),
        ("Insuf. cardíaca y trast. depresivo. Alta.", 2),
        ("Obs. TEP, susp. NAC. Alta.", 2),
        ("Acidosis metab. / DHC. Alta.", 2),
        ("Paracetamol 1 gr. VO c/8 hrs. por 5 d. (N02BE01). Alta.", 2),
        ("Potasio 3,2 mEq/L. 31/12 se opera. Alta.", 3),
        ("Afebril. se va de alta. Alta.", 3),
        ("Queda con tto. Alta.", 2),
        ("Diuresis de 3 L. Luego 2 L. Alta.", 3),
    ],
)
def test_the_point_of_a_clipped_word_ends_no_sentence(text: str, sentences: int) -> None:
    assert read(text).words[-1].sentence + 1 == sentences


@pytest.mark.parametrize(
    ("said", "known", "days"),
    [
        ("28/9-2/10", ("2023-09-28", "2023-10-02"), [28, 2]),
        ("28/9→2/10", ("2023-09-28", "2023-10-02"), [28, 2]),
        ("28/9 al 2/10/23", ("2023-09-28", "2023-10-02"), [28, 2]),
        ("28-30/9", ("2023-09-28", "2023-09-30"), [28, 30]),
        ("PA 120/80-130/90", ("2023-09-28",), []),
    ],
)
def test_ranges_of_dates(said: str, known: tuple[str, ...], days: list[int]) -> None:
    assert [d.day for d in dates(said, frozenset(known))] == days


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("am, alergias y farmacos: s/ registro.", ["am, alergias y farmacos"]),
        ("sin contracciones. alergias y otros antec.: no consignado.", ["alergias y otros antec."]),
        ("tos. alergias: s/info.", ["alergias"]),
        ("herida s/ signos de infeccion.", []),
    ],
)
def test_what_is_not_recorded_in_short(said: str, what: list[str]) -> None:
    assert [a.what for a in absences(said)] == what


@pytest.mark.parametrize("letter", ["\u0301", "\u0640", "\u02b0", "\u00aa", "\u00ba"])
def test_signs_that_fold_to_nothing_are_read(letter: str) -> None:
    text = f"{letter}. {letter}/{letter} {letter.upper()}. I{letter} 3 (K35.2) {letter}{letter}."
    assert check(_evidence(_RECORD), text).violations


@pytest.mark.parametrize(
    ("drugs", "said", "is_known"),
    [
        (["Ceftriaxona 1 g EV c/12h 5d (J01DD04)"], "CTX 1 g EV c/12 h x 5 d (J01DD04)", True),
        (["Ceftriaxona 1 g EV c/12h 5d (J01DD04)"], "MTZ 1 g EV c/12 h x 5 d (J01DD04)", False),
        (["Ceftriaxona 1 g EV c/12h 5d (J01DD04)"], "CTX 2 g EV c/12 h x 5 d (J01DD04)", False),
        (
            ["Ceftriaxona 1 g EV c/12h 5d (J01DD04)", "Cefotaxima 2 g EV c/8h 5d (J01DD01)"],
            "CTX 1 g EV c/12 h x 5 d (J01DD04), CTX 2 g EV c/8 h x 5 d (J01DD01)",
            False,
        ),
        (["Ketoprofeno 100 mg EV c/8h 3d (M01AE03)"], "keto 100 mg EV c/8 h x 3 d (M01AE03)", True),
        (
            ["Ketoprofeno 100 mg EV c/8h 3d (M01AE03)", "Ketorolaco 30 mg EV c/8h 3d (M01AB15)"],
            "keto 100 mg EV c/8 h x 3 d (M01AE03), keto 30 mg EV c/8 h x 3 d (M01AB15)",
            False,
        ),
        (
            ["Amoxicilina/Ácido clavulánico 875 mg VO c/12h 5d (J01CR02)"],
            "amoxi 875 mg VO c/12 h x 5 d (J01CR02)",
            False,
        ),
        (["Amoxicilina 500 mg VO c/8h 5d (J01CA04)"], "amoxi/clav 500 mg VO c/8 h x 5 d (J01CA04)", False),
    ],
)
def test_a_short_name_is_that_of_one_drug_of_the_record(drugs: list[str], said: str, is_known: bool) -> None:
    record = {"dx": ["Neumonía (J18.9)"], "tto": drugs, "evo": "Afebril", "dx_alta": ["Neumonía (J18.9)"]}
    text = f"Dx ing.: neumonía (J18.9). Tto: {said}. Afebril. Dx egr.: neumonía (J18.9)."
    assert (_alarms(text, record) == []) == is_known
