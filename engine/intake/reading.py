"""The front door: bytes, a file or a parsed object to a Case."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path
from typing import Final

from engine.domain import Case
from engine.errors import EpicrisisError, InputRefused
from engine.intake import decoding, schema, syntax, tree
from engine.intake.conservation import unaccounted
from engine.intake.limits import MAX_BYTES, MAX_DEPTH
from engine.intake.record import build
from engine.intake.tree import Node

_ADMINISTRATIVE: Final = frozenset(("id_atencion", "atencion"))  # of a record without any clinical field


def read_file(path: Path) -> Case:
    """Reads one record from a file; its size is looked at first. Raises InputRefused."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InputRefused("file_unreadable", file=path.name)
        _check_size(status.st_size)
        with path.open("rb") as file:
            return read_case(file.read(MAX_BYTES + 1))
    except FileNotFoundError:
        raise InputRefused("file_missing", file=path.name) from None
    except (OSError, ValueError):  # ValueError: a NUL in the path
        raise InputRefused("file_unreadable", file=path.name) from None


def parse(record: object) -> Case:
    """As `read_case`, for a record that was already parsed (numbers lose the digits that parsing lost)."""
    try:
        text = json.dumps(record)
    except RecursionError:
        raise InputRefused("too_deep", limit=MAX_DEPTH) from None
    return read_case(text.encode("ascii"))


def read_case(data: bytes) -> Case:
    """One record of any known shape.

    Raises InputRefused with a code of messages.toml and, where there is one, the JSON pointer; and
    EpicrisisError("conservation") where something of the record would be lost, which is a bug.
    """
    _check_size(len(data))
    text, decoded = decoding.decode(data)
    repairs = list(decoded)
    root = tree.grow(syntax.load(text), repairs)
    shape, record = _recognised(root)
    case = build(record, shape, hashlib.sha256(data).hexdigest(), repairs)
    lost = unaccounted(data, case)
    if lost:
        raise EpicrisisError("conservation", pointer=lost[0], count=len(lost))
    return case


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise InputRefused("too_large", limit=MAX_BYTES // 1_000_000)


def _recognised(root: Node) -> tuple[str, Node]:
    """The shape of the record and its tree under canonical names, validated."""
    if isinstance(root.value, list):
        raise InputRefused("array_of_records", count=len(root.value))
    if not isinstance(root.value, dict):
        raise InputRefused("not_an_object")
    if "resourceType" in root.value:
        raise InputRefused("fhir_unsupported", pointer="/resourceType")
    wrapped = _unwrapped(root)
    if wrapped is not None:
        return _wrapped(root, *wrapped)
    record = schema.canonical(root)
    shape = _shape(record)
    schema.validate(record, shape)
    return shape, record


def _unwrapped(root: Node) -> tuple[str, Node] | None:
    """The key and the value of the wrapper, where there is one; `data` and the like may be a mere field."""
    for key, value in root.fields.items():
        name = schema.normal_key(key)
        if name == "clinical_data" or (name in schema.wrapper_keys() and value.fields):
            return key, value
    return None


def _wrapped(root: Node, key: str, inner: Node) -> tuple[str, Node]:
    """Fields beside the wrapper (patientInfo, episodeId) join those inside, which come first."""
    if inner.empty:
        raise InputRefused("unknown_shape", pointer=inner.pointer)
    rest = {name: value for name, value in root.fields.items() if name != key}
    outer = schema.canonical(Node(root.pointer, rest))
    whole = Node(root.pointer, {**outer.fields, "clinicalData": schema.canonical(inner)})
    schema.validate(whole, "wrapped")
    record = whole.get("clinicalData")
    shape = _shape(record)
    fields = dict(record.fields)
    for name, value in outer.fields.items():
        schema.put(fields, name, value, "/")
    return shape, Node(root.pointer, fields)


def _shape(record: Node) -> str:
    """Told by which fields there are, filled or not; a ward export has those of the clinical API too."""
    present = record.fields.keys()
    found = {name: present & schema.identifying_keys(name) for name in ("ward", "clinical", "compact")}
    if not set().union(*found.values()) - _ADMINISTRATIVE:
        raise InputRefused("unknown_shape")
    return next(name for name, keys in found.items() if keys)
