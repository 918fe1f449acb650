"""The day of a moment: the calendar day in the zone of the facility where it happened.

One calendar decides it for a whole log, whatever UTC offset a source wrote: an entry's own offset says how its
writer's clock was set, not where the facility is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.errors import ExpectedError

EPOCH_DAY = 719_163  # date(1970, 1, 1).toordinal()
SECOND = 1_000_000
DAY_US = 86_400 * SECOND
FIRST_YEAR, LAST_YEAR = 1900, 2100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=1)  # no zone has gone to another offset and back within a day


class UnknownZoneError(ExpectedError, ValueError, kind="settings"):
    """No time zone of that name is in the tz database here."""

    def __init__(self, name: str) -> None:
        """Name it."""
        self.name = name
        super().__init__(f"{name!r} is no IANA time zone, as America/Chicago")


class Offsets(NamedTuple):
    """A zone's UTC offsets in µs: ``offsets[n]`` from ``starts[n - 1]`` to before ``starts[n]`` (µs since 1970 UTC).

    Before 1900 it is the first offset of 1900, from 2100 on the last before it.
    """

    starts: tuple[int, ...]
    offsets: tuple[int, ...]

    def at(self, at: int) -> int:
        """The offset (µs) at a moment (µs since 1970 UTC)."""
        return self.offsets[bisect_right(self.starts, at)] if self.starts else self.offsets[0]


@dataclass(frozen=True)
class Calendar:
    """The zone of the house, and of the sites that are in another one; IANA names.

    Raises:
        UnknownZoneError: a zone is not in the tz database.
    """

    house: str
    sites: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    _house: Offsets = field(init=False, repr=False, compare=False)
    _sites: dict[str, Offsets] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find each zone's offsets, once."""
        object.__setattr__(self, "sites", dict(self.sites))
        object.__setattr__(self, "_house", offsets_of(self.house))
        object.__setattr__(self, "_sites", {site: offsets_of(name) for site, name in self.sites.items()})

    def day(self, at: int, site: str) -> int:
        """The day (proleptic ordinal) of a moment (µs since 1970 UTC) at a site; ``""`` is the house."""
        starts, offsets = self._sites.get(site, self._house)
        offset = offsets[bisect_right(starts, at)] if starts else offsets[0]
        return (at + offset) // DAY_US + EPOCH_DAY

    def minute(self, at: int, site: str) -> int:
        """What a clock at a site shows at a moment (µs since 1970 UTC), in whole minutes since midnight."""
        return (at + self._sites.get(site, self._house).at(at)) % DAY_US // (60 * SECOND)

    def zone_of(self, site: str) -> ZoneInfo:
        """The time zone of a site: its own where one is given, else that of the house."""
        return ZoneInfo(self.sites.get(site, self.house))

    @property
    def fingerprint(self) -> str:
        """What two calendars share if and only if they give every moment the same day, as far as is configured.

        It is made of the offsets, not of the zones' names: a change of the tz database's rules is a change of it.
        """
        text = repr((self._house, sorted(self._sites.items())))
        return sha256(text.encode()).hexdigest()[:32]


@lru_cache(maxsize=64)
def offsets_of(name: str) -> Offsets:
    """The offsets of a zone from 1900 to 2100.

    Raises:
        UnknownZoneError: the tz database has no such zone.
    """
    zone = zone_named(name)
    if (fixed := zone.utcoffset(None)) is not None:  # the same at every moment
        return Offsets((), (_us(fixed),))
    transitions = list(_transitions(zone))
    first = _offset(zone, datetime(FIRST_YEAR, 1, 1, tzinfo=UTC))
    return Offsets(
        tuple(_us(at - _EPOCH) for at, _ in transitions), (_us(first), *(_us(offset) for _, offset in transitions))
    )


def zone_named(name: str) -> ZoneInfo:
    """The zone of a name.

    Raises:
        UnknownZoneError: the tz database has no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:  # no such name, a folder's name, or no name of a file
        raise UnknownZoneError(name) from error


def _transitions(zone: ZoneInfo) -> Iterator[tuple[datetime, timedelta]]:
    """Each moment from which another offset holds, with that offset."""
    before, last = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR, 1, 1, tzinfo=UTC)
    held = _offset(zone, before)
    while before < last:
        after = before + _STEP
        now = _offset(zone, after)
        if now != held:
            yield _start(zone, before, after), now
            held = now
        before = after


def _start(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second at which the offset changed between two moments."""
    old = _offset(zone, before)
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, before + timedelta(seconds=middle)) == old:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _us(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
