"""What a physician added, on paper: marked where it stands, told below with who and when."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from engine import services
from engine.documents import layout, render_pdf
from engine.documents.additions import additions, runs
from engine.domain import Attestation, Attested, Draft, Report
from tests.helpers.documents import draft, one_line, printed, structure, ward_case

TEXT = "Ingresa por fiebre, tuvo tos seca y fiebre."
WHEN = "2026-10-11T13:58:02-03:00"


def by(phrase: str, author: str = "Dra. Paz Ñanco") -> Attestation:
    return Attestation(phrase, author, WHEN)


def places(text: str, *attestations: Attestation) -> tuple[Attested, ...]:
    found = [Attested(a, m.start(), m.end()) for a in attestations for m in re.finditer(re.escape(a.phrase), text)]
    return tuple(sorted(found, key=lambda a: a.start))


def attested_draft(paragraph: str, *attestations: Attestation) -> Draft:
    return replace(draft(paragraph), report=Report(attested=places(paragraph, *attestations)))


def test_the_paragraph_is_cut_at_the_attested_places_and_loses_nothing() -> None:
    cut = runs(TEXT, places(TEXT, by("tos seca"), by("fiebre")))
    assert "".join(run["text"] for run in cut) == TEXT
    assert [(run["text"], run["mark"]) for run in cut if run["mark"]] == [
        ("fiebre", "a"),
        ("tos seca", "b"),
        ("fiebre", "a"),
    ]


@pytest.mark.parametrize("text", ["", "fiebre", "fiebre."])
def test_an_attested_phrase_may_open_and_close_the_paragraph(text: str) -> None:
    assert "".join(run["text"] for run in runs(text, places(text, by("fiebre")))) == text
    assert "".join(run["text"] for run in runs(text, ())) == text


def test_each_attestation_is_told_once_with_author_and_time() -> None:
    told = additions(places(TEXT, by("fiebre"), by("tos seca", "Dr. Soto")))
    assert [(item["mark"], item["line"]) for item in told] == [
        ("a", "Agregado por el médico: «fiebre» — Dra. Paz Ñanco, 11-10-2026 13:58 (UTC-03:00)"),
        ("b", "Agregado por el médico: «tos seca» — Dr. Soto, 11-10-2026 13:58 (UTC-03:00)"),
    ]


def test_thirty_additions_have_thirty_marks() -> None:
    text = " ".join(f"dato{i}." for i in range(30))
    told = additions(places(text, *(by(f"dato{i}.") for i in range(30))))
    assert [item["mark"] for item in told][25:28] == ["z", "aa", "ab"]
    assert len({item["mark"] for item in told}) == 30


def test_a_page_without_additions_says_nothing_of_them() -> None:
    page = layout(ward_case(), draft(TEXT), approved=False, version="1")
    assert (page["additions"], page["summary"]) == ([], [{"text": TEXT, "mark": ""}])


def test_printed_marks_and_notes_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "document.pdf"
    made = attested_draft(TEXT, by("fiebre"), by("tos seca", "Dr. Soto"))
    path.write_bytes(render_pdf(ward_case(), made, approved=True, version="1"))
    words = one_line(printed(path))
    assert "Ingresa por fiebre[a], tuvo tos seca[b] y fiebre[a]." in words
    assert "[a] Agregado por el médico: «fiebre» — Dra. Paz Ñanco, 11-10-2026 13:58 (UTC-03:00)" in words
    spoken = "".join(re.findall(r'^ *"(.*)"$', structure(path), re.MULTILINE))
    assert spoken.index("tos seca") < spoken.index("Agregado por el médico") < spoken.index("Diagnósticos de ingreso")
    check = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, timeout=30, check=True)
    assert b"No syntax or stream encoding errors" in check.stdout


@pytest.mark.parametrize("words", ['#image("x")', "*a* _b_ $x$", "<b>PA <90/60</b>", "\\u{41} @cita", "dolor 🙂"])
def test_phrase_and_author_are_shown_and_never_read_as_markup(tmp_path: Path, words: str) -> None:
    path = tmp_path / "document.pdf"
    made = attested_draft(f"Ingresa por {words} hoy.", by(words, f"Dra. {words}"))
    path.write_bytes(render_pdf(ward_case(), made, approved=False, version="1"))
    shown = words.replace("🙂", "[U+1F642]")
    told = one_line(printed(path))
    assert f"Ingresa por {shown}[a] hoy." in told
    assert f"«{shown}» — Dra. {shown}," in told


def test_a_long_phrase_breaks_over_lines_and_keeps_its_mark(tmp_path: Path) -> None:
    phrase = "dolor lumbar irradiado a extremidad inferior derecha que aumenta con la marcha y cede con el reposo " * 2
    path = tmp_path / "document.pdf"
    made = attested_draft(f"Ingresa por {phrase.strip()}. Evolución: bien.", by(phrase.strip()))
    path.write_bytes(render_pdf(ward_case(), made, approved=True, version="1"))
    assert f"{phrase.strip()}[a]. Evolución" in one_line(printed(path))


def test_the_exported_document_carries_what_the_check_let_pass(samples: Path, tmp_path: Path) -> None:
    case = services.read(samples / "angina.json")
    text = "Ingresa por dolor torácico agudo. Presentó fiebre."
    report = services.check(case, text, [by("fiebre"), by("dolor torácico agudo")])
    path = tmp_path / "document.pdf"
    services.export_pdf(case, replace(draft(text), report=report), path)
    words = one_line(printed(path))
    assert words.count("Agregado por el médico") == 1
    assert "Presentó fiebre[a]." in words


@pytest.fixture
def samples() -> Path:
    return Path(__file__).resolve().parents[2] / "resources" / "samples"
