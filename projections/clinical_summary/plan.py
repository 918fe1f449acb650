"""The plan in force with its goals, the relapse-prevention plan, and what is due after the discharge."""

from __future__ import annotations

from dataclasses import dataclass

from domain.entries import Entry
from domain.events import (
    AlumniContacted,
    AlumniEnrolled,
    CommunityReferralMade,
    FollowUpCompleted,
    FollowUpMissed,
    GoalProgressed,
    RelapsePreventionPlanSet,
    TreatmentPlanSet,
)
from domain.events.care import Goal
from domain.journey import Stay
from projections.chart import Chart
from projections.clinical.due import FollowUp, Planned, follow_ups, planned
from projections.clinical_summary.course import Episode
from projections.clinical_summary.within import Within, always


@dataclass(frozen=True, slots=True)
class GoalState:
    """A goal, its status, and every step recorded of it as (proleptic ordinal, status)."""

    goal: Goal
    status: str
    steps: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan in force. ``set_day`` is the day of the latest statement; what one leaves out stays as said before."""

    set_day: int
    goals: tuple[GoalState, ...]
    planned: Planned


def plan(chart: Chart, stay: Stay | None, within: Within = always) -> Plan | None:
    """The plan in force at the end of the time asked for, or None; its days are those planned for a stay."""
    stated = [(entry, event) for entry, event in chart.events(TreatmentPlanSet) if within(entry)]
    if not stated:
        return None
    goals = next((event.goals for _, event in reversed(stated) if event.goals is not None), ())
    steps: dict[str, list[tuple[int, str]]] = {}
    for entry, event in chart.events(GoalProgressed):
        if within(entry):
            steps.setdefault(event.goal_id, []).append((entry.day, event.status))
    shown = tuple(_goal(goal, steps.get(goal.goal_id, [])) for goal in goals)
    return Plan(stated[-1][0].day, shown, planned(chart, stay, within))


def relapse_prevention(chart: Chart, within: Within = always) -> tuple[Entry, RelapsePreventionPlanSet] | None:
    """The client's latest relapse-prevention plan ``within`` a time, or None."""
    plans = [(entry, event) for entry, event in chart.events(RelapsePreventionPlanSet) if within(entry)]
    return plans[-1] if plans else None


def follow_ups_of(chart: Chart, episode: Episode) -> list[FollowUp]:
    """The milestones after an episode's discharge, settled or due; none while it is open or after a death."""
    if episode.end_day is None or chart.journey.died is not None:
        return []
    return follow_ups(chart.of(FollowUpCompleted, FollowUpMissed), episode.end_day, episode.next_start)


def referrals(chart: Chart, episode: Episode | None = None) -> list[tuple[Entry, CommunityReferralMade]]:
    """Referrals to services in the community; of one episode and the time after it, or all."""
    return [(entry, event) for entry, event in chart.events(CommunityReferralMade) if _belongs(entry, episode)]


def alumni_contacts(chart: Chart, episode: Episode | None = None) -> list[Entry]:
    """Enrolment in the alumni programme and contacts with it; of one episode and the time after it, or all."""
    return [entry for entry in chart.of(AlumniEnrolled, AlumniContacted) if _belongs(entry, episode)]


def _belongs(entry: Entry, episode: Episode | None) -> bool:
    return episode is None or episode.holds(entry) or episode.follows(entry)


def _goal(goal: Goal, steps: list[tuple[int, str]]) -> GoalState:
    return GoalState(goal, steps[-1][1] if steps else "open", tuple(steps))
