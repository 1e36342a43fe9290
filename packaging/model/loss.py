"""Cross-entropy over a vocabulary in one pass, with its gradient made where the probabilities are at hand."""

from __future__ import annotations

from typing import Any

import torch  # type: ignore[import-not-found]  # only in the training environment


class _CrossEntropy(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    """Mean of -log p(target): the probabilities are kept in the logits' own type, the sums in 32 bits.

    One less a probability near one is the sum of the others, so that no digits are lost in 16 bits.
    """

    @staticmethod
    def forward(context: Any, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        gradient = torch.softmax(logits, -1)
        rows = torch.arange(len(targets), device=targets.device)
        own = gradient[rows, targets].float()
        gradient[rows, targets] = 0
        others = gradient.sum(-1, dtype=torch.float32)  # [positions]: one less the probability of the target
        gradient[rows, targets] = -others.to(gradient.dtype)
        context.save_for_backward(gradient)
        return -torch.where(own < 0.5, own.clamp(min=1e-30).log(), torch.log1p(-others)).mean()

    @staticmethod
    def backward(context: Any, scale: torch.Tensor) -> tuple[torch.Tensor, None]:
        (gradient,) = context.saved_tensors
        return gradient.mul_(scale / len(gradient)), None


def cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy in nats of logits [positions, vocabulary] and targets [positions].

    The backward pass may be taken once: the gradient is scaled in place.
    """
    return _CrossEntropy.apply(logits, targets)
