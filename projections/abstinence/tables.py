"""Tables of weekly patterns, and how many stays have which week, and which result of which built-in measure."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Integer, SmallInteger, String, Text

from projections.base import count_table, row_table

# ``pattern`` is that of the opioids, which the built-in measures read; ``findings`` gives that of any other targets.
# ``met`` has a bit for each built-in measure, in their order: whether the pattern has its event, or its yes.
PATTERN = row_table(
    "pattern",
    Column("n", Integer, nullable=False),
    Column("level", String(40), nullable=False),
    Column("program", String(200), nullable=False),
    Column("site", String(200), nullable=False),
    Column("start_day", Integer, nullable=False),
    Column("end_day", Integer, nullable=False),
    Column("discharged_day", Integer),
    Column("pattern", Text, nullable=False),
    Column("findings", Text, nullable=False),
    Column("met", BigInteger, nullable=False),
    index=(("start_day",),),
)

# ``value`` is the result as a number (yes 1, no 0); ``event`` is 1 or 0 for (week, event) results, else -1;
# ``screened`` is 0 for stays without any screen, else 1.
MEASURE_COUNT = count_table(
    "measure_count",
    Column("level", String(40)),
    Column("program", String(200)),
    Column("measure", String(60)),
    Column("value", Float),
    Column("event", Integer),
    Column("screened", Integer),
)

# Stays by what the screens of a week say (its symbol), of the first WEEKS weeks.
WEEK_COUNT = count_table(
    "pattern_week_count",
    Column("level", String(40)),
    Column("program", String(200)),
    Column("week", SmallInteger),
    Column("symbol", String(1)),
)
WEEKS = 26
