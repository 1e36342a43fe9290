"""The same grammars under a `tokenizers` file: a runtime that reads one writes the same language."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from llguidance import LLMatcher, LLTokenizer
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from engine import intake
from engine.drafting import plan
from engine.drafting.grammar import Node, lark, preferred
from engine.evidence import build
from engine.inference.sampling import allowed_tokens
from tests.helpers.facts import count

SAMPLES = sorted((Path(__file__).resolve().parents[2] / "resources" / "samples").glob("*.json"))
END = "<|im_end|>"


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> LLTokenizer:
    """A byte-level BPE in the layout of Qwen2's tokenizer.json, learnt from the samples."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    texts = [preferred(node) for path in SAMPLES for _, node in plan.build(build(intake.read_file(path)))]
    trainer = trainers.BpeTrainer(
        vocab_size=900, special_tokens=[END], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    path = tmp_path_factory.mktemp("vocabulary") / "tokenizer.json"
    tokenizer.save(str(path))
    return LLTokenizer(str(path), eos_token=tokenizer.token_to_id(END))


def _written(vocabulary: LLTokenizer, node: Node, rng: random.Random) -> str:
    """What a model without any preference writes under the grammar."""
    matcher = LLMatcher(vocabulary, LLMatcher.grammar_from_lark(lark(node)))
    tokens: list[int] = []
    while not matcher.is_stopped():
        forced = matcher.compute_ff_tokens()
        allowed = allowed_tokens(matcher.compute_bitmask(), vocabulary.vocab_size)
        step = forced or [int(rng.choice(np.asarray(allowed)))]
        if step == [vocabulary.eos_token]:
            break
        assert matcher.consume_tokens(step)
        tokens += step
    return vocabulary.decode_str(tokens)


@pytest.mark.parametrize("path", [p for p in SAMPLES if p.stem != "latin1"], ids=lambda p: p.stem)
def test_any_choice_under_a_tokenizers_file_is_complete_and_invents_nothing(
    path: Path, vocabulary: LLTokenizer
) -> None:
    rng = random.Random(3)
    nodes = plan.build(build(intake.read_file(path)))
    for _ in range(3):
        text = "".join(_written(vocabulary, node, rng) for _, node in nodes)
        found = count(json.loads(path.read_text(encoding="utf-8")), text)
        assert found.covered, found
        assert not found.invented, found
