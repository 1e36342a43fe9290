"""A `tokenizers` file as GGUF metadata: byte-level BPE (Qwen2, Llama 3) or SentencePiece's BPE (TinyLlama)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gguf

_BYTE = "<0x{:02X}>"


def vocabulary(writer: gguf.GGUFWriter, folder: Path, size: int) -> None:
    """Adds tokens (`size`, as many as the embedding has rows), kinds, merges and special tokens.

    Raises ValueError for a tokenizer of another kind, FileNotFoundError where there is no `tokenizer.json`.
    """
    file = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    model = file["model"]
    if model.get("type", "BPE") != "BPE":
        raise ValueError(f"{model['type']}: only BPE tokenizers are known")
    added = {t["content"]: t for t in file.get("added_tokens", ())}
    ids = {**model["vocab"], **{text: t["id"] for text, t in added.items()}}
    tokens = [f"[PAD{i}]" for i in range(size)]
    kinds = [gguf.TokenType.UNUSED] * size
    for text, number in ids.items():
        tokens[number] = text
        kinds[number] = _kind(text, added, model)
    merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
    if model.get("byte_fallback"):
        writer.add_tokenizer_model("llama")
        writer.add_tokenizer_pre("default")
        writer.add_token_scores(_scores(tokens, merges))
        writer.add_add_space_prefix(_prefixes(file))
    else:
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(_split(file))
        writer.add_token_merges(merges)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    _specials(writer, folder)


def _kind(text: str, added: dict[str, Any], model: dict[str, Any]) -> gguf.TokenType:
    if model.get("byte_fallback") and text == model.get("unk_token"):
        return gguf.TokenType.UNKNOWN
    if text in added:
        return gguf.TokenType.CONTROL if added[text]["special"] else gguf.TokenType.USER_DEFINED
    if model.get("byte_fallback") and text in {_BYTE.format(b) for b in range(256)}:
        return gguf.TokenType.BYTE
    return gguf.TokenType.NORMAL


def _scores(tokens: list[str], merges: list[str]) -> list[float]:
    """SentencePiece joins the pair with the best score first: the earlier the merge, the better."""
    ranks: dict[str, int] = {}
    for rank, merge in enumerate(merges):
        ranks.setdefault(merge.replace(" ", ""), rank)
    return [-float(ranks.get(t, len(merges))) for t in tokens]


def _prefixes(file: dict[str, Any]) -> bool:
    """Whether a space is put before the text: a normalizer, or Metaspace before the model."""
    text = json.dumps([file.get("normalizer"), file.get("pre_tokenizer")])
    return '"Prepend"' in text or '"prepend_scheme": "first"' in text or '"prepend_scheme": "always"' in text


def _split(file: dict[str, Any]) -> str:
    """The name that llama.cpp has for the expression that parts words and numbers."""
    text = json.dumps(file.get("pre_tokenizer"), ensure_ascii=False)
    if r"\\p{N}{1,3}" in text:
        return "llama-bpe"
    if r"\\p{N}" in text:
        return "qwen2"
    raise ValueError("the tokenizer parts words in a way that is not known")


def _specials(writer: gguf.GGUFWriter, folder: Path) -> None:
    """End, beginning and padding as the folder's configurations say. Raises ValueError where no end is told."""
    config: dict[str, Any] = {}
    for name in ("config.json", "generation_config.json"):
        if (folder / name).exists():
            told = json.loads((folder / name).read_text(encoding="utf-8"))
            config |= {k: v for k, v in told.items() if v is not None}
    end = config.get("eos_token_id")
    end = end[0] if isinstance(end, list) else end
    if end is None:
        raise ValueError("neither config.json nor generation_config.json tells the token that ends a text")
    writer.add_eos_token_id(end)
    if "bos_token_id" in config:
        writer.add_bos_token_id(config["bos_token_id"])
    if "pad_token_id" in config:
        writer.add_pad_token_id(config["pad_token_id"])
    writer.add_add_bos_token(False)  # the chat formats of the program have none
