"""Trains the narrator from nothing.

`python packaging/model/train.py packaging/model/mini.toml [--threads 2] [--minutes M]`
stops cleanly at SIGTERM or SIGINT and goes on from the last checkpoint in `work/`, with the same order of texts.
"""

from __future__ import annotations

import argparse
import json
import math
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import batches
import project
import torch  # type: ignore[import-not-found]  # only in the training environment
from transformers import Qwen2Config, Qwen2ForCausalLM  # type: ignore[import-not-found]  # likewise

CHECKPOINT = project.WORK / "checkpoint.pt"
LOG = project.WORK / "log.jsonl"


def network(settings: project.Settings) -> Qwen2ForCausalLM:
    """The model with fresh weights."""
    n = settings.network
    torch.manual_seed(settings.seed)
    return Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=n.vocabulary,
            hidden_size=n.hidden,
            num_hidden_layers=n.layers,
            intermediate_size=n.intermediate,
            num_attention_heads=n.heads,
            num_key_value_heads=n.kv_heads,
            max_position_embeddings=n.context,
            rope_theta=n.rope_theta,
            tie_word_embeddings=True,
            use_cache=False,
            attn_implementation="sdpa",
        )
    )


class Optimizer:
    """Muon for the matrices, AdamW for the rest, one schedule: warm-up, then cosine down to a twentieth."""

    def __init__(self, model: Qwen2ForCausalLM, training: project.Training) -> None:
        self._training = training
        named = list(model.named_parameters())
        matrices = [p for n, p in named if p.ndim == 2 and "embed" not in n]
        others = [p for n, p in named if p.ndim != 2 or "embed" in n]
        self._parts = (
            torch.optim.Muon(
                matrices, lr=training.matrix_lr, weight_decay=training.weight_decay, adjust_lr_fn="match_rms_adamw"
            ),
            torch.optim.AdamW(others, lr=training.other_lr, betas=(0.9, 0.98), weight_decay=0.0, fused=True),
        )
        self._base = [[g["lr"] for g in part.param_groups] for part in self._parts]

    def step(self, number: int) -> float:
        """One update; returns the share of the full learning rate."""
        share = self._share(number)
        for part, base in zip(self._parts, self._base, strict=True):
            for group, lr in zip(part.param_groups, base, strict=True):
                group["lr"] = lr * share
            part.step()
            part.zero_grad(set_to_none=True)
        return share

    def _share(self, number: int) -> float:
        t = self._training
        if number < t.warmup_steps:
            return (number + 1) / t.warmup_steps
        done = (number - t.warmup_steps) / max(1, t.steps - t.warmup_steps)
        return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))

    def state(self) -> list[dict[str, object]]:
        return [part.state_dict() for part in self._parts]

    def restore(self, state: list[dict[str, object]]) -> None:
        for part, saved in zip(self._parts, state, strict=True):
            part.load_state_dict(saved)


@dataclass
class Progress:
    step: int = 0
    tokens: int = 0
    seconds: float = 0.0


def loss_of(model: Qwen2ForCausalLM, batch: batches.Batch, device: torch.device) -> torch.Tensor:
    """Mean cross-entropy, in nats, over the positions of the batch that count."""
    ids = torch.from_numpy(batch.ids).to(device)
    counted = torch.from_numpy(batch.counted).to(device)  # [texts, length - 1]: does the next token count?
    with torch.autocast(device.type, dtype=torch.bfloat16):
        hidden = model.model(input_ids=ids[:, :-1]).last_hidden_state[counted]
        logits = model.lm_head(hidden)
    return torch.nn.functional.cross_entropy(logits.float(), ids[:, 1:][counted])


def validate(model: Qwen2ForCausalLM, settings: project.Settings, device: torch.device) -> float:
    """Loss over the answers of the validation records."""
    model.eval()
    with torch.no_grad():
        losses = [(loss_of(model, b, device).item(), int(b.counted.sum())) for b in batches.validation(settings)]
    model.train()
    return float(sum(v * n for v, n in losses) / sum(n for _, n in losses))


def train(settings: project.Settings, stop: Stop, device: torch.device) -> None:
    """Until the last step of the settings, or until `stop` says so; logs and saves on the way."""
    model = network(settings).to(device)
    optimizer = Optimizer(model, settings.training)
    progress = resume(model, optimizer, device)
    saved = begun = time.monotonic()
    before = progress.seconds
    for batch in batches.training(settings, progress.step):
        loss = loss_of(model, batch, device)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), settings.training.clip)
        share = optimizer.step(progress.step)
        progress.step += 1
        progress.tokens += batch.tokens
        progress.seconds = before + time.monotonic() - begun
        log(
            {
                "step": progress.step,
                "tokens": progress.tokens,
                "loss": round(loss.item(), 4),
                "norm": round(norm.item(), 3),
                "lr": share,
                "seconds": round(progress.seconds, 1),
                "drill": batch.drill,
            }
        )
        if progress.step % 200 == 0 or progress.step == settings.training.steps:
            log({"step": progress.step, "validation": validate(model, settings, device)})
        if stop.asked or time.monotonic() - saved > settings.training.checkpoint_seconds:
            save(model, optimizer, progress)
            saved = time.monotonic()
        if stop.asked:
            return
    save(model, optimizer, progress)


def save(model: Qwen2ForCausalLM, optimizer: Optimizer, progress: Progress) -> None:
    """Writes the checkpoint whole or not at all."""
    part = CHECKPOINT.with_suffix(".part")
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state(), "progress": vars(progress)}, part)
    part.replace(CHECKPOINT)


def resume(model: Qwen2ForCausalLM, optimizer: Optimizer, device: torch.device) -> Progress:
    if not CHECKPOINT.exists():
        LOG.unlink(missing_ok=True)
        return Progress()
    state = torch.load(CHECKPOINT, map_location=device, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.restore(state["optimizer"])
    return Progress(**state["progress"])


def log(entry: dict[str, object]) -> None:
    with LOG.open("a", encoding="utf-8") as out:
        out.write(json.dumps(entry) + "\n")


class Stop:
    """Asked for by a signal or by the clock."""

    def __init__(self, minutes: float | None) -> None:
        self._deadline = time.monotonic() + minutes * 60 if minutes else math.inf
        self._signalled = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signal)

    def _signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signalled = True

    @property
    def asked(self) -> bool:
        return self._signalled or time.monotonic() > self._deadline


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("settings", type=Path)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--minutes", type=float, help="stop after so many minutes")
    args = options.parse_args()
    torch.set_num_threads(args.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train(project.load(args.settings), Stop(args.minutes), device)


if __name__ == "__main__":
    main()
