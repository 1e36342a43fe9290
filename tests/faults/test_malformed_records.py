"""No malformed record gets through, crashes, or takes long; each names its failure and its place."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from engine.errors import InputRefused
from engine.intake import read_case, read_file
from tests.helpers.malformed import malformed

CORPUS = malformed()


def refusal(data: bytes) -> InputRefused:
    with pytest.raises(InputRefused) as caught:
        read_case(data)
    return caught.value


def test_the_corpus_is_large_enough() -> None:
    assert len(CORPUS) >= 100
    assert len({code for _, code in CORPUS.values()}) >= 25


@pytest.mark.parametrize("name", CORPUS)
def test_refused_with_its_own_code_in_under_a_second(name: str) -> None:
    data, code = CORPUS[name]
    start = time.perf_counter()
    error = refusal(data)
    assert time.perf_counter() - start < 1
    assert (error.code, error.exit_status) == (code, 3)


@pytest.mark.parametrize("name", CORPUS)
def test_says_what_and_what_to_do_in_both_languages(name: str) -> None:
    error = refusal(CORPUS[name][0])
    texts = [error.message("es"), error.hint("es"), error.message("en"), error.hint("en")]
    assert len(set(texts)) == 4
    for text in texts:
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
        assert len(text) < 400


@pytest.mark.parametrize("cut", range(0, 1780, 37))
def test_a_file_cut_anywhere_is_refused(cut: int) -> None:
    whole = Path(__file__).parents[2].joinpath("resources/samples/angina.json").read_bytes()
    assert refusal(whole[:cut]).code in ("empty_input", "json_truncated", "json_syntax")


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        (b'{"motivo_ingreso": ["x"]}', "/motivo_ingreso"),
        (b'{"diagnostico_ingreso": [{"nombre": "a"}, {"nombre": ["b"]}]}', "/diagnostico_ingreso/1/nombre"),
        (b'{"clinicalData": {"dx": [], "proc": [{"fecha": {}, "nombre": {"a": 1}}]}}', "/clinicalData/proc/0/nombre"),
        (b'{"dx": "[{\\"fecha\\": [1]}]"}', "/dx/0/fecha"),
        (b'{"dx": [{"Nombre ": ["b"]}]}', "/dx/0/Nombre "),
        (b'{"dx": [], "a/b": {"~": NaN}}', "/a~1b/~0"),
        (b'{"dx": [{"nombre": "a", "x": 1e999}]}', "/dx/0/x"),
        (b'{"dx": [{"nombre": "a\\u0000"}]}', "/dx/0/nombre"),
        (b'{"evo": "x", "dx": [{"cie10": "I10", "cie10": "I11"}]}', "/dx/0/cie10"),
        (b'{"indicaciones_alta": {"controles": "[\\"Trauma"}}', "/indicaciones_alta/controles"),
        (b'{"evo": "a\\u202eb"}', "/evo"),
    ],
)
def test_the_pointer_is_that_of_the_field(data: bytes, pointer: str) -> None:
    error = refusal(data)
    assert error.pointer == pointer
    assert f"[{pointer}]" in error.message("es")


def test_a_wrong_type_says_both_types() -> None:
    error = refusal(b'{"diagnostico_ingreso": [{"nombre": 5}]}')
    assert error.facts == {"expected": "string", "found": "number"}


def test_a_syntax_error_says_line_and_column() -> None:
    error = refusal(b'{\n  "motivo_ingreso": "x",\n  "dx" []\n}')
    assert (error.facts["line"], error.facts["column"]) == (3, 8)


def test_a_bidi_control_is_named_by_code_point() -> None:
    assert "U+202E" in refusal(b'{"motivo_ingreso": "a\\u202eb"}').message("es")


def test_no_value_of_the_record_stands_in_the_error() -> None:
    error = refusal(
        '{"motivo_ingreso": "Ana Ñancupil", "paciente": {"nombre": "Ana Ñancupil", "sexo": []}, "dx": 3}'.encode()
    )
    assert "Ana" not in repr((error.message("es"), error.message("en"), error.facts, error.args))


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(40_000_000_000)  # sparse: reading it would take far longer than a second
    start = time.perf_counter()
    with pytest.raises(InputRefused, match="too_large"):
        read_file(huge)
    assert time.perf_counter() - start < 0.5


def test_what_is_no_readable_file(tmp_path: Path) -> None:
    for path, code in (
        (tmp_path / "no.json", "file_missing"),
        (tmp_path, "file_unreadable"),
        (Path("a\0b"), "file_unreadable"),
    ):
        with pytest.raises(InputRefused, match=code):
            read_file(path)
