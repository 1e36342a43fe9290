"""Choosing the next token among those that the grammar allows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.inference.protocol import Sampling

Logits = npt.NDArray[np.float32]


def allowed_tokens(bitmask: bytes, vocabulary: int) -> npt.NDArray[np.int64]:
    """The ids whose bit is set (least significant first), as llguidance writes them."""
    bits = np.unpackbits(np.frombuffer(bitmask, dtype=np.uint8), bitorder="little")
    return np.flatnonzero(bits[:vocabulary])


def choose(logits: Logits, allowed: npt.NDArray[np.int64] | None, sampling: Sampling, rng: np.random.Generator) -> int:
    """Temperature, top-k and top-p (Holtzman et al. 2020) over the allowed tokens; greedy at temperature 0."""
    ids = np.arange(logits.size) if allowed is None else allowed
    scores = logits[ids].astype(np.float64)
    if sampling.temperature <= 0 or ids.size == 1:
        return int(ids[int(scores.argmax())])
    if ids.size > sampling.top_k > 0:
        top = np.argpartition(scores, -sampling.top_k)[-sampling.top_k :]
        ids, scores = ids[top], scores[top]
    order = np.argsort(-scores)
    ids, scores = ids[order], scores[order] / sampling.temperature
    weights = np.exp(scores - scores[0])
    weights /= weights.sum()
    kept = int(np.searchsorted(np.cumsum(weights), sampling.top_p)) + 1
    weights = weights[:kept] / weights[:kept].sum()
    return int(ids[rng.choice(len(weights), p=weights)])
