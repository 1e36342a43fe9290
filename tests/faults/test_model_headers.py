"""Model files that a stranger wrote: each is refused with its reason before any runtime sees it."""

from __future__ import annotations

import random
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import ModelRefused
from engine.inference import gguf, onnx_folder
from engine.inference.chat import MARKERS
from engine.paths import resource
from tests.helpers.model_files import (
    Gguf,
    external,
    graph,
    number,
    pairs,
    part,
    string,
    strings,
    tensor,
    varint,
    write_onnx_folder,
)

SOUND = Gguf()
HUGE = 1 << 63
TWO = (tensor("a"), tensor("token_embd.weight", at=512))

MANGLED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "model_not_gguf"),
    "another magic": (replace(SOUND, magic=b"GGML").bytes(), "model_not_gguf"),
    "a zip": (b"PK\x03\x04" + bytes(100), "model_not_gguf"),
    "only a magic": (b"GGUF", "model_truncated"),
    "big-endian": (replace(SOUND, version=struct.pack(">I", 3)).bytes(), "model_big_endian"),
    "version 0": (replace(SOUND, version=bytes(4)).bytes(), "model_gguf_version"),
    "version 1": (replace(SOUND, version=struct.pack("<I", 1)).bytes(), "model_gguf_version"),
    "version 99": (replace(SOUND, version=struct.pack("<I", 99)).bytes(), "model_gguf_version"),
    "no tensors": (replace(SOUND, tensors=()).bytes(), "model_header_damaged"),
    "2^63 tensors": (replace(SOUND, tensor_count=HUGE).bytes(), "model_header_damaged"),
    "2^63 keys": (replace(SOUND, key_count=HUGE).bytes(), "model_header_damaged"),
    "no keys": (replace(SOUND, key_count=0).bytes(), "model_header_damaged"),
    "a key too many": (replace(SOUND, key_count=len(SOUND.keys) + 1).bytes(), "model_header_damaged"),
    "a tensor too many": (replace(SOUND, tensor_count=2).bytes(), "model_header_damaged"),
    "a key of 2^63 bytes": (
        struct.pack("<4sIQQQ", b"GGUF", 3, 1, 1, HUGE) + bytes(64),
        "model_header_damaged",
    ),
    "a text of 2^63 bytes": (
        replace(SOUND, more=(("x", struct.pack("<IQ", 8, HUGE)),)).bytes(),
        "model_header_damaged",
    ),
    "an array of 2^63 numbers": (
        replace(SOUND, more=(("x", struct.pack("<IIQ", 9, 4, HUGE)),)).bytes(),
        "model_truncated",
    ),
    "an array of 2^63 texts": (replace(SOUND, more=(("x", strings(("a",), HUGE)),)).bytes(), "model_truncated"),
    "a token of 2^63 bytes": (
        replace(SOUND, more=(("x", struct.pack("<IIQQ", 9, 8, 1, HUGE)),)).bytes(),
        "model_truncated",
    ),
    "arrays of arrays": (replace(SOUND, more=(("x", struct.pack("<IIQ", 9, 9, 1)),)).bytes(), "model_header_damaged"),
    "a value type 77": (replace(SOUND, more=(("x", struct.pack("<I", 77)),)).bytes(), "model_header_damaged"),
    "an array type 77": (replace(SOUND, more=(("x", struct.pack("<IIQ", 9, 77, 1)),)).bytes(), "model_header_damaged"),
    "a repeated key": (replace(SOUND, more=(SOUND.keys[0],)).bytes(), "model_header_damaged"),
    "a key that is no text": (replace(SOUND, more=((b"\xff\xfe", number(1)),)).bytes(), "model_header_damaged"),
    "a key with a line break": (replace(SOUND, more=(("a\nb", number(1)),)).bytes(), "model_header_damaged"),
    "no architecture": (SOUND.without("general.architecture").bytes(), "model_architecture"),
    "another architecture": (replace(SOUND, keys=pairs("mamba")).bytes(), "model_architecture"),
    "an architecture that is a number": (
        replace(SOUND, keys=(("general.architecture", number(3)), *SOUND.keys[1:])).bytes(),
        "model_architecture",
    ),
    "no context length": (SOUND.without("qwen2.context_length").bytes(), "model_header_damaged"),
    "no blocks": (
        replace(SOUND.without("qwen2.block_count"), more=(("qwen2.block_count", number(0)),)).bytes(),
        "model_header_damaged",
    ),
    "a width that is a text": (
        replace(SOUND.without("qwen2.embedding_length"), more=(("qwen2.embedding_length", string("32")),)).bytes(),
        "model_header_damaged",
    ),
    "no vocabulary": (SOUND.without("tokenizer.ggml.tokens").bytes(), "model_no_vocabulary"),
    "an empty vocabulary": (replace(SOUND, keys=pairs(tokens=())).bytes(), "model_no_vocabulary"),
    "no chat format": (replace(SOUND, keys=pairs(tokens=("a", "b"))).bytes(), "model_no_template"),
    "no embedding": (replace(SOUND, tensors=(tensor("other"),)).bytes(), "model_header_damaged"),
    "a repeated tensor": (
        replace(SOUND, tensors=(tensor(), tensor(at=512)), data=1024).bytes(),
        "model_header_damaged",
    ),
    "overlapping tensors": (
        replace(SOUND, tensors=(TWO[0], tensor(at=256)), data=1024).bytes(),
        "model_header_damaged",
    ),
    "a tensor past the end": (replace(SOUND, tensors=(tensor(at=64),)).bytes(), "model_truncated"),
    "a tensor at 2^63": (replace(SOUND, tensors=(tensor(at=HUGE),)).bytes(), "model_truncated"),
    "a tensor off its alignment": (replace(SOUND, tensors=(tensor(at=4),), data=1024).bytes(), "model_header_damaged"),
    "five dimensions": (replace(SOUND, tensors=(tensor(shape=(32, 1, 1, 1, 1)),)).bytes(), "model_header_damaged"),
    "no dimensions": (replace(SOUND, tensors=(tensor(shape=()),)).bytes(), "model_header_damaged"),
    "a dimension of zero": (replace(SOUND, tensors=(tensor(shape=(32, 0)),)).bytes(), "model_header_damaged"),
    "dimensions whose product wraps": (
        replace(SOUND, tensors=(tensor(shape=(1 << 33, 1 << 33)),)).bytes(),
        "model_truncated",
    ),
    "half a block": (replace(SOUND, tensors=(tensor(shape=(33, 4), kind=8),)).bytes(), "model_header_damaged"),
    "a tensor type 99": (replace(SOUND, tensors=(tensor(kind=99),)).bytes(), "model_header_damaged"),
    "a tensor's name too long": (replace(SOUND, tensors=(tensor("n" * 65),)).bytes(), "model_header_damaged"),
    "a tensor without a name": (replace(SOUND, tensors=(tensor(""),)).bytes(), "model_header_damaged"),
    "an alignment of 0": (replace(SOUND, more=(("general.alignment", number(0)),)).bytes(), "model_header_damaged"),
    "an alignment of 33": (replace(SOUND, more=(("general.alignment", number(33)),)).bytes(), "model_header_damaged"),
    "no data": (replace(SOUND, data=0).bytes(), "model_truncated"),
    "a byte of data too few": (SOUND.bytes()[:-1], "model_truncated"),
}


@pytest.mark.parametrize("name", MANGLED)
def test_a_mangled_header_is_refused_with_its_reason(name: str, tmp_path: Path) -> None:
    data, code = MANGLED[name]
    file = tmp_path / "modelo.gguf"
    file.write_bytes(data)
    with pytest.raises(ModelRefused) as refusal:
        gguf.inspect(file)
    assert refusal.value.code == code
    assert "modelo.gguf" in refusal.value.message()
    assert refusal.value.hint("en")


def test_the_sound_one_is_sound(tmp_path: Path) -> None:
    file = tmp_path / "modelo.gguf"
    file.write_bytes(SOUND.bytes())
    facts = gguf.inspect(file)
    assert (facts.architecture, facts.chat_template, facts.context, facts.vocabulary) == ("qwen2", "chatml", 2048, 4)


def test_any_cut_of_a_header_is_refused(tmp_path: Path) -> None:
    whole, file = SOUND.bytes(), tmp_path / "modelo.gguf"
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        with pytest.raises(ModelRefused):
            gguf.inspect(file)


def test_flipped_bits_of_a_real_header_never_surprise(tmp_path: Path) -> None:
    rng, file = random.Random(11), tmp_path / "modelo.gguf"
    real = (resource("models") / "epicrisis-mini-q8_0.gguf").read_bytes()
    refused = 0
    for _ in range(60):
        damaged = bytearray(real)
        for _ in range(3):
            damaged[rng.randrange(0, 2048)] ^= 1 << rng.randrange(8)
        file.write_bytes(damaged)
        try:
            gguf.inspect(file)
        except ModelRefused:
            refused += 1
    assert refused > 20


@pytest.mark.parametrize(
    ("architecture", "tokens", "template"),
    [
        ("qwen2", MARKERS["chatml"], "chatml"),
        ("qwen3", MARKERS["qwen3"], "qwen3"),
        ("qwen2", MARKERS["qwen3"], "chatml"),
        ("llama", MARKERS["llama3"], "llama3"),
        ("llama", MARKERS["mistral"], "mistral"),
        ("gemma3", MARKERS["gemma"], "gemma"),
    ],
)
def test_the_chat_format_is_recognised(
    architecture: str, tokens: tuple[str, ...], template: str, tmp_path: Path
) -> None:
    file = tmp_path / "modelo.gguf"
    file.write_bytes(replace(SOUND, keys=pairs(architecture, tokens)).bytes())
    assert gguf.inspect(file).chat_template == template


def test_zephyr_is_recognised_by_its_template_which_is_never_run(tmp_path: Path) -> None:
    file = tmp_path / "modelo.gguf"
    written = "{{ ''.__class__.__mro__ }} <|user|> <|assistant|>"
    template = (("tokenizer.chat_template", string(written)),)
    file.write_bytes(replace(SOUND, keys=pairs("llama", ("<s>", "</s>")), more=template).bytes())
    assert gguf.inspect(file).chat_template == "zephyr"


def test_names_of_a_stranger_are_fit_for_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "modelo.gguf"
    file.write_bytes(replace(SOUND, more=(("general.name", string("\x1b[31mrojo\n" + "x" * 500)),)).bytes())
    name = gguf.inspect(file).name
    assert name.isprintable()
    assert len(name) == 80


ONNX: dict[str, tuple[bytes, str]] = {
    "data above the folder": (graph(external("../../secreto")), "model_onnx_outside"),
    "an absolute path": (graph(external("/etc/hostname")), "model_onnx_outside"),
    "a drive": (graph(external("C:secreto")), "model_onnx_outside"),
    "backslashes": (graph(external("..\\secreto")), "model_onnx_outside"),
    "no location": (graph(external("")), "model_onnx_outside"),
    "data that are not there": (graph(external("otro_data")), "model_onnx_damaged"),
    "data past the end": (graph(external("model_q4.onnx_data", "1")), "model_onnx_damaged"),
    "an offset that is no number": (graph(external("model_q4.onnx_data", "-1")), "model_onnx_damaged"),
    "an offset of many digits": (graph(external("model_q4.onnx_data", "9" * 40)), "model_onnx_damaged"),
    "no graph": (varint(1 << 3) + varint(8), "model_onnx_damaged"),
    "two graphs": (graph() + part(7, b""), "model_onnx_damaged"),
    "another kind of model": (graph(inputs=("pixel_values",)), "model_onnx_damaged"),
    "empty": (b"", "model_onnx_damaged"),
    "no protobuf": (b"<html>" * 40, "model_onnx_damaged"),
    "a field of 2^62 bytes": (varint(7 << 3 | 2) + varint(1 << 62) + b"x", "model_onnx_damaged"),
    "a number without an end": (b"\xff" * 30, "model_onnx_damaged"),
    "hidden in an attribute": (
        graph() + part(25, part(7, part(5, part(5, external("../secreto"))))),
        "model_onnx_outside",
    ),
    "hidden in a sparse tensor": (
        part(7, part(11, part(1, "input_ids")) + part(15, part(1, external("../secreto")))),
        "model_onnx_outside",
    ),
}


def _nested(depth: int) -> bytes:
    inside = b""
    for _ in range(depth):
        inside = part(1, part(5, part(6, inside)))
    return part(7, part(11, part(1, "input_ids")) + inside)


ONNX["a graph in a graph without an end"] = (_nested(40), "model_onnx_damaged")


@pytest.mark.parametrize("name", ONNX)
def test_an_onnx_graph_is_refused_with_its_reason(name: str, tmp_path: Path) -> None:
    data, code = ONNX[name]
    folder = write_onnx_folder(tmp_path / "modelo", data)
    (tmp_path / "secreto").write_bytes(bytes(64))
    with pytest.raises(ModelRefused) as refusal:
        onnx_folder.inspect(folder)
    assert refusal.value.code == code


def test_a_sound_onnx_folder_is_sound(tmp_path: Path) -> None:
    facts = onnx_folder.inspect(write_onnx_folder(tmp_path / "modelo"))
    assert (facts.architecture, facts.chat_template, facts.quantization, facts.context) == (
        "qwen2",
        "chatml",
        "q4",
        32768,
    )
    assert set(facts.files) == {
        "config.json",
        "tokenizer.json",
        "generation_config.json",
        "onnx/model_q4.onnx",
        "onnx/model_q4.onnx_data",
    }


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "onnx/model_q4.onnx_data"])
def test_a_link_in_an_onnx_folder_is_refused(name: str, tmp_path: Path) -> None:
    folder = write_onnx_folder(tmp_path / "modelo")
    (folder / name).rename(tmp_path / "fuera")
    (folder / name).symlink_to(tmp_path / "fuera")
    with pytest.raises(ModelRefused) as refusal:
        onnx_folder.inspect(folder)
    assert refusal.value.code == "model_onnx_outside"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("config.json", "[]", "model_onnx_damaged"),
        ("config.json", "{", "model_onnx_damaged"),
        ("config.json", '{"model_type": "phi3"}', "model_architecture"),
        ("config.json", '{"model_type": ["qwen2"]}', "model_architecture"),
        ("tokenizer.json", "[" * 100_000, "model_onnx_damaged"),
        ("tokenizer.json", '{"model": {}}', "model_onnx_damaged"),
        ("tokenizer.json", '{"model": {"vocab": {"a": 0}}}', "model_no_template"),
    ],
)
def test_a_damaged_json_of_an_onnx_folder_is_refused(name: str, content: str, code: str, tmp_path: Path) -> None:
    folder = write_onnx_folder(tmp_path / "modelo")
    (folder / name).write_text(content)
    with pytest.raises(ModelRefused) as refusal:
        onnx_folder.inspect(folder)
    assert refusal.value.code == code


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "onnx/model_q4.onnx"])
def test_a_part_of_an_onnx_folder_that_is_missing_is_told(name: str, tmp_path: Path) -> None:
    folder = write_onnx_folder(tmp_path / "modelo")
    (folder / name).unlink()
    with pytest.raises(ModelRefused) as refusal:
        onnx_folder.inspect(folder)
    assert refusal.value.code == "model_onnx_damaged"
