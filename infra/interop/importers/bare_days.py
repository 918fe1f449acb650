"""Which moment a day alone stands for: noon; of a death the day's last second, so that nothing of that day is later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Final, cast

NOON: Final = time(12)
_LAST: Final = time(23, 59, 59)


def clock_of(kind: object, data: object) -> time:
    """What the clock showed when an event of this kind happened of which only the day is known."""
    reason = cast("Mapping[str, Any]", data).get("reason") if isinstance(data, Mapping) else None
    is_death = kind == "ClientDied" or (kind == "LevelOfCareEnded" and reason == "died")
    return _LAST if is_death else NOON


def at_clock(day: datetime, clock: time) -> datetime:
    """The day at this time of it."""
    return day.replace(hour=clock.hour, minute=clock.minute, second=clock.second)
