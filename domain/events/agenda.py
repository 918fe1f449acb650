"""What is agreed for later: appointments, groups, planned arrivals."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.events.base import Day, Event, Hours, Minutes, Moment, Personal, Word
from domain.levels import Level
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


class GroupJoined(Event):
    """The client takes part in a group from now on, until they leave it or the stay ends in which they joined."""

    group_id: Word


class GroupLeft(Event):
    """The client takes part in a group no more."""

    group_id: Word


class ArrivalPlanned(Event):
    """The client is to begin a level of care on a day; the start of that level fulfils it.

    A later plan for the same level takes its place. ``from`` is the level or the facility that they come from.
    """

    level: Level
    on: Day
    program: Word | None = None
    site: Word | None = None
    from_: Annotated[Word | None, Field(alias="from")] = None
