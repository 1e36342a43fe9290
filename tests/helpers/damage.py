"""Model files as a bad disk or a bad hand leaves them."""

from __future__ import annotations

import random

_HEADER = 200_000  # bytes at the beginning where one of two flips falls: that is what a runtime believes


def flipped(data: bytes, seed: int, count: int = 8) -> bytes:
    """The same with so many bits flipped, the same ones for the same seed."""
    rng, found = random.Random(seed), bytearray(data)
    for number in range(count):
        at = rng.randrange(min(_HEADER, len(found)) if number % 2 else len(found))
        found[at] ^= 1 << rng.randrange(8)
    return bytes(found)
