"""Choosing a token: among the allowed ones only, as llama.cpp defines it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import ModelRefused
from engine.inference.protocol import Sampling
from engine.inference.sampling import allowed_tokens, choose

GREEDY = Sampling(temperature=0.0)


def _rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_the_mask_is_read_bit_by_bit() -> None:
    rng = _rng()
    for size in (1, 31, 448, 1000):
        wanted = np.flatnonzero(rng.random(size) < 0.1)
        bits = np.zeros((size + 31) // 32 * 32, np.uint8)
        bits[wanted] = 1
        bits[size:] = 1  # what lies behind the vocabulary is no token
        assert allowed_tokens(np.packbits(bits, bitorder="little").tobytes(), size).tolist() == wanted.tolist()


def test_only_allowed_tokens_are_chosen() -> None:
    logits = np.arange(100, dtype=np.float32)
    allowed = np.array([3, 40, 7, 41])
    allowed.sort()
    assert choose(logits, allowed, GREEDY, _rng()) == 41
    assert choose(logits, None, GREEDY, _rng()) == 99
    hot = Sampling(temperature=100.0, top_p=1.0)
    rng = _rng()
    assert {choose(logits, allowed, hot, rng) for _ in range(200)} == {3, 7, 40, 41}
    assert {choose(logits, allowed, Sampling(temperature=100.0, top_k=2, top_p=1.0), rng) for _ in range(99)} == {
        40,
        41,
    }


def test_top_p_keeps_the_likeliest_until_their_share_is_reached() -> None:
    logits = np.log(np.array([0.5, 0.3, 0.15, 0.05], dtype=np.float32))
    rng = _rng()
    drawn = {choose(logits, None, Sampling(temperature=1.0, top_p=0.7), rng) for _ in range(200)}
    assert drawn == {0, 1}


@pytest.mark.parametrize("allowed", [None, np.array([0, 1, 2])])
def test_a_repeat_penalty_lowers_what_was_just_said(allowed: np.ndarray | None) -> None:
    logits = np.array([2.0, 1.5, -1.0, -9.0], dtype=np.float32)
    penalty = Sampling(temperature=0.0, repeat_penalty=1.5)
    assert choose(logits, allowed, penalty, _rng()) == 0
    assert choose(logits, allowed, penalty, _rng(), recent=[0, 0, 3, 99][:3]) == 1  # 2.0 / 1.5 < 1.5
    assert choose(logits, allowed, GREEDY, _rng(), recent=[0]) == 0
    below = np.array([-1.0, -1.2, -8.0, -9.0], dtype=np.float32)
    assert choose(below, allowed, penalty, _rng(), recent=[0]) == 1  # -1.0 × 1.5 < -1.2
    assert logits[0] == 2.0  # the runtime's own buffer is as it was


def test_each_repeated_token_is_penalised_once() -> None:
    logits = np.array([4.0, 2.5], dtype=np.float32)
    assert choose(logits, None, Sampling(temperature=0.0, repeat_penalty=1.5), _rng(), recent=[0, 0, 0]) == 0


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_runtime_that_lost_its_numbers_is_refused(broken: float) -> None:
    logits = np.array([1.0, broken, 2.0], dtype=np.float32)
    with pytest.raises(ModelRefused):
        choose(logits, None, Sampling(), _rng())
    assert choose(logits, np.array([0, 2]), GREEDY, _rng()) == 2
