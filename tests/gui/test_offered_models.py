"""The models that a physician may choose."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import correction, qualification, services
from engine.cancellation import CancelToken
from engine.services import Added, DraftOptions
from tests.gui.conftest import shown

WRITERS = ["Modelo", "Plantilla"]


def _writers(qapp: QApplication, qtbot: QtBot) -> list[tuple[str, DraftOptions]]:
    window = next(made := shown(qapp, qtbot, services))
    writer = window.header.writer
    found = [(writer.itemText(row), writer.itemData(row)) for row in range(writer.count())]
    assert window.header.options == found[0][1]
    assert next(made, None) is None
    return found


def test_an_added_model_is_offered_once_it_is_suitable(
    qapp: QApplication, qtbot: QtBot, random_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = qualification.acceptance_set()[:1]
    monkeypatch.setattr(qualification, "acceptance_set", lambda: cases)
    *_, added = services.add_model(random_model, CancelToken())
    assert isinstance(added, Added)
    assert [name for name, _ in _writers(qapp, qtbot)] == WRITERS
    list(qualification.qualify(added.entry.id, CancelToken()))
    found = _writers(qapp, qtbot)
    assert [name for name, _ in found] == ["Modelo", added.entry.name, "Plantilla"]
    assert [options for _, options in found][1] == DraftOptions(model=added.entry.id)


def test_only_the_template_is_offered_where_no_model_is_suitable(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = qualification.acceptance_set()[:1]
    monkeypatch.setattr(qualification, "acceptance_set", lambda: cases)
    monkeypatch.setattr(correction, "SECONDS_PER_ATTEMPT", -1.0)
    list(qualification.qualify("epicrisis-mini", CancelToken()))
    assert [name for name, _ in _writers(qapp, qtbot)] == ["Plantilla"]
