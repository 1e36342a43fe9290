"""Converted files do what PyTorch does, and the proof notices where they do not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import checkpoint
import convert
import gguf_file
import numpy as np
import onnx
import onnx_blocks
import onnx_file
import parity
import project
import pytest
from numpy.typing import NDArray
from onnx_graph import Decoder


@pytest.fixture(autouse=True)
def _few_texts(settings: project.Settings, checkpoint_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough for a tiny model; the tokenizer stands where a fine-tuning leaves it."""
    monkeypatch.setattr(convert, "_TEXTS", 8)
    monkeypatch.setattr(convert, "_LENGTH", 160)
    monkeypatch.setattr(convert, "_TOKENS", 12)
    settings.work.mkdir(parents=True)
    shutil.copyfile(checkpoint_folder / "tokenizer.json", settings.tokenizer)


def test_every_file_is_written_and_compared(
    checkpoint_folder: Path, settings: project.Settings, tmp_path: Path
) -> None:
    found = {c.file: c.parity for c in convert.convert(checkpoint_folder, settings, tmp_path / "out", 1)}
    names = [*(f"{settings.id}-{k}.gguf" for k in ("f16", "q8_0", "q4_k_m"))]
    assert list(found) == [*names, *(f"{n}.onnx" for n in onnx_file.PRECISIONS)]
    assert found["model.onnx"].largest < 1e-3
    assert found["model.onnx"].written == found["model.onnx"].asked == 3
    assert found[names[0]].divergence < 1e-5
    for eight in (names[1], "model_quantized.onnx"):
        assert 0 < found[eight].divergence < 0.01
    for four in (names[2], "model_q4.onnx", "model_q4f16.onnx"):
        assert found[eight].divergence < found[four].divergence < 0.2


def test_the_onnx_folder_is_that_of_an_onnx_community_export(checkpoint_folder: Path, tmp_path: Path) -> None:
    [path] = onnx_file.write(checkpoint_folder, tmp_path, ("model_q4f16",))
    graph = onnx.load(path).graph
    cache = [f"{layer}.{part}" for layer in range(2) for part in ("key", "value")]
    ins = ["input_ids", "attention_mask", "position_ids", *(f"past_key_values.{c}" for c in cache)]
    assert [i.name for i in graph.input] == [*ins, "num_logits_to_keep"]
    assert "num_logits_to_keep" in {t.name for t in graph.initializer}  # so that it may be left out
    assert [o.name for o in graph.output] == ["logits", *(f"present.{c}" for c in cache)]
    dims = [d.dim_value or d.dim_param for d in graph.input[3].type.tensor_type.shape.dim]
    assert dims == ["batch_size", 2, "past_sequence_length", 64]
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    assert config["transformers.js_config"] == {"kv_cache_dtype": {"fp16": "float16", "q4f16": "float16"}}
    assert (tmp_path / "tokenizer.json").read_bytes() == (checkpoint_folder / "tokenizer.json").read_bytes()
    assert {"generation_config.json", "tokenizer_config.json"} <= {p.name for p in tmp_path.iterdir()}


def test_the_last_logits_alone_may_be_asked_for(checkpoint_folder: Path, tmp_path: Path) -> None:
    for path in onnx_file.write(checkpoint_folder, tmp_path, ("model", "model_q4f16")):
        runner = parity.Onnx(path, 1)
        whole = runner.step(range(3, 40))
        runner.reset()
        runner.kept = 2
        assert np.array_equal(runner.step(range(3, 40)), whole[-2:])


@pytest.mark.parametrize("name", ["model", "model_quantized", "model_q4"])
def test_a_tied_embedding_is_stored_once(qwen2: Path, name: str) -> None:
    shape = checkpoint.shape(qwen2)
    graph = Decoder(shape, checkpoint.weights(qwen2), onnx_file.PRECISIONS[name]).model().graph
    large = [t.name for t in graph.initializer if t.dims[:1] == [shape.vocabulary] and len(t.raw_data) > 100_000]
    assert large == ["embedding"]


def test_rows_of_llama_that_do_not_change_place_are_noticed(
    checkpoint_folder: Path, settings: project.Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def turned(_name: str, array: NDArray[np.float32], shape: checkpoint.Shape) -> NDArray[np.float32]:
        return array if shape.architecture == "llama" else np.roll(array, 1, axis=0)

    monkeypatch.setattr(gguf_file, "_turned", turned)
    with pytest.raises(convert.Differs, match=r"f16\.gguf"):
        list(convert.convert(checkpoint_folder, settings, tmp_path / "out", 1))


def test_another_weight_in_onnx_is_noticed(
    checkpoint_folder: Path, settings: project.Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = checkpoint.weights(checkpoint_folder)
    given["model.layers.1.mlp.up_proj.weight"] = given["model.layers.1.mlp.up_proj.weight"] * 1.05
    monkeypatch.setattr(convert, "_gguf", lambda *_: iter(()))
    monkeypatch.setattr(checkpoint, "weights", lambda _folder: given)
    with pytest.raises(convert.Differs, match=r"model\.onnx"):
        list(convert.convert(checkpoint_folder, settings, tmp_path / "out", 1))


def test_other_tokens_are_noticed(
    checkpoint_folder: Path, settings: project.Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parity.Llama, "tokens", lambda *_: [1])
    with pytest.raises(convert.Differs, match="other tokens"):
        list(convert.convert(checkpoint_folder, settings, tmp_path / "out", 1))


@pytest.mark.parametrize(("bits", "worst"), [(4, 0.62), (8, 0.51)])
def test_a_quantized_weight_is_half_a_step_away_at_most(bits: int, worst: float) -> None:
    """But for a weight beyond the last number, which the search may cut for the others' sake."""
    matrix = np.random.default_rng(5).normal(size=(64, 256)).astype(np.float32)
    matrix[3, :32] = 0
    whole, scales = onnx_blocks.quantize(matrix, bits)
    if bits == 4:
        whole = np.stack([whole & 15, whole >> 4], -1).reshape(64, 8, 32)
    read = ((whole.astype(np.float32) - 2 ** (bits - 1)) * scales[..., None]).reshape(matrix.shape)
    steps = np.abs(read - matrix) / np.repeat(np.abs(scales), 32, axis=1).clip(1e-9)
    assert np.quantile(steps, 0.99) < worst
    assert not read[3, :32].any()


def test_what_is_not_known_is_refused(qwen2: Path, tmp_path: Path) -> None:
    config = json.loads((qwen2 / "config.json").read_text(encoding="utf-8"))
    for change in (
        {"model_type": "gemma"},
        {"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4}},
        {"rope_scaling": {"type": "linear", "factor": 2.0}},
        {"use_sliding_window": True},
    ):
        (tmp_path / "config.json").write_text(json.dumps(config | change), encoding="utf-8")
        with pytest.raises(ValueError, match="known"):
            checkpoint.shape(tmp_path)
