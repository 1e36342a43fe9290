"""What Ley 20.584 art. 11 asks, in the window over the real engine."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from desktop.models.cards import LIT_ROLE, Card, Tone
from desktop.models.gate import gate_card, gate_title, in_order
from desktop.theme import DARK, LIGHT, Theme
from desktop.views.dialogs import AuthorDialog
from desktop.views.main_window import MainWindow
from engine.domain import Completeness, Declaration, Requirement
from tests.gui.conftest import WAIT_MS, open_sample, write_template
from tests.helpers.completeness import AT, changed, deceased, without
from tests.helpers.documents import one_line, printed

WHO = "Dra. Paz Ñanco"
GATE = 1  # the tab


def opened(window: MainWindow, qtbot: QtBot, folder: Path, record: object) -> None:
    path = folder / "ficha.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    open_sample(window, qtbot, path)


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.session.resting, timeout=WAIT_MS)


def rows(window: MainWindow) -> tuple[Card, ...]:
    return window.draft.gate.list.cards.cards


def missing(window: MainWindow) -> list[str]:
    return [card.text for card in rows(window) if card.tone is Tone.BLOCKING]


def choose(window: MainWindow, qtbot: QtBot, name: str) -> None:
    """Clicks the row of a requirement."""
    window.draft.review.open_gate()
    listed = window.draft.gate.list
    index = listed.cards.index(next(at for at, card in enumerate(rows(window)) if card.text == name))
    listed.scrollTo(index)
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=listed.visualRect(index).center())


def lit(window: MainWindow) -> list[Card]:
    cards = window.record.list.cards
    return [card for at, card in enumerate(cards.cards) if cards.data(cards.index(at), LIT_ROLE)]


def mark(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.draft.gate.mark, Qt.MouseButton.LeftButton)
    settle(window, qtbot)


def test_a_record_tells_what_it_lacks_before_anything_is_written(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    opened(window, qtbot, tmp_path, without("paciente/rut"))
    tabs = window.draft.review.tabs
    assert tabs.currentIndex() == GATE
    assert tabs.tabText(GATE) == "&Ley 20.584, art. 11: falta 1"
    first = rows(window)[0]
    assert (first.label, first.text, first.detail) == (
        "Falta",
        "Identificación del paciente",
        "Falta el RUT del paciente.",
    )
    assert len(rows(window)) == 12
    assert {card.label for card in rows(window)[1:]} == {"Conforme"}
    assert window.draft.findings.count.text() == ""


def test_a_complete_record_says_so(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "days.json")
    write_template(window, qtbot)
    tabs = window.draft.review.tabs
    assert tabs.tabText(GATE) == "&Ley 20.584, art. 11: completa"
    assert tabs.currentIndex() == 0
    assert missing(window) == []


def test_a_fresh_draft_opens_on_what_the_law_lacks(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "sparse.json")
    window.draft.review.open_findings()
    write_template(window, qtbot)
    assert window.session.report.ok
    assert window.draft.review.tabs.currentIndex() == GATE
    assert window.draft.gate.list.isVisible()


def test_each_missing_row_shows_its_place_in_the_record(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "sparse.json")
    write_template(window, qtbot)
    assert len(missing(window)) == 10
    for name in missing(window):
        choose(window, qtbot, name)
        found = lit(window)
        assert found, name
        listed = window.record.list
        at = listed.cards.cards.index(found[0])
        assert listed.viewport().rect().intersects(listed.visualRect(listed.cards.index(at)))
    choose(window, qtbot, "Identificación del paciente")
    assert [(card.label, card.text) for card in lit(window)] == [("Nombre", "No consignado"), ("RUT", "No consignado")]
    choose(window, qtbot, "Seguimiento")
    assert [(card.label, card.text) for card in lit(window)] == [("Control", "No consignado")]


def test_a_missing_dose_shows_the_drug_in_the_record_and_in_the_text(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    opened(window, qtbot, tmp_path, changed(tratamientos_intrahosp=[{"nombre": "Ceftriaxona", "via": "EV"}]))
    write_template(window, qtbot)
    choose(window, qtbot, "Fármacos administrados y sus dosis")
    assert [card.text for card in lit(window)] == ["Ceftriaxona"]
    shown = [mark.cursor.selectedText().lower() for mark in window.draft.editor.extraSelections()]
    assert "ceftriaxona" in shown
    window.record.list.cards.light(())
    qtbot.mouseClick(window.draft.gate.go, Qt.MouseButton.LeftButton)
    assert [card.text for card in lit(window)] == ["Ceftriaxona"]


def test_a_physician_marks_what_is_missing_and_takes_it_back(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    opened(window, qtbot, tmp_path, without("indicaciones_alta/controles"))
    write_template(window, qtbot)
    window.session.author = WHO
    choose(window, qtbot, "Seguimiento")
    assert window.draft.gate.mark.text() == "Marcar «No consignado»…"
    mark(window, qtbot)
    assert missing(window) == []
    assert window.draft.review.tabs.tabText(GATE).endswith("completa")
    declared = next(card for card in rows(window) if card.tone is Tone.DECLARED)
    assert (declared.label, declared.text) == ("Declarado", "Seguimiento")
    told = r"La ficha no registra .*\. «No consignado», declarado por Dra\. Paz Ñanco, \d\d-\d\d-\d{4} \d\d:\d\d\."
    assert re.fullmatch(told, declared.detail)
    assert window.draft.gate.current is not None
    assert window.draft.gate.current.id == "follow_up"
    assert window.draft.gate.mark.text() == "Quitar «No consignado»"
    mark(window, qtbot)
    assert missing(window) == ["Seguimiento"]
    assert window.session.declarations == ()


def test_the_name_is_asked_once(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "sparse.json")
    write_template(window, qtbot)
    choose(window, qtbot, "Seguimiento")
    qtbot.mouseClick(window.draft.gate.mark, Qt.MouseButton.LeftButton)
    asked = window.findChild(AuthorDialog)
    asked.reject()
    assert window.session.declarations == ()
    QApplication.processEvents()
    qtbot.mouseClick(window.draft.gate.mark, Qt.MouseButton.LeftButton)
    asked = next(found for found in window.findChildren(AuthorDialog) if found.isVisible())
    asked.name.setText(WHO)
    asked.accept()
    settle(window, qtbot)
    choose(window, qtbot, "Identificación del paciente")
    mark(window, qtbot)
    assert [(d.requirement, d.author) for d in window.session.declarations] == [
        ("follow_up", WHO),
        ("identification", WHO),
    ]
    assert all(re.search(r"[+-]\d\d:\d\d$", d.at) for d in window.session.declarations)


def test_what_only_the_text_lacks_cannot_be_marked(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "days.json")
    write_template(window, qtbot)
    editor = window.draft.editor
    place = editor.document().find("linagliptina 5 mg", 0)
    assert not place.isNull()
    place.insertText("otro")
    assert not window.draft.gate.mark.isEnabled()
    settle(window, qtbot)
    choose(window, qtbot, "Fármacos indicados al alta")
    assert "El texto no dice" in rows(window)[0].detail
    assert not window.draft.gate.mark.isEnabled()
    assert window.draft.gate.mark.toolTip() == "La ficha lo dice: agréguelo al texto"
    assert [card.text for card in lit(window)] == ["Linagliptina"]
    editor.undo()
    settle(window, qtbot)
    assert missing(window) == []


def test_the_conflict_of_the_dead_is_marked_by_the_physician(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    opened(window, qtbot, tmp_path, deceased())
    write_template(window, qtbot)
    window.session.author = WHO
    assert missing(window) == ["Fármacos indicados al alta"]
    assert next(card for card in rows(window) if card.text == "Seguimiento").detail.startswith("No corresponde")
    choose(window, qtbot, "Fármacos indicados al alta")
    mark(window, qtbot)
    assert missing(window) == []


def test_the_pdf_tells_what_was_marked(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    opened(window, qtbot, tmp_path, without("indicaciones_alta/controles"))
    write_template(window, qtbot)
    path = tmp_path / "salida.pdf"
    with qtbot.waitSignal(window.session.saved, timeout=WAIT_MS):
        window.session.save(path)
    settle(window, qtbot)
    assert "Ley 20.584" in window.banner.text
    assert not window.session.unsaved
    window.session.declare("follow_up", WHO)
    settle(window, qtbot)
    assert window.session.unsaved
    with qtbot.waitSignal(window.session.saved, timeout=WAIT_MS):
        window.session.save(path)
    settle(window, qtbot)
    words = one_line(printed(path))
    assert f"Seguimiento: No consignado (declarado por {WHO}, " in words
    assert "BORRADOR" in words
    assert "Ley 20.584" not in window.banner.text
    assert not window.session.unsaved


def test_what_is_marked_stays_with_the_record_over_another_draft(
    window: MainWindow, qtbot: QtBot, samples: Path, tmp_path: Path
) -> None:
    opened(window, qtbot, tmp_path, without("indicaciones_alta/controles"))
    window.session.declare("follow_up", WHO)
    settle(window, qtbot)
    assert missing(window) == []
    write_template(window, qtbot)
    assert missing(window) == []
    window.request_open([samples / "sparse.json"])
    box = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
    discard = next(button for button in box.findChildren(QPushButton) if "Descartar" in button.text())
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        qtbot.mouseClick(discard, Qt.MouseButton.LeftButton)
    assert window.session.declarations == ()
    assert "Seguimiento" in missing(window)


def test_f9_goes_through_what_is_missing_and_f8_turns_to_the_findings(
    window: MainWindow, qtbot: QtBot, samples: Path
) -> None:
    open_sample(window, qtbot, samples / "angina.json")
    write_template(window, qtbot)
    seen = []
    for _ in range(6):
        qtbot.keyClick(window.draft.editor, Qt.Key.Key_F9)
        assert window.draft.gate.current is not None
        seen.append(window.draft.gate.current.label)
    assert seen[:5] == missing(window)
    assert seen[5] == seen[0]
    qtbot.keyClick(window.draft.editor, Qt.Key.Key_F8)
    assert window.draft.review.tabs.currentIndex() == 0
    assert window.draft.findings.list.isVisible()


def test_the_keyboard_reaches_the_list_and_its_buttons(window: MainWindow, qtbot: QtBot, samples: Path) -> None:
    open_sample(window, qtbot, samples / "sparse.json")
    gate = window.draft.gate
    gate.list.setCurrentIndex(gate.list.cards.index(0))
    window.header.writer.setFocus()
    reached = set()
    for _ in range(20):
        reached.add(QApplication.focusWidget())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert {window.draft.review.tabs, gate.list, gate.go, gate.mark} <= reached
    assert all(control.accessibleName() for control in (window.draft.review.tabs, gate.list, gate.go, gate.mark))
    assert gate.list.cards.cards[0].spoken.startswith("Falta. Identificación del paciente. ")


@pytest.mark.parametrize(("width", "height"), [(1366, 728), (683, 364)], ids=["100 %", "200 %"])
def test_the_list_fits_the_screen(window: MainWindow, qtbot: QtBot, samples: Path, width: int, height: int) -> None:
    open_sample(window, qtbot, samples / "sparse.json")
    write_template(window, qtbot)
    window.resize(width, height)
    qtbot.waitUntil(lambda: window.draft.gate.list.isVisible())
    assert (window.width(), window.height()) == (width, height)
    gate, tabs = window.draft.gate, window.draft.review.tabs
    for control in (gate.list, gate.go, gate.mark, tabs):
        corner = control.mapTo(window, QPoint(0, 0))
        assert window.rect().contains(corner)
        assert window.rect().contains(corner + QPoint(control.width() - 1, control.height() - 1))
    assert gate.list.height() >= 60
    title = tabs.tabText(GATE).replace("&", "")
    assert "faltan 10" in title
    assert tabs.tabRect(GATE).width() >= tabs.fontMetrics().horizontalAdvance(title)
    assert window.draft.editor.height() >= 80


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_the_mark_of_the_tab_follows_the_theme(
    window: MainWindow, qtbot: QtBot, samples: Path, colors: object, qapp: QApplication
) -> None:
    open_sample(window, qtbot, samples / "sparse.json")
    theme = qapp.findChildren(Theme)[-1]  # each window has one
    before = theme.colors
    theme.use(colors)
    icon = window.draft.review.tabs.tabIcon(GATE).pixmap(16, 16).toImage()
    inks = {icon.pixelColor(x, y).name() for x in range(icon.width()) for y in range(icon.height())}
    theme.use(before)
    assert colors.blocking in inks


def requirement(state: str, **more: object) -> Requirement:
    return Requirement("follow_up", state, "Motivo.", **more)


def test_states_differ_in_words_and_not_in_colour_alone() -> None:
    said = Declaration("follow_up", WHO, AT)
    cards = [gate_card(requirement(state)) for state in ("missing", "met")]
    cards.append(gate_card(requirement("declared", declaration=said)))
    assert [card.label for card in cards] == ["Falta", "Conforme", "Declarado"]
    assert cards[2].detail == f"Motivo. «No consignado», declarado por {WHO}, 11-10-2026 14:05."
    assert len({card.tone for card in cards}) == 3


def test_what_is_missing_stands_first() -> None:
    found = Completeness(tuple(map(requirement, ("met", "missing", "declared", "missing"))))
    assert [r.state for r in in_order(found)] == ["missing", "missing", "declared", "met"]


@pytest.mark.parametrize(
    ("states", "short", "title"),
    [
        (("met",), False, "&Ley 20.584, art. 11: completa"),
        (("missing",), False, "&Ley 20.584, art. 11: falta 1"),
        (("missing", "missing", "declared"), True, "&Ley: faltan 2"),
    ],
)
def test_the_tab_counts_what_is_missing(states: tuple[str, ...], short: bool, title: str) -> None:
    assert gate_title(Completeness(tuple(map(requirement, states))), short=short) == title
    assert gate_title(None, short=True) == "&Ley"
