"""Fine-tuning of a Hugging Face checkpoint (Qwen2 or Llama) with LoRA on the projections of attention and MLP."""

from __future__ import annotations

import shutil
from pathlib import Path

import checkpoint
import data
import numpy as np
import project
import torch  # type: ignore[import-not-found]  # only in the training environment
from examples import ENDS
from peft import LoraConfig, PeftModel, get_peft_model  # type: ignore[import-not-found]  # likewise
from transformers import AutoModelForCausalLM, PreTrainedModel  # type: ignore[import-not-found]  # likewise

_PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
_TOKENIZER = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
)
_TOLERANCE = 1e-3  # of a logit, in 32 bits
_COMPARED = 256  # tokens of a text


def prepare(folder: Path, settings: project.Settings, processes: int) -> None:
    """Takes the checkpoint's own tokenizer and, the first time, writes the shards with it.

    Raises ValueError for another architecture, FileNotFoundError without `tokenizer.json`.
    """
    checkpoint.shape(folder)
    settings.work.mkdir(parents=True, exist_ok=True)
    given = (folder / "tokenizer.json").read_bytes()
    same = settings.tokenizer.exists() and settings.tokenizer.read_bytes() == given
    if not same or not (settings.work / f"{data.KINDS[-1]}-starts.npy").exists():
        settings.tokenizer.write_bytes(given)
        data.write(settings, processes)


def adapt(folder: Path, settings: project.Settings) -> PeftModel:
    """The checkpoint, frozen, with fresh adapters: its logits are still those of the checkpoint."""
    if settings.lora is None:
        raise ValueError("these settings have no [lora]")
    torch.manual_seed(settings.seed)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa")
    model.config.use_cache = False
    config = LoraConfig(
        r=settings.lora.rank,
        lora_alpha=settings.lora.alpha,
        lora_dropout=settings.lora.dropout,
        target_modules=list(_PROJECTIONS),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def merge(adapted: PeftModel, folder: Path, settings: project.Settings) -> float:
    """Writes the merged model with the tokenizer as `settings.finished`; returns the greatest difference of a logit.

    Raises ValueError where it is more than rounding.
    """
    ids = data.load(settings, "validation").ids[:_COMPARED].astype(np.int64)
    text = torch.from_numpy(ids)[None].to(next(adapted.parameters()).device)
    adapted.eval()
    with torch.no_grad():
        before = adapted(input_ids=text).logits
        merged = adapted.merge_and_unload()
        difference = float((merged(input_ids=text).logits - before).abs().max())
    if difference > _TOLERANCE:
        raise ValueError(f"the merged model's logits differ by {difference}")
    _finish(merged, settings)
    merged.save_pretrained(settings.finished)
    for name in _TOKENIZER:
        if (folder / name).exists():
            shutil.copyfile(folder / name, settings.finished / name)
    return difference


def _finish(merged: PreTrainedModel, settings: project.Settings) -> None:
    """What it learnt to end with ends a text: a base model's configuration has the end of a document instead."""
    merged.config.use_cache = True
    end = data.tokenizer(settings.tokenizer).token_to_id(ENDS[settings.template])
    merged.config.eos_token_id = merged.generation_config.eos_token_id = end
