"""A model trained from nothing as a Hugging Face folder, from which everything else is converted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import project
import torch  # type: ignore[import-not-found]  # only in the training environment
from examples import ENDS
from tokenizers import Tokenizer
from train import network, restore

_CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
_PADDING = "<|endoftext|>"


def write(settings: project.Settings, weights: Path) -> Path:
    """Writes `settings.finished` from a checkpoint of train.py and returns it.

    Raises ValueError where the checkpoint is of another model.
    """
    model = network(settings)
    restore(model, torch.load(weights, map_location="cpu", weights_only=True)["model"])
    tokenizer = Tokenizer.from_file(str(settings.tokenizer))
    end, padding = tokenizer.token_to_id(ENDS["chatml"]), tokenizer.token_to_id(_PADDING)
    model.config.use_cache = True
    for config in (model.config, model.generation_config):
        config.eos_token_id, config.bos_token_id, config.pad_token_id = end, padding, padding
    model.save_pretrained(settings.finished)
    shutil.copyfile(settings.tokenizer, settings.finished / "tokenizer.json")
    told = {
        "tokenizer_class": "PreTrainedTokenizerFast",  # takes the file as it is
        "model_max_length": settings.context,
        "eos_token": ENDS["chatml"],
        "bos_token": None,
        "pad_token": _PADDING,
        "add_bos_token": False,
        "clean_up_tokenization_spaces": False,
        "chat_template": _CHATML,
    }
    (settings.finished / "tokenizer_config.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return settings.finished
