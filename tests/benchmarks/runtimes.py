"""Whether llama.cpp and ONNX Runtime write the same text from the same weights, at temperature 0.

    python -m tests.benchmarks.runtimes MODEL-f16.gguf ONNX_FOLDER [CORPUS.jsonl …] [--graph onnx/model.onnx] [--free]

Every sample of resources/samples and each line of the corpora is written by both. Prints one line of JSON; where texts
differ, with the first token that does and what each runtime thought of both. Exits with 1 below 95 % of equal texts.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine import services
from engine.cancellation import CancelToken
from engine.drafting.writer import request
from engine.inference.decoding import CHUNK, generate
from engine.inference.llama import LlamaRuntime
from engine.inference.onnx import OnnxRuntime
from engine.inference.protocol import Piece, Request, Sampling
from tests.benchmarks.construction import records

ENOUGH = 0.95


@dataclass(frozen=True)
class Difference:
    """The first token that differs; a text that ended has none. Logits of (llama.cpp's, ONNX Runtime's) token."""

    record: str
    at: int  # tokens written before it; below 0: the prompt itself is read in other tokens
    tokens: tuple[str, str]
    llama: tuple[float, ...] = ()
    onnx: tuple[float, ...] = ()

    @property
    def gap(self) -> float:
        """How much the two runtimes' opinions of the two tokens are apart: near nothing for a tie."""
        (ours, theirs), (other, another) = self.llama, self.onnx
        return (ours - theirs) + (another - other)


class Traced:
    """A runtime, and the tokens that its cache holds."""

    def __init__(self, runtime: Any) -> None:
        self._runtime = runtime
        self.tokens: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runtime, name)

    def reuse(self, tokens: Sequence[int]) -> int:
        kept: int = self._runtime.reuse(tokens)
        self.tokens = list(tokens[:kept])
        return kept

    def evaluate(self, tokens: Sequence[int], cancel: CancelToken) -> Any:
        self.tokens.extend(tokens)
        return self._runtime.evaluate(tokens, cancel)

    def after(self, tokens: Sequence[int]) -> Any:
        """The logits after these tokens."""
        logits = None
        for start in range(self.reuse(tokens), len(tokens), CHUNK):
            logits = self.evaluate(tokens[start : start + CHUNK], CancelToken())
        return logits


def written(runtime: Traced, asked: Request) -> tuple[str, list[int], list[int]]:
    """The text, the prompt's tokens and those of the answer."""
    text = "".join(e.text for e in generate(runtime, asked, CancelToken()) if isinstance(e, Piece))
    prompt = next(t for p in asked.prompts if (t := runtime.encode(p)) == runtime.tokens[: len(t)])
    return text, prompt, runtime.tokens[len(prompt) :]


def compared(record: str, asked: Request, llama: Traced, onnx: Traced) -> Difference | None:
    """None where both write the same text."""
    ours, prompt, one = written(llama, asked)
    theirs, other_prompt, other = written(onnx, asked)
    if ours == theirs:
        return None
    if prompt != other_prompt:
        return Difference(record, -1, (ours, theirs))
    shorter = min(len(one), len(other))
    at = next((n for n in range(shorter) if one[n] != other[n]), shorter)
    pair = [tokens[at] if at < len(tokens) else None for tokens in (one, other)]
    known = [token for token in pair if token is not None]
    told = [llama.piece(t).decode("utf-8", "replace") if t is not None else "" for t in pair]
    thoughts = [tuple(float(runtime.after([*prompt, *one[:at]])[t]) for t in known) for runtime in (llama, onnx)]
    return Difference(record, at, (told[0], told[1]), *thoughts)


def requests(corpora: list[Path], limit: int | None, *, profile: str, free: bool) -> Iterator[tuple[str, Request]]:
    for name, data in records(corpora, limit):
        evidence = services.evidence_of(services.read(data))
        yield name, request(evidence, profile, Sampling(temperature=0.0), constrained=not free)  # type: ignore[arg-type]


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("gguf", type=Path, help="with F16 weights")
    words.add_argument("folder", type=Path, help="of the ONNX export of the same weights")
    words.add_argument("corpora", nargs="*", type=Path)
    words.add_argument("--graph", default="onnx/model.onnx")
    words.add_argument("--template", default="chatml")
    words.add_argument("--profile", default="narrator")
    words.add_argument("--context", type=int, default=4096)
    words.add_argument("--limit", type=int)
    words.add_argument("--free", action="store_true", help="without a grammar")
    args = words.parse_args()
    llama = Traced(LlamaRuntime(args.gguf, args.template, args.context, CancelToken()))
    onnx = Traced(OnnxRuntime(args.folder, args.template, args.context, CancelToken(), args.graph))
    asked = list(requests(args.corpora, args.limit, profile=args.profile, free=args.free))
    found = [d for name, one in asked if (d := compared(name, one, llama, onnx))]
    same = 1 - len(found) / len(asked)
    print(json.dumps({"records": len(asked), "same": round(same, 4), "differences": [asdict(d) for d in found]}))
    return 0 if same >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
