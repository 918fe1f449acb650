"""Tables of weekly patterns, and how many stays have which result of which built-in measure."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, String, Text

from projections.abstinence.targets import DEFAULT_TARGETS, TARGET_SETS
from projections.base import count_table, row_table

# One pattern for each named set of target substances; the opioids' is the one that the built-in measures read.
PATTERN_COLUMNS = {name: "pattern" if name == DEFAULT_TARGETS else f"pattern_{name}" for name in TARGET_SETS}

PATTERN = row_table(
    "pattern",
    Column("n", Integer, nullable=False),
    Column("level", String(40), nullable=False),
    Column("program", String(200), nullable=False),
    Column("site", String(200), nullable=False),
    Column("start_day", Integer, nullable=False),
    Column("end_day", Integer, nullable=False),
    Column("discharged_day", Integer),
    *(Column(name, Text, nullable=False) for name in PATTERN_COLUMNS.values()),
    index=(("start_day",),),
)

# ``value`` is the result as a number (yes 1, no 0); ``event`` is 1 or 0 for (week, event) results, else -1.
MEASURE_COUNT = count_table(
    "measure_count",
    Column("level", String(40)),
    Column("program", String(200)),
    Column("measure", String(60)),
    Column("value", Float),
    Column("event", Integer),
)
