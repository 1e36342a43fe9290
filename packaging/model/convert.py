"""A checkpoint as GGUF, and the proof that llama.cpp reads it as PyTorch does.

`python packaging/model/convert.py packaging/model/mini.toml [--checkpoint FILE] [--out FOLDER]`
writes `<id>-f16.gguf` and `<id>-q8_0.gguf`; exits with 1 where tokens or logits differ.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
from dataclasses import dataclass
from pathlib import Path

import data
import gguf
import llama_cpp
import numpy as np
import project
import torch  # type: ignore[import-not-found]  # only in the training environment
from examples import PROMPT, pieces, seeds
from numpy.typing import NDArray
from tokenizer import SPECIALS
from tokenizers import Tokenizer
from train import CHECKPOINT, network

_LAYER = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
_TEXTS = 200
_TOLERANCE = 0.05  # of a logit, F16 against fp32


@dataclass(frozen=True, slots=True)
class Comparison:
    texts: int  # whose tokens were compared, all equal
    logits: float  # greatest absolute difference


def write(state: dict[str, torch.Tensor], settings: project.Settings, path: Path) -> None:
    """The weights as F16 (norms and biases F32) with the tokenizer and the metadata that llama.cpp needs."""
    writer = gguf.GGUFWriter(path, "qwen2")
    _metadata(writer, settings)
    _vocabulary(writer)
    for name, tensor in state.items():
        if name != "lm_head.weight":  # tied to the embedding
            array = tensor.detach().float().cpu().numpy()
            writer.add_tensor(_name(name), array.astype(np.float16) if array.ndim == 2 else array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _metadata(writer: gguf.GGUFWriter, settings: project.Settings) -> None:
    n = settings.network
    writer.add_name(settings.name)
    writer.add_license("Apache-2.0")
    writer.add_description("Narrator of discharge summaries in Spanish, trained from scratch on synthetic records")
    writer.add_context_length(n.context)
    writer.add_embedding_length(n.hidden)
    writer.add_block_count(n.layers)
    writer.add_feed_forward_length(n.intermediate)
    writer.add_head_count(n.heads)
    writer.add_head_count_kv(n.kv_heads)
    writer.add_rope_freq_base(n.rope_theta)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)


def _vocabulary(writer: gguf.GGUFWriter) -> None:
    model = json.loads((project.WORK / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].__getitem__)
    kinds = [gguf.TokenType.CONTROL if t in SPECIALS else gguf.TokenType.NORMAL for t in tokens]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in model["merges"]])
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_bos_token_id(tokens.index("<|endoftext|>"))
    writer.add_pad_token_id(tokens.index("<|endoftext|>"))
    writer.add_add_bos_token(False)


def _name(name: str) -> str:
    """«model.layers.0.mlp.up_proj.weight» is llama.cpp's «blk.0.ffn_up.weight»."""
    plain = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}
    if name in plain:
        return plain[name]
    _, _, layer, *part, kind = name.split(".")
    return f"blk.{layer}.{_LAYER['.'.join(part)]}.{kind}"


def quantize(source: Path, target: Path) -> None:
    """Q8_0. Raises RuntimeError where llama.cpp refuses."""
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0
    if llama_cpp.llama_model_quantize(os.fsencode(source), os.fsencode(target), ctypes.byref(params)):
        raise RuntimeError(f"llama.cpp could not quantize {source.name}")


def compare(path: Path, settings: project.Settings, state: dict[str, torch.Tensor]) -> Comparison:
    """Tokens of 200 texts, logits of four. Raises ValueError where the tokens of a text differ."""
    llama = llama_cpp.Llama(str(path), n_ctx=settings.network.context, n_threads=2, logits_all=True, verbose=False)
    tokenizer = Tokenizer.from_file(str(project.WORK / "tokenizer.json"))
    chosen = seeds(settings, "validation")[:_TEXTS]
    for seed in chosen:
        for piece in pieces(seed):
            ours = tokenizer.encode(piece.text, add_special_tokens=False).ids
            theirs = llama.tokenize(piece.text.encode(), add_bos=False, special=piece.role != PROMPT)
            if ours != theirs:
                raise ValueError(f"tokens differ in the text of seed {seed}")
    model = network(settings)
    model.load_state_dict(state)
    model.eval()
    return Comparison(len(chosen), max(_difference(llama, model, data.encode(seed, 0.0)[0]) for seed in chosen[:4]))


def _difference(llama: llama_cpp.Llama, model: torch.nn.Module, ids: NDArray[np.uint16]) -> float:
    llama.reset()  # type: ignore[no-untyped-call]  # llama-cpp-python leaves it unannotated
    llama.eval([int(i) for i in ids])
    with torch.no_grad():
        ours = model(input_ids=torch.from_numpy(ids.astype(np.int64))[None]).logits[0].float().numpy()
    return float(np.abs(np.array(llama.scores[: len(ids)]) - ours).max())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("settings", type=Path)
    options.add_argument("--checkpoint", type=Path, default=CHECKPOINT)
    options.add_argument("--out", type=Path, default=project.WORK)
    args = options.parse_args()
    settings = project.load(args.settings)
    state = torch.load(args.checkpoint, map_location="cpu", weights_only=True)["model"]
    half, small = (args.out / f"{settings.id}-{kind}.gguf" for kind in ("f16", "q8_0"))
    write(state, settings, half)
    quantize(half, small)
    for path in (half, small):
        found = compare(path, settings, state)
        print(
            f"{path.name}: {path.stat().st_size} bytes, tokens of {found.texts} texts equal, "
            f"logits differ by {found.logits:.4f} at most"
        )
        if path == half and found.logits > _TOLERANCE:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
