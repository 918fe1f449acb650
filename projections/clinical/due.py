"""What has a day in a record: the plan in force, the interviews after a discharge, the consents that run out.

Days are proleptic ordinals, each in the offset in which its entry was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.entries import Entry
from domain.events import FollowUpCompleted, FollowUpMissed, TreatmentPlanSet
from domain.journey import Journey, Stay
from domain.vocabulary import MILESTONES
from projections.chart import Chart
from projections.clinical.course import earlier_care_ended, last_stay

CONSENT_DAYS: Final = 14
"""How many days ahead a consent is said to run out."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What is planned for a stay: the day it is to end, its sessions a week, the day the plan is to be reviewed."""

    end: int | None = None
    sessions_per_week: int | None = None
    review_due: int | None = None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A milestone after a discharge: the day it is due, and the entry that settled it, if any."""

    milestone_days: int
    due_day: int
    settled: Entry | None

    @property
    def held(self) -> FollowUpCompleted | None:
        """The interview, if it took place."""
        event = self.settled.event if self.settled else None
        return event if isinstance(event, FollowUpCompleted) else None


def planned(chart: Chart, stay: Stay | None, within: Callable[[Entry], bool] = lambda _: True) -> Planned:
    """What is planned for a stay, by the plans ``within`` a time; nothing where there is no stay.

    The latest plan by clinical time is in force (docs/events.md, ``TreatmentPlanSet``); what it leaves out stays as
    said before. The stay's start is such a statement too. Plans count until, this one having ended, another stay is
    open: one that begins, or one that was beside it. A plan from before the start goes on, whichever level it was made
    at, but a planned end that had come by the day of the start is none of this stay, nor is a review that had come by
    then of a plan of an earlier episode.
    Aftercare (alumni) takes no plan over: that was the treatment's.
    """
    if stay is None:
        return Planned()
    stated = [(entry, event) for entry, event in chart.events(TreatmentPlanSet) if within(entry)]
    before = [(entry, event) for entry, event in stated if entry.at < stay.start and stay.level != "alumni"]
    until = _until(chart.journey, stay)
    since = [event for entry, event in stated if stay.start <= entry.at and (until is None or entry.at < until)]
    carried, current = _folded(event for _, event in before), _folded(since)
    end = carried.end if carried.end is not None and carried.end > stay.start_day else None
    review = carried.review_due
    if review is not None and review <= stay.start_day:
        resumed = earlier_care_ended(chart.journey, stay)
        review = _folded(event for entry, event in before if entry.at >= resumed).review_due
    return Planned(
        _first(current.end, stay.planned_end, end),
        _first(current.sessions_per_week, stay.planned_sessions, carried.sessions_per_week),
        _first(current.review_due, review),
    )


def follow_ups(entries: Iterable[Entry], discharged_day: int, until: int | None = None) -> list[FollowUp]:
    """The milestones after a discharge, and what settled each of them from the discharge day on.

    ``entries`` count and stand in clinical order; those of other types do not matter, nor those from ``until`` on
    (µs UTC, when the client was back). An interview that was held settles its milestone, whatever else says that none
    could be; of several the latest does.
    """
    settled: dict[int, Entry] = {}
    for entry in entries:
        event = entry.event
        if not isinstance(event, FollowUpCompleted | FollowUpMissed) or entry.day < discharged_day:
            continue
        if until is not None and entry.at >= until:
            continue
        known = settled.get(event.milestone_days)
        if known is None or isinstance(event, FollowUpCompleted) or isinstance(known.event, FollowUpMissed):
            settled[event.milestone_days] = entry
    return [FollowUp(days, discharged_day + days, settled.get(days)) for days in MILESTONES]


def follow_ups_now(entries: Iterable[Entry], journey: Journey) -> list[FollowUp]:
    """The milestones after the discharge of a client who is not back; none in treatment or after a death."""
    stay = last_stay(journey)
    if stay is None or stay.end_day is None or journey.died is not None:
        return []
    return follow_ups(entries, stay.end_day)


def open_milestone(discharged_day: int, settled: Collection[int], today: int) -> int | None:
    """The milestone whose interview is due, or comes next; None where each is settled or too late.

    An interview is due from its day on, until the next milestone's day comes: then it is too late for it.
    """
    reached = [days for days in MILESTONES if discharged_day + days <= today]
    return next((days for days in MILESTONES if days not in settled and days not in reached[:-1]), None)


def open_follow_up(milestones: Sequence[FollowUp], today: int) -> FollowUp | None:
    """The same of the milestones of a discharge."""
    settled = {follow_up.milestone_days for follow_up in milestones if follow_up.settled}
    days = open_milestone(milestones[0].due_day - milestones[0].milestone_days, settled, today) if milestones else None
    return next((follow_up for follow_up in milestones if follow_up.milestone_days == days), None)


def consent_expiry(journey: Journey) -> int | None:
    """The first of the last days of the consents that nobody revoked, those that have run out included."""
    lasts = [consent.expires_on for consent in journey.consents.values() if consent.expires_on]
    return min(lasts).toordinal() if lasts else None


def _until(journey: Journey, stay: Stay) -> int | None:
    """When the first stay begins that follows a stay, or goes on after it; None while it is open, or the last."""
    end = stay.end
    if end is None:
        return None
    others = (other for other in journey.stays if other.event_id != stay.event_id)
    return min((max(other.start, end) for other in others if other.start >= end or other.covers(end)), default=None)


def _folded(plans: Iterable[TreatmentPlanSet]) -> Planned:
    """What plans say together, the latest last."""
    end: date | None = None
    sessions: int | None = None
    review: date | None = None
    for plan in plans:
        end = plan.planned_end_on or end
        sessions = sessions if plan.planned_sessions_per_week is None else plan.planned_sessions_per_week
        review = plan.review_due_on or review
    return Planned(end.toordinal() if end else None, sessions, review.toordinal() if review else None)


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
