"""Local minutes: the simulator's time. One number holds day and time of day: ``day * 1440 + minute``.

A day is ``date.toordinal()`` at the site. A site keeps one UTC offset all year: no day has 23 hours.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

DAY = 1440
HOUR = 60
WEEK = 7
SATURDAY = 5

_TIMES = [f"T{minute // HOUR:02d}:{minute % HOUR:02d}:00" for minute in range(DAY)]


@lru_cache(maxsize=8192)
def date_text(day: int) -> str:
    """The day as ISO 8601."""
    return date.fromordinal(day).isoformat()


def moment_text(minute: int, suffix: str) -> str:
    """The minute as ISO 8601 with a ready-made offset, such as ``-05:00``."""
    day, rest = divmod(minute, DAY)
    return date_text(day) + _TIMES[rest] + suffix


def offset_text(offset_minutes: int) -> str:
    """A UTC offset as ISO 8601 writes it."""
    sign = "-" if offset_minutes < 0 else "+"
    return f"{sign}{abs(offset_minutes) // HOUR:02d}:{abs(offset_minutes) % HOUR:02d}"


def local_minute(moment: datetime, offset_minutes: int) -> int:
    """The local minute that holds an aware datetime; seconds are cut."""
    local = moment.astimezone(timezone(timedelta(minutes=offset_minutes)))
    return local.toordinal() * DAY + local.hour * HOUR + local.minute


def weekday(day: int) -> int:
    """0 is Monday."""
    return (day + 6) % WEEK


def workday(day: int) -> int:
    """The day itself, or the Monday after it."""
    late = weekday(day)
    return day if late < SATURDAY else day + WEEK - late


def workday_before(day: int) -> int:
    """The day itself, or the Friday before it."""
    late = weekday(day)
    return day if late < SATURDAY else day - (late - SATURDAY + 1)
