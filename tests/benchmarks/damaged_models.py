"""Drafts with model files that a bad disk has touched: every one must end in a draft, and no process of ours may end.

    python -m tests.benchmarks.damaged_models [--model ID|FILE|FOLDER] [--count 200] [--keep FOLDER]

Flips bits of a copy of the model (tests/helpers/damage.py) and drafts with it; of an ONNX model, bits of the graph that
is run or, one time of four, of its tokenizer. With `--keep` the copies that
made the model's process crash or hang stay in a folder. Prints how many ended in which way.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections import Counter
from pathlib import Path

from engine import services
from engine.cancellation import CancelToken
from engine.inference import models, onnx_folder
from engine.paths import resource
from tests.helpers.damage import flipped


def _copy(model: Path, target: Path) -> Path:
    return Path(shutil.copytree(model, target)) if model.is_dir() else Path(shutil.copyfile(model, target))


def _damaged(sound: Path, target: Path, seed: int) -> Path:
    copy = _copy(sound, target)
    file = copy
    if copy.is_dir():
        file = copy / ("tokenizer.json" if seed % 4 == 3 else onnx_folder.inspect(copy).preferred)
    file.write_bytes(flipped(file.read_bytes(), seed))
    return copy


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--model")
    words.add_argument("--count", type=int, default=200)
    words.add_argument("--keep", type=Path)
    args = words.parse_args()
    sound = models.find(args.model).path
    case = services.read(resource("samples/angina.json"))
    ways: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(args.count):
            file = _damaged(sound, Path(folder) / f"{seed}.gguf", seed)
            draft, cause = services.drafted(case, services.DraftOptions(model=str(file)), CancelToken())
            assert draft.report.ok
            way = cause.code if cause else "drafted by the model"
            ways[way] += 1
            if args.keep and way in ("model_crashed", "model_hung", "model_garbled", "model_killed"):
                args.keep.mkdir(parents=True, exist_ok=True)
                _copy(file, args.keep / file.name)
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    print(json.dumps(dict(ways.most_common())))


if __name__ == "__main__":
    main()
