"""Tables of screens paired with what the client reports of the days before.

``pair`` is "both" (screen and report show use), "screen", "report", or "neither".
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, String

from projections.base import row_table
from projections.tally import Tally, place_columns, tally_table

AGREEMENT = row_table(
    "agreement",
    Column("target", String(20), nullable=False),
    Column("pair", String(10), nullable=False),
    Column("screens", Integer, nullable=False),
    *place_columns(),
    index=(("end_day",), ("start_day",)),
)

AGREEMENT_COUNT = tally_table("agreement_count", Column("target", String(20)), Column("pair", String(10)))

TALLY = Tally(AGREEMENT, AGREEMENT_COUNT, ("target", "pair"), "screens")
