"""Times that were written down without an offset: which moment they are in a zone, or that they are none there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Repeated = Literal["first", "second"]


class ZoneError(ValueError):
    """There is no such zone, or no such time in it; the message says why and the remedy."""


def zone(name: str) -> ZoneInfo:
    """The IANA zone of this name.

    Raises:
        ZoneError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = f"{name!r} is no IANA time zone: write it as America/Chicago"
        raise ZoneError(msg) from None


def located(naive: datetime, zone: ZoneInfo, repeated: Repeated | None = None) -> datetime:
    """The moment when a clock in the zone showed this time, with its offset.

    ``repeated`` says which one is meant of a time in the hour that comes twice.

    Raises:
        ZoneError: the clock never showed it, or showed it twice and nothing says which one is meant.
    """
    first, second = naive.replace(tzinfo=zone, fold=0), naive.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    if _shown(first.astimezone(UTC), zone) != naive.replace(fold=0):
        raise ZoneError(_skipped(naive, first.astimezone(UTC), second.astimezone(UTC), zone))
    if repeated is None:
        msg = (
            f"{naive:%H:%M} on {naive.date()} comes twice that night in {zone.key}: give the offset, "
            f"{first.isoformat()[-6:]} or {second.isoformat()[-6:]}"
        )
        raise ZoneError(msg)
    return first if repeated == "first" else second


def _skipped(naive: datetime, after: datetime, before: datetime, zone: ZoneInfo) -> str:
    """Why there is no such time: read with the old offset it lies after the change, with the new one before it."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == old else (before, middle)
    change = after.replace(microsecond=0)
    start, end = change + (old or timedelta()), _shown(change, zone)
    return (
        f"{naive:%H:%M} does not exist on {naive.date()} in {zone.key}: "
        f"clocks went from {_clock(start)} to {_clock(end)}; correct the time"
    )


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the zone's clock shows at a moment."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _clock(time: datetime) -> str:
    return f"{time.hour}:{time:%M}"
