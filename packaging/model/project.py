"""Where things are, and the settings of one model (mini.toml, fine-tuning.toml)."""

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
    decay_share: float  # of the steps, the last, in which the learning rate comes down
    validation_steps: int  # between two looks at the validation records
    drill_steps: int  # at first only drills
    drill_share: float  # afterwards
    matrix_lr: float  # Muon
    other_lr: float  # AdamW: embedding, norms, biases
    weight_decay: float
    prompt_share: float  # of the prompt's tokens that count in the loss
    clip: float
    checkpoint_seconds: float


@dataclass(frozen=True, slots=True)
class Lora:
    """Fine-tuning of a given checkpoint, which has its own sizes; its learning rate is `other_lr`."""

    rank: int
    alpha: float
    dropout: float
    context: int  # longer texts are left out
    template: str  # of the chat: a key of engine.inference.chat.TEMPLATES
    licence: str  # of the given checkpoint, and so of what comes of it


@dataclass(frozen=True, slots=True)
class Settings:
    id: str
    name: str
    seed: int
    data: Data
    training: Training
    sizes: Network | None  # of a model from nothing
    lora: Lora | None  # of a given one

    @property
    def network(self) -> Network:
        """Raises ValueError for the settings of a fine-tuning."""
        if self.sizes is None:
            raise ValueError("these settings are for a given checkpoint (--init-from) and have no [network]")
        return self.sizes

    @property
    def context(self) -> int:
        return self.lora.context if self.lora else self.network.context

    @property
    def template(self) -> str:
        return self.lora.template if self.lora else "chatml"

    @property
    def work(self) -> Path:
        """The folder of its shards, checkpoint and log."""
        return WORK / self.id if self.lora else WORK

    @property
    def checkpoint(self) -> Path:
        return self.work / "checkpoint.pt"

    @property
    def tokenizer(self) -> Path:
        return self.work / "tokenizer.json"

    @property
    def finished(self) -> Path:
        """The trained model as a Hugging Face folder."""
        return self.work / "huggingface"


def load(path: Path) -> Settings:
    """Raises TypeError for a key that is not known or is missing, ValueError for both or none of [network], [lora]."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    if ("network" in table) == ("lora" in table):
        raise ValueError(f"{path.name}: one of [network] and [lora] is needed")
    return Settings(
        table["id"],
        table["name"],
        table["seed"],
        Data(**table["data"]),
        Training(**table["training"]),
        Network(**table["network"]) if "network" in table else None,
        Lora(**table["lora"]) if "lora" in table else None,
    )
