"""Attention in blocks of rows beside PyTorch's own: the same values, the same gradients."""

from __future__ import annotations

import attention
import pytest
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

_SIXTEEN_BITS = 0.02  # of the norm


def _inputs(length: int) -> list[torch.Tensor]:
    torch.manual_seed(length)
    return [torch.randn(2, heads, length, 64, requires_grad=True) for heads in (4, 2, 2)]


def _logits(model: Qwen2ForCausalLM) -> torch.Tensor:
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        logits: torch.Tensor = model(torch.arange(200)[None]).logits
    return logits


def _apart(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).detach().norm() / one.detach().norm())


@pytest.mark.parametrize("length", [1, 127, 128, 129, 700])
def test_values_and_gradients_are_those_of_plain_attention(length: int) -> None:
    queries, keys, values = _inputs(length)
    known = torch.nn.functional.scaled_dot_product_attention(queries, keys, values, is_causal=True, enable_gqa=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out, _ = attention._attend(torch.nn.Module(), queries, keys, values, None, scaling=0.125)
    assert _apart(known, out.transpose(1, 2)) < _SIXTEEN_BITS
    asked = torch.randn_like(known)
    wanted = torch.autograd.grad(known, (queries, keys, values), asked)
    given = torch.autograd.grad(out, (queries, keys, values), asked.transpose(1, 2).bfloat16())
    if length == 1:  # one key takes all: nothing depends on the scores
        wanted, given = wanted[2:], given[2:]
    assert max(map(_apart, wanted, given)) < _SIXTEEN_BITS


def test_a_model_attends_so_only_while_it_is_trained() -> None:
    sizes = {"hidden_size": 256, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4}
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(Qwen2Config(vocab_size=300, num_key_value_heads=2, use_cache=False, **sizes))
    plain = _logits(model)
    usual = attention.use(model)
    assert 0 < _apart(plain, _logits(model)) < _SIXTEEN_BITS
    model.set_attn_implementation(usual)
    assert torch.equal(plain, _logits(model))
