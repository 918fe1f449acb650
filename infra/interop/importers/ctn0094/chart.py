"""One person's import lines while they are made: chart number, clinical times, and ids that never change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from hashlib import blake2b
from typing import Final, TypedDict

from infra.interop.importers.ctn0094.account import Account

SOURCE: Final = "public.ctn0094data"

# The tables know days, not hours. These hours (UTC) keep a day in clinical order: admission before the
# doses, visits and screens of that day, the end of a level after them, death last.
DETAILS_KNOWN: Final = "06:00:00"
DETOX_STARTED: Final = "07:00:00"
DETOX_ENDED: Final = "08:00:00"
ASSESSED: Final = "09:00:00"
STAY_STARTED: Final = "10:00:00"
MEDICATION_STARTED: Final = "10:05:00"
PLAN_SET: Final = "10:10:00"
VISITED: Final = "11:00:00"
SCREENED: Final = "11:30:00"
SCORED: Final = "12:00:00"
MEDICATION_GIVEN: Final = "13:00:00"
USED: Final = "20:00:00"
STAY_ENDED: Final = "22:00:00"
DIED: Final = "23:00:00"


class Line(TypedDict):
    """One import line."""

    client: str
    type: str
    occurred_at: str
    data: dict[str, object]
    event_id: str
    source: str
    site: str


class Calendar:
    """Days relative to consent as dates; ``day_zero`` is the date of every person's consent."""

    def __init__(self, day_zero: date) -> None:
        """Count from this date."""
        self._zero = day_zero.toordinal()
        self._known: dict[int, str] = {}

    def iso(self, day: int) -> str:
        """The date of a day, as 2012-01-02."""
        iso_date = self._known.get(day)
        if iso_date is None:
            iso_date = self._known[day] = date.fromordinal(self._zero + day).isoformat()
        return iso_date


class Chart:
    """Collects a person's lines."""

    def __init__(self, who: int, site: str, iso: Callable[[int], str], account: Account) -> None:
        """Start the lines of a person at a site; ``iso`` gives the date of a day."""
        self.who = who
        self.iso = iso
        self.account = account
        self.lines: list[Line] = []
        self._client = f"ctn0094-{who}"
        self._site = site
        self._repeats: dict[str, int] = {}

    def add(self, table: str, event_type: str, day: int, hour: str, data: dict[str, object], what: object = "") -> None:
        """Add an event that a row of ``table`` makes; ``what`` tells it from others of its kind and day."""
        key = f"{table}|{event_type}|{day}|{what}"
        ordinal = self._repeats.get(key, 0)
        self._repeats[key] = ordinal + 1
        self.lines.append(
            {
                "client": self._client,
                "type": event_type,
                "occurred_at": f"{self.iso(day)}T{hour}+00:00",
                "data": data,
                "event_id": event_id(self.who, f"{key}|{ordinal}"),
                "source": SOURCE,
                "site": self._site,
            }
        )
        self.account.made(table, event_type)


def event_id(who: int, key: str) -> str:
    """The id of an event, the same in every run (UUID v8: RFC 9562).

    A person's ids share their beginning, which keeps the index of event ids quick to extend.
    """
    digest = blake2b(f"{who}|{key}".encode(), digest_size=9).hexdigest()
    variant = "89ab"[who & 3]
    return f"c0940094-{who & 0xFFFF:04x}-8{digest[:3]}-{variant}{digest[3:6]}-{digest[6:18]}"
