"""The faithful texts in which errors are planted, of four kinds.

`template`  the text without a model; `sampled`  a random text of the grammar; `draft`  what the bundled model writes
(the template's text where it took over is left out); `free`  paragraphs by hand, a line each with `case` and `text`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

from engine import intake, services
from engine.cancellation import CancelToken
from engine.domain import Case
from engine.drafting import plan
from engine.drafting.grammar import preferred, sample
from engine.evidence import Evidence, build

Told = tuple[str, Evidence, str]  # kind of text, evidence, text
OWN = ("template", "sampled", "draft")  # what the product writes
KINDS = (*OWN, "free")


def records(path: Path) -> Iterator[Case]:
    """The records of a JSONL file (the field `input`, `case` or the line itself) or of a JSON file."""
    if path.suffix != ".jsonl":
        yield intake.read_case(path.read_bytes())
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield _case(row.get("input") or row.get("case") or row)


def _case(record: object) -> Case:
    return intake.read_case(json.dumps(record, ensure_ascii=False).encode())


def told(case: Case, kinds: frozenset[str], rng: random.Random) -> Iterator[Told]:
    """The product's own texts of one record."""
    evidence = build(case)
    tree = plan.build(evidence)
    seed = rng.randrange(1 << 16)
    if "template" in kinds:
        yield "template", evidence, "".join(preferred(node) for _, node in tree)
    if "sampled" in kinds:
        yield (
            "sampled",
            evidence,
            "".join(sample(node, lambda options, _style: rng.randrange(len(options))) for _, node in tree),
        )
    if "draft" in kinds:
        draft, cause = services.drafted(case, services.DraftOptions(seed=seed), CancelToken())
        if cause is None:
            yield "draft", evidence, draft.text


def free(path: Path) -> Iterator[Told]:
    """Texts by hand."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield "free", build(_case(row["case"])), row["text"]
