"""The timetable: which groups meet on a day, and when, as they were defined for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from domain.entries import microseconds
from domain.events.provider import WEEKDAYS
from domain.numbers import canonical
from infra.readmodels.context import HasReads
from projections.provider.queries import Definition, defined_between

_REACH = timedelta(days=2)  # from noon: the day of every zone, and more


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of a group: when it begins (aware, in its site's zone), and for how many minutes."""

    group: Definition
    begins: datetime
    minutes: int

    @property
    def data(self) -> dict[str, Any]:
        """What the group's definition says."""
        return self.group.data


def meetings(services: HasReads, day: date, sites: Collection[str] | None = None) -> list[Meeting]:
    """The meetings of a day by the clocks of each site, in order of their beginning; at these sites, or at all.

    A group meets as it is defined at that moment: one that began later, or was closed before, does not.
    """
    noon = datetime.combine(day, time(12), UTC)
    with services.reads.reading() as connection:
        near = defined_between(connection, "group", noon - _REACH, noon + _REACH, sites)
    on_day = (_meeting(services, group, day) for group in near)
    return sorted(
        (meeting for meeting in on_day if meeting is not None), key=lambda meeting: (meeting.begins, meeting.group.key)
    )


def meeting_of(services: HasReads, key: str, day: date) -> Meeting | None:
    """The meeting of the group of this key on a day, as ``meetings`` has it (the first of several); None where it does
    not meet then.
    """
    wanted = canonical(key)
    return next((meeting for meeting in meetings(services, day) if canonical(meeting.group.key) == wanted), None)


def _meeting(services: HasReads, group: Definition, day: date) -> Meeting | None:
    hour, minute = map(int, group.data["starts"].split(":"))
    begins = datetime.combine(day, time(hour, minute), services.log.calendar.zone_of(group.data["site"]))
    meets = WEEKDAYS[day.weekday()] in group.data["weekdays"] and group.holds(microseconds(begins))
    return Meeting(group, begins, group.data["minutes"]) if meets else None
