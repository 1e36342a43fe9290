"""The plain values that the page template draws; resources/typst/epicrisis.typ reads the same names."""

from __future__ import annotations

from typing import TypedDict

MISSING = "No consignado"
IN_NAME = "–"


class Cell(TypedDict):
    """`text` as printed; `muted` where the record has nothing; `note` goes smaller below it."""

    text: str
    muted: bool
    note: str


class Fact(TypedDict):
    """A label with its value; `span` of the four columns of the identification block."""

    label: str
    value: Cell
    span: int


class Column(TypedDict):
    """`width` in millimetres; 0 takes what is left."""

    label: str
    width: int


class Table(TypedDict):
    title: str
    columns: list[Column]
    rows: list[list[Cell]]  # each as long as `columns`
    empty: str  # what stands there without rows
    footnote: str  # "" where none is needed


class Listing(TypedDict):
    title: str
    items: list[str]
    empty: str  # what stands there without items


class Run(TypedDict):
    """A stretch of the paragraph; `mark` is the letter of the addition that it is, "" for what the record says."""

    text: str
    mark: str


class Addition(TypedDict):
    """What a physician added beyond the record: its letter, and the line that says who and when."""

    mark: str
    line: str


class Layout(TypedDict):
    """Everything on the pages, in reading order; strings are final Spanish text."""

    draft: bool
    facility: Cell
    service: Cell
    title: str
    status: str
    running: str  # identifies every page after the first
    identity: list[Fact]
    allergies: Fact
    summary_title: str
    summary: list[Run]
    additions: list[Addition]  # in the order of their letters
    tables: list[Table]
    lists_title: str
    lists: list[Listing]
    declared_title: str
    declared: list[str]  # what a physician marked «No consignado» on purpose, with name and time
    signature: list[str]  # lines to be signed by hand; none where it was signed in the program
    signed: list[str]  # who signed in the program, when, and the digest
    addenda_title: str
    addenda: list[str]  # what was added after signing, each with who, when and its digest
    footer: list[str]


def cell(text: str | None, *, note: str | None = None) -> Cell:
    """A value of the record, or «No consignado»."""
    return Cell(text=text or MISSING, muted=not text, note=note or "")
