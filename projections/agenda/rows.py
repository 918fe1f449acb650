"""Rows of the agenda's tables by the names of their columns; days are proleptic ordinals, moments µs UTC."""

from __future__ import annotations

from typing import TypedDict


class AppointmentRow(TypedDict):
    """An appointment on the day that it is where it takes place."""

    client_id: str
    appointment_id: str
    starts_at: int
    day: int
    minutes: int | None
    kind: str
    clinician: str
    site: str
    state: str


class ArrivalRow(TypedDict):
    """A level that is planned to begin."""

    client_id: str
    level: str
    on_day: int
    program: str
    site: str
    from_place: str
    state: str


class HandoffRow(TypedDict):
    """A client between two levels or after a referral; of ``stay`` and ``referral`` one is empty."""

    client_id: str
    stay: str
    referral: str
    ended_day: int
    level: str
    program: str
    site: str
    next_level: str
    owner: str
    state: str
    outcome: str
    due_7_day: int
    due_14_day: int
    kind: str
    home: str
    section: str
    board_day: int
