"""Which texts make each batch, the same for the same seed and step.

A batch holds whole texts of about one length, padded at the end: no text sees another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import data
import numpy as np
import project
from examples import ANSWER, SPECIAL
from numpy.typing import NDArray

_WINDOW = 256  # texts among which those of about one length are put together


@dataclass(frozen=True, slots=True)
class Batch:
    ids: NDArray[np.int64]  # [texts, length]
    counted: NDArray[np.bool_]  # [texts, length - 1]: whether the next token counts in the loss
    tokens: int
    drill: bool

    def split(self, parts: int) -> list[Batch]:
        """The texts dealt out in turn; at most so many parts, none empty."""
        count = min(parts, len(self.ids))
        return [replace(self, ids=self.ids[i::count], counted=self.counted[i::count]) for i in range(count)]


def training(settings: project.Settings, first: int) -> Iterator[Batch]:
    """The batches from step `first` on: drills alone at first, later some of them among the records."""
    t = settings.training
    pools = {kind: _plan(settings, kind) for kind in ("records", "drills")}
    shards = {kind: data.load(settings, kind) for kind in pools}
    for step in range(t.steps):
        rng = np.random.default_rng((settings.seed, step))
        kind = "drills" if step < t.drill_steps or rng.random() < t.drill_share else "records"
        chosen = next(pools[kind])  # also of the steps that are skipped
        if step >= first:
            yield _batch(shards[kind], chosen, t.prompt_share, rng, drill=kind == "drills")


def validation(settings: project.Settings) -> Iterator[Batch]:
    """The validation records in batches; only the answers count."""
    shard = data.load(settings, "validation")
    rng = np.random.default_rng(settings.seed)
    order = np.argsort(shard.lengths(), kind="stable")
    for chosen in _groups(order, shard.lengths(), settings.training.batch_tokens):
        yield _batch(shard, chosen, 0.0, rng, drill=False)


def _plan(settings: project.Settings, kind: str) -> Iterator[NDArray[np.int64]]:
    """Groups of texts without end: every text once before any comes again."""
    lengths = data.load(settings, kind).lengths()
    rng = np.random.default_rng((settings.seed, len(kind)))
    while True:
        order = rng.permutation(len(lengths))
        for start in range(0, len(order), _WINDOW):
            window = order[start : start + _WINDOW]
            groups = list(
                _groups(window[np.argsort(lengths[window], kind="stable")], lengths, settings.training.batch_tokens)
            )
            yield from (groups[i] for i in rng.permutation(len(groups)))


def _groups(order: NDArray[np.int64], lengths: NDArray[np.int64], batch_tokens: int) -> Iterator[NDArray[np.int64]]:
    """Cuts texts in ascending length into groups that fit the batch, padding included.

    A group has an even number of texts where it can, so that two processes have as much to do.
    """
    group: list[int] = []
    for text in order:
        if group and (len(group) + 1) * int(lengths[text]) > batch_tokens:
            even = max(1, len(group) - len(group) % 2)
            yield np.array(group[:even])
            group = group[even:]
        group.append(int(text))
    yield np.array(group)


def _batch(
    shard: data.Shard, chosen: NDArray[np.int64], prompt_share: float, rng: np.random.Generator, *, drill: bool
) -> Batch:
    lengths = shard.lengths()[chosen]
    ids = np.zeros((len(chosen), int(lengths.max())), np.int64)
    counted = np.zeros(ids.shape, np.bool_)
    for row, text in enumerate(chosen):
        span = slice(shard.starts[text], shard.starts[text + 1])
        roles = shard.roles[span]
        ids[row, : len(roles)] = shard.ids[span]
        # A random part of the prompt's tokens stands for a smaller weight of all, at a smaller cost.
        counted[row, : len(roles)] = (roles == ANSWER) | (rng.random(len(roles)) < prompt_share)
        counted[row, len(roles) - 1] = roles[-1] == SPECIAL  # the end of the answer
    return Batch(ids, counted[:, 1:].copy(), int(lengths.sum()), drill)
