"""Protocol of whatever holds a log."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from infra.eventstore.log import Clock, EventLog
from infra.settings import Settings


class HasLog(Protocol):
    """An open log with the settings and the clock that go with it."""

    @property
    def settings(self) -> Settings:
        """Where things are."""
        ...

    @property
    def log(self) -> EventLog:
        """The log of events."""
        ...

    @property
    def clock(self) -> Clock:
        """Tells the current moment."""
        ...

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the house."""
        ...

    def now(self) -> datetime:
        """The current moment, aware."""
        ...

    def today(self) -> date:
        """The current day in the zone of the house."""
        ...

    def day_of(self, moment: datetime) -> date:
        """The day of a moment (aware) in the zone of the house."""
        ...
