"""What a record says of some words, found once: a text asks most of it again at every key."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar


class _Unasked:
    pass


_MOST = 20000  # answers remembered of one record: far more than a text asks
_UNASKED = _Unasked()
P = ParamSpec("P")
T = TypeVar("T")


class Keeper(Protocol):
    """What answers, with its own memory of what it answered."""

    @property
    def memory(self) -> dict[Hashable, Any]: ...


K = TypeVar("K", bound=Keeper)


def kept(ask: Callable[Concatenate[K, P], T]) -> Callable[Concatenate[K, P], T]:
    """Asks once for the same arguments, which must be hashable; the answer is never changed by who gets it."""

    @wraps(ask)
    def asked(keeper: K, /, *args: P.args, **named: P.kwargs) -> T:
        key, memory = (ask, args, *named.items()), keeper.memory
        answer: T | _Unasked = memory.get(key, _UNASKED)
        if isinstance(answer, _Unasked):
            if len(memory) > _MOST:
                memory.clear()
            answer = memory[key] = ask(keeper, *args, **named)
        return answer

    return asked
