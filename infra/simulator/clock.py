"""Local minutes: the simulator's time. One number holds day and time of day: ``day * 1440 + minute``.

A day is ``date.toordinal()`` at the site, and every day has 24 hours here; only what is written knows the zone. The
hour that a night skips is then an hour later, the hour that comes twice is the first of the two.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 1440
HOUR = 60
WEEK = 7
SATURDAY = 5

_TIMES = [f"T{minute // HOUR:02d}:{minute % HOUR:02d}:00" for minute in range(DAY)]


@lru_cache(maxsize=8192)
def date_text(day: int) -> str:
    """The day as ISO 8601."""
    return date.fromordinal(day).isoformat()


def moment_text(minute: int, zone: ZoneInfo) -> str:
    """A local minute as ISO 8601 with the zone's UTC offset then, such as ``-05:00``."""
    day, rest = divmod(minute, DAY)
    offset = _offset(zone, day)
    if offset is None:
        return _moment(minute, zone).astimezone(zone).isoformat()
    return date_text(day) + _TIMES[rest] + _offset_text(offset)


def utc_text(minute: int) -> str:
    """A minute of UTC as ISO 8601."""
    day, rest = divmod(minute, DAY)
    return date_text(day) + _TIMES[rest] + "+00:00"


def utc_minute(minute: int, zone: ZoneInfo) -> int:
    """The minute of UTC of a local minute."""
    offset = _offset(zone, minute // DAY)
    return _minute(_moment(minute, zone)) if offset is None else minute - offset


def local_minute(moment: datetime, zone: ZoneInfo) -> int:
    """The local minute that holds an aware datetime; seconds are cut."""
    return _minute(moment.astimezone(zone))


def _minute(at: datetime) -> int:
    return at.toordinal() * DAY + at.hour * HOUR + at.minute


def _moment(minute: int, zone: ZoneInfo) -> datetime:
    day, rest = divmod(minute, DAY)
    return (datetime.fromordinal(day) + timedelta(minutes=rest)).replace(tzinfo=zone).astimezone(UTC)


@lru_cache(maxsize=16384)
def _offset(zone: ZoneInfo, day: int) -> int | None:
    """The UTC offset (minutes) that a zone has all day; None on a day that changes it."""
    start, end = (datetime.fromordinal(ordinal).replace(tzinfo=zone).utcoffset() for ordinal in (day, day + 1))
    return start // timedelta(minutes=1) if start is not None and start == end else None


def _offset_text(offset_minutes: int) -> str:
    sign = "-" if offset_minutes < 0 else "+"
    return f"{sign}{abs(offset_minutes) // HOUR:02d}:{abs(offset_minutes) % HOUR:02d}"


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
