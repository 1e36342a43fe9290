"""Where things are, and the settings of one model (mini.toml)."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = HERE / "work"  # ignored by git: shards, checkpoints, logs

if str(ROOT) not in sys.path:  # the scripts run from their own folder; the targets come from the engine
    sys.path.append(str(ROOT))


@dataclass(frozen=True, slots=True)
class Network:
    vocabulary: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    intermediate: int
    context: int
    rope_theta: float


@dataclass(frozen=True, slots=True)
class Data:
    records: int
    drills: int  # short records with few lists, for copying
    validation: int
    tokenizer_records: int
    corrections: float  # share of prompts with a line of corrections


@dataclass(frozen=True, slots=True)
class Training:
    steps: int
    batch_tokens: int
    warmup_steps: int
    drill_steps: int  # at first only drills
    drill_share: float  # afterwards
    matrix_lr: float  # Muon
    other_lr: float  # AdamW: embedding, norms, biases
    weight_decay: float
    prompt_share: float  # of the prompt's tokens that count in the loss
    clip: float
    checkpoint_seconds: float


@dataclass(frozen=True, slots=True)
class Settings:
    id: str
    name: str
    seed: int
    network: Network
    data: Data
    training: Training


def load(path: Path) -> Settings:
    """Raises TypeError for a key that is not known or is missing."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return Settings(
        table["id"],
        table["name"],
        table["seed"],
        Network(**table["network"]),
        Data(**table["data"]),
        Training(**table["training"]),
    )
