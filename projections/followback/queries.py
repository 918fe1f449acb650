"""Timeline follow-back by client and by group."""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlalchemy import Connection, RowMapping, select

from projections.columns import ReportRow
from projections.filters import Filters
from projections.followback.tables import FOLLOWBACK, LAST_USE, RUN
from projections.statistics import quantile
from projections.tally import GROUPS, Group, Tally, in_order, in_period

QUARTERS = {"q1": 0.25, "median": 0.5, "q3": 0.75}
DEFINITION = (
    "From what clients report of their days (timeline follow-back): days since the last reported use of any substance "
    "but nicotine, and the longest run of days reported as without use, which a day of use and a day without report "
    "both break. Days in a controlled environment (detox, residential care, hospital, jail) count and are marked: "
    "abstinence there says less. Clients who reported nothing are left out."
)
SOURCE = "Timeline follow-back (Sobell & Sobell 1992); DSM-5 specifier “in a controlled environment”"


def followback(connection: Connection, filters: Filters, today: date) -> list[ReportRow]:
    """One row a group: clients, quartiles of days since the last use and of the longest run without (in days).

    Raises:
        FilterError: a group or filter that tallies do not have.
    """
    runs = _histograms(RUN, connection, filters)
    last_use = _histograms(LAST_USE, connection, filters)
    rows: list[ReportRow] = []
    for group in in_order(filters, runs):
        since = Counter({max(0, today.toordinal() - day): 0 for day in last_use.get(group, ())})
        for day, n in last_use.get(group, Counter()).items():
            since[max(0, today.toordinal() - day)] += n
        rows.append(
            {
                **dict(zip(filters.by, group, strict=True)),
                "clients": runs[group].total(),
                "reported_use": since.total(),
                **{f"days_since_use_{name}": quantile(since, q) if since else None for name, q in QUARTERS.items()},
                **{f"longest_run_{name}": quantile(runs[group], q) for name, q in QUARTERS.items()},
            }
        )
    return rows


def per_client(connection: Connection, filters: Filters, today: date) -> list[ReportRow]:
    """One row a client; ``controlled_since_use`` are the days since the last use in a controlled environment."""
    columns = FOLLOWBACK.c
    query = in_period(select(FOLLOWBACK), FOLLOWBACK, filters.checked(GROUPS)).order_by(columns.client_id)
    return [_client(row, today) for row in connection.execute(query).mappings()]


def _client(row: RowMapping, today: date) -> ReportRow:
    day, since = row["last_use_day"], row["controlled_from"]
    controlled = row["controlled_since_use"]
    if since is not None and day is not None:
        controlled += max(0, today.toordinal() - max(since, day + 1) + 1)
    return {
        "client_id": row["client_id"],
        "level": row["level"],
        "program": row["program"],
        "site": row["site"],
        "last_use": _date(day),
        "days_since_last_use": None if day is None else max(0, today.toordinal() - day),
        "controlled_since_use": None if day is None else controlled,
        "longest_run": row["run_days"],
        "run_from": _date(row["run_first_day"]),
        "run_to": _date(row["run_last_day"]),
        "run_controlled": row["run_controlled"],
        "longest_gap": row["gap_days"],
        "reported_use_days": row["reported_use_days"],
        "reported_clean_days": row["reported_clean_days"],
    }


def _date(day: int | None) -> str | None:
    return None if day is None else date.fromordinal(day).isoformat()


def _histograms(tally: Tally, connection: Connection, filters: Filters) -> dict[Group, Counter[int]]:
    histograms: dict[Group, Counter[int]] = {}
    for group, (value,), n in tally.read(connection, filters):
        if value is not None:
            histograms.setdefault(group, Counter())[value] += n
    return histograms
