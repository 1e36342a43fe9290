"""The words of a `tokenizer.json`: text to tokens and back, and the same words for the grammar."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from llguidance import LLTokenizer
from tokenizers import Tokenizer

from engine.errors import ModelRefused
from engine.inference.chat import ENDS, MARKERS

# Tokens that end a turn or a text in the models known, as llama.cpp knows them by name.
_END_NAMES = {*ENDS.values(), "<|endoftext|>", "<|end_of_text|>", "<eos>"}
_MARKERS = {*ENDS.values(), *(marker for markers in MARKERS.values() for marker in markers)}


class Words:
    """Raises ModelRefused where the file is no tokenizer of a known kind, or has more tokens than the model."""

    def __init__(self, folder: Path, template: str, size: int) -> None:
        self._name = folder.name
        try:
            hidden, bytewise = self._read(folder / "tokenizer.json")
            end = self.marker(ENDS[template])
            self._ends = {end, *(number for name, number in self._added.items() if name in _END_NAMES)}
            # What begins a text is a matter of each runtime's own where words carry their spaces; bytes are bytes, and
            # the constraint engine's tokenizer is the same code: a second one would take a hundred megabytes.
            self._spaced = None if bytewise else Tokenizer.from_str(hidden)
            self.matcher = LLTokenizer(hidden, n_vocab=size, eos_token=end, slices=[])  # as in llama.py
        except ModelRefused:
            raise
        except Exception:  # what `tokenizers` and llguidance raise has no class of its own, and may quote the file
            raise ModelRefused("model_onnx_damaged", file=folder.name, where="tokenizer.json") from None

    def _read(self, path: Path) -> tuple[str, bool]:
        """The tokenizer with its added tokens hidden, and whether it works on bytes as they are."""
        described = json.loads(path.read_bytes())
        added, words = described["added_tokens"], described["model"]["vocab"]
        self._added: dict[str, int] = {t["content"]: t["id"] for t in added}
        self._ids = {name: int(words[name]) for name in _MARKERS if name in words} | self._added
        self._pieces = {int(t["id"]): b"" if t["special"] else str(t["content"]).encode() for t in added}
        bytewise = (described.get("decoder") or {}).get("type") == "ByteLevel"
        prefixed = '"add_prefix_space": true' in json.dumps(described.get("pre_tokenizer"))
        return json.dumps(_hidden(described, added)), bytewise and not prefixed

    def ends(self, more: Iterable[int]) -> frozenset[int]:
        """The tokens that end an answer: those known by name (in Qwen2 «</s>» is a word like others), and `more`."""
        return frozenset((*self._ends, *more))

    def marker(self, text: str) -> int:
        """The one token of a marker of the chat format. Raises ModelRefused where the vocabulary lacks it."""
        if text not in self._ids:
            raise ModelRefused("model_no_template", file=self._name)
        return self._ids[text]

    def plain(self, text: str) -> list[int]:
        """Tokens of a text in which nothing is special, whatever it looks like."""
        if self._spaced is None:
            return list(self.matcher.tokenize_str(text))
        return list(self._spaced.encode(text, add_special_tokens=False).ids)

    def piece(self, token: int) -> bytes:
        """The bytes that a token stands for: none for a special one or one that the model has without a word."""
        if token not in self._pieces:
            special = self.matcher.is_special_token(token)
            self._pieces[token] = b"" if special else self.matcher.decode_bytes([token])
        return self._pieces[token]


def _hidden(described: dict[str, Any], added: list[dict[str, Any]]) -> dict[str, Any]:
    """The same tokenizer, with added tokens under names that no text can have; it adds, cuts and pads nothing.

    Neither what the model reads nor what the grammar forces it to write is ever taken for one of them.
    """
    secret = secrets.token_hex(8)
    names = {str(t["content"]): f"<{secret} {t['id']}>" for t in added}
    model = dict(described["model"])
    model["vocab"] = {names.get(word, word): number for word, number in model["vocab"].items()}
    unknown = model.get("unk_token")
    model["unk_token"] = names.get(unknown, unknown) if unknown else unknown
    tokens = [{**t, "content": names[t["content"]]} for t in added]
    nothing = dict.fromkeys(("post_processor", "truncation", "padding"))
    return {**described, **nothing, "model": model, "added_tokens": tokens}
