"""What people did about flags: who sees to one, until when it is left alone, whether it is done."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.entries import Entry
from domain.events import FlagAssigned, FlagDone, FlagSnoozed
from projections.chart import Chart


@dataclass(frozen=True, slots=True)
class FlagWork:
    """One flag that has been up since a day (proleptic ordinal). ``until`` is the first day on which it is back.

    ``done`` is the entry that says so: it holds for the flag of that day, and no later one.
    """

    flag: str
    since: int
    to: str = ""
    until: int | None = None
    done: Entry | None = None

    def is_quiet(self, day: int) -> bool:
        """Whether nobody need see it on a day."""
        return self.done is not None or (self.until is not None and day < self.until)


def flag_work(chart: Chart) -> dict[tuple[str, int], FlagWork]:
    """What was said of flags, by flag and the day since which it has been up; the latest entry counts."""
    found: dict[tuple[str, int], FlagWork] = {}
    for entry in chart.of(FlagAssigned, FlagSnoozed, FlagDone):
        event = entry.event
        assert isinstance(event, FlagAssigned | FlagSnoozed | FlagDone)
        key = event.flag, event.since.toordinal()
        before = found.get(key, FlagWork(*key))
        match event:
            case FlagAssigned():
                found[key] = replace(before, to=event.to)
            case FlagSnoozed():
                found[key] = replace(before, to=event.to or before.to, until=event.until.toordinal())
            case FlagDone():
                found[key] = replace(before, done=entry)
    return found
