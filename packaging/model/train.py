"""Trains the narrator: from nothing, or a given checkpoint with LoRA (settings with [lora], and `--init-from`).

`python packaging/model/train.py packaging/model/mini.toml [--threads 2] [--minutes M] [--init-from FOLDER]`
stops cleanly at SIGTERM or SIGINT and goes on from the last checkpoint in `work/`, with the same order of texts.
When all steps are done a fine-tuned model is merged and written as a Hugging Face folder.
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
import lora
import project
import torch  # type: ignore[import-not-found]  # only in the training environment
from team import Team, loss_of, trained
from transformers import PreTrainedModel, Qwen2Config, Qwen2ForCausalLM  # type: ignore[import-not-found]  # likewise


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
    """Muon for the matrices, AdamW for the rest, one schedule: warm-up, the full rate, at the end a twentieth.

    The full rate does not depend on the number of steps, so a run may be made longer until its end begins.

    What LoRA adds is left to AdamW: its matrices are thin.
    """

    def __init__(self, model: PreTrainedModel, training: project.Training) -> None:
        self._training = training
        named = trained(model)
        matrices = [p for n, p in named.items() if p.ndim == 2 and "embed" not in n and "lora" not in n]
        others = [p for n, p in named.items() if p.ndim != 2 or "embed" in n or "lora" in n]
        adam = torch.optim.AdamW(others, lr=training.other_lr, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
        muon = {"weight_decay": training.weight_decay, "adjust_lr_fn": "match_rms_adamw"}
        self._parts = (
            *([torch.optim.Muon(matrices, lr=training.matrix_lr, **muon)] if matrices else []),
            adam,
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
        left = (t.steps - number) / max(1.0, t.decay_share * t.steps)
        return min(1.0, max(0.05, left))

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


def validate(model: PreTrainedModel, settings: project.Settings) -> float:
    """Loss over the answers of the validation records."""
    model.eval()
    with torch.no_grad():
        losses = [(loss_of(model, b).item(), int(b.counted.sum())) for b in batches.validation(settings)]
    model.train()
    return float(sum(v * n for v, n in losses) / sum(n for _, n in losses))


def train(model: PreTrainedModel, settings: project.Settings, stop: Stop, processes: int) -> bool:
    """Until the last step of the settings (true), or until `stop` says so; logs and saves on the way."""
    optimizer = Optimizer(model, settings.training)
    progress = resume(model, optimizer, settings)
    team = Team(model, processes, compiled=settings.lora is None)
    try:
        return _steps(model, settings, stop, optimizer, progress, team)
    finally:
        team.close()


def _steps(
    model: PreTrainedModel,
    settings: project.Settings,
    stop: Stop,
    optimizer: Optimizer,
    progress: Progress,
    team: Team,
) -> bool:
    saved = begun = time.monotonic()
    before = progress.seconds
    for batch in batches.training(settings, progress.step):
        loss = team.gradients(batch)
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), settings.training.clip)
        share = team.alone(lambda: optimizer.step(progress.step))
        progress.step += 1
        progress.tokens += batch.tokens
        progress.seconds = before + time.monotonic() - begun
        log(
            settings,
            {
                "step": progress.step,
                "tokens": progress.tokens,
                "loss": round(loss, 4),
                "norm": round(norm.item(), 3),
                "lr": share,
                "seconds": round(progress.seconds, 1),
                "drill": batch.drill,
            },
        )
        if progress.step % settings.training.validation_steps == 0 or progress.step == settings.training.steps:
            log(settings, {"step": progress.step, "validation": validate(model, settings)})
        if stop.asked or time.monotonic() - saved > settings.training.checkpoint_seconds:
            save(model, optimizer, progress, settings)
            saved = time.monotonic()
        if stop.asked:
            return progress.step == settings.training.steps
    save(model, optimizer, progress, settings)
    return True


def save(model: PreTrainedModel, optimizer: Optimizer, progress: Progress, settings: project.Settings) -> None:
    """Writes the checkpoint whole or not at all."""
    part = settings.checkpoint.with_suffix(".part")
    weights = {name: p.detach() for name, p in trained(model).items()}
    torch.save({"model": weights, "optimizer": optimizer.state(), "progress": vars(progress)}, part)
    part.replace(settings.checkpoint)


def resume(model: PreTrainedModel, optimizer: Optimizer, settings: project.Settings) -> Progress:
    """Raises ValueError where the checkpoint is of another model."""
    if not settings.checkpoint.exists():
        _log_file(settings).unlink(missing_ok=True)
        return Progress()
    state = torch.load(settings.checkpoint, map_location=model.device, weights_only=True)
    restore(model, state["model"])
    optimizer.restore(state["optimizer"])
    return Progress(**state["progress"])


def restore(model: PreTrainedModel, weights: dict[str, torch.Tensor]) -> None:
    """Puts saved weights into the model; those of a given checkpoint stay. Raises ValueError where they do not fit."""
    missing, unknown = model.load_state_dict(weights, strict=False)
    if unknown or set(missing) & set(trained(model)):
        raise ValueError("the checkpoint is of another model")


def _log_file(settings: project.Settings) -> Path:
    return settings.work / "log.jsonl"


def log(settings: project.Settings, entry: dict[str, object]) -> None:
    with _log_file(settings).open("a", encoding="utf-8") as out:
        out.write(json.dumps(entry) + "\n")


def fine_tune(folder: Path, settings: project.Settings, stop: Stop, device: torch.device, processes: int) -> None:
    """Trains what LoRA adds to the checkpoint; then it is merged and written (`settings.finished`).

    Raises ValueError for a checkpoint that is not known or a merge that is not exact.
    """
    lora.prepare(folder, settings, processes)
    adapted = lora.adapt(folder, settings).to(device)
    if train(adapted.get_base_model(), settings, stop, processes):
        difference = lora.merge(adapted, folder, settings)
        print(f"merged: logits differ by {difference:.6f} at most")


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
    options.add_argument("--threads", type=int, default=2, help="cores, each with a process of its own")
    options.add_argument("--minutes", type=float, help="stop after so many minutes")
    options.add_argument("--init-from", type=Path, help="Hugging Face folder (Qwen2 or Llama) to fine-tune")
    args = options.parse_args()
    torch.set_num_threads(1)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    settings, stop = project.load(args.settings), Stop(args.minutes)
    if (settings.lora is None) != (args.init_from is None):
        options.error("--init-from goes with settings that have [lora]")
    if args.init_from:
        fine_tune(args.init_from, settings, stop, device, args.threads)
    else:
        train(network(settings).to(device), settings, stop, args.threads)


if __name__ == "__main__":
    main()
