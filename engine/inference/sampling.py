"""Choosing the next token among those that the grammar allows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.errors import ModelRefused
from engine.inference.protocol import Sampling

Logits = npt.NDArray[np.float32]
_Ids = npt.NDArray[np.int64]
_Scores = npt.NDArray[np.float64]
REMEMBERED: Final = 64  # tokens that a repeat penalty looks back


def allowed_tokens(bitmask: bytes, vocabulary: int) -> _Ids:
    """The ids whose bit is set (least significant first), as llguidance writes them."""
    packed = np.frombuffer(bitmask, dtype=np.uint8)
    places = np.flatnonzero(packed)  # few of a hundred thousand tokens are allowed
    at, bit = np.nonzero(np.unpackbits(packed[places, None], axis=1, bitorder="little"))
    ids = places[at] * 8 + bit
    return ids[ids < vocabulary]


def choose(
    logits: Logits, allowed: _Ids | None, sampling: Sampling, rng: np.random.Generator, recent: Collection[int] = ()
) -> int:
    """Repeat penalty, top-k, top-p (Holtzman et al. 2020) and temperature over the allowed tokens, None: over all.

    Greedy at temperature 0. `recent`: at most the last REMEMBERED tokens. Raises ModelRefused where the likeliest
    token has no finite logit.
    """
    scores = logits.astype(np.float64) if allowed is None else logits[allowed].astype(np.float64)
    if sampling.repeat_penalty != 1.0:
        _penalise(scores, allowed, recent, sampling.repeat_penalty)
    best = int(scores.argmax())
    if not np.isfinite(scores[best]):
        raise ModelRefused("model_failed")
    if sampling.temperature <= 0 or scores.size == 1:
        return best if allowed is None else int(allowed[best])
    place = _drawn(scores, sampling, rng)
    return place if allowed is None else int(allowed[place])


def _penalise(scores: _Scores, allowed: _Ids | None, recent: Collection[int], penalty: float) -> None:
    """As llama.cpp: a logit above zero is divided by the penalty, another one multiplied, once for each token."""
    tokens = np.unique(np.fromiter(recent, np.int64, len(recent)))
    if allowed is not None:
        places = np.searchsorted(allowed, tokens)
        there = places < allowed.size
        tokens = places[there][allowed[places[there]] == tokens[there]]
    found = scores[tokens]
    scores[tokens] = np.where(found > 0, found / penalty, found * penalty)


def _drawn(scores: _Scores, sampling: Sampling, rng: np.random.Generator) -> int:
    """The place of the token that is drawn."""
    places = np.arange(scores.size)
    if scores.size > sampling.top_k > 0:
        places = np.argpartition(scores, -sampling.top_k)[-sampling.top_k :]
    places = places[np.argsort(-scores[places])]
    weights = np.exp((scores[places] - scores[places[0]]) / sampling.temperature)
    weights /= weights.sum()
    kept = int(np.searchsorted(np.cumsum(weights), sampling.top_p)) + 1
    weights = weights[:kept] / weights[:kept].sum()
    return int(places[rng.choice(len(weights), p=weights)])
