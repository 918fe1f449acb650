"""Dates in searches: whether an element lies in, before or after a date of any precision.

A day in a parameter is the calendar day in the UTC offset that the resource itself was written with; a moment with an
offset is a moment.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
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


def fits(asked: Wanted, found: Any) -> bool:
    """Whether a date, dateTime, instant or Period is what was asked for (search.html#date)."""
    start, end = _lasts(found, is_moment=asked.is_moment)
    first, last = asked.span
    match asked.prefix:
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
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day, clock, seconds, offset = found.groups()
    if clock:
        start = datetime.fromisoformat(text if offset else f"{text}+00:00")
        return start, start + (timedelta(seconds=1) if seconds else timedelta(minutes=1))
    start = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
    if day:
        return start, start + timedelta(days=1)
    following = (start.year + 1, 1) if not month or start.month == 12 else (start.year, start.month + 1)
    return start, datetime(*following, 1, tzinfo=UTC)


def _lasts(found: Any, *, is_moment: bool) -> Span:
    """The stretch of an element; for a day's sake as its own clock showed it, not as UTC."""
    if not isinstance(found, dict):
        return _placed(str(found), is_moment=is_moment)
    period = cast("dict[str, str]", found)
    start = _placed(period["start"], is_moment=is_moment)[0] if "start" in period else _FIRST
    end = _placed(period["end"], is_moment=is_moment)[1] if "end" in period else _LAST
    return start, end


def _placed(text: str, *, is_moment: bool) -> Span:
    start, end = _span(text)
    return (start, end) if is_moment else (start.replace(tzinfo=UTC), end.replace(tzinfo=UTC))
