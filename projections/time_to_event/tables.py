"""Tables of starts, of what came first after each, and counts of the usual question.

Days are proleptic ordinals in the facility's zone. Nothing is settled here that a question decides: which event,
which substance, which reasons end observation.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, String

from projections.base import count_table, row_table

# One row a start: ``n`` numbers a client's starts in clinical order. ``contact_day`` is the last contact from the
# start on, empty where there was none; ``death_day`` the client's death.
START = row_table(
    "time_start",
    Column("n", Integer, nullable=False),
    Column("start", String(20), nullable=False),
    Column("level", String(40), nullable=False),
    Column("program", String(200), nullable=False),
    Column("site", String(200), nullable=False),
    Column("payer", String(200), nullable=False),
    Column("slot", String(20), nullable=False),
    Column("dual_diagnosis", Boolean, nullable=False),
    Column("start_day", Integer, nullable=False),
    Column("contact_day", Integer),
    Column("death_day", Integer),
    index=(("start", "start_day"),),
)

# One row an event that came after a start, the first of its kind: ``detail`` is the substance, level or reason that
# it is about, empty where there is none. ``ended`` are the first ends of levels by reason: what may compete.
EVENT = row_table(
    "time_event",
    Column("n", Integer, nullable=False),
    Column("event", String(20), nullable=False),
    Column("detail", String(200), nullable=False),
    Column("day", Integer, nullable=False),
    index=(("event", "client_id", "n"),),
)

# The question that is asked most, use after admission until the last contact: clients by the level of their first
# start there ("" is all levels together, from the first of all), by the days until the event (``ended`` 1) or until
# nobody saw any more (0), and by whether anybody saw them since (``seen``).
COUNT = count_table(
    "time_count",
    Column("level", String(40)),
    Column("days", Integer),
    Column("ended", Integer),
    Column("seen", Integer),
)
