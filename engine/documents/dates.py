"""Dates as they are read on paper in Chile, and the length of a stay."""

from __future__ import annotations

import re
from datetime import date, datetime

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}:\d{2}))?")


def shown_date(value: str) -> str:
    """«2026-10-02T09:10» as «02-10-2026 09:10»; anything else as it stands."""
    found = _ISO.match(value)
    if found is None or not _is_remainder_of_time(value[found.end() :]):
        return value
    year, month, day, time = found.groups()
    return f"{day}-{month}-{year}" + (f" {time}" if time else "")


def shown_moment(value: str) -> str:
    """A full ISO 8601 moment as «11-10-2026 14:05 (UTC-03:00)»."""
    moment = datetime.fromisoformat(value)
    return f"{moment:%d-%m-%Y %H:%M} ({moment.tzname()})"


def days_of_stay(start: str | None, end: str | None) -> str | None:
    """«9 días»; None unless both dates are known, valid and in order."""
    first, last = _day(start), _day(end)
    if first is None or last is None or last < first:
        return None
    days = (last - first).days
    if days == 0:
        return "Alta el mismo día"
    return "1 día" if days == 1 else f"{days} días"


def is_date(value: str) -> bool:
    """An ISO date that exists, with or without a time."""
    return _day(value) is not None


def _is_remainder_of_time(rest: str) -> bool:
    return re.fullmatch(r"(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?", rest) is not None


def _day(value: str | None) -> date | None:
    found = _ISO.match(value or "")
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups()[:3]))
    except ValueError:
        # «2026-02-31» is printed as recorded, but nothing is computed from it.
        return None
