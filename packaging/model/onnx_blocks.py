"""Matrices in blocks of 32 whole numbers with a scale, as MatMulNBits and GatherBlockQuantized read them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
_ROWS = 4096  # at a time: the search holds several copies
_FACTORS = np.linspace(0.7, 1.15, 19, dtype=np.float32)  # of the scale that meets the farthest weight exactly


def quantize(matrix: NDArray[np.float32], bits: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """[rows, columns] → whole numbers around 2^(bits-1) (for 4 bits two a byte, low half first) and
    scales [rows, columns / 32]. Raises ValueError where the columns are no multiple of 32.
    """
    if matrix.shape[1] % BLOCK:
        raise ValueError(f"a width of {matrix.shape[1]} is no multiple of {BLOCK}")
    parts = [_search(matrix[row : row + _ROWS], bits) for row in range(0, len(matrix), _ROWS)]
    whole = np.concatenate([w for w, _ in parts])
    return (whole[..., ::2] | whole[..., 1::2] << 4 if bits == 4 else whole), np.concatenate([s for _, s in parts])


def _search(matrix: NDArray[np.float32], bits: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Of several scales for each block the one with the smallest square error, fitted to its rounded numbers."""
    blocks = matrix.reshape(len(matrix), -1, BLOCK)
    middle = 2 ** (bits - 1)
    farthest = np.take_along_axis(blocks, np.abs(blocks).argmax(-1, keepdims=True), -1) / -middle
    best = np.full_like(farthest, np.inf)
    numbers = np.zeros_like(blocks)
    scales = np.zeros_like(farthest)
    for factor in _FACTORS:
        scale = farthest * factor
        rounded = np.clip(np.rint(_divide(blocks, scale)), -middle, middle - 1)
        scale = _divide((rounded * blocks).sum(-1, keepdims=True), (rounded * rounded).sum(-1, keepdims=True))
        error = np.square(rounded * scale - blocks).sum(-1, keepdims=True)
        better = error < best
        best, numbers, scales = (
            np.where(better, new, old) for new, old in ((error, best), (rounded, numbers), (scale, scales))
        )
    return (numbers + middle).astype(np.uint8), scales[..., 0].astype(np.float32)


def _divide(value: NDArray[np.float32], by: NDArray[np.float32]) -> NDArray[np.float32]:
    """Zero where `by` is zero: a block of zeros has no scale."""
    return np.divide(value, by, out=np.zeros(np.broadcast_shapes(value.shape, by.shape), np.float32), where=by != 0)
