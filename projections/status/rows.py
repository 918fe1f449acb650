"""Rows of the current status as they are read: days are dates (ISO), an empty text or None is nothing known."""

from __future__ import annotations

from typing import Literal, TypedDict

from domain.levels import Level
from domain.offers import State


class FlagRow(TypedDict):
    """What presses, since when, and who sees to it."""

    id: str
    reason: str
    next_step: str
    since: str | None
    assigned_to: str
    snoozed_until: str | None


class StatusRow(TypedDict):
    """A client's status on a day; ``status.columns`` says what each value means."""

    client_id: str
    state: State
    level: Level | Literal[""]
    program: str
    site: str
    clinician: str
    living: str
    slot: str
    planned_sessions: int | None
    on_leave: str
    concurrent_levels: str
    last_contact_at: int | None
    drug: str
    authorized_left: int | None
    missed_in_a_row: int
    since: str | None
    planned_end: str | None
    review_due: str | None
    last_contact: str | None
    last_screen: str | None
    last_positive: str | None
    last_use: str | None
    last_assessment: str | None
    authorized_to: str | None
    consent_expires: str | None
    discharged: str | None
    days_in_level: int | None
    days_since_last_use: int | None
    sessions_this_week: int
    hours_this_week: float
    hours_outside_band: str
    flags: list[FlagRow]


class FlaggedRow(TypedDict):
    """A flag with whom it is of and where they are."""

    client_id: str
    level: Level | Literal[""]
    program: str
    site: str
    clinician: str
    flag: str
    reason: str
    next_step: str
    since: str | None
    assigned_to: str
    snoozed_until: str | None
