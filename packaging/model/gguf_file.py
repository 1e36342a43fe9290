"""A Hugging Face folder as GGUF: F16 with the names, the tokenizer and the metadata of llama.cpp, then quantized."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path

import checkpoint
import gguf
import llama_cpp
import numpy as np
from gguf_tokenizer import vocabulary
from numpy.typing import NDArray

QUANTIZATIONS = {
    "q8_0": llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0,
    "q4_k_m": llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M,
}
EXACT = "f16"  # the one that must agree with PyTorch
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
_PLAIN = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}


@dataclass(frozen=True, slots=True)
class About:
    """What the file says of itself."""

    name: str
    description: str
    licence: str


def write(folder: Path, path: Path, about: About) -> None:
    """The weights as F16, norms and biases as F32. Raises ValueError for a checkpoint or a tokenizer not known."""
    shape = checkpoint.shape(folder)
    writer = gguf.GGUFWriter(path, shape.architecture)
    _metadata(writer, shape, about)
    vocabulary(writer, folder, shape.vocabulary)
    for name, array in checkpoint.weights(folder).items():
        if not (shape.tied and name == "lm_head.weight"):
            turned = _turned(name, array, shape)
            writer.add_tensor(_name(name), turned.astype(np.float16) if turned.ndim == 2 else turned)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def quantize(source: Path, target: Path, kind: str) -> None:
    """Raises RuntimeError where llama.cpp refuses."""
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = QUANTIZATIONS[kind]
    if llama_cpp.llama_model_quantize(os.fsencode(source), os.fsencode(target), ctypes.byref(params)):
        raise RuntimeError(f"llama.cpp could not quantize {source.name}")


def _metadata(writer: gguf.GGUFWriter, shape: checkpoint.Shape, about: About) -> None:
    writer.add_name(about.name)
    writer.add_license(about.licence)
    writer.add_description(about.description)
    writer.add_string("epicrisis.prompt_profile", "narrator")  # what it was trained to read
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.hidden)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.intermediate)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.head_dim)
    writer.add_value_length(shape.head_dim)
    writer.add_rope_dimension_count(shape.head_dim)
    writer.add_rope_freq_base(shape.rope_theta)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)


def _turned(name: str, array: NDArray[np.float32], shape: checkpoint.Shape) -> NDArray[np.float32]:
    """llama.cpp rotates neighbours for Llama and halves for Qwen2: Llama's rows of queries and keys change place."""
    part = name.split(".")[-2]
    if shape.architecture != "llama" or part not in ("q_proj", "k_proj"):
        return array
    heads = shape.heads if part == "q_proj" else shape.kv_heads
    halves = array.reshape(heads, 2, shape.head_dim // 2, *array.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(array.shape)


def _name(name: str) -> str:
    """«model.layers.0.mlp.up_proj.weight» is llama.cpp's «blk.0.ffn_up.weight». Raises KeyError for another part."""
    if name in _PLAIN:
        return _PLAIN[name]
    _, _, layer, *part, kind = name.split(".")
    return f"blk.{layer}.{_LAYER['.'.join(part)]}.{kind}"
