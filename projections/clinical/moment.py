"""State of a record at a moment of writing: what offers of commands go by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from domain.criteria import ASSESSMENT_MAX_AGE_DAYS
from domain.days import DAY_US
from domain.entries import Entry
from domain.events import DrugScreenResulted, Event
from domain.journey import Journey
from domain.levels import Level
from domain.offers import FRESH_DAYS, Moment, State
from projections.clinical.agenda import open_appointments
from projections.clinical.medication import Medications
from projections.clinical.screens import unexplained

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
    assessment, prescribed = journey.assessment_before(at), Medications.of(entries)
    return Moment(
        state,
        level,
        last=_last(entries, at, prescribed),
        due=due,
        taken=bool(prescribed.running),
        on_leave=journey.leave is not None,
        visited=any(appointment.starts < at + DAY_US for appointment in visits),
        assessed=assessment is not None and at - assessment.at <= ASSESSMENT_MAX_AGE_DAYS * DAY_US,
    )


def _last(entries: Sequence[Entry], at: int, prescribed: Medications) -> Event | None:
    """What was recorded last, where that is not long ago; no screen that found what is prescribed and nothing else."""
    last = max(entries, key=lambda entry: (entry.recorded, entry.position), default=None)
    if last is None or at - last.recorded > FRESH_DAYS * DAY_US:
        return None
    leads_on = not isinstance(last.event, DrugScreenResulted) or bool(unexplained(last, prescribed))
    return last.event if leads_on else None
