"""Small random checkpoints of each architecture, with tokenizers trained on the project's own synthetic records."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import project
import tokenizer as byte_level
import torch
from examples import SPECIAL, pieces
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedModel, Qwen2Config, Qwen2ForCausalLM

torch.set_num_threads(1)  # the cores may be shared

_SIZES = {
    "hidden_size": 256,  # K-quants have blocks of 256
    "intermediate_size": 512,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
    "initializer_range": 0.08,  # logits apart enough for a likeliest token
}
_SETTINGS = """
id = "tiny-{architecture}"
name = "Tiny"
seed = 7
[lora]
rank = 8
alpha = 16.0
dropout = 0.0
context = 4096
template = "{template}"
licence = "Apache-2.0"
[data]
records = 12
drills = 6
validation = 8
tokenizer_records = 0
corrections = 0.0
[training]
steps = 12
batch_tokens = 512
warmup_steps = 1
decay_share = 0.9
validation_steps = 200
drill_steps = 12
drill_share = 0.5
matrix_lr = 0.0
other_lr = 0.01
weight_decay = 0.0
prompt_share = 0.0
clip = 1.0
checkpoint_seconds = 600.0
"""


def texts() -> Iterator[str]:
    for seed in range(30):
        yield from (p.text for p in pieces(seed) if p.role != SPECIAL)


@pytest.fixture(scope="session")
def qwen2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tied embedding, biases, byte-level tokenizer."""
    folder = tmp_path_factory.mktemp("qwen2")
    tokenizer = byte_level.build(texts(), 700)
    # A base model: a text ends with the end of a document.
    config = Qwen2Config(vocab_size=704, tie_word_embeddings=True, eos_token_id=0, bos_token_id=0, **_SIZES)
    return _save(Qwen2ForCausalLM, config, tokenizer, folder)


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A head of its own, another base of positions, a tokenizer like SentencePiece's."""
    folder = tmp_path_factory.mktemp("llama")
    tokenizer = _sentencepiece(500)
    size = tokenizer.get_vocab_size()
    config = LlamaConfig(vocab_size=size, tie_word_embeddings=False, rope_theta=50000.0, rms_norm_eps=1e-5, **_SIZES)
    return _save(LlamaForCausalLM, config, tokenizer, folder)


@pytest.fixture(params=["qwen2", "llama"])
def checkpoint_folder(request: pytest.FixtureRequest) -> Path:
    folder = request.getfixturevalue(request.param)
    assert isinstance(folder, Path)
    return folder


@pytest.fixture
def settings(checkpoint_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> project.Settings:
    """Of a fine-tuning of the checkpoint, in a folder of the test's own."""
    monkeypatch.setattr(project, "WORK", tmp_path / "work")
    architecture = json.loads((checkpoint_folder / "config.json").read_text(encoding="utf-8"))["model_type"]
    template = {"qwen2": "chatml", "llama": "zephyr"}[architecture]
    path = tmp_path / "settings.toml"
    path.write_text(_SETTINGS.format(architecture=architecture, template=template), encoding="utf-8")
    return project.load(path)


def _save(kind: type[PreTrainedModel], config: LlamaConfig | Qwen2Config, tokenizer: Tokenizer, folder: Path) -> Path:
    torch.manual_seed(3)
    model = kind(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim == 1:  # norms are ones and biases zeros where nothing was trained
                parameter += 0.2 * torch.randn_like(parameter)
            assert parameter.isfinite().all(), name
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}', encoding="utf-8")
    return folder


def _sentencepiece(pieces_wanted: int) -> Tokenizer:
    """BPE with bytes for what it lacks; of a token every pair that makes it is a merge, as in converted Llama files."""
    spaces = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    trained = Tokenizer(models.BPE())
    trained.normalizer = spaces
    trained.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    trained.train_from_iterator(texts(), trainers.BpeTrainer(vocab_size=pieces_wanted, show_progress=False))
    learnt = json.loads(trained.to_str())["model"]
    joined = ["".join(m) for m in learnt["merges"]]
    known = ["<unk>", "<s>", "</s>", *(f"<0x{b:02X}>" for b in range(256)), *joined]
    known += [t for t in learnt["vocab"] if t not in joined]
    vocabulary = {t: i for i, t in enumerate(known)}
    merges = [
        pair
        for token in joined
        for pair in ((token[:i], token[i:]) for i in range(1, len(token)))
        if all(part in vocabulary for part in pair)
    ]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = spaces
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in ("<unk>", "<s>", "</s>")])
    return tokenizer
