"""Look through the access log from its newest entry back, for who, what and when; a window of it at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.access_log.entries import Accessed
from infra.access_log.log import AccessLog

_WINDOW = 1_000
_OUT_OF_ORDER = timedelta(days=1)  # processes have clocks of their own: later entries may be a little earlier
MOST_READ = 200_000  # entries looked at for one page: whoever wants more goes on from where it ended


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty is anything. ``person`` is a part of a name, or a subject; ``last`` is exclusive."""

    person: str = ""
    kinds: frozenset[str] = frozenset()
    role: str = ""
    first: datetime | None = None
    last: datetime | None = None

    def fits(self, entry: Accessed) -> bool:
        """Whether an entry is wanted."""
        return (
            (not self.person or self.person == entry.subject or self.person.casefold() in entry.name.casefold())
            and (not self.kinds or entry.kind in self.kinds)
            and self.role in {"", entry.role}
            and (self.first is None or entry.at >= self.first)
            and (self.last is None or entry.at < self.last)
        )


@dataclass(frozen=True, slots=True)
class AccessEntries:
    """Entries, newest first; ``before`` is the position to go on from, 0 when nothing older is left."""

    entries: list[Accessed]
    before: int


def browse(log: AccessLog, wanted: Wanted, before: int = 0, limit: int = 100, *, opened: bool = False) -> AccessEntries:
    """At most ``limit`` wanted entries older than position ``before`` (0: from the newest on)."""
    entries: list[Accessed] = []
    read = 0
    place = before
    for window in _windows(log, before, opened=opened):
        for entry in window:
            if wanted.first is not None and entry.at < wanted.first - _OUT_OF_ORDER:
                return AccessEntries(entries, 0)
            place = entry.position
            if wanted.fits(entry):
                entries.append(entry)
                if len(entries) == limit:
                    return AccessEntries(entries, place if place > 1 else 0)
        read += len(window)
        if read >= MOST_READ:
            return AccessEntries(entries, place)
    return AccessEntries(entries, 0)


def _windows(log: AccessLog, before: int, *, opened: bool) -> Iterator[list[Accessed]]:
    """The log backwards. Positions may have gaps, so a window may hold fewer entries, or none."""
    newest = log.recorder.head() + 1
    end = min(before, newest) if before else newest  # an address may ask for any position
    while end > 1:
        start = max(0, end - 1 - _WINDOW)
        entries = [entry for entry in log.page(start, _WINDOW, opened=opened) if entry.position < end]
        yield entries[::-1]
        end = start + 1
