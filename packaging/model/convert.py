"""A trained model as GGUF and ONNX, and the proof that llama.cpp and ONNX Runtime read it as PyTorch does.

`python packaging/model/convert.py SETTINGS [--checkpoint FILE | --folder FOLDER] [--out FOLDER]`
writes `<id>-f16.gguf`, `<id>-q8_0.gguf`, `<id>-q4_k_m.gguf`, `<id>-onnx/` and `<id>-conversion.json`. Exits with 1
where tokens differ, or where F16 GGUF or 32-bit ONNX differ from PyTorch; for the others the difference is told.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import data
import gguf_file
import huggingface
import onnx_file
import parity
import project
from examples import ANSWER, SPECIAL, pieces, seeds

_TEXTS = 200  # whose tokens are compared
_COMPARED = 3  # of them also by the logits
_PROMPTS = 3  # continued greedily
_TOKENS = 48
_LENGTH = 512  # tokens of a compared text at most: the logits of a large vocabulary are kept for all of them
# Of a logit, the greatest difference among millions: 16 bits in the weights and in llama.cpp's cache; 32 bits.
_F16, _F32 = 0.1, 0.002
_SAME = 1e-5  # nats of divergence: below it larger logits, as of a model trained for long, may be further apart
_FROM_NOTHING = "Narrator of discharge summaries in Spanish, trained from scratch on synthetic records"
_FINE_TUNED = "Narrator of discharge summaries in Spanish, fine-tuned on synthetic records"


class Differs(Exception):
    """A converted file does not do what PyTorch does."""


@dataclass(frozen=True, slots=True)
class Converted:
    file: str
    size: int  # bytes, with what stands beside it
    parity: parity.Parity


def convert(folder: Path, settings: project.Settings, out: Path, threads: int) -> Iterator[Converted]:
    """Writes and compares each file. Raises Differs; ValueError for a checkpoint or a tokenizer that is not known."""
    out.mkdir(parents=True, exist_ok=True)
    texts, prompts = _texts(settings)
    reference = parity.Reference(parity.Torch(folder, threads), texts, prompts, _TOKENS)
    tokens = list(_tokenized(settings))
    longest = max(map(len, [*texts, *prompts])) + _TOKENS
    for path in _gguf(folder, settings, out):
        llama = parity.Llama(path, longest, threads)
        if any(llama.tokens(text, special) != ids for text, special, ids in tokens):
            raise Differs(f"{path.name}: llama.cpp reads other tokens")
        found = reference.compare(llama)
        if path.stem.endswith(gguf_file.EXACT) and found.largest > _F16 and found.divergence > _SAME:
            raise Differs(f"{path.name}: {found}")
        yield Converted(path.name, path.stat().st_size, found)
    for path in onnx_file.write(folder, out / f"{settings.id}-onnx"):
        found = reference.compare(parity.Onnx(path, threads))
        if path.stem == onnx_file.EXACT and (found.largest > _F32 or found.written < found.asked):
            raise Differs(f"{path.name}: {found}")
        yield Converted(path.name, onnx_file.size(path), found)


def _gguf(folder: Path, settings: project.Settings, out: Path) -> Iterator[Path]:
    exact = out / f"{settings.id}-{gguf_file.EXACT}.gguf"
    about = gguf_file.About(
        settings.name,
        _FINE_TUNED if settings.lora else _FROM_NOTHING,
        settings.lora.licence if settings.lora else "Apache-2.0",
    )
    gguf_file.write(folder, exact, about)
    yield exact
    for kind in gguf_file.QUANTIZATIONS:
        path = out / f"{settings.id}-{kind}.gguf"
        gguf_file.quantize(exact, path, kind)
        yield path


def _texts(settings: project.Settings) -> tuple[list[Sequence[int]], list[Sequence[int]]]:
    """Validation texts that fit the context, and the prompts of as many others."""
    texts: list[Sequence[int]] = []
    prompts: list[Sequence[int]] = []
    for seed in seeds(settings, "validation"):
        ids, roles = data.encode(settings.tokenizer, settings.template, seed)
        if len(ids) + _TOKENS <= settings.context:
            texts.append(ids[:_LENGTH].tolist())
            prompts.append(ids[: roles.tolist().index(ANSWER)].tolist())
        if len(texts) == _COMPARED + _PROMPTS:
            break
    return texts[:_COMPARED], prompts[-_PROMPTS:]


def _tokenized(settings: project.Settings) -> Iterator[tuple[str, bool, list[int]]]:
    """Pieces of validation texts: (text, whether special tokens are parsed, tokens)."""
    tokenizer = data.tokenizer(settings.tokenizer)
    for seed in seeds(settings, "validation")[:_TEXTS]:
        for piece in pieces(seed, template=settings.template):
            ids = tokenizer.encode(piece.text, add_special_tokens=False).ids
            yield piece.text, piece.role == SPECIAL, ids


def _line(converted: Converted) -> str:
    p = converted.parity
    return (
        f"{converted.file}: {converted.size} bytes, logits differ by {p.largest:.4f} at most, divergence "
        f"{p.divergence:.6f} nats, same likeliest token {100 * p.agreed:.2f} %, {p.written} of {p.asked} answers equal"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("settings", type=Path)
    options.add_argument("--checkpoint", type=Path, help="of train.py, for a model from nothing")
    options.add_argument("--folder", type=Path, help="a Hugging Face folder instead of what train.py left")
    options.add_argument("--out", type=Path)
    options.add_argument("--threads", type=int, default=2)
    args = options.parse_args()
    settings = project.load(args.settings)
    out = args.out or settings.work
    folder = args.folder or settings.finished
    if not args.folder and not settings.lora:
        folder = huggingface.write(settings, args.checkpoint or settings.checkpoint)
    rows = []
    try:
        for converted in convert(folder, settings, out, args.threads):
            print(_line(converted), flush=True)
            rows.append(asdict(converted))
    except Differs as difference:
        raise SystemExit(f"not the same as PyTorch: {difference}") from None
    (out / f"{settings.id}-conversion.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
