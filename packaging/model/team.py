"""Gradients of one batch by several processes that share the weights: two threads wait for each other at each
operation, two processes once a step, so a core that others use as well costs only its own part.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from multiprocessing.connection import Connection

import attention
import batches
import torch  # type: ignore[import-not-found]  # only in the training environment
from loss import cross_entropy
from transformers import PreTrainedModel  # type: ignore[import-not-found]  # likewise


def trained(model: PreTrainedModel) -> dict[str, torch.nn.Parameter]:
    """What the training changes, by name: all, or what LoRA added."""
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def loss_of(model: PreTrainedModel, batch: batches.Batch) -> torch.Tensor:
    """Mean cross-entropy, in nats, over the positions of the batch that count."""
    device = next(model.parameters()).device
    ids = torch.from_numpy(batch.ids).to(device)
    counted = torch.from_numpy(batch.counted).to(device)  # [texts, length - 1]: does the next token count?
    with torch.autocast(device.type, dtype=torch.bfloat16):
        hidden = model.model(input_ids=ids[:, :-1]).last_hidden_state[counted]
        logits = model.lm_head(hidden)
    return cross_entropy(logits, ids[:, 1:][counted])


def _compile(model: PreTrainedModel) -> None:
    """Fuses what a layer does between its products; the layers have one shape and share the compiled code."""
    for layer in model.model.layers:
        layer.compile(dynamic=True)


class Team:
    """This process and, on the CPU, its helpers, which end with it. `compiled`: for a run of more than some minutes."""

    def __init__(self, model: PreTrainedModel, processes: int, *, compiled: bool) -> None:
        self._model = model
        alone = model.device.type != "cpu"
        self._helpers = [] if alone else [_Helper(model, compiled) for _ in range(processes - 1)]
        self._usual = None if alone else attention.use(model)
        if compiled:
            _compile(model)

    def gradients(self, batch: batches.Batch) -> float:
        """Puts the batch's gradients into the weights' `grad`, which must be none before; returns the mean loss."""
        parts = [p for p in batch.split(len(self._helpers) + 1) if p.counted.any()]
        at_work = list(zip(self._helpers, parts[1:], strict=False))
        for helper, part in at_work:
            helper.begin(part)
        shares = [int(p.counted.sum()) / int(batch.counted.sum()) for p in parts]
        own = loss_of(self._model, parts[0])
        (own * shares[0]).backward()
        total = own.item() * shares[0]
        for (helper, _), share in zip(at_work, shares[1:], strict=True):
            total += helper.add(share) * share
        return float(total)

    def alone(self, work: Callable[[], float]) -> float:
        """Does what is for this process only, with the cores of its helpers, which wait."""
        torch.set_num_threads(len(self._helpers) + 1)
        done = work()
        torch.set_num_threads(1)
        return done

    def close(self) -> None:
        for helper in self._helpers:
            helper.close()
        if self._usual:
            self._model.set_attn_implementation(self._usual)


class _Helper:
    """A process with the same weights in shared memory, and gradients that both sides see."""

    def __init__(self, model: PreTrainedModel, compiled: bool) -> None:
        model.share_memory()
        self._weights = trained(model)
        self._gradients = {n: torch.zeros_like(p).share_memory_() for n, p in self._weights.items()}
        context = torch.multiprocessing.get_context("spawn")
        self._line, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(model, compiled, self._gradients, other), daemon=True)
        self._process.start()
        other.close()

    def begin(self, part: batches.Batch) -> None:
        self._line.send(part)

    def add(self, share: float) -> float:
        """Adds the gradients, weighted, when they are ready. Raises EOFError where the helper has died."""
        loss: float = self._line.recv()
        for name, weight in self._weights.items():
            weight.grad.add_(self._gradients[name], alpha=share)
        return loss

    def close(self) -> None:
        self._line.close()
        self._process.join()


def _serve(model: PreTrainedModel, compiled: bool, gradients: dict[str, torch.Tensor], line: Connection) -> None:
    """Answers each batch with its loss until the line is closed; signals are for the first process to answer."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    torch.set_num_threads(1)
    attention.use(model)
    if compiled:
        _compile(model)
    weights = trained(model)
    while True:
        try:
            part = line.recv()
        except EOFError:
            return
        loss = loss_of(model, part)
        loss.backward()
        for name, weight in weights.items():
            gradients[name].copy_(weight.grad)
            weight.grad = None
        line.send(loss.item())
