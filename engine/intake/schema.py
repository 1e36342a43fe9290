"""The published schemas: which names a field may have, and of which type it must be.

`resources/schema/record.schema.json` is both what is published and what is enforced: its `x-aliases`
are the other names that real systems give a field, its `x-context` the definition of what is inside.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types
from jsonschema.validators import extend  # type: ignore[import-untyped]  # ships no types
from referencing import Registry, Resource

from engine.errors import InputRefused
from engine.intake.syntax import Number
from engine.intake.tree import NOTHING, Node
from engine.paths import resource

SHAPES: Final = ("clinical", "ward", "compact", "wrapped")

_JOINING: Final = frozenset(("de", "del", "la", "el", "los", "las", "al", "a"))
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")
_BROKEN_LIST: Final = re.compile(r'\[\s*["{]|\{\s*"')

_TYPES: Final = Draft202012Validator.TYPE_CHECKER.redefine_many(
    {
        "string": lambda _, value: isinstance(value, str) and not isinstance(value, Number),
        "number": lambda _, value: isinstance(value, Number),
    }
)
_Validator: Final = extend(Draft202012Validator, type_checker=_TYPES)


@lru_cache(maxsize=4096)
def normal_key(key: str) -> str:
    """«Fecha de ingreso», «fechaIngreso» and «FECHA_INGRESO» are all `fecha_ingreso`."""
    parts = unicodedata.normalize("NFKD", key)
    visible = "".join(part for part in parts if unicodedata.category(part) not in ("Mn", "Cf"))
    words = [word for word in _NOT_WORD.split(_CAMEL.sub("_", visible).lower()) if word]
    return "_".join([word for word in words if word not in _JOINING] or words)


def canonical(node: Node, context: str = "record") -> Node:
    """The same tree with the canonical name of every known field, down to the leaves.

    Raises InputRefused("list_in_string_broken") for a string that begins as a JSON list and is broken.
    """
    if isinstance(node.value, list):
        return Node(node.pointer, [canonical(item, _item_context(context)) for item in node.value])
    if isinstance(node.value, str) and _BROKEN_LIST.match(node.value):
        raise InputRefused("list_in_string_broken", pointer=node.pointer)
    if not isinstance(node.value, dict):
        return node
    fields: dict[str, Node] = {}
    for key, value in node.value.items():
        name, inner = _names(context).get(normal_key(key), (key, None))
        put(fields, name, canonical(value, inner) if inner else value, key)
    return Node(node.pointer, fields)


def put(fields: dict[str, Node], name: str, value: Node, key: str) -> None:
    """Adds a field that may be there already under another name.

    Lists and objects are joined; of other values the first counts, and the second takes a name that
    nobody reads (`key` tells them apart), so that it ends among the unused.
    """
    present = fields.get(name, NOTHING)
    if present.empty:
        fields[name] = value
    elif isinstance(present.value, list) and isinstance(value.value, list):
        fields[name] = Node(present.pointer, present.value + value.value)
    elif isinstance(present.value, dict) and isinstance(value.value, dict):
        joined = dict(present.value)
        for inner, found in value.value.items():
            put(joined, inner, found, key)
        fields[name] = Node(present.pointer, joined)
    elif not value.empty:
        fields[f"{name} ({key})"] = value


def _item_context(context: str) -> str:
    """The definition of the items where a field may be an object or a list («antecedentes»)."""
    items = _document("record")["$defs"][context].get("items")
    return str(items["$ref"]).rpartition("/")[2] if items else context


@lru_cache(maxsize=64)
def _names(context: str) -> dict[str, tuple[str, str | None]]:
    """Every accepted name of a definition's fields: its canonical name and inner definition."""
    properties = _document("record")["$defs"][context]["properties"]
    table: dict[str, tuple[str, str | None]] = {}
    for name, spec in properties.items():
        for alias in spec.get("x-aliases", ()):
            table.setdefault(normal_key(alias), (name, spec.get("x-context")))
    table.update({normal_key(name): (name, spec.get("x-context")) for name, spec in properties.items()})
    return table


@lru_cache(maxsize=1)
def wrapper_keys() -> frozenset[str]:
    """The names under which a record may be wrapped, normalised."""
    spec = _document("wrapped")["properties"]["clinicalData"]
    return frozenset(normal_key(key) for key in ("clinicalData", *spec["x-aliases"]))


@lru_cache(maxsize=8)
def identifying_keys(shape: str) -> frozenset[str]:
    """The canonical fields of which one must be present in a record of this shape."""
    return frozenset(key for option in _document(shape)["anyOf"] for key in option["required"])


def validate(node: Node, shape: str) -> None:
    """Raises InputRefused("wrong_type") with the pointer of the first field of the wrong type."""
    error = next(_validator(shape).iter_errors(_plain(node)), None)
    if error is None:
        return
    wrong = _follow(node, error.absolute_path)
    expected = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    raise InputRefused(
        "wrong_type",
        pointer=wrong.pointer,
        found=_type_name(wrong),
        expected=", ".join(str(name) for name in expected if name != "null"),
    )


def _plain(node: Node) -> object:
    """The tree for the validator; what is empty is null in every type."""
    if node.empty:
        return None
    if isinstance(node.value, list):
        return [_plain(item) for item in node.value]
    if isinstance(node.value, dict):
        return {key: _plain(value) for key, value in node.value.items()}
    return node.value


def _follow(node: Node, path: Iterable[str | int]) -> Node:
    for step in path:
        node = node.items[step] if isinstance(step, int) else node.get(step)
    return node


def _type_name(node: Node) -> str:
    kinds = ((Number, "number"), (str, "string"), (bool, "boolean"), (list, "array"), (dict, "object"))
    return next((name for kind, name in kinds if isinstance(node.value, kind)), "null")


@lru_cache(maxsize=8)
def _document(name: str) -> dict[str, Any]:
    path = resource(f"schema/{name}.schema.json")
    return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]  # our own file


@lru_cache(maxsize=8)
def _validator(shape: str) -> Any:
    common = Resource.from_contents(_document("record"))
    registry: Registry[Any] = Registry().with_resource("urn:epicrisis:schema:record", common)
    return _Validator(_document(shape), registry=registry)
