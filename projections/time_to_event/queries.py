"""Time to event by group: the curve's figures, its steps, and the log-rank test between groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import combinations

from sqlalchemy import Connection

from projections.columns import ReportRow, names
from projections.comparison import Side
from projections.filters import FilterError, Filters
from projections.statistics import LogRank, Survival, kaplan_meier, log_rank
from projections.tally import in_order
from projections.time_to_event import usual
from projections.time_to_event.columns import CURVE_COLUMNS
from projections.time_to_event.definition import DAYS, Endpoint
from projections.time_to_event.durations import Counted, Followed, Group, followed

MAX_COMPARED = 8
_QUARTILES = {"median_days": Fraction(1, 2), "q1_days": Fraction(3, 4), "q3_days": Fraction(1, 4)}
Counts = Counter[tuple[int, int]]


def time_to_event(
    connection: Connection, filters: Filters, endpoint: Endpoint, today: date, days: Sequence[int] = DAYS
) -> list[ReportRow]:
    """One row a group: clients, events, those censored and never observed, quartiles, the share without the event.

    Raises:
        FilterError: a group, filter or endpoint that there is not.
    """
    counts = counted(connection, filters, endpoint, today)
    return [{**_named(filters.by, group), **_row(counts[group], days)} for group in in_order(filters, counts)]


def curves(connection: Connection, filters: Filters, endpoint: Endpoint, today: date) -> list[ReportRow]:
    """The curve of each group: a row for day 0 and each day with an event or somebody censored.

    Raises:
        FilterError: a group, filter or endpoint that there is not.
    """
    counts = counted(connection, filters, endpoint, today)
    return [
        {**_named(filters.by, group), **step}
        for group in in_order(filters, counts)
        for step in steps(counts[group].durations)
    ]


def pairs(connection: Connection, filters: Filters, endpoint: Endpoint, today: date) -> list[ReportRow]:
    """The log-rank test between each two groups.

    Raises:
        FilterError: more than eight groups, or a group, filter or endpoint that there is not.
    """
    counts = counted(connection, filters, endpoint, today)
    if len(counts) > MAX_COMPARED:
        msg = f"{len(counts)} groups are too many to compare in pairs: narrow them with filters to {MAX_COMPARED}"
        raise FilterError(msg)
    return [
        {
            "first": " · ".join(first),
            "second": " · ".join(second),
            "clients": counts[first].durations.total() + counts[second].durations.total(),
            **_test(log_rank(counts[first].durations, counts[second].durations)),
        }
        for first, second in combinations(in_order(filters, counts), 2)
    ]


def compared(
    connection: Connection,
    endpoint: Sequence[Side],
    kind: str,
    operands: Endpoint,
    today: date,
    days: Sequence[int] = DAYS,
) -> list[ReportRow]:
    """A row of each of two sides, both with the log-rank test between them; ``kind`` names the column of their names.

    Raises:
        FilterError: a filter or endpoint that there is not.
    """
    none = Counted(Counter(), 0)
    first, second = (counted(connection, side.filters, operands, today).get((), none) for side in endpoint)
    test = _test(log_rank(first.durations, second.durations))
    return [
        {kind: side.name, **_row(counts, days), **test} for side, counts in zip(endpoint, (first, second), strict=True)
    ]


def counted(connection: Connection, filters: Filters, endpoint: Endpoint, today: date) -> dict[Group, Counted]:
    """Clients by group: from the counts that are kept where the question is the usual one, else from their starts.

    Raises:
        FilterError: a group, filter or endpoint that there is not.
    """
    if usual.is_usual(filters, endpoint):
        return usual.counted(connection, filters)
    by_group = followed(connection, filters, endpoint, today.toordinal())
    return {group: counts_of(episodes) for group, episodes in by_group.items()}


def counts_of(episodes: Sequence[Followed]) -> Counted:
    """How many were followed so many days, by whether the event came, and whom nobody saw since."""
    durations = Counter((episode.days, int(episode.outcome == "event")) for episode in episodes)
    return Counted(durations, sum(episode.contact_day is None for episode in episodes))


def steps(counts: Counts) -> list[ReportRow]:
    """A curve as rows: day 0, then each day with an event or somebody censored; shares hold after the day's events."""
    curve = kaplan_meier(counts)
    rows: list[ReportRow] = []
    for day in sorted({0, *curve.durations}):
        point = curve.at(day)
        ended, lost = counts[day, 1], counts[day, 0]
        values = (day, point.at_risk, ended, lost, point.survival, point.low, point.high)
        rows.append(dict(zip(names(CURVE_COLUMNS), values, strict=True)))
    return rows


def _row(counts: Counted, days: Sequence[int]) -> ReportRow:
    curve = kaplan_meier(counts.durations)
    row: ReportRow = {
        "clients": curve.total,
        "events": curve.ended,
        "censored": curve.total - curve.ended,
        "never_observed": counts.never_observed,
        **{name: curve.first_at_most(share) for name, share in _QUARTILES.items()},
    }
    for day in days:
        row |= _share(curve, day)
    return row


def _share(curve: Survival, day: int) -> ReportRow:
    point = curve.at(day)
    named = f"share_{day}"
    return {
        named: point.survival,
        f"{named}_low": point.low,
        f"{named}_high": point.high,
        f"at_risk_{day}": point.at_risk,
    }


def _test(test: LogRank | None) -> ReportRow:
    return {"chi2": test.statistic if test else None, "p": test.p_value if test else None}


def _named(by: Sequence[str], group: Sequence[str]) -> dict[str, str]:
    return dict(zip(by, group, strict=True))
