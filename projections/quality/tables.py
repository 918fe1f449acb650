"""Tables of index events and whether each had its outcome."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String

from projections.base import row_table
from projections.tally import Tally, place_columns, tally_table

QUALITY = row_table(
    "quality",
    Column("measure", String(30), nullable=False),
    Column("met", Integer, nullable=False),
    *place_columns(),
    Column("index_day", Integer, nullable=False),
    Column("due_day", Integer, nullable=False),
    index=(("due_day",), ("end_day",), ("start_day",)),
)

QUALITY_COUNT = tally_table("quality_count", Column("measure", String(30)), Column("met", Integer))

TALLY = Tally(QUALITY, QUALITY_COUNT, ("measure", "met"))
