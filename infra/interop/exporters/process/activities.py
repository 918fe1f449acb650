"""What of a chart is an activity of the care process, and what it is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from domain.entries import Entry
from domain.events import (
    AssessmentCompleted,
    ClientDied,
    DrugScreenResulted,
    FollowUpCompleted,
    InstrumentScored,
    LevelOfCareEnded,
    LevelOfCareStarted,
    ReferralReceived,
    SessionAttended,
)
from domain.events.catalogue import BOOKKEEPING
from domain.levels import title
from infra.interop.exporters.flat_tables import snake_case
from infra.interop.exporters.process.results import Detail, scored, screened
from projections.chart import Chart

_MILESTONES = (
    AssessmentCompleted,
    ClientDied,
    FollowUpCompleted,
    LevelOfCareEnded,
    LevelOfCareStarted,
    ReferralReceived,
)


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity of a case: what happened, when, where; ``entry`` is where it comes from."""

    name: str
    entry: Entry
    details: Mapping[str, Detail] = field(default_factory=dict[str, Detail])


def activities(chart: Chart, *, detailed: bool = False) -> Iterator[Activity]:
    """A chart's activities in clinical order: milestones of care, or with ``detailed`` every entry.

    No personal field is among the details.
    """
    for entry in chart.entries:
        if isinstance(entry.event, _MILESTONES):
            yield _milestone(entry)
        elif detailed and entry.type not in BOOKKEEPING:
            yield _detailed(entry)


def _detailed(entry: Entry) -> Activity:
    match entry.event:
        case InstrumentScored():
            name, details = scored(entry.event)
        case DrugScreenResulted():
            name, details = screened(entry.event)
        case _:
            return Activity(_spoken(entry), entry)
    return Activity(name, entry, details)


def _milestone(entry: Entry) -> Activity:
    match entry.event:
        case LevelOfCareStarted(level=level, program=program):
            details = {"level": level, "program": program or ""}
            return Activity(f"{title(level)} started", entry, details)
        case LevelOfCareEnded(level=level, reason=reason):
            details = {"level": level, "reason": reason}
            return Activity(f"{title(level)} ended: {reason.replace('_', ' ')}", entry, details)
        case FollowUpCompleted(milestone_days=days):
            return Activity(f"Follow-up at {days} days", entry)
        case _:
            return Activity(_spoken(entry), entry)


def _spoken(entry: Entry) -> str:
    words = snake_case(entry.type).replace("_", " ").capitalize()
    return f"{words}: {entry.event.kind.replace('_', ' ')}" if isinstance(entry.event, SessionAttended) else words
