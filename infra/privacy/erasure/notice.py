"""Label of a chart that was erased, in place of a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.entries import Entry
from domain.events import ClientErased


@dataclass(frozen=True, slots=True)
class Notice:
    """When a chart was erased (``day``: on which day at the facility), who asked for it, who confirmed it, and why."""

    erased_at: datetime
    day: date
    requested_by: str
    confirmed_by: str
    ground: str

    def __str__(self) -> str:
        """In one line, as "erased on 2026-03-02 by a.meyer and b.okafor"."""
        people = " and ".join(name for name in (self.requested_by, self.confirmed_by) if name)
        return f"erased on {self.day.isoformat()} by {people}"


def notice(entries: Sequence[Entry]) -> Notice | None:
    """The notice of a chart's entries, or None when it was not erased."""
    for entry in reversed(entries):
        if isinstance(entry.event, ClientErased):
            event = entry.event
            day = date.fromordinal(entry.day)
            return Notice(entry.occurred_at, day, event.requested_by, event.confirmed_by or "", event.ground or "")
    return None
