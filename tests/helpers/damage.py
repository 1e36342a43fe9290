"""Model files as a bad disk or a bad hand leaves them."""

from __future__ import annotations

import random

_SIZES, _HEADER = 2_000, 200_000  # bytes at the beginning: of the model's sizes, and of its vocabulary and tensors too


def flipped(data: bytes, seed: int) -> bytes:
    """A copy, the same one for the same seed: by turns one bit of what a runtime believes first, one bit of the header,
    or sixty-four bits anywhere."""
    rng, found = random.Random(seed), bytearray(data)
    most, count = ((_SIZES, 1), (_HEADER, 1), (len(found), 64))[seed % 3]
    for _ in range(count):
        at = rng.randrange(min(most, len(found)))
        found[at] ^= 1 << rng.randrange(8)
    return bytes(found)
