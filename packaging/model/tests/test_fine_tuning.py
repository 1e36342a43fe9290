"""A given checkpoint learns with LoRA, goes on where it stopped, is merged exactly and converts."""

from __future__ import annotations

import json
from pathlib import Path

import convert
import data
import examples
import gguf
import lora
import project
import pytest
import torch
import train

_CPU = torch.device("cpu")


class After:
    """Asks to stop after so many steps."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    @property
    def asked(self) -> bool:
        self._left -= 1
        return self._left < 0


def _weights(settings: project.Settings) -> dict[str, torch.Tensor]:
    found = torch.load(settings.checkpoint, weights_only=True)["model"]
    assert isinstance(found, dict)
    return found


def test_it_learns_goes_on_is_merged_and_converts(
    checkpoint_folder: Path, settings: project.Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train.fine_tune(checkpoint_folder, settings, After(10**6), _CPU, 1)
    log = [json.loads(line) for line in (settings.work / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    losses = [entry["loss"] for entry in log if "loss" in entry]
    assert len(losses) == settings.training.steps
    assert sum(losses[-3:]) < 0.8 * sum(losses[:3])
    whole = _weights(settings)
    assert all("lora" in name for name in whole)

    settings.checkpoint.unlink()
    train.fine_tune(checkpoint_folder, settings, After(4), _CPU, 1)
    train.fine_tune(checkpoint_folder, settings, After(10**6), _CPU, 1)
    again = _weights(settings)
    assert all(torch.allclose(again[name], weight, atol=1e-5) for name, weight in whole.items())

    monkeypatch.setattr(convert, "_TEXTS", 8)
    monkeypatch.setattr(convert, "_LENGTH", 160)
    monkeypatch.setattr(convert, "_TOKENS", 12)
    found = {c.file: c.parity for c in convert.convert(settings.finished, settings, tmp_path / "out", 1)}
    assert found["model.onnx"].written == 3
    end = data.tokenizer(settings.tokenizer).token_to_id(examples.ENDS[settings.template])
    told = json.loads((tmp_path / "out" / f"{settings.id}-onnx" / "generation_config.json").read_text(encoding="utf-8"))
    assert told["eos_token_id"] == end
    fields = gguf.GGUFReader(tmp_path / "out" / f"{settings.id}-q8_0.gguf").fields
    assert fields["tokenizer.ggml.eos_token_id"].contents() == end


def test_the_merged_folder_has_the_logits_of_the_adapters(checkpoint_folder: Path, settings: project.Settings) -> None:
    lora.prepare(checkpoint_folder, settings, 1)
    adapted = lora.adapt(checkpoint_folder, settings)
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_B" in name:  # zeros before any step
                parameter += 0.05 * torch.randn_like(parameter)
    ids = torch.from_numpy(data.load(settings, "validation").ids[:64].astype("int64"))[None]
    adapted.eval()
    with torch.no_grad():
        expected = adapted(input_ids=ids).logits
        given = lora.AutoModelForCausalLM.from_pretrained(checkpoint_folder, dtype=torch.float32)(input_ids=ids).logits
    assert lora.merge(adapted, checkpoint_folder, settings) < 1e-3
    with torch.no_grad():
        read = lora.AutoModelForCausalLM.from_pretrained(settings.finished, dtype=torch.float32)(input_ids=ids).logits
    assert float((read - expected).abs().max()) < 1e-3
    assert float((given - expected).abs().max()) > 0.1


def test_a_checkpoint_of_another_model_is_refused(checkpoint_folder: Path, settings: project.Settings) -> None:
    adapted = lora.adapt(checkpoint_folder, settings).get_base_model()
    with pytest.raises(ValueError, match="another model"):
        train.restore(adapted, {"model.layers.9.mlp.up_proj.lora_A.default.weight": torch.zeros(1)})
    with pytest.raises(ValueError, match="another model"):
        train.restore(adapted, {})


def test_a_template_whose_markers_are_no_tokens_is_refused(qwen2: Path) -> None:
    with pytest.raises(ValueError, match="no token <s>"):
        data.encode(qwen2 / "tokenizer.json", "zephyr", 1)


def test_settings_say_one_kind_of_training(tmp_path: Path) -> None:
    path = tmp_path / "both.toml"
    path.write_text('id = "x"\n[network]\n[lora]\n', encoding="utf-8")
    with pytest.raises(ValueError, match="one of"):
        project.load(path)
