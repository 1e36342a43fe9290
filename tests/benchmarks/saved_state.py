"""What the kept state of the constant part of the prompt gains, and what it costs.

    python -m tests.benchmarks.saved_state [--model ID|FILE] [--profile instruct|narrator] [--rounds N]

In turns, in this process: the first draft of a model that has computed nothing yet, and that of one whose state was put
back from disk. Medians in milliseconds. `firstTokenAllowed` is what the first token may take with the state: its share
of uncached prompt tokens and a tenth more. Prints one line of JSON; exits with 1 where it takes longer. To be run on an
idle computer.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine import services
from engine.cancellation import CancelToken
from engine.drafting.writer import request
from engine.inference import models, saved
from engine.inference.backends import ModelSpec
from engine.inference.catalog import system_text
from engine.inference.llama import LlamaRuntime
from engine.inference.protocol import Finished, Request, Sampling
from engine.paths import resource


def first_draft(spec: ModelSpec, asked: Request) -> dict[str, float]:
    """Of a runtime opened for it: with a folder of states the constant part is there when the draft begins."""
    runtime = LlamaRuntime(Path(spec.path), spec.chat_template, spec.context, CancelToken())
    runtime.evaluate(runtime.encode(asked.prompts[0])[:1], CancelToken())  # touches the weights
    runtime.reuse([-1])
    start = time.perf_counter()
    if spec.states:
        saved.prepare(runtime, spec, CancelToken())
    prepared = (time.perf_counter() - start) * 1000
    *_, done = runtime.stream(asked, CancelToken())
    assert isinstance(done, Finished)
    runtime.close()
    usage = done.usage
    return {
        "prepare": prepared,
        "first": usage.first_token_ms,
        "prompt": usage.prompt_tokens,
        "cached": usage.cached_tokens,
    }


def measured(spec: ModelSpec, asked: Request, rounds: int) -> dict[str, Any]:
    """Each kind in turns; the state is written by a draft that does not count."""
    made = first_draft(spec, asked)
    cold, warm = [], []
    for _ in range(rounds):
        cold.append(first_draft(replace(spec, states=""), asked))
        warm.append(first_draft(spec, asked))
    first, then = (statistics.median(one["first"] for one in side) for side in (cold, warm))
    uncached = 1 - warm[0]["cached"] / warm[0]["prompt"]
    return {
        "promptTokens": warm[0]["prompt"],
        "constantTokens": warm[0]["cached"],
        "computed": round(made["prepare"], 1),
        "restored": round(statistics.median(one["prepare"] for one in warm), 1),
        "bytes": sum(path.stat().st_size for path in Path(spec.states).iterdir()),
        "firstTokenWithout": first,
        "firstTokenWith": then,
        "firstTokenAllowed": round((uncached + 0.1) * first, 1),
    }


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--model")
    words.add_argument("--profile", choices=("instruct", "narrator"))
    words.add_argument("--rounds", type=int, default=7)
    args = words.parse_args()
    entry = models.find(args.model)
    profile = args.profile or entry.prompt_profile
    evidence = services.evidence_of(services.read(resource("samples/days.json")))
    asked = request(evidence, profile, Sampling(), constrained=True)
    with tempfile.TemporaryDirectory() as folder:
        spec = ModelSpec(
            entry.backend,
            str(entry.path),
            entry.id,
            entry.sha256,
            entry.chat_template,
            entry.context,
            system_text(profile),
            folder,
        )
        found = measured(spec, asked, args.rounds)
    print(json.dumps({"model": entry.id, "profile": profile, **found}))
    return 0 if found["firstTokenWith"] <= found["firstTokenAllowed"] else 1


if __name__ == "__main__":
    sys.exit(main())
