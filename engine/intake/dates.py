"""Dates of real records to ISO 8601, never guessed."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

_MONTHS: Final = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")
_TIME: Final = (
    r"(?:(?:T|,?\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2}(?:[.,]\d+)?)?"
    r"(?P<zone>\s*Z|\s*[+-]\d{2}:?\d{2})?(?:\s*h(?:rs?|oras)?\.?)?)?"
)
_FORMATS: Final = tuple(
    re.compile(pattern + _TIME + r"\Z", re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<year>\d{4})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<day>\d{1,2})(?:\s+de\s+|[-/\s.])(?P<name>[a-záéíóú]{3,10})\.?(?:\s+del?\s+|[-/\s.])(?P<year>\d{4})",
    )
)
_PARTIAL: Final = re.compile(r"\d{4}(?:-\d{2})?\Z")


def to_iso(text: str) -> tuple[str, str | None]:
    """`YYYY-MM-DD` or `YYYY-MM-DDTHH:MM`, and the notice to give where it changed or was not understood.

    The clock of the record is kept: a time zone is told, not applied. Midnight is how systems write a
    date without time, so it is left out. What is no possible date stays as it was written.
    """
    found = next(filter(None, (pattern.match(text) for pattern in _FORMATS)), None)
    if found is None:
        return text, None if _PARTIAL.match(text) else "notice_date_unreadable"
    moment = _moment(found)
    if moment is None:
        return text, "notice_date_impossible"
    midnight = (moment.hour, moment.minute) == (0, 0)
    iso = moment.strftime("%Y-%m-%d" if midnight else "%Y-%m-%dT%H:%M")
    if found["zone"]:
        return iso, "notice_date_zone"
    return iso, "notice_date" if iso != text else None


def _moment(found: re.Match[str]) -> datetime | None:
    parts = found.groupdict()
    month = _month(parts["name"]) if parts.get("name") else int(parts["month"])
    clock = int(parts["hour"] or 0), int(parts["minute"] or 0)
    try:
        moment = datetime(int(parts["year"]), month, int(parts["day"]), *clock)
    except ValueError:
        return None
    return moment if 1880 <= moment.year <= 2200 else None


def _month(name: str) -> int:
    """1 to 12, or 0 for a word that is no month."""
    start = "sep" if name.lower().startswith("set") else name.lower()[:3]
    return _MONTHS.index(start) + 1 if start in _MONTHS else 0
