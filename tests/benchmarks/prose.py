"""The model's choices against uniform random ones under the same grammar, or against the template's, read blind.

    python tests/benchmarks/prose.py pairs FOLDER [CORPUS.jsonl …] [--against uniform|template] [--records 40]
                                                  [--model ID|FILE] [--seed N]
    python tests/benchmarks/prose.py count FOLDER/key.json VERDICTS.jsonl

`pairs` writes FOLDER/pairs.md, which says nowhere which text is whose, and FOLDER/key.json, which does. A reader files
a line for each pair, {"pair": 1, "preferred": "A" | "B" | "=", "why": "…"}; `count` says how often the model's was
preferred (an «=» is none for the model). The random text is `grammar.sample` with each alternative and each order
equally likely: never over tokens. The lines of a corpus are read in a random order.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging" / "model")]

from records import generate

from engine import services
from engine.cancellation import CancelToken
from engine.domain import Case
from engine.drafting import plan
from engine.drafting.grammar import sample
from engine.evidence import build

TEMPERATURE = 0.3
FIRST_SEED = 890000
SHORTEST = 60  # words: a shorter record leaves hardly a choice


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts of one record; `model` says which letter is the model's."""

    name: str
    a: str
    b: str
    model: str


def cases(corpora: list[Path], rng: random.Random) -> Iterator[tuple[str, Case]]:
    """The samples, the lines of the corpora, then generated records without pseudo-words, without end."""
    for path in sorted((ROOT / "resources" / "samples").glob("*.json")):
        yield path.stem, services.read(path)
    for corpus in corpora:
        lines = list(enumerate(corpus.read_text(encoding="utf-8").splitlines(), 1))
        for number, line in rng.sample(lines, len(lines)):
            value = json.loads(line)
            record = json.dumps(value.get("input", value), ensure_ascii=False)
            yield f"{corpus.stem}:{number}", services.read(record.encode())
    seed = FIRST_SEED
    while True:
        record = json.dumps(generate(seed, plain=True), ensure_ascii=False)
        yield f"seed {seed}", services.read(record.encode())
        seed += 1


def template(case: Case) -> str:
    draft, _ = services.drafted(case, services.DraftOptions(backend="template"), CancelToken())
    return draft.text


def uniform(case: Case, rng: random.Random) -> str:
    return "".join(
        sample(node, lambda options, _style: rng.randrange(len(options))) for _, node in plan.build(build(case))
    )


def by_model(case: Case, model: str | None, seed: int) -> str:
    draft, cause = services.drafted(
        case, services.DraftOptions(model=model, seed=seed, temperature=TEMPERATURE), CancelToken()
    )
    if cause is not None:
        raise cause
    return draft.text


def pairs(corpora: list[Path], count: int, model: str | None, seed: int, *, drawn: bool = True) -> Iterator[Pair]:
    """Against uniform choices (`drawn`) or the template. Records whose texts are alike or short are passed over."""
    rng = random.Random(seed)
    made = 0
    for name, case in cases(corpora, rng):
        if made == count:
            return
        written, other = by_model(case, model, seed), uniform(case, rng) if drawn else template(case)
        if written == other or len(written.split()) < SHORTEST:
            continue
        made += 1
        letter = rng.choice("AB")
        yield Pair(name, *((written, other) if letter == "A" else (other, written)), letter)


def write(folder: Path, found: list[Pair]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    told = (f"## {i}\n\n**A.** {p.a}\n\n**B.** {p.b}\n" for i, p in enumerate(found, 1))
    (folder / "pairs.md").write_text("\n".join(told), encoding="utf-8")
    key = [{"pair": i, "record": p.name, "model": p.model} for i, p in enumerate(found, 1)]
    (folder / "key.json").write_text(json.dumps(key, ensure_ascii=False, indent=1), encoding="utf-8")


def preference(key: list[dict[str, object]], verdicts: list[dict[str, object]]) -> dict[str, object]:
    """Shares of the pairs. Raises ValueError unless each pair has exactly one verdict of «A», «B» or «=»."""
    models = {entry["pair"]: entry["model"] for entry in key}
    filed = {v["pair"]: v["preferred"] for v in verdicts}
    if len(filed) != len(verdicts) or filed.keys() != models.keys() or set(filed.values()) - {"A", "B", "="}:
        raise ValueError("each pair needs one verdict, «A», «B» or «=»")
    preferred = sum(filed[pair] == letter for pair, letter in models.items())
    equal = sum(v == "=" for v in filed.values())
    return {"pairs": len(models), "model": preferred, "equal": equal, "share": round(preferred / len(models), 3)}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = options.add_subparsers(dest="command", required=True)
    making = commands.add_parser("pairs")
    making.add_argument("folder", type=Path)
    making.add_argument("corpora", nargs="*", type=Path)
    making.add_argument("--against", choices=("uniform", "template"), default="uniform")
    making.add_argument("--records", type=int, default=40)
    making.add_argument("--model")
    making.add_argument("--seed", type=int, default=0)
    counting = commands.add_parser("count")
    counting.add_argument("key", type=Path)
    counting.add_argument("verdicts", type=Path)
    args = options.parse_args()
    if args.command == "pairs":
        drawn = args.against == "uniform"
        write(args.folder, list(pairs(args.corpora, args.records, args.model, args.seed, drawn=drawn)))
        return 0
    lines = args.verdicts.read_text(encoding="utf-8").splitlines()
    found = preference(json.loads(args.key.read_text(encoding="utf-8")), [json.loads(x) for x in lines if x.strip()])
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
