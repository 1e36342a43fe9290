"""Numbers and dates in Spanish text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

MONTHS = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)
ORDINALS = {
    "1": "primer",
    "2": "segundo",
    "3": "tercer",
    "4": "cuarto",
    "5": "quinto",
    "6": "sexto",
    "7": "séptimo",
    "8": "octavo",
    "9": "noveno",
    "10": "décimo",
}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text: canonical («0.8», «100»), and its span in code points."""

    value: str
    start: int
    end: int


def canonical(number: str) -> str:
    """«0,80» → «0.8», «05» → «5»; «1.000» stays as it is, for it has two readings."""
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+", number):
        return number
    whole, _, fraction = number.replace(",", ".").partition(".")
    fraction = fraction.rstrip("0.")
    return (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")


def numbers(text: str) -> Iterator[Number]:
    """Every number of the text, dates and codes included."""
    for match in _NUMBER.finditer(text):
        yield Number(canonical(match[0]), match.start(), match.end())


def dates(text: str) -> Iterator[str]:
    """Every whole date of a text as ISO: «2026-05-25», «25-05-2026», «25/5/26», «25 de mayo de 2026»."""
    yield from re.findall(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", text)
    for day, month, year in re.findall(r"(?<![\d/-])(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})(?![\d/-])", text):
        if 1 <= int(day) <= 31 and 1 <= int(month) <= 12:
            yield f"{year if len(year) == 4 else '20' + year}-{int(month):02}-{int(day):02}"
    for day, name, year in re.findall(r"(?<!\d)(\d{1,2}) de ([a-z]+) (?:de|del) (\d{4})(?!\d)", text.lower()):
        if name in MONTHS:
            yield f"{year}-{MONTHS.index(name) + 1:02}-{int(day):02}"


def date_forms(iso: str) -> tuple[str, ...]:
    """The ways to write an ISO date: «15-01-2024», «15 de enero de 2024», «15/01/2024»; anything else as it stands."""
    try:
        day = date.fromisoformat(iso[:10])
    except ValueError:
        return (iso,)
    month = MONTHS[day.month - 1]
    return (f"{day:%d-%m}-{day.year:04}", f"{day.day} de {month} de {day.year}", f"{day:%d/%m}/{day.year:04}")


def day_of(moment: str) -> str:
    """The date of an ISO date or date and time; anything else as it stands."""
    return moment[:10] if len(date_forms(moment)) > 1 else moment
