"""Eligibility: which levels of care are open to a client at a moment, and why the others are not.

The answer comes from the criteria that commands are refused by. A client who is at a level steps from it: the others
are judged as if it ended then as completed, in the same append, as the command to step down or up does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.commands import Draft
from domain.criteria import Criterion, assessed_criteria, start_criteria
from domain.decisions import History
from domain.entries import Entry, microseconds
from domain.events import LevelOfCareEnded, LevelOfCareStarted
from domain.journey import Stay
from domain.levels import GUIDED, LEVELS, Level

State = Literal["here", "open", "closed"]


@dataclass(frozen=True, slots=True)
class Eligibility:
    """One level: whether the client is there, may start it, or may not; by which criteria.

    ``steps_from`` is the level that would end as completed for it; ``criteria`` are all of them, met or not.
    """

    level: Level
    state: State
    criteria: tuple[Criterion, ...] = ()
    steps_from: Level | None = None

    @property
    def unmet(self) -> tuple[Criterion, ...]:
        """What stands in the way."""
        return tuple(criterion for criterion in self.criteria if not criterion.met)


def eligibility(history: History, at: datetime) -> list[Eligibility]:
    """Every level in the order of intensity, as it stands at ``at`` (aware).

    Empty for a chart in which no level can start any more: the client died, or it was merged or erased.
    """
    journey = history.journey
    if journey.died is not None or journey.closed_into or journey.erased:
        return []
    here = [stay for stay in journey.stays if stay.covers(microseconds(at)) and stay.open]
    leaving = next((stay for stay in here if stay.exclusive), None)
    return [_of(history, level, at, here, leaving) for level in LEVELS]


def findings(history: History, assessment: Entry) -> list[Criterion]:
    """What one assessment says of the five criteria of intensive outpatient, at the time that it was made."""
    start = LevelOfCareStarted(level=GUIDED)
    return assessed_criteria(history.journey, start, assessment.at)


def _of(history: History, level: Level, at: datetime, here: list[Stay], leaving: Stay | None) -> Eligibility:
    if any(stay.level == level for stay in here):
        return Eligibility(level, "here")
    start = LevelOfCareStarted(level=level)
    from_level = leaving.level if leaving and level != "alumni" else None
    journey = history.journey
    if from_level:
        end = LevelOfCareEnded(level=from_level, reason="completed", next_level=level)
        journey = history.with_drafts([Draft(end, at)]).journey
    criteria = tuple(start_criteria(journey, start, microseconds(at)))
    is_open = all(criterion.met for criterion in criteria)
    return Eligibility(level, "open" if is_open else "closed", criteria, from_level)
