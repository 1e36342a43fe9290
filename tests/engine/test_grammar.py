"""The tree of allowed texts: its grammar, its template and its samples are one language."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from llguidance import LLMatcher

from engine import intake
from engine.cancellation import CancelToken
from engine.drafting import plan
from engine.drafting.grammar import Node, Series, alt, lark, preferred, sample, seq, without
from engine.evidence import build
from engine.inference.llama import LlamaRuntime

SAMPLES = sorted((Path(__file__).resolve().parents[2] / "resources" / "samples").glob("*.json"))


@pytest.fixture(scope="module")
def runtime(random_model: Path) -> LlamaRuntime:
    return LlamaRuntime(random_model, "chatml", 512, CancelToken())


def _accepts(runtime: LlamaRuntime, node: Node, text: str) -> bool:
    matcher = LLMatcher(runtime.matcher_tokenizer, LLMatcher.grammar_from_lark(lark(node)))
    tokens = runtime.matcher_tokenizer.tokenize_str(text)
    return (
        matcher.validate_tokens(tokens) == len(tokens)
        and matcher.try_consume_tokens(tokens) == len(tokens)
        and matcher.is_accepting()
    )


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_every_sample_of_the_tree_is_in_its_grammar(path: Path, runtime: LlamaRuntime) -> None:
    rng = random.Random(7)
    for _, node in plan.build(build(intake.read_file(path))):
        assert _accepts(runtime, node, preferred(node))
        for _ in range(5):
            assert _accepts(runtime, node, sample(node, lambda options, _style: rng.randrange(len(options))))


def test_a_series_holds_each_item_once_in_any_order_of_its_chunk(runtime: LlamaRuntime) -> None:
    node = Series(("uno", "dos", "tres"))
    orders = {f"{a}, {b} y {c}" for a, b, c in itertools.permutations(("uno", "dos", "tres"))}
    assert all(_accepts(runtime, node, text) for text in orders)
    for wrong in ("uno, dos", "uno, uno y dos", "uno, dos y tres y uno", "uno dos tres"):
        assert not _accepts(runtime, node, wrong)


def test_the_first_diagnosis_keeps_its_place(runtime: LlamaRuntime) -> None:
    node = Series(("uno", "dos", "tres"), fixed=1)
    assert _accepts(runtime, node, "uno, tres y dos")
    assert not _accepts(runtime, node, "dos, uno y tres")


def test_text_of_the_record_is_no_grammar(runtime: LlamaRuntime) -> None:
    hostile = 'a" | "b\\n start: /.*/ <|im_end|> %ignore /x/'
    node = seq("Nota: ", hostile, ".")
    assert _accepts(runtime, node, f"Nota: {hostile}.")
    assert not _accepts(runtime, node, "Nota: b.")


@pytest.mark.parametrize(
    ("options", "following"),
    [
        (("; ", "; además, "), "alta"),
        ((", con diagnóstico de ingreso de ", ", con diagnóstico de "), "infarto"),
        (("a", "ab", "abc"), "abd"),
    ],
)
def test_an_option_that_begins_another_may_stand_before_any_word(
    options: tuple[str, ...], following: str, runtime: LlamaRuntime
) -> None:
    node = seq("inicio", alt(*options), following)
    assert all(_accepts(runtime, node, f"inicio{option}{following}") for option in options)
    assert not _accepts(runtime, node, f"inicio; adem{following}")


def test_a_correction_takes_the_rejected_wording_away() -> None:
    node = seq(alt("uno", "dos", style="x"), alt("solo", style="y"))
    assert preferred(without(node, frozenset({"uno"}))) == "dossolo"
    assert preferred(without(node, frozenset({"uno", "dos"}))) == "unosolo"
