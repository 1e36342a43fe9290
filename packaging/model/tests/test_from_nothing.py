"""A checkpoint of train.py as a Hugging Face folder."""

from __future__ import annotations

import json
from pathlib import Path

import checkpoint
import huggingface
import project
import pytest
import tokenizer as byte_level
import torch
import train
from conftest import texts
from transformers import AutoModelForCausalLM, AutoTokenizer


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> project.Settings:
    """The settings of the smallest model, with fresh weights as its checkpoint."""
    monkeypatch.setattr(project, "WORK", tmp_path)
    settings = project.load(project.HERE / "mini.toml")
    byte_level.build(texts(), 600).save(str(settings.tokenizer))
    weights = train.network(settings).state_dict()
    torch.save({"model": weights}, settings.checkpoint)
    return settings


def test_the_folder_has_the_weights_the_tokenizer_and_the_end_of_an_answer(trained: project.Settings) -> None:
    folder = huggingface.write(trained, trained.checkpoint)
    model = AutoModelForCausalLM.from_pretrained(folder)
    ids = torch.arange(20)[None]
    with torch.no_grad():
        assert torch.equal(model(ids).logits, train.network(trained)(ids).logits)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for text in list(texts())[:20]:
        given = tokenizer(text, add_special_tokens=False).input_ids
        assert given == tokenizer.backend_tokenizer.from_file(str(trained.tokenizer)).encode(text).ids
    chat = tokenizer.apply_chat_template([{"role": "user", "content": "x"}], tokenize=False, add_generation_prompt=True)
    assert chat == "<|im_start|>user\nx<|im_end|>\n<|im_start|>assistant\n"
    assert model.generation_config.eos_token_id == tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert json.loads((folder / "config.json").read_text(encoding="utf-8"))["use_cache"] is True
    assert checkpoint.shape(folder).tied


def test_what_was_trained_before_this_version_is_still_read(trained: project.Settings) -> None:
    """The tied head was saved too, beside the embedding."""
    saved = torch.load(trained.checkpoint, weights_only=True)["model"]
    assert "lm_head.weight" in saved
    model = train.network(trained)
    with torch.no_grad():
        model.model.norm.weight.zero_()
    train.restore(model, saved)
    assert model.model.norm.weight.min() == 1
