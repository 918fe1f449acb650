"""What the parts of a simulation share: the client's chart in the making, and one stay of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from domain.levels import Level
from domain.vocabulary import LeaveKind, Living, MissedCause, Reason, Slot
from infra.simulator.calibration import PROGRAMMES, Programme
from infra.simulator.clock import DAY
from infra.simulator.journal import Journal
from infra.simulator.profile import Profile
from infra.simulator.schedule import Site


@dataclass(slots=True)
class Absence:
    """A leave, both days included."""

    first: int
    last: int
    kind: LeaveKind


@dataclass(slots=True)
class Stay:
    """One stay. ``start`` and ``end`` are local minutes, half-open; days are ordinals.

    ``missed_days`` remembers who was missing when: one cause for all that a day offers.
    """

    key: str
    start: int
    end: int
    reason: Reason
    following: str
    wait: int
    planned_end: int
    slot: Slot
    weekdays: tuple[int, ...]
    clinician: str
    living: Living
    last_contact: int
    attendance: float
    concurrent: bool = False
    leaves: list[Absence] = field(default_factory=list[Absence])
    missed_days: dict[int, MissedCause | None] = field(default_factory=dict[int, MissedCause | None])

    @property
    def programme(self) -> Programme:
        """The programme's table row."""
        return PROGRAMMES[self.key]

    @property
    def level(self) -> Level:
        """The level of care."""
        return PROGRAMMES[self.key].level

    @property
    def first_day(self) -> int:
        """The day of the start."""
        return self.start // DAY

    @property
    def last_day(self) -> int:
        """The day of the end."""
        return self.end // DAY

    @property
    def days(self) -> range:
        """Every day of the stay, the day of the end too."""
        return range(self.first_day, self.last_day + 1)

    def covers(self, at: int) -> bool:
        """Whether the stay is open at the minute; its first half hour is for the paperwork."""
        return self.start + 30 <= at < self.end

    def away(self, day: int) -> Absence | None:
        """The leave that holds the day."""
        return next((leave for leave in self.leaves if leave.first <= day <= leave.last), None)

    def reached(self, day: int) -> bool:
        """Whether the client can be met that day: neither away nor lost already."""
        return day <= self.last_contact and self.away(day) is None


@dataclass(slots=True)
class Chart:
    """One client's simulation: traits, journal, and what has happened so far.

    ``registered`` and ``died`` are local minutes, ``coming`` that of a start that is still ahead. ``first`` is
    the level and the minute for which the client was first expected, ``drawn`` what the chance of
    the agenda begins with.
    """

    rng: Random
    number: int
    site: Site
    profile: Profile
    journal: Journal
    until_day: int
    registered: int
    stays: list[Stay] = field(default_factory=list[Stay])
    died: int | None = None
    coming: int | None = None
    first: tuple[Level, int] | None = None
    drawn: float = 0.0

    def staff(self, role: str, many: int = 6) -> str:
        """A member of staff of this site, by a number and never a name."""
        return f"sim-{self.site.code}-{role}-{1 + int(self.rng.random() * many)}"

    def chance(self, share: float) -> bool:
        """True in that share of cases."""
        return self.rng.random() < share
