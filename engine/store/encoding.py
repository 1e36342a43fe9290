"""Frozen values of the domain as JSON and back, by their types: what was saved by an older version still reads."""

from __future__ import annotations

import json
import types
from dataclasses import MISSING, asdict, fields, is_dataclass
from functools import lru_cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from engine.errors import StoreRefused

T = TypeVar("T")


def encoded(value: object) -> str:
    """A frozen dataclass, or a tuple of them, as compact JSON."""
    plain = [asdict(item) for item in value] if isinstance(value, tuple) else asdict(cast(Any, value))
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def decoded(kind: type[T], text: str) -> T:
    """The value of this type. A field that the text lacks has its default, one that it does not know is left out.

    Raises StoreRefused: `store_value`.
    """
    try:
        return cast(T, _value(kind, json.loads(text)))
    except (ValueError, TypeError, KeyError):
        raise StoreRefused("store_value") from None


def _value(kind: Any, plain: Any) -> Any:
    origin = get_origin(kind)
    if is_dataclass(kind):
        return _dataclass(kind, plain)
    if origin is tuple and isinstance(plain, list):
        return tuple(_value(get_args(kind)[0], item) for item in plain)
    if origin in (Union, types.UnionType):
        if plain is None and type(None) in get_args(kind):
            return None
        (only,) = (option for option in get_args(kind) if option is not type(None))
        return _value(only, plain)
    if origin is Literal:
        return plain if plain in get_args(kind) else _refuse()
    return plain if type(plain) is kind else _refuse()


def _dataclass(kind: Any, plain: Any) -> Any:
    if not isinstance(plain, dict):
        raise TypeError("not an object")
    hints = _hints(kind)
    missing = [
        f.name for f in fields(kind) if f.name not in plain and f.default is MISSING and f.default_factory is MISSING
    ]
    if missing:
        raise KeyError(missing[0])
    return kind(**{name: _value(hints[name], plain[name]) for name in (f.name for f in fields(kind)) if name in plain})


@lru_cache(maxsize=64)
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _refuse() -> Any:
    raise ValueError("a value of another type")
