"""The columns of the census, by day and on average."""

from __future__ import annotations

from projections.columns import (
    LEVEL,
    PROGRAM,
    SITE,
    Column,
)

GROUPS = (LEVEL, SITE, PROGRAM)
DAY = Column("day", "date", "The day that the row is of, in the zone of each stay's facility.")
_MOVES = (
    Column("admissions", "count", "Stays that began: on the day, or on the days of the period together."),
    Column("discharges", "count", "Stays that ended: on the day, or on the days of the period together."),
)
COLUMNS = (
    Column("census", "count", "Stays at the end of the day: begun by then and not ended by then."),
    *_MOVES,
    Column(
        "capacity",
        "count",
        "Places of the group: by the setting of capacities, without one as its sites are defined at the end of the "
        "day; 0 where none are known, as of a program.",
    ),
    Column("occupancy", "number", "The census over the capacity, which it can exceed; empty where the capacity is 0."),
)
AVERAGE_COLUMNS = (
    Column("average_daily_census", "number", "Mean of the census over the days of the period, in stays."),
    *_MOVES,
)
