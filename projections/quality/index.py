"""An index event and what became of it; and what the measures read of a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.entries import Entry
from domain.events import (
    AbstinenceReported,
    AlumniContacted,
    AlumniEnrolled,
    AssessmentCompleted,
    DrugScreenResulted,
    Event,
    FollowUpCompleted,
    InstrumentScored,
    LapseRecorded,
    LevelOfCareStarted,
    MedicationGiven,
    MedicationStarted,
    MedicationStopped,
    RelapseRecorded,
    SessionAttended,
    SessionMissed,
    UseReported,
)
from domain.journey import Stay
from projections.base import Row
from projections.chart import Chart
from projections.quality.services import Services
from projections.quality.tables import State

OBSERVED: tuple[type[Event], ...] = (
    AbstinenceReported,
    AlumniContacted,
    AlumniEnrolled,
    AssessmentCompleted,
    DrugScreenResulted,
    FollowUpCompleted,
    InstrumentScored,
    LapseRecorded,
    LevelOfCareStarted,
    MedicationGiven,
    MedicationStarted,
    MedicationStopped,
    RelapseRecorded,
    SessionAttended,
    SessionMissed,
    UseReported,
)
"""What a measure looks for, and what else shows that somebody was in contact, or expected: entries that tell that the
record went on. Of a client without any after the index event, nobody knows what became of them."""


@dataclass(frozen=True, slots=True)
class Found:
    """An index event of a measure.

    ``place`` is where and when it counts (level, program, site, first and last day), ``day`` the index day, ``at`` its
    moment (µs UTC), ``due`` the last day on which what it says may still change (None: the measure's days after the
    index day). ``open_prescription`` says that the result rests on a prescription without a recorded stop,
    ``never_observed`` that nothing on record could tell it (None: there is no sign of contact since the index event).
    """

    measure: str
    state: State
    place: Row
    day: int
    at: int
    due: int | None = None
    open_prescription: bool = False
    never_observed: bool | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """What the measures read of a chart, prepared once; ``observed`` is the moment of the last sign of contact."""

    chart: Chart
    treatment: Sequence[Stay]
    exclusive: Sequence[Stay]
    served: Services
    died: int | None
    observed: int

    @classmethod
    def of(cls, chart: Chart) -> Client:
        """Prepare a chart."""
        stays = sorted(chart.journey.stays, key=lambda stay: stay.start)
        treatment = [stay for stay in stays if stay.level != "alumni"]
        death = chart.journey.death
        exclusive = [stay for stay in treatment if not stay.concurrent]
        last = max((entry.at for entry in _latest(chart)), default=-1)
        return cls(chart, treatment, exclusive, Services.of(chart, treatment), death.day if death else None, last)


def _latest(chart: Chart) -> list[Entry]:
    return [entries[-1] for kind in OBSERVED if (entries := chart.of(kind))]


def place_of(stay: Stay) -> Row:
    """Where and when what a stay is the index of counts."""
    return (stay.level, stay.program, stay.site, stay.start_day, stay.end_day)


def by_end(measure: str, stay: Stay, *, met: bool) -> Found:
    """What became of somebody after a stay that ended."""
    assert stay.end is not None
    assert stay.end_day is not None
    return Found(measure, whether(met=met), place_of(stay), stay.end_day, stay.end)


def by_start(measure: str, stay: Stay, *, met: bool) -> Found:
    """What became of somebody after a stay began."""
    return Found(measure, whether(met=met), place_of(stay), stay.start_day, stay.start)


def whether(*, met: bool) -> State:
    """The state of an index event whose outcome the record can tell."""
    return "met" if met else "unmet"
