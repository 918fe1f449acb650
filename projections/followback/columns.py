"""The columns of timeline follow-back, by group and by client."""

from __future__ import annotations

from domain.phrases import Phrase
from projections.columns import (
    CLIENT,
    Column,
    placed,
    quartile,
)

GROUP_COLUMNS = placed(Phrase("the stay in which the client is or was last treated"))
_SINCE = Phrase("days from the last reported use to today, among those who reported any")
_RUNS = Phrase("days of the longest run reported as without use; 0 where none was")
COLUMNS = (
    Column("clients", "count", "Clients who reported use or days without."),
    Column("reported_use", "count", "Of these, the clients who reported any use."),
    quartile("days_since_use_q1", "q1", _SINCE),
    quartile("days_since_use_median", "median", _SINCE),
    quartile("days_since_use_q3", "q3", _SINCE),
    quartile("longest_run_q1", "q1", _RUNS),
    quartile("longest_run_median", "median", _RUNS),
    quartile("longest_run_q3", "q3", _RUNS),
)
CLIENT_COLUMNS = (
    *(CLIENT, *GROUP_COLUMNS[:3]),
    Column("last_use", "date", "Last day of reported use of anything but nicotine; empty: none was reported."),
    Column("days_since_last_use", "days", "Days from that day to today."),
    Column("controlled_since_use", "days", "Of these, days in detox, residential care, hospital or jail."),
    Column("longest_run", "days", "Days of the longest run reported as without use; 0 where none was."),
    Column("run_from", "date", "First day of that run."),
    Column("run_to", "date", "Last day of that run."),
    Column("run_controlled", "days", "Days of that run in detox, residential care, hospital or jail."),
    Column("longest_gap", "days", "Days between two reported days of use, at most; empty for fewer than two."),
    Column("reported_use_days", "days", "Days reported as with use."),
    Column("reported_clean_days", "days", "Days reported as without any use."),
)
