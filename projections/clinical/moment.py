"""State of a record at a moment of writing: what offers of commands go by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from domain.criteria import ASSESSMENT_MAX_AGE_DAYS
from domain.days import DAY_US
from domain.entries import Entry
from domain.events import Event
from domain.journey import Journey
from domain.levels import Level
from domain.offers import FRESH_DAYS, Moment, State
from projections.clinical.agenda import open_appointments
from projections.clinical.medication import Medications

_UNSETTLED_DAYS: Final = 7
"""An appointment that nobody settled for longer than this is no longer what somebody comes to write about."""


def moment_of(
    entries: Sequence[Entry], journey: Journey, at: int, state: State, level: Level | None, due: Sequence[str]
) -> Moment:
    """The moment ``at`` (µs UTC); ``entries`` count and stand in clinical order, ``state``, ``level`` and ``due`` are
    those of the current status.
    """
    visits = [
        appointment
        for appointment in open_appointments(entries, journey)
        if abs(at - appointment.starts) < _UNSETTLED_DAYS * DAY_US
    ]
    assessment = journey.assessment_before(at)
    return Moment(
        state,
        level,
        last=_last(entries, at),
        due=due,
        taken=bool(Medications.of(entries).running),
        on_leave=journey.leave is not None,
        visited=any(appointment.starts < at + DAY_US for appointment in visits),
        assessed=assessment is not None and at - assessment.at <= ASSESSMENT_MAX_AGE_DAYS * DAY_US,
    )


def _last(entries: Sequence[Entry], at: int) -> Event | None:
    """What was recorded last, where that is not long ago."""
    last = max(entries, key=lambda entry: (entry.recorded, entry.position), default=None)
    return last.event if last is not None and at - last.recorded <= FRESH_DAYS * DAY_US else None
