"""The product's own texts of synthetic ward records, none of which the checker was written for, pass it."""

import json
import sys
from pathlib import Path
from random import Random

import pytest

from engine import intake
from engine.checking import Checker
from engine.drafting import plan
from engine.drafting.grammar import preferred, sample
from engine.evidence import build

_FOLDER = Path(__file__).resolve().parents[2] / "packaging" / "model"
sys.path.append(str(_FOLDER))

from records import generate  # the folder is no installed package


@pytest.mark.parametrize("seed", range(720000, 720040))
def test_the_template_and_a_sampled_text_of_an_unseen_record_pass(seed: int) -> None:
    rng = Random(seed)
    evidence = build(intake.read_case(json.dumps(generate(seed), ensure_ascii=False).encode()))
    checker, tree = Checker(evidence), plan.build(evidence)
    texts = (
        "".join(preferred(node) for _, node in tree),
        "".join(sample(node, lambda options, _style: rng.randrange(len(options))) for _, node in tree),
    )
    found = [v for text in texts for v in checker.check(text).violations if v.severity == "blocking"]
    assert [(v.type, v.mention, v.reason) for v in found] == []
