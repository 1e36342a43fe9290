"""Every stretch that carries a fact points to the field that supports it, and to no other."""

import json
from pathlib import Path

import pytest

from engine import intake
from engine.checking import check
from engine.domain import Span
from engine.drafting import plan
from engine.drafting.grammar import preferred
from engine.evidence import Evidence, build
from tests.benchmarks.fact_words import code_holds, digits_hold, fact_bearing, resolved
from tests.benchmarks.provenance import Tally, Told

_ROOT = Path(__file__).resolve().parents[2]
_SAMPLES = _ROOT / "resources" / "samples"
_FREE = _ROOT / "tests" / "benchmarks" / "free_texts" / "looked-at.jsonl"
_STAY = {
    "paciente": {"sexo": "F", "edad": 74},
    "atencion": {"fecha_ingreso": "2026-10-02", "fecha_alta": "2026-10-11", "servicio": "Medicina"},
    "motivo_ingreso": "Fiebre y tos productiva",
    "antecedentes": {"medicos": ["HTA"], "alergias": "Penicilina (rash)"},
    "diagnostico_ingreso": [{"codigo": "J18.9", "nombre": "Neumonia", "fecha": "2026-10-02"}],
    "procedimientos": [{"codigo": "87.41", "nombre": "TAC de torax", "fecha": "2026-10-02"}],
    "tratamientos_intrahosp": [
        {"codigo": "J01MA12", "nombre": "Levofloxacino", "dosis": "750 mg", "via": "EV", "inicio": "2026-10-02"},
        {"codigo": "B01AB01", "nombre": "Heparina 5000 UI c/12h", "via": "SC", "fin": "2026-10-11"},
    ],
    "evolucion_resumen": [
        {"dia": 1, "texto": "Febril 38,7. Sat 86%. Creatinina 2,4. Condensacion derecha, sin derrame"},
        {"dia": 4, "texto": "Afebril. Creatinina 1,8. Se retira CVC"},
        {"dia": 7, "texto": "Afebril. Sin oxigeno"},
    ],
    "laboratorios_resumen": [
        {
            "prueba": "Proteina C reactiva",
            "unidad": "mg/L",
            "ingreso": {"valor": 286, "fecha": "2026-10-03"},
            "periodo": {"min": 34, "max": 286},
        }
    ],
    "diagnostico_egreso": [{"codigo": "J18.9", "nombre": "Neumonia resuelta", "fecha": "2026-10-11"}],
    "indicaciones_alta": {
        "medicamentos": [{"codigo": "N02BE01", "nombre": "Paracetamol", "dosis": "500 mg", "duracion": "5 dias"}],
        "controles": ["Medicina interna en 10 dias", "Nefrologia en 1 mes"],
        "signos_alarma": ["Disminucion de la diuresis"],
    },
}
_TEXT = (
    "Mujer de 74 años, hipertensa y alérgica a penicilina (rash), ingresa el 2 de octubre de 2026 por tos productiva "
    "y fiebre; neumonía (J18.9). TAC de tórax (87.41) el 02-10-2026. Recibió levofloxacino 750 mg EV desde el "
    "2-10-2026 (J01MA12) y heparina 5000 UI SC cada 12 horas hasta el 11-10-2026 (B01AB01). Evolución: el primer día "
    "febril 38,7, saturando 86%, creatinina de 2,4 y condensación derecha sin derrame. Día 4: afebril, creatinina 1,8, "
    "se retira el CVC y aparece melena. D7: afebril y sin oxígeno. Proteína C reactiva 286 mg/L el 03/10, con mínimo "
    "de 34. Egresa el 11/10/2026 con neumonía resuelta (J18.9). Se indica paracetamol 500 mg por 5 días (N02BE01). "
    "Control con medicina interna en 10 días y nefrología al mes. Consultar si disminuye la diuresis."
)


def _evidence(record: object) -> Evidence:
    return build(intake.read_case(json.dumps(record, ensure_ascii=False).encode()))


@pytest.fixture(scope="module")
def spans() -> dict[str, list[Span]]:
    """By the words of the text."""
    found: dict[str, list[Span]] = {}
    for span in check(_evidence(_STAY), _TEXT).spans:
        found.setdefault(_TEXT[span.start : span.end], []).append(span)
    return found


@pytest.mark.parametrize(
    ("said", "kind", "pointers"),
    [
        ("Mujer", "patient", ("/paciente/sexo",)),
        ("74 años", "patient", ("/paciente/edad",)),
        ("hipertensa", "history", ("/antecedentes/medicos/0",)),
        ("alérgica", "allergy", ("/antecedentes/alergias",)),
        ("penicilina (rash)", "allergy", ("/antecedentes/alergias",)),
        ("2 de octubre de 2026", "date", ("/atencion/fecha_ingreso",)),
        ("tos productiva y fiebre", "reason", ("/motivo_ingreso",)),
        ("neumonía", "admission_diagnosis", ("/diagnostico_ingreso/0/nombre",)),
        ("02-10-2026", "date", ("/procedimientos/0/fecha",)),
        ("levofloxacino", "treatment", ("/tratamientos_intrahosp/0/nombre",)),
        ("750 mg", "dose", ("/tratamientos_intrahosp/0/dosis",)),
        ("EV", "route", ("/tratamientos_intrahosp/0/via",)),
        ("2-10-2026", "date", ("/tratamientos_intrahosp/0/inicio",)),
        ("(J01MA12)", "code", ("/tratamientos_intrahosp/0/codigo",)),
        ("5000 UI", "dose", ("/tratamientos_intrahosp/1/nombre",)),
        ("SC", "route", ("/tratamientos_intrahosp/1/via",)),
        ("11-10-2026", "date", ("/tratamientos_intrahosp/1/fin",)),
        ("primer", "number", ("/evolucion_resumen/0/dia",)),
        ("febril 38,7", "course", ("/evolucion_resumen/0/texto",)),
        ("saturando 86%", "course", ("/evolucion_resumen/0/texto",)),
        ("2,4", "number", ("/evolucion_resumen/0/texto",)),
        ("derecha", "laterality", ("/evolucion_resumen/0/texto",)),
        ("4", "number", ("/evolucion_resumen/1/dia",)),
        ("creatinina 1,8", "course", ("/evolucion_resumen/1/texto",)),
        ("D7", "number", ("/evolucion_resumen/2/dia",)),
        ("sin oxígeno", "course", ("/evolucion_resumen/2/texto",)),
        ("Proteína C reactiva", "observation", ("/laboratorios_resumen/0/prueba",)),
        ("286 mg/L", "value", ("/laboratorios_resumen/0/ingreso/valor", "/laboratorios_resumen/0/unidad")),
        ("03/10", "date", ("/laboratorios_resumen/0/ingreso/fecha",)),
        ("mínimo de 34", "value", ("/laboratorios_resumen/0/periodo/min",)),
        ("11/10/2026", "date", ("/atencion/fecha_alta",)),
        ("neumonía resuelta", "discharge_diagnosis", ("/diagnostico_egreso/0/nombre",)),
        ("5 días", "duration", ("/indicaciones_alta/medicamentos/0/duracion",)),
        ("medicina interna en 10 días", "follow_up", ("/indicaciones_alta/controles/0",)),
        ("disminuye la diuresis", "alarm_sign", ("/indicaciones_alta/signos_alarma/0",)),
    ],
)
def test_a_stretch_points_to_its_own_field(
    said: str, kind: str, pointers: tuple[str, ...], spans: dict[str, list[Span]]
) -> None:
    assert (kind, pointers) in [(s.kind, s.evidence) for s in spans.get(said, [])], sorted(spans)


def test_a_code_of_two_lists_points_to_the_item_beside_it(spans: dict[str, list[Span]]) -> None:
    told = [s.evidence for s in spans["(J18.9)"]]
    assert told == [("/diagnostico_ingreso/0/codigo",), ("/diagnostico_egreso/0/codigo",)]


def test_the_same_of_two_notes_goes_to_the_one_whose_day_is_told(spans: dict[str, list[Span]]) -> None:
    assert [s.evidence for s in spans["afebril"]] == [("/evolucion_resumen/1/texto",), ("/evolucion_resumen/2/texto",)]


def test_what_no_field_supports_is_shown(spans: dict[str, list[Span]]) -> None:
    bare = {said for said, found in spans.items() for s in found if not s.evidence}
    assert bare == {"aparece melena"}
    assert {s.kind for s in spans["aparece melena"]} == {"unsupported"}


def test_without_a_day_several_notes_that_say_the_same_share_the_words() -> None:
    text = "Evolución: se mantuvo afebril."
    (span,) = [s for s in check(_evidence(_STAY), text).spans if s.kind == "course"]
    assert span.evidence == ("/evolucion_resumen/1/texto", "/evolucion_resumen/2/texto")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Evolución: la PCR tuvo un descenso.", "descenso"),  # the record has a fall of something else, for later
        ("Evolución: recibió hierro cada 12 horas.", "12 horas"),  # that is the heparin's
        ("Evolución: día diez con dolor.", "diez"),  # the ten days are those of a control
    ],
)
def test_a_word_of_many_uses_is_not_given_to_another_matter(text: str, said: str) -> None:
    at = text.index(said)
    held = [s for s in check(_evidence(_STAY), text).spans if s.evidence and s.start <= at < s.end]
    assert held == []


def _told(source: str, data: bytes, text: str, writer: str) -> Told:
    case = intake.read_case(data)
    raw = json.loads(data.decode("cp1252" if source == "latin1" else "utf-8"))
    return Told(writer, source, raw, text, check(build(case), text))


def _template(data: bytes) -> str:
    return "".join(preferred(node) for _, node in plan.build(build(intake.read_case(data))))


def _shares(told: list[Told]) -> tuple[float, int]:
    """Share of the fact-bearing characters that are mapped, and pointers that a machine can tell to be wrong."""
    tally = Tally(0)
    for text in told:
        tally.add(text)
    counts = tally.counts[told[0].writer]
    return counts["mapped"] / counts["facts"], counts["wrong"]


def test_the_texts_of_the_samples_are_mapped_whole() -> None:
    files = [(p.stem, p.read_bytes()) for p in sorted(_SAMPLES.glob("*.json"))]
    share, wrong = _shares([_told(name, data, _template(data), "template") for name, data in files])
    assert share > 0.995
    assert wrong == 0


def test_texts_in_free_style_are_mapped() -> None:
    rows = [json.loads(line) for line in _FREE.read_text(encoding="utf-8").splitlines()]
    share, wrong = _shares(
        [_told(r["id"], json.dumps(r["case"], ensure_ascii=False).encode(), r["text"], "free") for r in rows]
    )
    assert share > 0.97
    assert wrong == 0


def test_the_count_knows_what_carries_a_fact() -> None:
    text = "Paciente ingresa por dolor, sin fiebre. Controles: No consignado. Recibió 1.500 mg."
    assert [text[s:e] for s, e in fact_bearing(text)] == ["dolor", "sin", "fiebre", "1.500", "mg"]


@pytest.mark.parametrize(
    ("said", "values", "holds"),
    [
        ("15-01-2024", ["2024-01-15T10:30:00"], True),
        ("16-01-2024", ["2024-01-15"], False),
        ("tres días", ["3d"], True),
        ("1.000 mg", ["1 g"], True),
        ("9 días", ["2026-10-02", "2026-10-11"], True),
        ("2,5 mg", ["25 mg"], False),
    ],
)
def test_the_count_knows_which_digits_a_value_holds(said: str, values: list[str], holds: bool) -> None:
    assert digits_hold(said, values) is holds


def test_the_count_reads_pointers_into_lists_kept_in_a_string() -> None:
    record = {"a": '[{"codigo": "s720"}]', "b/c": [None, "x"]}
    assert resolved(record, "/a/0/codigo") == "s720"
    assert resolved(record, "/b~1c/1") == "x"
    assert code_holds("(S72.0)", ["s720"])
    with pytest.raises(LookupError):
        resolved(record, "/a/1/codigo")
