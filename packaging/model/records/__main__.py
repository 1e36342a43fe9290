"""Records as JSON lines: `python packaging/model/records --count 100 --seed 1`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

if __package__ in (None, ""):  # run as a folder: the package itself must be importable
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from records import generate


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=10)
    options.add_argument("--seed", type=int, default=0)
    args = options.parse_args()
    for seed in range(args.seed, args.seed + args.count):
        print(json.dumps(generate(seed), ensure_ascii=False))


if __name__ == "__main__":
    main()
