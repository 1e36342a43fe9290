"""Records that must be refused, each with the code of its one failure. Built here, so that no huge file is kept."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

Corpus = dict[str, tuple[bytes, str]]  # name: bytes of the file, expected code

_ANGINA = Path(__file__).parents[2] / "resources" / "samples" / "angina.json"


def malformed() -> Corpus:
    """Every malformed input: name → (bytes, expected error code). About 75 MB in all, made at each call."""
    parts: tuple[Callable[[], Corpus], ...] = (
        _sizes,
        _encodings,
        _syntax,
        _numbers,
        _characters,
        _keys,
        _shapes,
        _types,
        _string_lists,
    )
    return {name: entry for part in parts for name, entry in part().items()}


def _record(**fields: object) -> bytes:
    return json.dumps({"motivo_ingreso": "Fiebre", **fields}, ensure_ascii=False).encode()


def _reason(text: str) -> bytes:
    """A record with this text as reason, written with escapes."""
    return json.dumps({"motivo_ingreso": text}).encode("ascii")


def _sizes() -> Corpus:
    deep = b'{"motivo_ingreso":"x","a":'
    return {
        "empty": (b"", "empty_input"),
        "only_spaces": (b" \r\n\t ", "empty_input"),
        "only_bom": (b"\xef\xbb\xbf", "empty_input"),
        "only_utf16_bom": (b"\xff\xfe", "empty_input"),
        "fifty_megabytes": (b'{"motivo_ingreso":"' + b"x" * 50_000_000 + b'"}', "too_large"),
        "over_the_limit_by_one": (b" " * 10_000_001, "too_large"),
        "depth_33": (deep + b"[" * 32 + b"]" * 32 + b"}", "too_deep"),
        "depth_200": (deep + b"[" * 200 + b"]" * 200 + b"}", "too_deep"),
        "depth_100000": (b"[" * 100_000, "too_deep"),
        "depth_100000_objects": (b'{"a":' * 100_000, "too_deep"),
        "deep_in_string": (_record(a="[[" + "[" * 40 + '"x"' + "]" * 42), "too_deep"),
        "many_values": (_record(a=[[0] * 1500] * 20), "too_many_values"),
        "many_commas": (b"[" + b"," * 1_000_000, "too_many_values"),
        "long_list": (_record(evolucion=["x"] * 2001), "too_many_items"),
        "long_list_in_string": (_record(evolucion=json.dumps(["x"] * 2001)), "too_many_items"),
        "wide_object": (_record(a={str(i): i for i in range(2001)}), "too_many_items"),
        "long_text": (_record(evolucion=[{"nota": "a" * 200_001}]), "text_too_long"),
        "quotes_without_end": (b'{"a":"' + b'\\"' * 1_000_000, "json_truncated"),
    }


def _encodings() -> Corpus:
    text = '{"motivo_ingreso": "Cefalea súbita"}'
    return {
        "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "binary_input"),
        "png": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary_input"),
        "zip": (b"PK\x03\x04\x14\x00\x06\x00\x08\x00", "binary_input"),
        "gzip": (gzip.compress(text.encode(), mtime=0), "binary_input"),
        "sqlite": (b"SQLite format 3\x00\x10\x00\x01\x01", "binary_input"),
        "utf16_without_bom": (text.encode("utf-16-le"), "encoding_unknown"),
        "utf16_big_endian_without_bom": (text.encode("utf-16-be"), "encoding_unknown"),
        "utf32": (text.encode("utf-32"), "encoding_unknown"),
        "utf16_odd_byte": (text.encode("utf-16") + b"x", "encoding_damaged"),
        "neither_utf8_nor_windows": (b'{"motivo_ingreso": "\x81\x8d\x90"}', "encoding_damaged"),
        "surrogate_bytes": (b'{"motivo_ingreso": "a\xed\xa0\x80b"}', "lone_surrogate"),
    }


def _syntax() -> Corpus:
    whole = _ANGINA.read_bytes()
    return {
        "cut_in_half": (whole[: len(whole) // 2], "json_truncated"),
        "cut_after_brace": (b"{", "json_truncated"),
        "cut_in_string": (b'{"motivo_ingreso": "Fieb', "json_truncated"),
        "cut_after_colon": (b'{"motivo_ingreso":', "json_truncated"),
        "cut_last_brace": (whole.rstrip()[:-1], "json_truncated"),
        "plain_text": ("Paciente de 74 años con fiebre".encode(), "json_syntax"),
        "xml": (b'<?xml version="1.0"?><ficha/>', "json_syntax"),
        "single_quotes": (b"{'motivo_ingreso': 'Fiebre'}", "json_syntax"),
        "trailing_comma": (b'{"motivo_ingreso": "Fiebre",}', "json_syntax"),
        "comment": (b'{"motivo_ingreso": "Fiebre" /* urgencia */}', "json_syntax"),
        "missing_comma": (b'{"motivo_ingreso": "Fiebre" "dx": []}', "json_syntax"),
        "bad_escape": (rb'{"motivo_ingreso": "\q"}', "json_syntax"),
        "leading_zero": (b'{"motivo_ingreso": "x", "edad": 074}', "json_syntax"),
        "mismatched_brackets": (b'{"motivo_ingreso": ["x"}}', "json_syntax"),
        "text_after": (whole + b"fin", "trailing_text"),
        "two_records": (whole + whole, "trailing_text"),
        "json_lines": (b'{"dx": []}\n{"dx": []}\n', "trailing_text"),
        "nul_after": (b'{"motivo_ingreso": "Fiebre"}\x00', "trailing_text"),
    }


def _numbers() -> Corpus:
    def edad(literal: bytes) -> bytes:
        return b'{"motivo_ingreso": "x", "paciente": {"edad": ' + literal + b"}}"

    return {
        "nan": (edad(b"NaN"), "not_a_number"),
        "infinity": (edad(b"Infinity"), "not_a_number"),
        "minus_infinity": (edad(b"-Infinity"), "not_a_number"),
        "exponent_999": (edad(b"1e999"), "number_out_of_range"),
        "minus_exponent_999": (edad(b"-1e999"), "number_out_of_range"),
        "integer_5000_digits": (edad(b"9" * 5000), "integer_too_long"),
        "integer_41_digits": (edad(b"1" * 41), "integer_too_long"),
        "decimal_5000_digits": (edad(b"0." + b"3" * 5000), "integer_too_long"),
        "nan_in_string_list": (_record(dx='[{"nombre": NaN}]'), "not_a_number"),
    }


def _characters() -> Corpus:
    return {
        "nul": (_reason("Fie\0bre"), "nul_character"),
        "raw_nul": (b'{"motivo_ingreso": "Fie\x00bre"}', "nul_character"),
        "escape": (_reason("\x1b[31mFiebre"), "control_character"),
        "raw_bell": (b'{"motivo_ingreso": "Fie\x07bre"}', "control_character"),
        "delete": (_reason("Fie\x7fbre"), "control_character"),
        "c1_control": (_reason("Fie\x9bbre"), "control_character"),
        "noncharacter": (_reason("Fie\uffffbre"), "control_character"),
        "bidi_override": (_reason("Ana \u202egm 05"), "bidi_control"),
        "bidi_isolate": (_reason("Ana \u2066x\u2069"), "bidi_control"),
        "bidi_mark": (_reason("Ana\u200f"), "bidi_control"),
        "bidi_name": (_record(paciente={"nombre": "Ana \u202eavE"}), "bidi_control"),
        "lone_high_surrogate": (_reason("a\ud83db"), "lone_surrogate"),
        "lone_low_surrogate": (_reason("a\ude00b"), "lone_surrogate"),
        "nine_marks": (_reason("a" + "\u0301" * 9), "combining_marks"),
        "marks_in_note": (_record(evolucion=[{"nota": "Z" + "\u0335\u0321" * 30}]), "combining_marks"),
        "bidi_in_string_list": (_record(dx=json.dumps(["a\u202eb"])), "bidi_control"),
    }


def _keys() -> Corpus:
    return {
        "duplicate": (b'{"motivo_ingreso": "a", "motivo_ingreso": "b"}', "duplicate_key"),
        "duplicate_inside": (b'{"dx": [{"nombre": "a", "nombre": "b"}]}', "duplicate_key"),
        "duplicate_by_escape": (rb'{"motivo_ingreso": "a", "motivo\u005fingreso": "b"}', "duplicate_key"),
        "duplicate_in_string": (_record(dx='[{"nombre": "a", "nombre": "b"}]'), "duplicate_key"),
        "long_key": (_record(**{"k" * 201: "x"}), "key_too_long"),
        "nul_in_key": (_record(**{"a\0b": "x"}), "nul_character"),
        "line_break_in_key": (_record(**{"a\nb": "x"}), "control_character"),
        "bidi_in_key": (_record(**{"a\u202eb": "x"}), "bidi_control"),
        "surrogate_in_key": (rb'{"motivo_ingreso": "a", "\ud800": 1}', "lone_surrogate"),
    }


def _shapes() -> Corpus:
    return {
        "null": (b"null", "not_an_object"),
        "number": (b"42", "not_an_object"),
        "string": (b'"Fiebre"', "not_an_object"),
        "boolean": (b"true", "not_an_object"),
        "array_of_records": (b"[" + _record() + b"," + _record() + b"]", "array_of_records"),
        "empty_array": (b"[]", "array_of_records"),
        "empty_object": (b"{}", "unknown_shape"),
        "other_json": (b'{"name": "package", "version": "1.0"}', "unknown_shape"),
        "only_a_patient": (b'{"paciente": {"nombre": "Ana"}}', "unknown_shape"),
        "only_an_identifier": (b'{"id_atencion": 5}', "unknown_shape"),
        "empty_wrapper": (b'{"clinicalData": {}, "episodeId": 1}', "unknown_shape"),
        "null_wrapper": (b'{"clinicalData": null}', "unknown_shape"),
        "fhir": (b'{"resourceType": "Bundle", "type": "document"}', "fhir_unsupported"),
    }


def _types() -> Corpus:
    wrong: dict[str, object] = {
        "reason_list": {"motivo_ingreso": ["Fiebre"]},
        "reason_number": {"motivo_ingreso": 5},
        "diagnoses_number": {"diagnostico_ingreso": 5},
        "diagnoses_plain_text": {"diagnostico_ingreso": "Neumonía"},
        "diagnoses_object": {"diagnostico_ingreso": {"nombre": "Neumonía"}},
        "diagnosis_number": {"diagnostico_egreso": [7]},
        "name_list": {"diagnostico_ingreso": [{"nombre": ["Neumonía"]}]},
        "name_boolean": {"procedimientos": [{"nombre": True}]},
        "code_object": {"procedimientos": [{"codigo": {"valor": "87.41"}}]},
        "date_object": {"procedimientos": [{"nombre": "TAC", "fecha": {"dia": 2}}]},
        "dose_list": {"tratamientos_intrahosp": [{"nombre": "Enoxaparina", "dosis": [60, "mg"]}]},
        "note_number": {"evolucion": [{"nota": 5}]},
        "course_object": {"evolucion": {"1": "Bien"}},
        "laboratory_boolean": {"laboratorios_relevantes": True},
        "plan_number": {"motivo_ingreso": "x", "indicaciones_alta": 5},
        "plan_drugs_text": {"indicaciones_alta": {"medicamentos": "Paracetamol"}},
        "allergies_boolean": {"motivo_ingreso": "x", "alergias": False},
        "patient_list": {"motivo_ingreso": "x", "paciente": ["Ana"]},
        "sex_boolean": {"motivo_ingreso": "x", "paciente": {"sexo": True}},
        "wrapped_list": {"clinicalData": [{"motivo_ingreso": "x"}]},
        "wrapped_text": {"clinicalData": "Fiebre"},
        "compact_diagnosis_number": {"dx": ["HTA (I10)", 10]},
    }
    return {f"type_{name}": (json.dumps(record).encode(), "wrong_type") for name, record in wrong.items()}


def _string_lists() -> Corpus:
    cut = '[{"codigo": "S72.0", "nombre": "Fractura'
    return {
        "string_list_cut": (_record(diagnostico_ingreso=cut), "list_in_string_broken"),
        "string_list_python": (_record(diagnostico_ingreso="[{'codigo': 'S72.0'}]"), "list_in_string_broken"),
        "string_list_and_text": (_record(diagnostico_ingreso='[{"codigo": "I10"}] y otros'), "list_in_string_broken"),
        "string_care_cut": (_record(indicaciones_alta={"controles": '["Trauma'}), "list_in_string_broken"),
        "string_object_cut": (_record(indicaciones_alta='{"medicamentos": ['), "list_in_string_broken"),
        "string_holds_number_items": (_record(diagnostico_ingreso='["a", 3]'), "wrong_type"),
    }
