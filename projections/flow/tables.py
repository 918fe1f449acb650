"""Tables of moves between levels and of entries into treatment.

``kind`` "move": a stay ended and ``target`` is the level that followed within 30 days, or "left"; the day it is
settled is ``due_day``. ``kind`` "entry": a stay that began an episode, ``target`` "first" or "again".
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, String

from projections.base import row_table
from projections.tally import Tally, pending_table, place_columns, tally_table

FLOW = row_table(
    "flow",
    Column("kind", String(5), nullable=False),
    Column("target", String(40), nullable=False),
    Column("reason", String(30), nullable=False),
    *place_columns(),
    Column("due_day", Integer),
    index=(
        ("due_day",),
        ("end_day", "due_day", "level", "kind", "target", "reason"),
        ("start_day", "due_day", "level", "kind", "target", "reason"),
    ),
)

FLOW_COUNT = tally_table(
    "flow_count",
    Column("kind", String(5)),
    Column("target", String(40)),
    Column("reason", String(30)),
)

_KEYS = ("kind", "target", "reason")
FLOW_PENDING = pending_table("flow_pending", FLOW_COUNT, _KEYS)
TALLY = Tally(FLOW, FLOW_COUNT, _KEYS, pending=FLOW_PENDING)
