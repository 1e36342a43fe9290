"""The tokenizer: byte-level BPE with Qwen2's pre-tokenizer and ChatML's special tokens.

`python packaging/model/tokenizer.py packaging/model/mini.toml`
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import project
from examples import SPECIAL, pieces, seeds
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")

# Qwen2's: digits one by one, so that a code or a dose is copied figure by figure.
_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_CODE = re.compile(r" \([^() ]*\d[^() ]*\)")


def build(texts: Iterator[str], vocabulary: int) -> Tokenizer:
    """Trains it. Codes are left out of the texts, so that their letters stay single tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIALS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((_CODE.sub("", t) for t in texts), trainer)
    return tokenizer


def texts(settings: project.Settings) -> Iterator[str]:
    for seed in seeds(settings, "records")[: settings.data.tokenizer_records]:
        yield from (p.text for p in pieces(seed) if p.role != SPECIAL)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("settings", type=Path)
    settings = project.load(options.parse_args().settings)
    settings.work.mkdir(exist_ok=True)
    built = build(texts(settings), settings.network.vocabulary)
    built.save(str(settings.tokenizer))
    print(f"tokenizer: {built.get_vocab_size()} tokens")


if __name__ == "__main__":
    main()
