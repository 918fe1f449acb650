"""Census by day and group, from the counts of changes."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, case, func, select

from domain.levels import LEVELS
from projections.base import fetch
from projections.census.columns import GROUPS
from projections.census.places import Places
from projections.columns import names
from projections.filters import FilterError, Filters
from projections.running_sums import until, within
from projections.stays.tables import CENSUS_CHANGE

DIMENSIONS = names(GROUPS)
MAX_DAYS = 3_660
_NO_PLACES = Places()
DEFINITION = (
    "Clients at a level on a day: stays that started on or before it and have not ended by it "
    "(the day of discharge does not count; a client on leave does). Stays are counted, so a client with a "
    "concurrent level counts at both. Stays that overlap though neither is concurrent are one bed: the earlier counts "
    "until the later begins, the later not at all where it is over first. "
    "Average daily census is the mean over the days of the period. Occupancy is the census over the places of the day: "
    "those of the setting of capacities, without one those of the sites as they are defined at its end."
)


def census(connection: Connection, filters: Filters, today: date, places: Places = _NO_PLACES) -> list[dict[str, Any]]:
    """One row a day and group: census, admissions, discharges, and the occupancy of the ``places`` of that day.

    Without a period it is the census of ``today``. Places are those of the sites and levels of the group and of the
    filters, summed.

    Raises:
        FilterError: a group that the census does not have, or a period of more than ten years.
    """
    filters = filters.checked(DIMENSIONS)
    start, end = period(filters, today)
    if (end - start).days > MAX_DAYS:
        msg = "the census is shown for at most ten years of days: narrow the period with --from and --to"
        raise FilterError(msg)
    before, changes = _changes(connection, filters, start.toordinal(), end.toordinal())
    groups = sorted({*before, *(group for _, group in changes)}, key=_order(filters.by))
    rows: list[dict[str, Any]] = []
    standing = dict(before)
    for day in range(start.toordinal(), end.toordinal() + 1):
        for group in groups:
            admitted, discharged, off = changes.get((day, group), (0, 0, 0))
            standing[group] = standing.get(group, 0) + admitted - off
            named = dict(zip(filters.by, group, strict=True))
            row: dict[str, Any] = {
                "day": date.fromordinal(day).isoformat(),
                **named,
                "census": standing[group],
                "admissions": admitted,
                "discharges": discharged,
            }
            capacity = places.of({**filters.where, **named}, day)
            rows.append({**row, "capacity": capacity, "occupancy": standing[group] / capacity if capacity else None})
    return rows


def period(filters: Filters, today: date) -> tuple[date, date]:
    """The first and the last day that a census is of: ``today`` unless the filters say otherwise."""
    start = filters.start or filters.end or today
    return start, max(start, filters.end or (today if filters.start else start))


def average_daily_census(rows: list[dict[str, Any]], by: tuple[str, ...]) -> list[dict[str, Any]]:
    """The mean census of each group over the days of ``rows``, with its admissions and discharges."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in by)].append(row)
    return [
        {
            **dict(zip(by, group, strict=True)),
            "average_daily_census": sum(row["census"] for row in group_rows) / len(group_rows),
            "admissions": sum(row["admissions"] for row in group_rows),
            "discharges": sum(row["discharges"] for row in group_rows),
        }
        for group, group_rows in groups.items()
    ]


Group = tuple[str, ...]
_KINDS = ("in", "out", "off")


def _changes(
    connection: Connection, filters: Filters, start: int, end: int
) -> tuple[dict[Group, int], dict[tuple[int, Group], tuple[int, int, int]]]:
    columns = CENSUS_CHANGE.c
    groups = [columns[name] for name in filters.by]
    admitted, discharged, off = (func.sum(case((columns.kind == kind, columns.n), else_=0)) for kind in _KINDS)
    conditions = [columns[name] == value for name, value in filters.where.items()]
    earlier = select(*groups, admitted - off).where(until(CENSUS_CHANGE, start - 1), *conditions).group_by(*groups)
    during = (
        select(columns.day, *groups, admitted, discharged, off)
        .where(within(CENSUS_CHANGE, start, end), *conditions)
        .group_by(columns.day, *groups)
    )
    before = {tuple(row[:-1]): int(row[-1] or 0) for row in fetch(connection, earlier)}
    changes = {
        (row[0], tuple(row[1:-3])): (int(row[-3]), int(row[-2]), int(row[-1])) for row in fetch(connection, during)
    }
    return before, changes


def _order(by: tuple[str, ...]) -> Any:
    def key(group: Group) -> tuple[Any, ...]:
        pairs = zip(by, group, strict=True)
        return tuple((LEVELS.index(v) if n == "level" and v in LEVELS else 99, v) for n, v in pairs)

    return key
