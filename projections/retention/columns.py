"""The columns of retention: its groups, a row of figures, the steps of a curve, and the test between two."""

from __future__ import annotations

from domain.phrases import Phrase
from projections.columns import (
    DUAL_DIAGNOSIS,
    OF_STAY,
    PAYER,
    SLOT,
    Column,
    greenwood_bounds,
)

GROUP_COLUMNS = (
    *OF_STAY[:3],
    *(PAYER, SLOT, DUAL_DIAGNOSIS),
    Column("month", "text", "Month (YYYY-MM) in which the stay began."),
)
MILESTONES = (30, 60, 90, 180)


def _milestone(day: int) -> tuple[Column, ...]:
    share = Phrase(
        "Share still open after {day} days (Kaplan–Meier); empty after the last day observed, unless all had ended.",
        day=day,
    )
    at_risk = Phrase("Stays known to have lasted {day} days or more: those the estimate at that day rests on.", day=day)
    return (
        Column(f"retained_{day}", "share", share),
        *greenwood_bounds(f"retained_{day}_low", f"retained_{day}_high", f"retained_{day}"),
        Column(f"at_risk_{day}", "count", at_risk),
    )


COLUMNS = (
    Column("stays", "count", "Stays that began, ended or still open."),
    Column("ended", "count", "Of these, the stays that ended: the events. A competing reason that was named is none."),
    Column(
        "median_days",
        "days",
        "Median of the curve: the first day on which at most half are still there (S(t) ≤ ½, in exact arithmetic); "
        "empty where the curve stays above.",
    ),
    *(column for day in MILESTONES for column in _milestone(day)),
)
CURVE_COLUMNS = (
    Column("day", "days", "Days since the stay began; the curve steps down on it and is flat until the next row."),
    Column("at_risk", "count", "Stays that lasted at least so many days and were still observed."),
    Column("ended", "count", "Stays that ended after exactly so many days."),
    Column("retained", "share", "Share still open after that day (Kaplan–Meier)."),
    *greenwood_bounds("low", "high", "retained"),
)
COMPARE_COLUMNS = (
    Column("first", "text", "The one group, its values joined by a dot."),
    Column("second", "text", "The other group."),
    Column("stays", "count", "Stays of both groups together."),
    Column("statistic", "number", "Chi-squared of the log-rank test, one degree of freedom, without weights; empty "
           "where no stay ended while both groups were at risk."),
    Column("p_value", "number", "Two-sided p of that test, 0 to 1, without correction for several comparisons."),
)  # fmt: skip
