"""Tables of service received by stay, and of sessions attended and missed by kind and slot."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String

from projections.base import row_table
from projections.tally import place_columns, tally_table

# What one stay adds. Weeks are whole weeks in the level; ``planned`` is in sessions, over ``planned_weeks``.
SUMS = (
    "stays",
    "weeks",
    "sessions",
    "minutes",
    "planned_weeks",
    "planned",
    "received",
    "hours_below",
    "hours_within",
    "hours_above",
    "sessions_below",
    "sessions_within",
    "sessions_above",
    "weeks_short",
    "weeks_as_planned",
    "weeks_long",
)

SERVICE = row_table(
    "service",
    *(Column(name, Integer, nullable=False) for name in SUMS),
    *place_columns(),
    index=(("end_day",), ("start_day",)),
)
SERVICE_COUNT = tally_table("service_count", Column("what", String(20)))

# Sessions of one stay, kind and slot; the slot is the stay's own, or else the session's.
OUTCOMES = ("attended", "missed", "excused", "no_show")
SESSIONS = row_table(
    "session_attendance",
    Column("kind", String(30), nullable=False),
    Column("slot", String(20), nullable=False),
    *(Column(name, Integer, nullable=False) for name in OUTCOMES),
    *place_columns(),
    index=(("end_day",), ("start_day",), ("level", "client_id", "attended", "missed")),
)
SESSIONS_COUNT = tally_table(
    "session_count", Column("kind", String(30)), Column("slot", String(20)), Column("what", String(20))
)
