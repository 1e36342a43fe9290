"""The schemas that are published are sound, and are those that are enforced."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from engine.errors import InputRefused
from engine.intake import schema
from engine.paths import resource
from tests.helpers.records import SAMPLES, read


def document(name: str) -> dict[str, Any]:
    return json.loads(resource(f"schema/{name}.schema.json").read_text(encoding="utf-8"))


def published(name: str) -> Draft202012Validator:
    """As any other program would use the file, without our own number type."""
    registry = Registry().with_resource("urn:epicrisis:schema:record", Resource.from_contents(document("record")))
    return Draft202012Validator(document(name), registry=registry)


@pytest.mark.parametrize("name", ["record", *schema.SHAPES])
def test_sound(name: str) -> None:
    Draft202012Validator.check_schema(document(name))


def test_every_inner_definition_exists() -> None:
    definitions = document("record")["$defs"]
    for definition in definitions.values():
        for field in definition.get("properties", {}).values():
            assert field["$ref"].rpartition("/")[2] in definitions
            assert field.get("x-context", "record") in definitions


def test_no_other_name_hides_a_field() -> None:
    for context, definition in document("record")["$defs"].items():
        names = [schema.normal_key(name) for name in definition.get("properties", {})]
        aliases = [
            schema.normal_key(alias)
            for field in definition.get("properties", {}).values()
            for alias in field.get("x-aliases", [])
        ]
        assert len({*names, *aliases}) == len(names) + len(aliases), context


@pytest.mark.parametrize(("sample", "shape"), [("angina", "clinical"), ("sparse", "clinical"), ("days", "ward")])
def test_samples_fit_what_is_published(sample: str, shape: str) -> None:
    record = json.loads((SAMPLES / f"{sample}.json").read_text(encoding="utf-8"))
    published(shape).validate(record)
    published("wrapped").validate({"clinicalData": record})


@pytest.mark.parametrize("record", [
    {"dx": [5]},
    {"dx": 5},
    {"evolucion": [{"nota": 5}]},
    {"motivo_ingreso": []},
    {"dx": ["HTA (I10)"], "alergias": 5},
    {"dx": [{"nombre": "HTA", "fecha": ["x"]}]},
    {"dx": [{"nombre": "HTA", "codigo": 5}], "paciente": {"edad": 74}},
])  # fmt: skip
def test_published_and_enforced_agree(record: dict[str, object]) -> None:
    if published("compact" if "dx" in record else "clinical").is_valid(record) or record == {"motivo_ingreso": []}:
        assert read(record).sha256
    else:
        with pytest.raises(InputRefused, match="wrong_type"):
            read(record)


@pytest.mark.parametrize(
    ("key", "normal"),
    [
        ("Fecha de ingreso", "fecha_ingreso"),
        ("fechaIngreso", "fecha_ingreso"),
        ("FECHA_INGRESO", "fecha_ingreso"),
        ("Diagnóstico(s) al egreso", "diagnostico_s_egreso"),
        ("moti\u200bvo_ingreso", "motivo_ingreso"),
        ("de la", "de_la"),
        ("—", ""),
    ],
)
def test_names_are_compared_without_accents_case_or_articles(key: str, normal: str) -> None:
    assert schema.normal_key(key) == normal
