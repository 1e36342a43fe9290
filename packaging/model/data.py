"""The training texts as token shards: ids (16 bits where they suffice), roles (uint8) and where each text begins.

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
from examples import SPECIAL, pieces, seeds
from numpy.typing import NDArray
from tokenizers import Tokenizer

KINDS = ("records", "drills", "validation")
Ids = NDArray[np.uint16] | NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Shard:
    """Texts one after the other; text i is ids[starts[i]:starts[i + 1]]."""

    ids: Ids
    roles: NDArray[np.uint8]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.starts)


def load(settings: project.Settings, kind: str) -> Shard:
    arrays = (np.load(settings.work / f"{kind}-{part}.npy") for part in ("ids", "roles", "starts"))
    return Shard(*arrays)


@lru_cache(maxsize=1)
def tokenizer(path: Path) -> Tokenizer:
    found = Tokenizer.from_file(str(path))
    found.no_truncation()
    found.no_padding()
    return found


def encode(file: Path, template: str, seed: int, corrections: float = 0.0) -> tuple[Ids, NDArray[np.uint8]]:
    """Ids and roles of one text, with the tokenizer of a file.

    Each piece is tokenised alone, as the engine does; records hold no special token.

    Raises ValueError where a marker of the chat's template is no token.
    """
    known = tokenizer(file)
    ids: list[int] = []
    roles: list[int] = []
    for piece in pieces(seed, corrections, template):
        new = known.encode(piece.text, add_special_tokens=False).ids
        if piece.role == SPECIAL and known.token_to_id(piece.text) is None:
            raise ValueError(f"the tokenizer has no token {piece.text}")
        ids += new
        roles += [piece.role] * len(new)
    small = known.get_vocab_size() <= np.iinfo(np.uint16).max + 1
    array: Ids = np.array(ids, np.uint16) if small else np.array(ids, np.uint32)
    return array, np.array(roles, np.uint8)


def build(settings: project.Settings, kind: str, processes: int) -> Shard:
    """Encodes all the texts of a kind; longer ones than the context are left out."""
    corrections = settings.data.corrections if kind == "records" else 0.0
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        one = partial(encode, settings.tokenizer, settings.template, corrections=corrections)
        texts = pool.map(one, seeds(settings, kind), chunksize=200)
    texts = [t for t in texts if len(t[0]) <= settings.context]
    starts = np.cumsum([0, *(len(ids) for ids, _ in texts)], dtype=np.int64)
    return Shard(np.concatenate([i for i, _ in texts]), np.concatenate([r for _, r in texts]), starts)


def write(settings: project.Settings, processes: int) -> None:
    """The shards of all kinds."""
    for kind in KINDS:
        shard = build(settings, kind, processes)
        for part in ("ids", "roles", "starts"):
            np.save(settings.work / f"{kind}-{part}.npy", getattr(shard, part))
        print(f"{kind}: {len(shard)} texts, {len(shard.ids)} tokens, longest {shard.lengths().max()}", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("settings", type=Path)
    options.add_argument("--processes", type=int, default=2)
    args = options.parse_args()
    write(project.load(args.settings), args.processes)


if __name__ == "__main__":
    main()
