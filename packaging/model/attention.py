"""Causal attention in blocks of rows, for training on the CPU: about twice as fast as PyTorch's own in 16 bits.

A block of queries meets only the keys up to its end, so half of the products are never made, and the probabilities
are kept for the backward pass. The heads that share a key are one matrix: keys and values are not repeated.
"""

from __future__ import annotations

from typing import Any

import torch  # type: ignore[import-not-found]  # only in the training environment
from transformers import AttentionInterface, PreTrainedModel  # type: ignore[import-not-found]  # likewise

_NAME = "blocks"
_ROWS = 128


class _Causal(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    """Queries [texts, heads, length, width], already scaled; keys and values [texts, key heads, length, width]."""

    @staticmethod
    @torch.amp.custom_fwd(device_type="cpu", cast_inputs=torch.bfloat16)  # type: ignore[untyped-decorator]
    def forward(context: Any, queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        out, kept = torch.empty_like(queries), []
        flat_keys, flat_values = keys.flatten(0, 1), values.flatten(0, 1)
        for start, end in _blocks(queries):
            scores = torch.bmm(_rows(queries, keys, start, end), flat_keys[:, :end].transpose(1, 2))
            later = torch.ones(end - start, end - start, dtype=torch.bool).triu(1)
            scores.unflatten(1, (-1, end - start))[..., start:].masked_fill_(later, float("-inf"))
            kept.append(torch.softmax(scores, -1))
            out[:, :, start:end] = _heads(torch.bmm(kept[-1], flat_values[:, :end]), queries, start, end)
        context.save_for_backward(queries, keys, values, out, *kept)
        return out

    @staticmethod
    @torch.amp.custom_bwd(device_type="cpu")  # type: ignore[untyped-decorator]
    def backward(context: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        queries, keys, values, out, *kept = context.saved_tensors
        flat_keys, flat_values = keys.flatten(0, 1), values.flatten(0, 1)
        own = (gradient.float() * out.float()).sum(-1, keepdim=True).to(queries.dtype)
        to_queries = torch.empty_like(queries)
        to_keys, to_values = (torch.zeros_like(flat_keys, dtype=torch.float32) for _ in range(2))
        for (start, end), probabilities in zip(_blocks(queries), kept, strict=True):
            block, told = _rows(queries, keys, start, end), _rows(gradient, keys, start, end)
            to_values[:, :end] += torch.bmm(probabilities.transpose(1, 2), told)
            scores = torch.bmm(told, flat_values[:, :end].transpose(1, 2))
            scores.sub_(_rows(own, keys, start, end)).mul_(probabilities)
            to_queries[:, :, start:end] = _heads(torch.bmm(scores, flat_keys[:, :end]), queries, start, end)
            to_keys[:, :end] += torch.bmm(scores.transpose(1, 2), block)
        return to_queries, to_keys.view_as(keys).to(keys.dtype), to_values.view_as(values).to(values.dtype)


def _blocks(queries: torch.Tensor) -> list[tuple[int, int]]:
    length = queries.shape[2]
    return [(start, min(length, start + _ROWS)) for start in range(0, length, _ROWS)]


def _rows(tensor: torch.Tensor, keys: torch.Tensor, start: int, end: int) -> torch.Tensor:
    """[texts · key heads, heads of a key · rows, width] of the block."""
    return tensor[:, :, start:end].reshape(keys.shape[0] * keys.shape[1], -1, tensor.shape[3])


def _heads(tensor: torch.Tensor, queries: torch.Tensor, start: int, end: int) -> torch.Tensor:
    """What `_rows` flattened, as [texts, heads, rows, width]."""
    return tensor.view(queries.shape[0], queries.shape[1], end - start, queries.shape[3])


@torch.compiler.disable  # type: ignore[untyped-decorator]  # its loops would be unrolled anew for each length
def _attend(
    _module: torch.nn.Module,
    queries: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    _mask: None,
    scaling: float,
    **_: object,
) -> tuple[torch.Tensor, None]:
    """As transformers calls it; texts of one batch have one length or are padded behind, so no mask is needed."""
    return _Causal.apply(queries * scaling, keys, values).transpose(1, 2).contiguous(), None


def use(model: PreTrainedModel) -> str:
    """Has the model attend in blocks, for training: 16 bits, no cache, no dropout. Returns its usual way."""
    before: str = model.config._attn_implementation
    AttentionInterface.register(_NAME, _attend)
    model.set_attn_implementation(_NAME)
    return before
