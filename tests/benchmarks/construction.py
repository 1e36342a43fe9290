"""Coverage and invention, counted by code that shares nothing with drafting or checking.

`python tests/benchmarks/construction.py [CORPUS.jsonl …] [--model ID|FILE] [--temperature T] [--limit N]`
Every sample of resources/samples is counted too. Prints one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from engine import services
from engine.cancellation import CancelToken
from engine.domain import Done, Draft
from tests.helpers.facts import count


def records(corpora: list[Path], limit: int | None) -> Iterator[tuple[str, bytes]]:
    """The samples, then each line of the corpora (its field `input` where it has one)."""
    for path in sorted((ROOT / "resources" / "samples").glob("*.json")):
        yield path.stem, path.read_bytes()
    for corpus in corpora:
        for number, line in enumerate(corpus.read_text(encoding="utf-8").splitlines()[:limit], 1):
            value = json.loads(line)
            yield f"{corpus.stem}:{number}", json.dumps(value.get("input", value), ensure_ascii=False).encode()


def parsed(data: bytes) -> object:
    try:
        return json.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        return json.loads(data.decode("cp1252"))


def drafted(data: bytes, options: services.DraftOptions) -> Draft:
    *_, done = services.draft(services.read(data), options, CancelToken())
    assert isinstance(done, Done)
    return done.draft


def main() -> int:
    """Exit status 1 where anything is missing or invented."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("corpora", nargs="*", type=Path)
    words.add_argument("--model")
    words.add_argument("--backend")
    words.add_argument("--temperature", type=float, default=0.3)
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--limit", type=int)
    args = words.parse_args()
    options = services.DraftOptions(args.model, args.backend, args.seed, args.temperature)
    table = measure(list(records(args.corpora, args.limit)), options)
    print(json.dumps(table, ensure_ascii=False))
    return 0 if table["covered"] == table["records"] and not table["invented"] and not table["crashes"] else 1


def measure(items: list[tuple[str, bytes]], options: services.DraftOptions) -> dict[str, object]:
    """Counts over all records; names of the faulty ones go to stderr."""
    table: dict[str, float] = dict.fromkeys(
        ("records", "covered", "invented", "crashes", "fallback", "clean", "first"), 0
    )
    seconds, forced, tokens = [], 0, 0
    for name, data in items:
        table["records"] += 1
        started = time.perf_counter()
        try:
            draft = drafted(data, options)
        except Exception as error:
            table["crashes"] += 1
            print(name, type(error).__name__, file=sys.stderr)
            continue
        seconds.append(time.perf_counter() - started)
        found = count(parsed(data), draft.text)
        table["covered"] += found.covered
        table["invented"] += found.invented
        table["fallback"] += draft.fallback
        table["clean"] += draft.report.ok
        table["first"] += draft.report.ok and draft.attempts == 1
        forced, tokens = forced + draft.usage.forced_tokens, tokens + draft.usage.completion_tokens
        if not found.covered or found.invented:
            print(name, found, file=sys.stderr)
    return {
        **table,
        "forcedShare": round(forced / max(tokens, 1), 3),
        "medianSeconds": round(statistics.median(seconds), 3),
    }


if __name__ == "__main__":
    sys.exit(main())
