"""Dates in searches: whether an element lies in, before or after a date of any precision.

A day in a parameter is the calendar day at the facility of the resource, whatever offset that was written with; a
moment with an offset is a moment.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final, NamedTuple, cast

_PREFIXES: Final = ("eq", "ge", "gt", "le", "lt")
_MOMENT: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?")
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
Span = tuple[datetime, datetime]  # from, and up to but not including


class Wanted(NamedTuple):
    """What a parameter asks for."""

    prefix: str
    span: Span
    is_moment: bool


def wanted(value: str) -> Wanted:
    """Read a parameter's value: a date or dateTime, with a prefix before it.

    Raises:
        ValueError: it is neither.
    """
    prefix = value[:2] if value[:2] in _PREFIXES else "eq"
    text = value[2:] if value[:2] in _PREFIXES else value
    return Wanted(prefix, _span(text), "T" in text)


def fits(wanted: Wanted, element: Any, zone: tzinfo) -> bool:
    """Whether a date, dateTime, instant or Period is what was asked for (search.html#date); ``zone`` decides days."""
    start, end = _lasts(element, None if wanted.is_moment else zone)
    first, last = wanted.span
    match wanted.prefix:
        case "ge":
            return end > first
        case "gt":
            return end > last
        case "le":
            return start < last
        case "lt":
            return start < first
        case _:
            return first <= start and end <= last


def _span(text: str) -> Span:
    """The stretch of time that a FHIR date or dateTime stands for; a day without an offset is one of UTC."""
    text = text.replace(" ", "+")  # a plus that came as a space
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    year, month, day, clock, seconds, offset = match.groups()
    if clock:
        start = datetime.fromisoformat(text if offset else f"{text}+00:00")
        return start, start + (timedelta(seconds=1) if seconds else timedelta(minutes=1))
    start = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
    if day:
        return start, start + timedelta(days=1)
    following = (start.year + 1, 1) if not month or start.month == 12 else (start.year, start.month + 1)
    return start, datetime(*following, 1, tzinfo=UTC)


def _lasts(element: Any, zone: tzinfo | None) -> Span:
    """The stretch of an element; for a day's sake as a clock in the zone showed it, not as UTC."""
    if not isinstance(element, dict):
        return _placed(str(element), zone)
    period = cast("dict[str, str]", element)
    start = _placed(period["start"], zone)[0] if "start" in period else _FIRST
    end = _placed(period["end"], zone)[1] if "end" in period else _LAST
    return start, end


def _placed(text: str, zone: tzinfo | None) -> Span:
    start, end = _span(text)
    if zone is None or "T" not in text:
        return start, end
    shown = start.astimezone(zone).replace(tzinfo=UTC)
    return shown, shown + (end - start)
