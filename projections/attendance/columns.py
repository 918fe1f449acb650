"""The columns of attendance and of service received."""

from __future__ import annotations

from projections.columns import NOT_RECORDED, OF_STAY, Column, estimate, wilson_bounds

SESSION_GROUP_COLUMNS = (
    *OF_STAY,
    Column("kind", "text", "Kind of session: group, individual, family and so on."),
    Column(
        "slot",
        "text",
        "Time of day (morning, afternoon, evening) of the stay, or else of the session; empty: none was recorded.",
        NOT_RECORDED,
    ),
)
SESSION_COLUMNS = (
    Column("offered", "count", "Sessions attended or missed."),
    Column("attended", "count", "Sessions attended."),
    Column("missed", "count", "Sessions missed, excused or not."),
    Column("excused", "count", "Of the missed, those with an excuse."),
    Column("no_shows", "count", "Of the missed, those without excuse whose cause is no_show or was not recorded."),
    Column("attendance_rate", "share", "attended over offered; empty where none was offered."),
    *wilson_bounds("ci_low", "ci_high", "attendance_rate"),
    Column("no_show_rate", "share", "no_shows over offered; empty where none was offered."),
    *wilson_bounds("no_show_low", "no_show_high", "no_show_rate"),
)
COLUMNS = (
    Column("stays", "count", "Stays with any session on record."),
    Column("weeks", "count", "Whole weeks of these stays; week 1 begins on the first day."),
    Column("sessions_per_week", "number", "Sessions attended over weeks; empty without a whole week."),
    Column("hours_per_week", "number", "Hours attended over weeks; empty without a whole week."),
    Column("planned_per_week", "number", "Sessions planned a week, over the weeks with a plan; empty without one."),
    Column("received_of_planned", "number", "Sessions attended over sessions planned, in the weeks with a plan; "
           "above 1 where more were attended."),
    Column("weeks_below_hours", "count", "Weeks with fewer hours than the level's bounds."),
    Column("weeks_within_hours", "count", "Weeks with hours within the level's bounds."),
    Column("weeks_above_hours", "count", "Weeks with more hours than the level's bounds."),
    Column("within_hours", "share", "weeks_within_hours over the weeks of levels that have bounds."),
    *wilson_bounds("within_hours_low", "within_hours_high", "within_hours"),
    *SESSION_COLUMNS,
)  # fmt: skip
BOUND_COLUMNS = (
    Column("bound", "text", "What is bounded: hours a week, sessions a week, or weeks in the level."),
    Column("least", "number", "The lower bound; empty: there is none."),
    Column("most", "number", "The upper bound; empty: there is none."),
    Column("below", "count", "Whole weeks, for weeks ended stays, below the lower bound."),
    Column("above", "count", "Whole weeks, for weeks ended stays, above the upper bound."),
    *estimate("Whole weeks, for weeks ended stays, within the bounds.", "All of these: below, within and above."),
)
