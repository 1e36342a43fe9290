"""View data: what a record and a report become, without a window."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desktop.models.cards import Card, CardModel, Tone
from desktop.models.findings import count_line, finding_cards
from desktop.models.offsets import Offsets
from desktop.models.pointers import related
from desktop.models.record import chilean_date, record_cards
from desktop.theme import DARK, LIGHT, Colors, contrast
from engine import services
from engine.domain import Attestation, Attested, Report, Violation

SAMPLES = ("angina", "days", "latin1", "sparse", "string_fields")


def cards_of(path: Path) -> tuple[Card, ...]:
    case = services.read(path)
    return record_cards(case, services.record_warnings(case))


def under(cards: tuple[Card, ...], heading: str) -> list[Card]:
    """The rows between this heading and the next one."""
    start = next(at for at, card in enumerate(cards) if card.tone is Tone.HEADER and card.text == heading)
    rest = cards[start + 1 :]
    end = next((at for at, card in enumerate(rest) if card.tone is Tone.HEADER), len(rest))
    return list(rest[:end])


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_reads_under_clinical_headings(samples: Path, name: str) -> None:
    headings = [card.text for card in cards_of(samples / f"{name}.json") if card.tone is Tone.HEADER]
    expected = [
        "Identificación",
        "Motivo de ingreso",
        "Antecedentes y alergias",
        "Diagnósticos de ingreso",
        "Procedimientos",
        "Tratamientos",
        "Evolución por día",
        "Exámenes",
        "Diagnósticos de egreso",
        "Indicaciones al alta",
    ]
    assert [heading for heading in headings if heading in expected] == expected


@pytest.mark.parametrize("name", SAMPLES)
def test_no_row_shows_json(samples: Path, name: str) -> None:
    words = " ".join(card.spoken for card in cards_of(samples / f"{name}.json"))
    assert not any(mark in words for mark in ('{"', "[{", '":', "None", "Text("))


def test_allergies_are_marked_by_word_and_tone(samples: Path) -> None:
    first = under(cards_of(samples / "days.json"), "Antecedentes y alergias")[0]
    assert (first.tone, first.label, first.text) == (Tone.ALLERGY, "Alergia", "Penicilina (rash)")


def test_absent_allergies_are_told(samples: Path) -> None:
    first = under(cards_of(samples / "angina.json"), "Antecedentes y alergias")[0]
    assert (first.label, first.text) == ("Alergia", "No consignado")


def test_a_medication_shows_every_attribute(samples: Path) -> None:
    rows = under(cards_of(samples / "days.json"), "Indicaciones al alta")
    drug = next(row for row in rows if row.text == "Amlodipino")
    assert drug.detail == "5 mg · VO · cada 24 horas · permanente"
    assert drug.code == "C08CA01"


def test_the_course_goes_by_day(samples: Path) -> None:
    labels = [row.label for row in under(cards_of(samples / "days.json"), "Evolución por día")]
    assert labels == ["Día 1", "Día 2", "Día 4", "Día 7", "Día 10"]


def test_repairs_are_told_in_spanish_once_each(samples: Path) -> None:
    rows = under(cards_of(samples / "string_fields.json"), "Avisos de lectura")
    texts = [row.text for row in rows]
    assert texts
    assert len(set(texts)) == len(texts)
    assert all(" " in text for text in texts)  # a sentence, not the code of a message


def test_markup_in_a_record_stays_text() -> None:
    model = CardModel()
    model.set_cards([Card("<b>10</b> & {x} %s")])
    assert model.data(model.index(0)) == "<b>10</b> & {x} %s"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-10-02", "02-10-2026"),
        ("2026-10-02T09:10", "02-10-2026 09:10"),
        ("ayer", "ayer"),
        ("2026-10-02 a 2026-10-05", "2026-10-02 a 2026-10-05"),
        ("", ""),
    ],
)
def test_dates_are_written_as_in_chile(value: str, shown: str) -> None:
    assert chilean_date(value) == shown


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("/a/0", "/a/0/dosis", True),
        ("/a/0/dosis", "/a/0", True),
        ("/a/0", "/a/0", True),
        ("/a/0", "/a/01", False),
        ("/a/0/via", "/a/0/dosis", False),
        ("", "/a", False),
    ],
)
def test_pointers_are_related_by_whole_steps(first: str, second: str, expected: bool) -> None:
    assert related(first, second) is expected


def test_offsets_agree_with_utf16() -> None:
    text = "a😀ñ𝛼b"
    offsets = Offsets(text)
    for at in range(len(text) + 1):
        units = len(text[:at].encode("utf-16-le")) // 2
        assert offsets.to_qt(at) == units


def test_findings_tell_severity_and_type_in_words() -> None:
    report = Report(
        (
            Violation("dose", "50 mg", "La ficha dice 5 mg.", "blocking", 0, 5),
            Violation("omission", "", "Falta el control.", "warning", 9, 9),
        )
    )
    blocking, warning = finding_cards(report)
    assert (blocking.label, blocking.text, blocking.detail) == ("Bloquea", "Dosis: «50 mg»", "La ficha dice 5 mg.")
    assert (warning.label, warning.text) == ("Aviso", "Omisión")
    assert count_line(report) == "1 bloquea · 1 aviso"
    assert count_line(Report()) == "Sin observaciones"


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_colour_is_legible_on_its_grounds(colors: Colors, qapp: QApplication) -> None:
    grounds = ("window", "surface", "accent_soft", "blocking_soft", "warning_soft")
    pairs = [("text", ground) for ground in (*grounds, "good_soft")]
    pairs += [("muted", "window"), ("muted", "surface"), ("muted", "accent_soft")]
    pairs += [("accent", "surface"), ("accent", "window"), ("on_accent", "accent"), ("good", "window")]
    pairs += [
        (tone, ground)
        for tone in ("blocking", "warning", "good")
        for ground in (f"{tone}_soft", "surface", "window", "accent_soft")
    ]
    weak = {pair: contrast(*(getattr(colors, name) for name in pair)) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


def test_what_the_physician_added_follows_the_violations_with_author_and_time() -> None:
    wrong = Violation("dx", "fiebre", "El término «fiebre» no está en la ficha.", "blocking", 0, 6, attestable=True)
    by = Attestation("melena", "Dra. Soto", "2026-10-11T13:58:02-03:00")
    report = Report((wrong,), attested=(Attested(by, 10, 16),))
    cards = finding_cards(report)
    assert [card.tone for card in cards] == [Tone.BLOCKING, Tone.ATTESTED]
    assert cards[1].spoken == "Agregado. «melena». Dra. Soto, 11-10-2026 13:58"
    assert count_line(report) == "1 bloquea · 1 agregada"
    assert count_line(Report(attested=report.attested * 2)) == "2 agregadas"


def test_blocking_and_warning_are_told_apart_in_both_schemes() -> None:
    assert all(
        first != second
        for first, second in combinations((LIGHT.blocking, LIGHT.warning, DARK.blocking, DARK.warning), 2)
    )
