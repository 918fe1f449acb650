"""Tables of first and last scores of an episode."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, String

from projections.base import row_table
from projections.tally import Tally, place_columns, tally_table

OUTCOME = row_table(
    "outcome",
    Column("instrument", String(20), nullable=False),
    Column("first", Float, nullable=False),
    Column("change", Float, nullable=False),
    *place_columns(),
    Column("first_day", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
    index=(("end_day",), ("start_day",)),
)

# First scores and changes are summed apart: pairs of them have nearly as many values as there are episodes.
FIRST_COUNT = tally_table("outcome_first_count", Column("instrument", String(20)), Column("first", Float))
CHANGE_COUNT = tally_table("outcome_change_count", Column("instrument", String(20)), Column("change", Float))

FIRST = Tally(OUTCOME, FIRST_COUNT, ("instrument", "first"))
CHANGE = Tally(OUTCOME, CHANGE_COUNT, ("instrument", "change"))
