"""The journal of one simulated client: what happened, and when the programme came to know of it."""

from __future__ import annotations

from operator import itemgetter
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from infra.simulator.clock import DAY, HOUR, moment_text, utc_minute, utc_text, workday
from infra.simulator.schedule import Site

Line = dict[str, Any]
Data = dict[str, Any]

_VERSION_4 = ~(0xF000 << 64 | 0xC000 << 48)
_MARKED_4 = 0x4000 << 64 | 0x8000 << 48


class Journal:
    """Collects lines; whatever happens or is recorded after ``until`` (local minute) is left out."""

    def __init__(self, rng: Random, client: str, site: Site, zone: ZoneInfo, until: int) -> None:
        """Write for one client at one site in its zone; event ids come from ``rng``."""
        self.rng = rng
        self.client = client
        self.site = site
        self.until = until
        self.zone = zone
        self._last = utc_minute(until, zone)
        self._lines: list[tuple[int, int, Line]] = []

    def add(
        self,
        name: str,
        at: int,
        data: Data,
        *,
        delay: int = 15,
        recorded: int = 0,
        actor: str = "",
        role: str = "",
        named: str = "",
    ) -> None:
        """Write an event that happened ``at`` and is recorded ``delay`` minutes later, or at ``recorded``.

        Its id is drawn, or made of what it is ``named``: so it is the same whatever else is left out.
        """
        known = max(recorded, at) if recorded else at + delay
        recorded_at = max(utc_minute(known, self.zone), utc_minute(at, self.zone))
        if known > self.until or recorded_at > self._last:
            return
        line: Line = {
            "event_id": self._event_id(Random(named) if named else self.rng),
            "client": self.client,
            "type": name,
            "occurred_at": moment_text(at, self.zone),
            "recorded_at": utc_text(recorded_at),
            "actor": actor or f"sim-{self.site.code}-desk",
            "role": role or "clinician",
            "source": "simulator",
            "site": self.site.name,
            "data": data,
        }
        self._lines.append((known, at, line))

    def drop_after(self, at: int) -> None:
        """Take back what was foreseen for a time after ``at`` (local minute): a death came first."""
        self._lines = [kept for kept in self._lines if kept[1] <= at]

    def entries(self) -> list[tuple[int, Line]]:
        """What is written so far, with the local minute of its recording, in the order of writing."""
        return [(known, line) for known, _, line in self._lines]

    def by_time(self) -> list[tuple[int, Line]]:
        """The same with the local minute in which it happened."""
        return [(at, line) for _, at, line in self._lines]

    def started(self, at: int) -> str:
        """The id of the entry that began a level in a local minute; empty where none is written."""
        lines = (line for _, when, line in self._lines if when == at and line["type"] == "LevelOfCareStarted")
        return next((line["event_id"] for line in lines), "")

    def lines(self) -> list[Line]:
        """Everything in the order of recording; what was recorded together keeps the order of writing."""
        return sorted((line for _, _, line in self._lines), key=itemgetter("recorded_at"))

    def office_time(self, day: int) -> int:
        """A minute within office hours of the day, or of the Monday after it."""
        return workday(day) * DAY + 9 * HOUR + int(self.rng.random() * 7 * HOUR)

    def _event_id(self, rng: Random) -> str:
        digits = f"{rng.getrandbits(128) & _VERSION_4 | _MARKED_4:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
