"""A text as it is while somebody edits it, key by key."""

from __future__ import annotations

import random
from collections.abc import Iterator

_TYPED = (
    "dolor ",
    "sin fiebre, ",
    "500 mg ",
    "el 15-01-2024 ",
    "derecha",
    ". Luego ",
    "; ",
    "(J18.9) ",
    "ñandú ",
    "\n",
)
_TYPING, _DELETING, _PASTING, _CUTTING = range(4)
_OFTEN = (6, 4, 1, 1)  # how often each is done


def keystrokes(text: str, count: int, rng: random.Random) -> Iterator[str]:
    """The text after each of `count` keys: words typed, deleted backwards, pasted and cut in random places."""
    while count > 0:
        for text in _steps(text, rng):  # noqa: B020 - each edit goes on from the last
            yield text
            count -= 1
            if not count:
                return


def _steps(text: str, rng: random.Random) -> Iterator[str]:
    at, (kind,) = rng.randrange(len(text) + 1), rng.choices(range(4), _OFTEN)
    if kind == _TYPING:
        typed = rng.choice(_TYPED)
        for i in range(1, len(typed) + 1):
            yield text[:at] + typed[:i] + text[at:]
    elif kind == _DELETING:
        for i in range(1, min(at, rng.randrange(2, 9)) + 1):
            yield text[: at - i] + text[at:]
    elif kind == _PASTING:
        start = rng.randrange(len(text) + 1)
        yield text[:at] + text[start : start + rng.randrange(5, 60)] + text[at:]
    elif kind == _CUTTING:
        yield text[:at] + text[at + rng.randrange(1, 40) :]
