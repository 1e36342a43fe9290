"""The training texts as token shards in `work/`: ids (uint16), roles (uint8) and where each text begins.

`python packaging/model/data.py packaging/model/mini.toml [--processes 2]`
"""

from __future__ import annotations

import argparse
import multiprocessing
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import project
from examples import pieces, seeds
from numpy.typing import NDArray
from tokenizers import Tokenizer

KINDS = ("records", "drills", "validation")


@dataclass(frozen=True, slots=True)
class Shard:
    """Texts one after the other; text i is ids[starts[i]:starts[i + 1]]."""

    ids: NDArray[np.uint16]
    roles: NDArray[np.uint8]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.starts)


def load(kind: str) -> Shard:
    arrays = (np.load(project.WORK / f"{kind}-{part}.npy") for part in ("ids", "roles", "starts"))
    return Shard(*arrays)


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(project.WORK / "tokenizer.json"))


def encode(seed: int, corrections: float) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
    """Ids and roles of one text. Each piece is tokenised alone, as the engine does; records hold no special token."""
    ids: list[int] = []
    roles: list[int] = []
    for piece in pieces(seed, corrections):
        new = _tokenizer().encode(piece.text, add_special_tokens=False).ids
        ids += new
        roles += [piece.role] * len(new)
    return np.array(ids, np.uint16), np.array(roles, np.uint8)


def build(settings: project.Settings, kind: str, processes: int) -> Shard:
    """Encodes all the texts of a kind; longer ones than the context are left out."""
    corrections = settings.data.corrections if kind == "records" else 0.0
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        texts = pool.map(partial(encode, corrections=corrections), seeds(settings, kind), chunksize=200)
    texts = [t for t in texts if len(t[0]) <= settings.network.context]
    starts = np.cumsum([0, *(len(ids) for ids, _ in texts)], dtype=np.int64)
    return Shard(np.concatenate([i for i, _ in texts]), np.concatenate([r for _, r in texts]), starts)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("settings", type=Path)
    options.add_argument("--processes", type=int, default=2)
    args = options.parse_args()
    settings = project.load(args.settings)
    for kind in KINDS:
        shard = build(settings, kind, args.processes)
        for part in ("ids", "roles", "starts"):
            np.save(project.WORK / f"{kind}-{part}.npy", getattr(shard, part))
        print(f"{kind}: {len(shard)} texts, {len(shard.ids)} tokens, longest {shard.lengths().max()}", flush=True)


if __name__ == "__main__":
    main()
