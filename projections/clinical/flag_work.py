"""What people did about flags: who sees to one, until when it is left alone, whether it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.entries import Entry
from domain.events import FlagAssigned, FlagDone, FlagSnoozed
from projections.chart import Chart


@dataclass(frozen=True, slots=True)
class FlagWork:
    """What was done about one occurrence of a flag. ``until`` is the first day (proleptic ordinal) on which it is back.

    ``done`` is the entry that says so: it holds until the flag comes up anew.
    """

    to: str = ""
    until: int | None = None
    done: Entry | None = None


def flag_entries(chart: Chart) -> Sequence[Entry]:
    """The entries about flags in clinical order."""
    return chart.of(FlagAssigned, FlagSnoozed, FlagDone)


def work_on(entries: Sequence[Entry], flag: str, since_day: int) -> FlagWork:
    """What such entries come to for the occurrence of a flag that has been up since a day; the latest counts.

    An entry is about the occurrence that was up on the day which it names as ``since``: whatever began later is another
    one (decision 0049). So a correction that moves the beginning back leaves what was done about it.
    """
    work = FlagWork()
    for entry in entries:
        event = entry.event
        assert isinstance(event, FlagAssigned | FlagSnoozed | FlagDone)
        if event.flag != flag or event.since.toordinal() < since_day:
            continue
        match event:
            case FlagAssigned():
                work = replace(work, to=event.to)
            case FlagSnoozed():
                work = replace(work, to=event.to or work.to, until=event.until.toordinal())
            case FlagDone():
                work = replace(work, done=entry)
    return work
