"""The words of a `tokenizer.json`: text to tokens and back, and the same words for the grammar."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from llguidance import LLTokenizer
from tokenizers import Tokenizer

from engine.errors import ModelRefused
from engine.inference.chat import ENDS

# Tokens that end a turn or a text in the models known, as llama.cpp knows them by name.
_END_NAMES = {*ENDS.values(), "<|endoftext|>", "<|end_of_text|>", "<eos>"}


class Words:
    """Raises ModelRefused where the file is no tokenizer of a known kind, or has more tokens than the model."""

    def __init__(self, folder: Path, template: str, size: int) -> None:
        path = folder / "tokenizer.json"
        try:
            described = json.loads(path.read_bytes())
            self._ids = {str(t["content"]): int(t["id"]) for t in described["added_tokens"]}
            self._plain = _without_added(described)
            self._ids |= {name: number for name in _END_NAMES if (number := self._plain.token_to_id(name)) is not None}
            end = self.marker(ENDS[template])
            self.matcher = LLTokenizer(str(path), n_vocab=size, eos_token=end)
        except ModelRefused:
            raise
        except Exception:  # what `tokenizers` and llguidance raise has no class of its own, and may quote the file
            raise ModelRefused("model_onnx_damaged", file=folder.name, where="tokenizer.json") from None
        self._pieces: dict[int, bytes] = {}

    def ends(self, more: Iterable[int]) -> frozenset[int]:
        """The tokens that end an answer: those known by name, and `more`."""
        return frozenset((*(self._ids[name] for name in _END_NAMES if name in self._ids), *more))

    def marker(self, text: str) -> int:
        """The one token of a marker of the chat format. Raises ModelRefused where the vocabulary lacks it."""
        found = self._ids.get(text, self._plain.token_to_id(text))
        if found is None:
            raise ModelRefused("model_no_template", file=text)
        return found

    def plain(self, text: str) -> list[int]:
        """Tokens of a text in which nothing is special, whatever it looks like."""
        return list(self._plain.encode(text, add_special_tokens=False).ids)

    def piece(self, token: int) -> bytes:
        """The bytes that a token stands for: none for a special one."""
        if token not in self._pieces:
            special = self.matcher.is_special_token(token)
            self._pieces[token] = b"" if special else self.matcher.decode_bytes([token])
        return self._pieces[token]


def _without_added(described: dict[str, object]) -> Tokenizer:
    """The same tokenizer, which finds no added token in a text and cuts or pads none."""
    return Tokenizer.from_str(
        json.dumps({**described, "added_tokens": [], "post_processor": None, "truncation": None, "padding": None})
    )
