"""Words for drugs, diseases, findings, procedures and organisms that the record lacks, in a list or in none."""

import tomllib
from functools import lru_cache
from pathlib import Path

import pytest

from engine import intake
from engine.checking import Checker
from engine.checking.reading import read
from engine.checking.rules.terms import sort_of
from engine.domain import Violation
from engine.drafting import plan
from engine.drafting.grammar import preferred
from engine.evidence import Evidence, build
from engine.paths import resource

_ROOT = Path(__file__).resolve().parents[2]
_TERMS = tomllib.loads((_ROOT / "tests/benchmarks/mutation_terms.toml").read_text(encoding="utf-8"))
_TYPE = {"drugs": "med", "diseases": "dx", "findings": "dx", "procedures": "proc", "organisms": "dx"}


@lru_cache(maxsize=1)
def _angina() -> tuple[Checker, str]:
    evidence: Evidence = build(intake.read_case(resource("samples/angina.json").read_bytes()))
    return Checker(evidence), "".join(preferred(node) for _, node in plan.build(evidence))


def _found(added: str) -> list[Violation]:
    """What the checker says of a sentence put before the discharge."""
    checker, text = _angina()
    place = text.index("Diagnóstico de egreso") if "Diagnóstico de egreso" in text else text.index("Egresa")
    report = checker.check(f"{text[:place]}{added} {text[place:]}")
    return [v for v in report.violations if v.start < place + len(added) and v.end > place]


@pytest.mark.parametrize("category", sorted(_TYPE))
def test_every_term_is_found_as_what_it_is(category: str) -> None:
    terms = [t for t in _TERMS[category]["looked_at"] if t not in ("hipo", "acúmulo pleural")]
    missed = [t for t in terms if not any(v.type == _TYPE[category] for v in _found(f"Luego {t}."))]
    assert missed == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Presenta glaucoma.", "El término «glaucoma» no está en la ficha."),
        ("Sin evidencia de glaucoma.", "El texto niega «glaucoma», que la ficha no menciona."),
        ("Tiene antecedente de glaucoma.", "El antecedente «glaucoma» no está en la ficha."),
        ("Antecedentes: glaucoma.", "El antecedente «glaucoma» no está en la ficha."),
    ],
)
def test_denied_and_past_mentions_are_told_apart(said: str, reason: str) -> None:
    assert [v.reason for v in _found(said)] == [reason]


@pytest.mark.parametrize(
    ("said", "kind", "mention"),
    [
        ("Recibió zurbatrolo.", "med", "zurbatrolo"),
        ("Luego zurbatrolo 40 mg.", "med", "zurbatrolo"),
        ("Se realizó frandeo.", "proc", "frandeo"),
        ("Presentó grelusia.", "dx", "grelusia"),
        ("Grelusia mornética crupial.", "dx", "Grelusia mornética crupial"),
        ("Queda con dolor plantar.", "dx", "plantar"),
        ("Queda con trastorno bipolar.", "dx", "trastorno"),
    ],
)
def test_what_no_list_has_is_found_by_what_is_said_of_it(said: str, kind: str, mention: str) -> None:
    assert (kind, mention) in {(v.type, v.mention) for v in _found(said)}


def test_ordinary_words_with_a_clinical_ending_are_no_terms() -> None:
    ordinary = tomllib.loads(resource("lexicon/terms.toml").read_text(encoding="utf-8"))["ordinary"]["words"]
    wrong = [w.token.text for w in read(ordinary).words if sort_of(w)]
    assert wrong == []


@pytest.mark.parametrize(
    "said",
    [
        "La familia recibió la información y comprende las indicaciones.",
        "Se explicó el programa a la familia, que manifestó su conformidad.",
    ],
)
def test_ordinary_sentences_hold_no_unknown_term(said: str) -> None:
    assert [v for v in _found(said) if v.type in ("med", "proc") or "término" in v.reason] == []
