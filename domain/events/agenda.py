"""What is agreed for later: appointments, groups, planned arrivals."""

from __future__ import annotations

from typing import Annotated

from domain.events.base import Event, Hours, Minutes, Moment, Personal, Word
from domain.vocabulary import CHANGE_CAUSES, ChangeCause, SessionKind

Cause = Annotated[ChangeCause | Word | None, Personal(unless=CHANGE_CAUSES)]


class AppointmentScheduled(Event):
    """A session was agreed: it starts at ``starts_at``, which may be ahead; clinical time is when it was made."""

    appointment_id: Word
    starts_at: Moment
    kind: SessionKind | None = None
    minutes: Minutes | None = None
    clinician: Word | None = None
    site: Word | None = None


class AppointmentRescheduled(Event):
    """An appointment was moved; what is not said again stays as it was.

    ``notice_hours`` are the hours between the notice and the moment at which it would have begun.
    """

    appointment_id: Word
    starts_at: Moment
    kind: SessionKind | None = None
    minutes: Minutes | None = None
    clinician: Word | None = None
    site: Word | None = None
    cause: Cause = None
    notice_hours: Hours | None = None


class AppointmentCancelled(Event):
    """An appointment was called off, ``notice_hours`` before the moment at which it would have begun."""

    appointment_id: Word
    cause: Cause = None
    notice_hours: Hours | None = None
