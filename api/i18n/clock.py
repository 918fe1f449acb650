"""The clock of a request: in which zone its reader is told moments."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, tzinfo

_utc: ContextVar[bool] = ContextVar("utc", default=False)
_zone: ContextVar[tzinfo | None] = ContextVar("zone", default=None)


def in_utc() -> bool:
    """Whether the reader wants times in UTC rather than in the facility's zone."""
    return _utc.get()


def local(at: datetime, zone: tzinfo | None = None) -> datetime:
    """A moment (aware) on the reader's clock: the facility's ``zone``, by default that of the request, or UTC."""
    return at.astimezone(UTC if in_utc() else zone or _zone.get() or UTC)


def time_of_day(at: datetime) -> str:
    """Hour and minute of a local moment; with the zone's abbreviation in UTC, and in the hour that clocks repeat."""
    twice = at.utcoffset() != at.replace(fold=1 - at.fold).utcoffset()
    return at.strftime("%H:%M %Z" if twice or at.tzinfo is UTC else "%H:%M")


@contextmanager
def on_clock(zone: tzinfo, *, utc: bool = False) -> Generator[None]:
    """Tell moments in a facility's zone, or in UTC, for a while."""
    zone_before, utc_before = _zone.set(zone), _utc.set(utc)
    try:
        yield
    finally:
        _zone.reset(zone_before)
        _utc.reset(utc_before)
