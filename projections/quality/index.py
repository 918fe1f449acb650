"""An index event and what became of it; and what the measures read of a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

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
from domain.levels import TWENTY_FOUR_HOUR_LEVELS
from projections.base import Row
from projections.chart import Chart
from projections.quality.services import RESIDENTIAL, WITHDRAWAL, Services
from projections.quality.tables import State

NO_DAY_YET = date.max.toordinal()
"""The due day of what waits for something that has not happened, as the end of an open stay."""

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
class IndexEvent:
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
    """What the measures read of a chart, prepared once, stays in order of their starts.

    ``treatment`` are its stays but for alumni; of them ``exclusive`` are not concurrent, ``residential`` and
    ``withdrawal`` have their level and ``inpatient`` either. ``observed`` is the moment of the last sign of contact.
    """

    chart: Chart
    treatment: Sequence[Stay]
    served: Services
    died: int | None
    observed: int
    exclusive: Sequence[Stay]
    residential: Sequence[Stay]
    withdrawal: Sequence[Stay]
    inpatient: Sequence[Stay]

    @classmethod
    def of(cls, chart: Chart) -> Client:
        """Prepare a chart."""
        treatment = sorted((stay for stay in chart.journey.stays if stay.level != "alumni"), key=lambda s: s.start)
        death = chart.journey.death
        return cls(
            chart,
            treatment,
            Services.of(chart, treatment),
            death.day if death else None,
            max((entry.at for entry in _latest(chart)), default=-1),
            [stay for stay in treatment if not stay.concurrent],
            [stay for stay in treatment if stay.level == RESIDENTIAL],
            [stay for stay in treatment if stay.level == WITHDRAWAL],
            [stay for stay in treatment if stay.level in TWENTY_FOUR_HOUR_LEVELS],
        )


def _latest(chart: Chart) -> list[Entry]:
    return [entries[-1] for kind in OBSERVED if (entries := chart.of(kind))]


def place_of(stay: Stay) -> Row:
    """Where and when what a stay is the index of counts."""
    return (stay.level, stay.program, stay.site, stay.start_day, stay.end_day)


def by_end(measure: str, stay: Stay, *, met: bool) -> IndexEvent:
    """What became of somebody after a stay that ended."""
    assert stay.end is not None
    assert stay.end_day is not None
    return IndexEvent(measure, whether(met=met), place_of(stay), stay.end_day, stay.end)


def by_start(measure: str, stay: Stay, *, met: bool) -> IndexEvent:
    """What became of somebody after a stay began."""
    return IndexEvent(measure, whether(met=met), place_of(stay), stay.start_day, stay.start)


def whether(*, met: bool) -> State:
    """The state of an index event whose outcome the record can tell."""
    return "met" if met else "unmet"
