"""Tables of stays and episodes and the counts that completion, retention and census read.

Days are proleptic ordinals (``date.fromordinal``); an open stay has no ``end_day``. Months are ``YYYY-MM``. The
census counts a stay until ``census_end_day``: the end, or what keeps a client from counting twice.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, SmallInteger, String

from projections.base import count_table, row_table

STAY = row_table(
    "stay",
    Column("n", Integer, nullable=False),
    Column("level", String(40), nullable=False),
    Column("program", String(200), nullable=False),
    Column("site", String(200), nullable=False),
    Column("payer", String(200), nullable=False),
    Column("slot", String(20), nullable=False),
    Column("dual_diagnosis", Boolean, nullable=False),
    Column("clinician", String(200), nullable=False),
    Column("start_at", BigInteger, nullable=False),
    Column("start_day", Integer, nullable=False),
    Column("end_at", BigInteger),
    Column("end_day", Integer),
    Column("days", Integer),
    Column("reason", String(30)),
    Column("next_level", String(40)),
    Column("concurrent", Boolean, nullable=False),
    Column("overridden", Boolean, nullable=False),
    Column("episode", Integer, nullable=False),
    Column("admission_month", String(7), nullable=False),
    Column("discharge_month", String(7)),
    Column("census_end_day", Integer),
    index=(
        ("end_day",),
        ("start_day", "end_day", "admission_month", "days"),
        ("level", "reason", "client_id", "end_day"),
    ),
)

EPISODE = row_table(
    "episode",
    Column("n", Integer, nullable=False),
    Column("start_day", Integer, nullable=False),
    Column("end_day", Integer),
    Column("days", Integer),
    Column("stays", Integer, nullable=False),
    Column("first_level", String(40), nullable=False),
    Column("last_level", String(40), nullable=False),
    Column("path", String(400), nullable=False),
    Column("program", String(200), nullable=False),
    Column("site", String(200), nullable=False),
    Column("reason", String(30)),
    index=(("end_day",), ("start_day",)),
)

# Ended stays. ``basis``: "ever" (month empty), "discharge" or "admission" (by that month);
# ``dimension`` is one of DIMENSIONS and ``value`` its value, so each stay counts once per basis and dimension.
COMPLETION_COUNT = count_table(
    "completion_count",
    Column("basis", String(10)),
    Column("dimension", String(20)),
    Column("month", String(7)),
    Column("level", String(40)),
    Column("value", String(200)),
    Column("reason", String(30)),
)

# Length of ended stays in days: what quartiles and Kaplan–Meier curves are computed from. The dimension is one of
# DAYS_DIMENSIONS, or empty (as is the value) for the levels as a whole, so that asking for these reads few rows.
STAY_DAYS = count_table(
    "stay_days",
    Column("dimension", String(20)),
    Column("level", String(40)),
    Column("value", String(200)),
    Column("reason", String(30)),
    Column("days", Integer),
)

# Open stays by the day on which they began: how long they have lasted is known on the day that it is asked. The
# dimensions are those of ``stay_days``.
OPEN_STAYS = count_table(
    "open_stays",
    Column("dimension", String(20)),
    Column("level", String(40)),
    Column("value", String(200)),
    Column("start_day", Integer),
)

# Admissions ("in"), discharges ("out") and the days from which stays count no more ("off"): the census of a day is
# the running sum (``projections.running_sums``) of "in" without "off".
CENSUS_CHANGE = count_table(
    "census_change",
    Column("span", SmallInteger),
    Column("day", Integer),
    Column("level", String(40)),
    Column("site", String(200)),
    Column("program", String(200)),
    Column("kind", String(3)),
)

DIMENSIONS = ("program", "site", "payer", "slot", "dual_diagnosis")
DAYS_DIMENSIONS = ("program", "site")


def by_dimension(program: str, site: str) -> tuple[tuple[str, str], ...]:
    """(dimension, value) of every sum that a stay is in beside its level: of the level as a whole first."""
    return ("", ""), ("program", program), ("site", site)
