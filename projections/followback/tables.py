"""Tables of timeline follow-back, one row a client who reported anything.

Days are proleptic ordinals. ``run`` is the longest run of days reported as without use, ``gap`` the longest
stretch between two reported days of use; ``controlled`` days of each were spent in a controlled environment.
"""

from __future__ import annotations

from sqlalchemy import Column, Integer

from projections.base import row_table
from projections.tally import Tally, place_columns, tally_table

FOLLOWBACK = row_table(
    "followback",
    Column("last_use_day", Integer),
    Column("run_days", Integer, nullable=False),
    *place_columns(),
    Column("run_first_day", Integer),
    Column("run_last_day", Integer),
    Column("run_controlled", Integer, nullable=False),
    Column("gap_days", Integer),
    Column("reported_use_days", Integer, nullable=False),
    Column("reported_clean_days", Integer, nullable=False),
    Column("controlled_since_use", Integer, nullable=False),
    Column("controlled_from", Integer),
    index=(("end_day",), ("start_day",)),
)

LAST_USE_COUNT = tally_table("last_use_count", Column("last_use_day", Integer))
RUN_COUNT = tally_table("clean_run_count", Column("run_days", Integer))

LAST_USE = Tally(FOLLOWBACK, LAST_USE_COUNT, ("last_use_day",), dated=False)
RUN = Tally(FOLLOWBACK, RUN_COUNT, ("run_days",), dated=False)
