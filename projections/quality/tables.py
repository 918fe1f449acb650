"""Tables of index events: what became of each, and how much is on record to tell it by."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Column, Integer, String

from projections.base import row_table
from projections.tally import Tally, pending_table, place_columns, tally_table

State = Literal["met", "unmet", "unknown"]
"""``met``: the outcome came within the window; ``unmet``: it did not; ``unknown``: the record cannot tell, and the
index event is in neither numerator nor denominator."""
COUNTED: tuple[State, ...] = ("met", "unmet")

_KEYS = ("measure", "state", "never_observed", "open_prescription")
QUALITY = row_table(
    "quality",
    Column("measure", String(30), nullable=False),
    Column("state", String(10), nullable=False),
    Column("never_observed", Integer, nullable=False),
    Column("open_prescription", Integer, nullable=False),
    *place_columns(),
    Column("index_day", Integer, nullable=False),
    Column("due_day", Integer, nullable=False),
    index=(
        ("due_day",),
        ("end_day", "due_day", *_KEYS),
        ("start_day", "due_day", *_KEYS),
        ("measure", "state", "client_id", "due_day"),
    ),
)

QUALITY_COUNT = tally_table(
    "quality_count",
    Column("measure", String(30)),
    Column("state", String(10)),
    Column("never_observed", Integer),
    Column("open_prescription", Integer),
)

QUALITY_PENDING = pending_table("quality_pending", QUALITY_COUNT, _KEYS)
TALLY = Tally(QUALITY, QUALITY_COUNT, _KEYS, pending=QUALITY_PENDING)
