"""What is told of a case in a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QModelIndex, QObject, Signal

from desktop.models.cards import AnyIndex, Card, CardModel, Tone
from desktop.models.found import searched
from engine.domain import Case
from engine.history import PAGE, Listed

_NOWHERE = QModelIndex()


def state_name(row: Listed) -> str:
    tr = QCoreApplication.translate
    names = {
        "record": tr("Worklist", "sin texto"),
        "draft": tr("Worklist", "borrador"),
        "signed": tr("Worklist", "✓ firmado"),
        "addendum": tr("Worklist", "✓ adenda"),
    }
    return names[row.state]


def case_line(row: Listed) -> str:
    """State, stay, service and last change, without the patient."""
    return f"{state_name(row)} · {stay_line(row)}"


def stay_line(row: Listed) -> str:
    """Admission, service and last change, as far as they are known."""
    tr = QCoreApplication.translate
    found = row.summary
    admitted = tr("Worklist", "ingreso {day}").format(day=_day(found.admitted)) if found.admitted else ""
    changed = tr("Worklist", "último cambio {at}").format(at=moment(found.changed_at))
    return " · ".join(part for part in (admitted, found.service, changed) if part)


def _day(recorded: str) -> str:
    """«02-10-2026» where the record has a day that can be read; else what it has."""
    try:
        return datetime.fromisoformat(recorded).strftime("%d-%m-%Y")
    except ValueError:
        return recorded


def moment(at: str) -> str:
    """«02-03-2026 08:00» of a moment of the history, in the time of this computer."""
    return datetime.fromisoformat(at).astimezone().strftime("%d-%m-%Y %H:%M")


def same_stay(case: Case, row: Listed) -> bool:
    """Whether both name the same day of admission, as far as they name one."""
    return (case.stay.start.value if case.stay.start else "") == row.summary.admitted


def list_title(words: str, shown: int, *, more: bool) -> str:
    """How many cases are shown, and of what."""
    tr = QCoreApplication.translate
    if not shown:
        none = tr("Worklist", "Ningún caso tiene esas palabras.")
        return none if words.strip() else tr("Worklist", "Todavía no hay casos: abra una atención.")
    count = tr("Worklist", "{n} o más").format(n=shown) if more else str(shown)
    return f"{tr('Worklist', 'Encontrados' if words.strip() else 'Mis casos')} · {count}"


class WorklistModel(CardModel):
    """The cases of a search, a page at a time; the view asks for the next one when it comes to the end."""

    more_asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Listed, ...] = ()
        self._words: tuple[str, ...] = ()
        self._more = False

    @property
    def rows(self) -> tuple[Listed, ...]:
        return self._rows

    @property
    def last(self) -> int | None:
        """After which row the next page begins."""
        return self._rows[-1].serial if self._rows else None

    def show_rows(self, rows: Sequence[Listed], words: str) -> None:
        """Another list, of cases with these words in it."""
        self._rows, self._words, self._more = tuple(rows), searched(words), len(rows) == PAGE
        self.set_cards(case_card(row, self._words) for row in rows)

    def add_rows(self, rows: Sequence[Listed]) -> None:
        """The next page."""
        self._rows, self._more = (*self._rows, *rows), len(rows) == PAGE
        self.add_cards(case_card(row, self._words) for row in rows)

    def canFetchMore(self, parent: AnyIndex = _NOWHERE) -> bool:  # noqa: N802 (Qt's name)
        return self._more and not parent.isValid()

    def fetchMore(self, parent: AnyIndex) -> None:  # noqa: N802 (Qt's name)
        if self.canFetchMore(parent):
            self._more = False  # until the page is here
            self.more_asked.emit()


def case_card(row: Listed, words: tuple[str, ...] = ()) -> Card:
    """Name, state, RUT, stay; whose it is where it is not the user's."""
    tr = QCoreApplication.translate
    found = row.summary
    told = (found.rut, stay_line(row), "" if row.own else tr("Worklist", "de otro equipo"))
    return Card(
        found.name or tr("Worklist", "Sin nombre"),
        Tone.PLAIN if row.own else Tone.MUTED,
        label=state_name(row),
        detail=" · ".join(part for part in told if part),
        found=words,
    )
