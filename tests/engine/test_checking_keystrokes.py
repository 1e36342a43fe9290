"""A text checked key by key gets the very report that it gets when it is checked for the first time."""

import importlib
import json
import os
import pkgutil
import random
import subprocess
import sys
from pathlib import Path

import pytest

from engine import checking, intake
from engine.checking import Checker
from engine.checking.calendar import dates
from engine.checking.measures import scan
from engine.checking.pieces import pieces
from engine.checking.reading import read
from engine.drafting import plan
from engine.drafting.grammar import preferred
from engine.evidence import Evidence, build
from tests.helpers.keystrokes import keystrokes

_ROOT = Path(__file__).resolve().parents[2]
_FREE = _ROOT / "tests" / "benchmarks" / "free_texts" / "looked-at.jsonl"
_ROWS = [json.loads(line) for line in _FREE.read_text(encoding="utf-8").splitlines()]
_KEPT_FOR_EVER = ("lexicon", "_lexicon")  # word lists, the same for every text


def _evidence(record: object) -> Evidence:
    return build(intake.read_case(json.dumps(record, ensure_ascii=False).encode()))


def _forget() -> None:
    """Empties every memory that a text may have left."""
    for found in pkgutil.walk_packages(checking.__path__, "engine.checking."):
        for name, value in vars(importlib.import_module(found.name)).items():
            if hasattr(value, "cache_clear") and name not in _KEPT_FOR_EVER:
                value.cache_clear()


@pytest.mark.parametrize("row", _ROWS[::4], ids=lambda row: row["id"])
def test_a_kept_checker_says_what_a_new_one_says(row: dict[str, object]) -> None:
    rng = random.Random(str(row["id"]))
    evidence, text = _evidence(row["case"]), str(row["text"])
    kept = Checker(evidence)
    kept.check(text)
    edits = list(keystrokes(text, 60, rng))
    reports = [kept.check(edited) for edited in edits]
    for i in rng.sample(range(len(edits)), 8):
        _forget()
        assert reports[i] == Checker(evidence).check(edits[i]), edits[i]


def test_the_keys_of_another_text_leave_no_trace() -> None:
    one, other = (str(r["text"]) for r in _ROWS[:2])
    evidence = _evidence(_ROWS[0]["case"])
    kept = Checker(evidence)
    for text in (other, one + other, one):
        last = kept.check(text)
    _forget()
    assert last == Checker(evidence).check(one)


def test_pieces_cover_the_text_and_share_what_parts_them() -> None:
    text = "Recibió 2 g EV. Se va el 3. Dr. Soto: control (J18.9). Fin."
    found = list(pieces(text))
    assert [piece for _, piece in found] == [
        "Recibió 2 g EV. Se va el 3. Dr. Soto: control (J18.9). ",
        ". Fin.",
    ]
    assert all(text[start : start + len(piece)] == piece for start, piece in found)


@pytest.mark.parametrize("title", ["Sra.", "Dra.", "Dr.", "Srta.", "DRA.", "Prof."])
def test_a_title_ends_no_sentence(title: str) -> None:
    text = f"Evaluada por la {title} Soto, sin hallazgos. Sigue estable."
    assert [start for start, _ in pieces(text)] == [0, text.index(". Sigue")]
    assert [w.sentence for w in read(text).words if w.token.text in ("Soto", "Sigue")] == [0, 1]


def test_nothing_is_lost_where_a_text_is_cut() -> None:
    assert [d.year for d in dates("El 15 de enero, 2024, y el 16-01-2024; luego")] == [2024, 2024]
    text = "Enalapril 10 mg v.o. cada 12 horas, por 7 días; SOS. Ceftriaxona 2 g, EV, c/24 h"
    assert [text[m.start : m.end] for m in scan(text)] == [
        "10 mg", "v.o.", "cada 12 horas", "7 días", "SOS", "2 g", "EV", "c/24 h",
    ]  # fmt: skip


def test_a_template_of_sixty_drugs_is_the_same_key_by_key() -> None:
    drugs = [
        {"nombre": f"Fármaco {i}", "codigo": f"A{i:02}BC{i:02}", "dosis": f"{i + 1} mg", "via": "VO"} for i in range(30)
    ]
    evidence = _evidence(
        {
            "diagnostico_ingreso": [{"codigo": "J18.9", "nombre": "Neumonía"}],
            "tratamientos_intrahosp": drugs,
            "evolucion": [],
            "diagnostico_egreso": [{"codigo": "J18.9", "nombre": "Neumonía"}],
            "indicaciones_alta": {"medicamentos": drugs},
        }
    )
    text = "".join(preferred(node) for _, node in plan.build(evidence))
    kept = Checker(evidence)
    *_, last = keystrokes(text, 5, random.Random(3))
    kept.check(text)
    report = kept.check(last)
    _forget()
    assert report == Checker(evidence).check(last)


_PROGRAM = """
import sys
from engine import intake
from engine.checking import check
from engine.evidence import build

print(check(build(intake.read_case(sys.argv[1].encode())), sys.argv[2]))
"""


def test_every_process_says_the_same() -> None:
    """«Tolera régimen» and «régimen diabético» lay claim to one word: which of them gets it is no matter of chance."""
    diagnosis = [{"codigo": "J18.9", "nombre": "Neumonía"}]
    record = {
        "motivo_ingreso": "Fiebre",
        "diagnostico_ingreso": diagnosis,
        "evolucion": [{"fecha": "2024-01-14", "nota": "Tolera régimen diabético."}],
        "diagnostico_egreso": diagnosis,
    }
    text = "Ingresa por fiebre y neumonía (J18.9). Evolución: come bien. Egresa con neumonía (J18.9)."
    command = [sys.executable, "-c", _PROGRAM, json.dumps(record), text]
    said = {
        subprocess.run(
            command, check=True, capture_output=True, timeout=60, cwd=_ROOT, env=os.environ | {"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("0", "1")
    }
    assert len(said) == 1
    assert b"Report" in said.pop()
