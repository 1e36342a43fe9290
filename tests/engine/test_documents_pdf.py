"""The PDF itself, as other programs read it (poppler, qpdf, pypdf)."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest

from engine.documents import pdf, render_pdf
from engine.documents.glyphs import covered
from engine.domain import Case, Medication
from engine.errors import EpicrisisError
from tests.helpers.documents import (
    PARAGRAPH,
    crowded_case,
    draft,
    empty_case,
    grey_pages,
    one_line,
    printed,
    structure,
    text,
    texts,
    ward_case,
)

WATERMARK_GREY = bytes([238])  # the colour of borrador.svg in 256 greys
HOSTILE = (
    '#image("x")',
    "*a* _b_ `c` = d",
    "$x$ #sys.inputs.data \\u{41}",
    "<img src=file:///etc/passwd>",
    "@cita <etiqueta> // comentario",
    '"}, "draft": false, {"',
    "PA <90/60 & Na>145",
    "-- --- ... \"comillas\" 'simples'",
    "{0} %s ${HOME}",
)


def made(
    folder: Path,
    case: Case,
    paragraph: str = PARAGRAPH,
    *,
    approved: bool = False,
    attachment: bytes | None = None,
) -> Path:
    path = folder / "document.pdf"
    content = render_pdf(case, draft(paragraph), approved=approved, version="1.2.3", attachment=attachment)
    path.write_bytes(content)
    return path


def qpdf_check(path: Path) -> str:
    done = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, timeout=30, check=True)
    return done.stdout.decode() + done.stderr.decode()


def reading(path: Path) -> str:
    """The reading order of a screen reader as one line."""
    return "".join(re.findall(r'^ *"(.*)"$', structure(path), re.MULTILINE))


def catalog(path: Path) -> Any:
    """The root dictionary of a PDF, as nested names and values."""
    return pypdf.PdfReader(path).trailer["/Root"]


def page_text(path: Path, page: int) -> str:
    return one_line(printed(path, "-layout", "-f", str(page), "-l", str(page)))


@pytest.mark.parametrize("case", [empty_case(), ward_case(), crowded_case()], ids=["empty", "ward", "many"])
@pytest.mark.parametrize("approved", [False, True])
def test_file_is_sound_tagged_letter_paper(tmp_path: Path, case: Case, approved: bool) -> None:
    path = made(tmp_path, case, approved=approved)
    assert "No syntax or stream encoding errors" in qpdf_check(path)
    root = catalog(path)
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "es-CL"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert {tuple(map(float, page.mediabox[2:])) for page in pypdf.PdfReader(path).pages} == {(612.0, 792.0)}


def test_claims_both_standards_and_names_no_patient(tmp_path: Path) -> None:
    path = made(tmp_path, ward_case())
    metadata = catalog(path)["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    information = pypdf.PdfReader(path).metadata
    assert information is not None
    assert information.title == "Epicrisis"
    for private in ("Ñancupil", "11.111.111-1", "900417"):
        assert private not in metadata
        assert private not in repr(information)


def test_all_faces_are_embedded(tmp_path: Path) -> None:
    listing = subprocess.run(
        ["pdffonts", str(made(tmp_path, ward_case()))], capture_output=True, check=True, timeout=30
    ).stdout.decode()
    faces = listing.splitlines()[2:]
    assert len(faces) >= 2
    # Columns after the encoding: embedded, subset, with a Unicode map.
    assert all(re.search(r"\byes +yes +yes\b", face) for face in faces)
    assert all("SourceSansPro" in face or "DejaVuSans" in face for face in faces)


@pytest.mark.parametrize("approved", [False, True])
def test_paragraph_comes_back_exactly(tmp_path: Path, approved: bool) -> None:
    path = made(tmp_path, ward_case(), approved=approved)
    assert PARAGRAPH in one_line(printed(path))
    assert PARAGRAPH in one_line(printed(path, "-raw"))
    assert PARAGRAPH in reading(path)


def test_paragraph_over_a_page_end_comes_back_in_reading_order(tmp_path: Path) -> None:
    paragraph = " ".join([PARAGRAPH] * 8)
    path = made(tmp_path, ward_case(), paragraph)
    assert paragraph in reading(path)
    assert one_line(printed(path, "-l", "1")).count("control en 10 días.") in range(1, 8)


def test_no_soft_hyphen_nor_broken_word(tmp_path: Path) -> None:
    paragraph = " ".join(f"electroencefalografía/{number}-desoxirribonucleótido" for number in range(40))
    assert paragraph in one_line(printed(made(tmp_path, ward_case(), paragraph)))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_record_text_is_shown_and_never_read_as_markup(tmp_path: Path, hostile: str) -> None:
    case = replace(
        ward_case(),
        patient=replace(ward_case().patient, name=text(hostile)),
        treatments=(Medication(name=text(hostile), note=text(hostile)),),
        plan=replace(ward_case().plan, follow_up=texts(hostile)),
    )
    path = made(tmp_path, case, f"Antes {hostile} después.")
    shown = one_line(printed(path))
    assert f"Antes {hostile} después." in shown
    assert reading(path).count(hostile) == 5


def test_unknown_glyphs_are_named(tmp_path: Path) -> None:
    path = made(tmp_path, ward_case(), "Paciente \U0001f9e0 con 血压 y \x07 control.")
    assert "Paciente [U+1F9E0] con [U+8840][U+538B] y [U+0007] control." in one_line(printed(path))


def test_every_character_said_to_be_covered_is_drawn(tmp_path: Path) -> None:
    # PDF/A refuses a character without a glyph, so making the file proves the list.
    path = made(tmp_path, empty_case(), "".join(map(chr, sorted(covered()))))
    assert "No syntax or stream encoding errors" in qpdf_check(path)
    assert set(map(ord, "áéíóúüñÁÉÍÓÚÜÑ¿¡«»–—…°ºª±×÷≤≥≈→↑↓µαβγ²³½€")) <= covered()


@pytest.mark.parametrize("case", [ward_case(), crowded_case()], ids=["ward", "crowded"])
def test_watermark_is_drawn_on_each_page_of_a_draft_only(tmp_path: Path, case: Case) -> None:
    folders = {approved: tmp_path / str(approved) for approved in (True, False)}
    marks = {}
    for approved, folder in folders.items():
        folder.mkdir()
        pages = grey_pages(made(folder, case, approved=approved), folder)
        marks[approved] = [page.count(WATERMARK_GREY) for page in pages]
    assert len(marks[False]) >= 2
    # The edges of letters have some of that grey too, the same few on both.
    assert all(drawn - clean > 2500 for drawn, clean in zip(marks[False], marks[True], strict=True))
    assert all(clean < 600 for clean in marks[True])


def test_draft_pages_also_say_so_in_words(tmp_path: Path) -> None:
    reader = pypdf.PdfReader(made(tmp_path, crowded_case()))
    assert all("BORRADOR" in page.extract_text() for page in reader.pages)
    approved = pypdf.PdfReader(made(tmp_path, crowded_case(), approved=True))
    assert not any("borrador" in page.extract_text().lower() for page in approved.pages)


def test_watermark_and_page_furniture_are_artifacts(tmp_path: Path) -> None:
    read = reading(made(tmp_path, ward_case()))
    for furniture in ("BORRADOR", "Página", "Registro ab12"):
        assert furniture not in read
    assert read.count("Borrador. No es válido") == 1


def test_sixty_drugs_fill_pages_with_repeated_headers_and_whole_rows(tmp_path: Path) -> None:
    case = crowded_case()
    path = made(tmp_path, case)
    count = len(pypdf.PdfReader(path).pages)
    assert 4 <= count <= 6
    seen = []
    for number in range(1, count + 1):
        page = page_text(path, number)
        assert f"Página {number} de {count}" in page
        rows = [int(found) for found in re.findall(r"Fármaco (\d+):", page)]
        assert page.count("J01EE01") == len(rows)
        assert ("Frecuencia" in page) == bool(rows)
        # A long name stands whole on the page where its row begins, and so does the note.
        assert page.count("según función renal") == sum(row % 3 == 0 for row in rows)
        assert page.count("Diluir en 100 mL") == sum(row % 5 == 0 for row in rows)
        seen += rows
    assert seen == [*range(1, 61), *range(1, 21)]


def test_nothing_runs_out_of_the_margins(tmp_path: Path) -> None:
    case = crowded_case()
    wide = Medication(*texts("N" * 200, "W" * 60, "m" * 60, "W" * 60, "W" * 60, "W" * 60))
    path = made(tmp_path, replace(case, treatments=(wide,)), approved=True)
    for page in grey_pages(path, tmp_path):
        right = [page[row * 306 + column] for row in range(396) for column in range(280, 306)]
        assert min(right) == 255


def test_an_endless_cell_goes_on_over_pages(tmp_path: Path) -> None:
    case = replace(empty_case(), treatments=(Medication(name=text("palabra " * 2000)),))
    assert printed(made(tmp_path, case)).count("palabra") == 2000


@pytest.mark.parametrize("lines", range(1, 12))
def test_nobody_signs_a_page_that_says_nothing(tmp_path: Path, lines: int) -> None:
    path = made(tmp_path, empty_case(), "\n".join(["Reposo."] * lines))
    last = pypdf.PdfReader(path).pages[-1].extract_text()
    assert "Firma" in last
    assert "Indicaciones al alta" in last


def test_table_headers_are_tagged(tmp_path: Path) -> None:
    tags = structure(made(tmp_path, ward_case()))
    assert tags.count("/Scope /Column") == 3 * 3 + 5 + 6 + 6
    assert [tags.count(f"\n  {tag} ") for tag in ("H2", "Table")] == [8, 6]


@pytest.mark.parametrize("record", ['{"motivo": "Cefalea súbita"}'.encode(), b'{"motivo": "s\xfabita"}', b""])
def test_the_record_travels_inside_byte_by_byte(tmp_path: Path, record: bytes) -> None:
    path = made(tmp_path, ward_case(), attachment=record)
    reader = pypdf.PdfReader(path)
    assert dict(reader.attachments) == {"registro.json": [record]}
    (entry,) = catalog(path)["/AF"]
    assert entry.get_object()["/AFRelationship"] == "/Source"


def test_nothing_is_attached_unless_given(tmp_path: Path) -> None:
    assert dict(pypdf.PdfReader(made(tmp_path, ward_case())).attachments) == {}


def test_same_input_same_bytes() -> None:
    first, second = (render_pdf(ward_case(), draft(), approved=True, version="1") for _ in range(2))
    assert first == second


def test_a_failure_never_quotes_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "legible", lambda value: value)
    with pytest.raises(EpicrisisError) as caught:
        render_pdf(ward_case(), draft("secreto \U0001f9e0"), approved=True, version="1")
    assert caught.value.code == "pdf_failed"
    assert caught.value.__cause__ is None
    assert "\U0001f9e0" not in caught.value.message()
