"""What is put right while reading is told, with its place; what cannot be known is not guessed."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from engine.domain import Text
from engine.intake import read_case, read_file
from tests.helpers.records import SAMPLES, notices, read

TEXT = '{"motivo_ingreso": "Cefalea súbita"}'


@pytest.mark.parametrize(
    ("data", "notice"),
    [
        (TEXT.encode("utf-8-sig"), "notice_bom"),
        (TEXT.encode("utf-16"), "notice_utf16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "notice_utf16"),
        (TEXT.encode("cp1252"), "notice_cp1252"),
    ],
)
def test_encodings(data: bytes, notice: str) -> None:
    case = read_case(data)
    assert case.reason == Text("Cefalea súbita", "/motivo_ingreso")
    assert notices(case) == {(notice, "")}


def test_windows_1252_sample() -> None:
    case = read_file(SAMPLES / "latin1.json")
    assert case.notes[0].text.value.startswith("Paciente somnolienta, sin déficit focal.")


def test_damaged_byte_in_utf8_is_reported_where_it_stands() -> None:
    data = '{"motivo_ingreso": "Súbita", "evo": "ñandú X"}'.encode().replace(b"X", b"\xff")
    assert notices(read_case(data)) == {("notice_utf8_damaged", ""), ("notice_unreadable", "/evo")}


@pytest.mark.parametrize(
    ("raw", "value", "notice"),
    [
        ("Cefalea su\u0301bita", "Cefalea súbita", "notice_nfc"),
        ("Fie\u200bbre\ufeff", "Fiebre", "notice_zero_width"),
        ("Fiebre\U000e0041\U000e0042", "Fiebre", "notice_tags"),
        ("  Fiebre   alta\t", "Fiebre alta", "notice_spaces"),
        ("Fiebre\u00a0alta", "Fiebre alta", "notice_spaces"),
        ("Fiebre\nalta", "Fiebre alta", "notice_spaces"),
        ("Dolor s�bito", "Dolor s�bito", "notice_unreadable"),
        ("Dolor sÃºbito", "Dolor sÃºbito", "notice_mojibake"),
        ("ALVÃ\u0081REZ", "ALVÃREZ", "notice_mojibake"),
        ("Аspirina", "Аspirina", "notice_lookalike"),  # the first letter is Cyrillic
        ("Ηeparina", "Ηeparina", "notice_lookalike"),  # the first letter is Greek
    ],
)
def test_characters(raw: str, value: str, notice: str) -> None:
    case = read({"motivo_ingreso": raw})
    assert case.reason == Text(value, "/motivo_ingreso")
    assert notices(case) == {(notice, "/motivo_ingreso")}


@pytest.mark.parametrize(
    "text", ["Dosis 5 μg y 3 µg", "TNFα elevado", "β-bloqueador", "São Paulo, 20 °C – ½ «sí» 😀", "Ñuñoa"]
)
def test_what_is_rightly_written_gives_no_notice(text: str) -> None:
    case = read({"motivo_ingreso": text})
    assert (case.reason, case.repairs) == (Text(text, "/motivo_ingreso"), ())


@pytest.mark.parametrize(
    ("written", "iso", "notice"),
    [
        ("2026-09-14", "2026-09-14", None),
        ("2026-09-14T10:30", "2026-09-14T10:30", None),
        ("2026-09", "2026-09", None),
        ("2026-09-14T10:30:00", "2026-09-14T10:30", "notice_date"),
        ("2026-09-14 00:00:00.000", "2026-09-14", "notice_date"),
        ("14/09/2026", "2026-09-14", "notice_date"),
        ("17-09-2026", "2026-09-17", "notice_date"),
        ("1.9.2026 8:05 hrs", "2026-09-01T08:05", "notice_date"),
        ("2026/9/4", "2026-09-04", "notice_date"),
        ("14 de septiembre de 2026", "2026-09-14", "notice_date"),
        ("14-sep-2026", "2026-09-14", "notice_date"),
        ("20260914", "2026-09-14", "notice_date"),
        ("2026-09-14T02:00:00Z", "2026-09-14T02:00", "notice_date_zone"),
        ("31-02-2026", "31-02-2026", "notice_date_impossible"),
        ("09/14/2026", "09/14/2026", "notice_date_impossible"),
        ("2026-09-14T25:00", "2026-09-14T25:00", "notice_date_impossible"),
        ("14/09/0026", "14/09/0026", "notice_date_impossible"),
        ("14/09/26", "14/09/26", "notice_date_unreadable"),
        ("ayer", "ayer", "notice_date_unreadable"),
        ("14-xyz-2026", "14-xyz-2026", "notice_date_impossible"),
    ],
)
def test_dates(written: str, iso: str, notice: str | None) -> None:
    case = read({"proc": [{"nombre": "TAC", "fecha": written}]})
    assert case.procedures[0].performed == Text(iso, "/proc/0/fecha")
    assert notices(case) == ({(notice, "/proc/0/fecha")} if notice else set())


@pytest.mark.parametrize(
    ("field", "written", "code"),
    [
        ("dx", "s720", "S72.0"),
        ("dx", "S72.0", "S72.0"),
        ("dx", "I10", "I10"),
        ("dx", "CIE-10: e119", "E11.9"),
        ("dx", "S72,0", "S72.0"),
        ("dx", "i10x", "I10X"),
        ("dx", "S 72.0", "S72.0"),
        ("dx", 123, "123"),
        ("proc", "87.41", "87.41"),
        ("proc", "K492", "K492"),
        ("proc", "1602201", "1602201"),
        ("proc", "k492", "k492"),
        ("tto", "ATC:J01DD04", "J01DD04"),
        ("tto", "j01dd04", "J01DD04"),
        ("tto", "atc j01 dd04", "J01DD04"),
    ],
)
def test_codes(field: str, written: str | int, code: str) -> None:
    case = read({field: [{"nombre": "x", "codigo": written}]})
    found = (*case.admission, *case.procedures, *case.treatments)[0].code
    assert found == Text(code, f"/{field}/0/codigo")
    assert notices(case) == (set() if str(written) == code else {("notice_code", f"/{field}/0/codigo")})


def test_what_is_no_code_is_not_used_as_one() -> None:
    case = read({"dx": [{"nombre": "HTA", "codigo": "SIN CODIGO"}]})
    assert (case.admission[0].code, case.unused) == (None, (Text("SIN CODIGO", "/dx/0/codigo"),))


@pytest.mark.parametrize(
    ("drug", "pointers"),
    [
        ({"nombre": "Heparina", "dosis": "5.000 UI"}, {"/tto/0/dosis"}),
        ({"nombre": "Heparina 5.000 UI"}, {"/tto/0/nombre"}),
        ("Heparina 1,000 UI", {"/tto/0"}),
        ({"nombre": "A", "dosis": "0.125 mg"}, set()),
        ({"nombre": "A", "dosis": "1.5 g"}, set()),
        ({"nombre": "A", "dosis": "1.000.000 UI"}, set()),
        ({"nombre": "A", "dosis": 1.125}, set()),
        ({"nombre": "A", "dosis": "12.5 mg"}, set()),
    ],
)
def test_amounts_that_can_be_read_in_two_ways(drug: object, pointers: set[str]) -> None:
    assert notices(read({"tto": [drug]})) == {("notice_dose_ambiguous", pointer) for pointer in pointers}


def test_lists_in_strings_are_addressed_as_lists() -> None:
    inner = json.dumps([{"nombre": "HTA", "fecha": "14/09/2026"}])
    case = read(
        {
            "diagnostico_ingreso": inner,
            "procedimientos": "null",
            "indicaciones_alta": json.dumps({"controles": '["CESFAM"]'}),
        }
    )
    assert case.admission[0].recorded == Text("2026-09-14", "/diagnostico_ingreso/0/fecha")
    assert case.plan.follow_up == (Text("CESFAM", "/indicaciones_alta/controles/0"),)
    assert {pointer for code, pointer in notices(case) if code == "notice_list_in_string"} == {
        "/diagnostico_ingreso",
        "/procedimientos",
        "/indicaciones_alta",
        "/indicaciones_alta/controles",
    }


@pytest.mark.parametrize(
    "text", ["[ver nota] Bien", "{pendiente}", "[1] control", "[", "[] sin datos", '["cita" textual] bien']
)
def test_text_that_only_begins_like_a_list_stays_text(text: str) -> None:
    assert read({"evolucion": [{"nota": text}]}).notes[0].text == Text(text, "/evolucion/0/nota")


def test_every_notice_has_its_texts() -> None:
    root = Path(__file__).parents[2]
    catalog = tomllib.loads((root / "resources/i18n/messages.toml").read_text(encoding="utf-8"))
    sources = "".join(path.read_text(encoding="utf-8") for path in (root / "engine/intake").glob("*.py"))
    told = {code for code in catalog if code.startswith("notice_") and f'"{code}"' in sources}
    assert len(told) >= 17
    assert all(set(catalog[code]) == {"es", "en", "hint_es", "hint_en"} for code in told)
    assert not [code for code in _quoted_notices(sources) if code not in catalog]


def _quoted_notices(source: str) -> set[str]:
    return {part for part in source.split('"') if part.startswith("notice_")}
