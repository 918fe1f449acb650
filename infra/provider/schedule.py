"""The timetable: which groups meet on a day, and when, as they were defined for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.entries import microseconds
from domain.events.provider import WEEKDAYS
from infra.provider.definitions import defined
from infra.readmodels.context import HasReads
from projections.provider.queries import Definition


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
    noon = datetime.combine(day, time(12), services.log.calendar.zone_of(""))
    around = (noon - timedelta(days=1), noon + timedelta(days=1))
    found = {(one.stream, one.since): one for at in around for one in _groups(services, at)}
    on_day = (meeting(services, one, day) for one in found.values() if sites is None or one.data["site"] in sites)
    return sorted((one for one in on_day if one is not None), key=lambda one: (one.begins, one.group.key))


def meeting(services: HasReads, group: Definition, day: date) -> Meeting | None:
    """The meeting of a group on a day, or None where it does not meet then."""
    hour, minute = map(int, group.data["starts"].split(":"))
    begins = datetime.combine(day, time(hour, minute), services.log.calendar.zone_of(group.data["site"]))
    meets = WEEKDAYS[day.weekday()] in group.data["weekdays"] and group.holds(microseconds(begins))
    return Meeting(group, begins, group.data["minutes"]) if meets else None


def group_of(services: HasReads, key: str, at: datetime) -> Definition | None:
    """The group of a key as it is defined at a moment; None where there is none."""
    wanted = key.strip().casefold()
    return next((one for one in _groups(services, at) if one.key.casefold() == wanted), None)


def _groups(services: HasReads, at: datetime) -> list[Definition]:
    return defined(services, "group", at)
