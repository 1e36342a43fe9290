"""The tables of the document: one row per item of the record, in its order."""

from __future__ import annotations

from collections.abc import Sequence

from engine.documents.dates import is_date, shown_date
from engine.documents.shapes import IN_NAME, MISSING, Cell, Column, Table, cell
from engine.domain import Condition, Medication, Observation, Procedure, Text
from engine.evidence.clauses import name_forms
from engine.evidence.language import fold, in_words

_CODE_WIDTH = 27
_DAY = len("2026-10-02")
_DATE_WIDTH = 28
_IN_NAME_NOTE = f"{IN_NAME}  Sin campo propio en el registro; consta en el nombre si fue indicado."


def conditions(title: str, items: Sequence[Condition], day: Text | None, whose: str) -> Table:
    """Diagnosis, CIE-10 code, date: its own or else `day`, that of the admission or discharge as `whose` says."""
    rows = [[_named(item.name), _cell(item.code), _dated(item.recorded, day, whose)] for item in items]
    return _coded(title, "Diagnóstico", "CIE-10", rows)


def procedures(title: str, items: Sequence[Procedure]) -> Table:
    """Procedure, code, date."""
    rows = [[_cell(item.name), _cell(item.code), _date_cell(item.performed)] for item in items]
    return _coded(title, "Procedimiento", "Código", rows)


def observations(title: str, items: Sequence[Observation]) -> Table:
    """Result with unit and interpretation, range and extremes (where any row has them), date."""
    columns = [
        Column(label="Examen", width=0),
        Column(label="Resultado", width=38),
        Column(label="Rango de referencia", width=31),
        Column(label="Mín. – máx.", width=28),
        Column(label="Fecha", width=_DATE_WIDTH),
    ]
    rows = [
        [
            _cell(item.name),
            _result(item),
            _range(item.low, item.high),
            _range(item.minimum, item.maximum),
            _date_cell(item.recorded),
        ]
        for item in items
    ]
    return _table(title, columns, rows, optional=(2, 3))


def medications(title: str, items: Sequence[Medication], empty: str = MISSING) -> Table:
    """Drug, ATC code, dose, route, frequency, duration or dates; `empty` where there is none.

    Many records write dose and frequency inside the name. A column that no row fills is left out
    then, and an empty cell says so instead of «No consignado», which would deny the name beside it.
    """
    columns = [
        Column(label="Medicamento", width=0),
        Column(label="ATC", width=23),
        Column(label="Dosis", width=23),
        Column(label="Vía", width=25),
        Column(label="Frecuencia", width=26),
        Column(label="Duración o período", width=29),
    ]
    in_names = bool(items) and all(_says_more(item) for item in items)
    table = _table(title, columns, [_drug(item) for item in items], (2, 3, 4, 5) if in_names else (), empty)
    blank = any(item["text"] == IN_NAME for row in table["rows"] for item in row)
    return Table({**table, "footnote": _IN_NAME_NOTE if blank else ""})


def value_of(text: Text | None) -> str | None:
    return text.value if text else None


def _coded(title: str, name: str, code: str, rows: list[list[Cell]]) -> Table:
    columns = [
        Column(label=name, width=0),
        Column(label=code, width=_CODE_WIDTH),
        Column(label="Fecha", width=_DATE_WIDTH),
    ]
    return _table(title, columns, rows)


def _drug(item: Medication) -> list[Cell]:
    inside = _says_more(item)
    details = (value_of(item.dose), value_of(item.route), value_of(item.frequency), _duration(item))
    name = cell(value_of(item.name), note=value_of(item.note))
    return [name, _cell(item.code), *(_detail(detail, inside) for detail in details)]


def _says_more(item: Medication) -> bool:
    """Whether the name carries figures that can be the dose («Meropenem 1g c/8h»)."""
    return item.name is not None and any(char.isdigit() for char in item.name.value)


def _detail(value: str | None, inside_name: bool) -> Cell:
    return Cell(text=IN_NAME, muted=True, note="") if inside_name and not value else cell(value)


def _duration(item: Medication) -> str | None:
    """«7 días», «02-10-2026 al 09-10-2026», or both."""
    return " · ".join(filter(None, (value_of(item.duration), _period(item.start, item.end)))) or None


def _period(start: Text | None, end: Text | None) -> str | None:
    if start and end:
        return f"{shown_date(start.value)} al {shown_date(end.value)}"
    if start:
        return f"desde {shown_date(start.value)}"
    return f"hasta {shown_date(end.value)}" if end else None


def _result(item: Observation) -> Cell:
    value = " ".join(filter(None, (value_of(item.value), value_of(item.unit))))
    if item.interpretation:
        value = f"{value} ({item.interpretation.value})" if value else item.interpretation.value
    return cell(value)


def _range(low: Text | None, high: Text | None) -> Cell:
    if low and high:
        return cell(f"{low.value} – {high.value}")
    return cell(f"mín. {low.value}" if low else f"máx. {high.value}" if high else None)


def _cell(text: Text | None) -> Cell:
    return cell(value_of(text))


def _named(name: Text | None) -> Cell:
    """An abbreviation is followed by its words, where it has one reading: the law wants them."""
    said = value_of(name)
    written = name_forms(said)[0] if said and not in_words(said) else ""
    return cell(said, note=written if in_words(written) and fold(written) != fold(said or "") else "")


def _dated(own: Text | None, day: Text | None, whose: str) -> Cell:
    if own is None and day is not None and is_date(day.value):
        return cell(shown_date(day.value[:_DAY]), note=whose)
    return _date_cell(own)


def _date_cell(text: Text | None) -> Cell:
    return cell(shown_date(text.value) if text else None)


def _table(
    title: str, columns: list[Column], rows: list[list[Cell]], optional: tuple[int, ...] = (), empty: str = MISSING
) -> Table:
    """Leaves out each optional column that no row fills."""
    kept = [
        index for index in range(len(columns)) if index not in optional or any(not row[index]["muted"] for row in rows)
    ]
    shown = [[row[index] for index in kept] for row in rows]
    return Table(title=title, columns=[columns[index] for index in kept], rows=shown, empty=empty, footnote="")
