"""The parsing layer against several hundred vectors: every invalid construct is refused, every valid one is read."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from engine.errors import InputRefused
from engine.intake import decoding, syntax, tree

CORPUS = Path(__file__).parent / "corpus"


def _vectors(name: str) -> list[tuple[bytes, str]]:
    lines = (CORPUS / name).read_text(encoding="ascii").splitlines()
    pairs = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(ast.literal_eval(data), expected) for data, expected in pairs]


VALID, INVALID = _vectors("json-valid.txt"), _vectors("json-invalid.txt")


def _read(data: bytes) -> object:
    """As a record is read, up to its tree: characters, keys and numbers are looked at there."""
    text, _ = decoding.decode(data)
    value = syntax.load(text)
    tree.grow(value, [])
    return value


def test_there_are_enough_and_each_stands_once() -> None:
    every = [data for data, _ in VALID + INVALID]
    assert len(set(every)) == len(every) >= 250


@pytest.mark.parametrize(("data", "expected"), VALID, ids=[str(number) for number in range(len(VALID))])
def test_a_valid_text_is_read_with_its_numbers_as_written(data: bytes, expected: str) -> None:
    assert _read(data) == ast.literal_eval(expected)


@pytest.mark.parametrize(("data", "code"), INVALID, ids=[str(number) for number in range(len(INVALID))])
def test_an_invalid_text_is_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        _read(data)
    assert refusal.value.code == code
