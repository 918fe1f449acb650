"""Tables of what is known of a client at each milestone after their last stay.

``state`` is settled once ``due_day`` has passed.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Column, Integer, String

from projections.base import row_table
from projections.tally import Tally, pending_table, place_columns, tally_table

State = Literal["abstinent", "not_abstinent", "not_reached"]
PREVALENCE = row_table(
    "prevalence",
    Column("milestone", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    *place_columns(),
    Column("due_day", Integer, nullable=False),
    index=(
        ("due_day",),
        ("end_day", "due_day", "milestone", "state"),
        ("start_day", "due_day", "milestone", "state"),
        ("milestone", "state", "client_id", "due_day"),
    ),
)

PREVALENCE_COUNT = tally_table("prevalence_count", Column("milestone", Integer), Column("state", String(20)))

_KEYS = ("milestone", "state")
PREVALENCE_PENDING = pending_table("prevalence_pending", PREVALENCE_COUNT, _KEYS)
TALLY = Tally(PREVALENCE, PREVALENCE_COUNT, _KEYS, pending=PREVALENCE_PENDING)
