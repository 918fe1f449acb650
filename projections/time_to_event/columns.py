"""The columns of time to event: its groups, a row of figures, the steps of a curve, and the test between two."""

from __future__ import annotations

from collections.abc import Sequence

from domain.phrases import Phrase
from projections.columns import (
    DUAL_DIAGNOSIS,
    NOT_RECORDED,
    PAYER,
    SLOT,
    Column,
    Columns,
    greenwood_bounds,
    names,
    placed,
)
from projections.time_to_event.definition import DAYS

_LEVEL, _PROGRAM, _, _ = placed(Phrase("the stay that the start belongs to, if any"))
GROUP_COLUMNS = (
    *(_LEVEL, _PROGRAM),
    Column("site", "text", "Site of the stay that the start belongs to, else that which recorded the start; empty: "
           "none was recorded.", NOT_RECORDED),
    *(PAYER, SLOT, DUAL_DIAGNOSIS),
    Column("month", "text", "Month (YYYY-MM) of the start."),
)  # fmt: skip
GROUPS = names(GROUP_COLUMNS)
PERIOD = Column("period", "text", "The first and last day of the period that the row is of.")
COUNTED = (
    Column("clients", "count", "Clients with the start, each from the first that fits."),
    Column("events", "count", "Of these, the clients who had the event on the day of the start or later."),
    Column("censored", "count", "Of these, the clients followed without the event: until the last contact or today, a "
           "competing reason, or the death."),
    Column("never_observed", "count", "Of the clients, those without any contact after the start: their silence is "
           "neither clean time nor use."),
)  # fmt: skip
QUARTILES = (
    Column("median_days", "days", "Median of the curve: the first day on which at most half are without the event "
           "(S(t) ≤ ½, in exact arithmetic); empty where the curve stays above."),
    Column("q1_days", "days", "First quartile of the curve: the first day with S(t) ≤ ¾, in exact arithmetic; empty "
           "where the curve stays above."),
    Column("q3_days", "days", "Third quartile of the curve: the first day with S(t) ≤ ¼, in exact arithmetic; empty "
           "where the curve stays above."),
)  # fmt: skip
CURVE_COLUMNS = (
    Column("day", "days", "Days since the start; the curve is flat until the next row."),
    Column("at_risk", "count", "Clients still followed on that day, without the event before it."),
    Column("events", "count", "Clients whose event came on that day."),
    Column("censored", "count", "Clients followed until that day, and without the event."),
    Column("survival", "share", "Share without the event after that day (Kaplan–Meier)."),
    *greenwood_bounds("low", "high", "survival"),
)
_CHI2 = Column("chi2", "number", "Chi-squared of the log-rank test, one degree of freedom, without weights; empty "
               "where nobody had the event while both groups were at risk.")  # fmt: skip
_P = Column("p", "number", "Two-sided p of that test, 0 to 1, without correction for several comparisons.")
TEST_COLUMNS = (_CHI2, _P)
COMPARE_COLUMNS = (
    Column("first", "text", "The one group, its values joined by a dot."),
    Column("second", "text", "The other group."),
    Column("clients", "count", "Clients of both groups together."),
    *TEST_COLUMNS,
)


def columns(days: Sequence[int] = DAYS) -> Columns:
    """The columns of a row, for these days."""
    return (*COUNTED, *QUARTILES, *(column for day in days for column in _share(day)))


def _share(day: int) -> Columns:
    without = Phrase(
        "Share without the event {day} days after the start (Kaplan–Meier); empty after the last day that anybody was "
        "followed, unless all had it.",
        day=day,
    )
    at_risk = Phrase(
        "Clients followed for {day} days or more without the event: those the estimate at that day rests on.", day=day
    )
    return (
        Column(f"share_{day}", "share", without),
        *greenwood_bounds(f"share_{day}_low", f"share_{day}_high", f"share_{day}"),
        Column(f"at_risk_{day}", "count", at_risk),
    )
