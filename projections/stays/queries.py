"""Ended and open stays by group: from the counts where they hold the answer, else from the stays themselves.

Both ways give the same numbers; the counts make the common questions independent of how long history is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, Table, func, literal, select

from projections.base import fetch
from projections.filters import Filters
from projections.stays.tables import COMPLETION_COUNT, DAYS_DIMENSIONS, DIMENSIONS, OPEN_STAYS, STAY, STAY_DAYS
from projections.tally import in_months

Measure = Literal["reason", "days", "length"]
"""What ended stays are told apart by: the reason, the reason and the days, or the days alone."""
GroupRow = tuple[tuple[str, ...], str, int, int]


def ended_stays(connection: Connection, filters: Filters, measure: Measure = "reason") -> Iterator[GroupRow]:
    """(group, reason, days, n) of ended stays; days is 0, or the reason empty, where ``measure`` is without it.

    A group's values stand in the order of ``filters.by``.
    """
    query = _from_counts(filters, measure) if _counts_hold(filters, measure) else _from_stays(filters, measure)
    width = len(filters.by)
    for row in connection.execute(query):
        yield tuple(_text(value) for value in row[:width]), row[width], row[width + 1], int(row[width + 2])


def open_stays(connection: Connection, filters: Filters) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """(group, first day, n) of open stays; a group's values stand in the order of ``filters.by``."""
    query = _open_from_counts(filters) if _counts_hold(filters, "length") else _open_from_stays(filters)
    for row in fetch(connection, query):
        yield tuple(_text(value) for value in row[:-2]), row[-2], int(row[-1])


def _open_from_counts(filters: Filters) -> Select[Any]:
    dimension = next(iter(_dimensions(filters)), "")
    columns: dict[str, ColumnElement[Any]] = {"level": OPEN_STAYS.c.level, dimension: OPEN_STAYS.c.value}
    kept = [*(columns[name] for name in filters.by), OPEN_STAYS.c.start_day]
    query = select(*kept, func.sum(OPEN_STAYS.c.n)).where(OPEN_STAYS.c.dimension == dimension)
    for name, value in filters.where.items():
        query = query.where(columns[name] == value)
    return query.group_by(*kept)


def _open_from_stays(filters: Filters) -> Select[Any]:
    kept = [*(_stay_column(name, filters) for name in filters.by), STAY.c.start_day]
    query = select(*kept, func.count()).where(STAY.c.end_day.is_(None))
    return stays_in_period(query, filters).group_by(*kept)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _dimensions(filters: Filters) -> set[str]:
    return {*filters.by, *filters.where} - {"level", "month"}


def _counts_hold(filters: Filters, measure: Measure) -> bool:
    dimensions = _dimensions(filters)
    if len(dimensions) > 1 or "month" in filters.where:
        return False
    if measure != "reason":
        return not filters.dated and "month" not in filters.by and dimensions <= set(DAYS_DIMENSIONS)
    return dimensions <= set(DIMENSIONS) and (not filters.dated or filters.whole_months())


def _from_counts(filters: Filters, measure: Measure) -> Select[Any]:
    table = COMPLETION_COUNT if measure == "reason" else STAY_DAYS
    dimension = next(iter(_dimensions(filters)), "program" if measure == "reason" else "")
    columns: dict[str, ColumnElement[Any]] = {"level": table.c.level, dimension: table.c.value}
    if measure == "reason":
        columns["month"] = table.c.month
    groups = [columns[name] for name in filters.by]
    query = select(*groups, *_told(table, measure), func.sum(table.c.n)).where(table.c.dimension == dimension)
    if measure == "reason":
        query = query.where(in_months(COMPLETION_COUNT, filters))
    for name, value in filters.where.items():
        query = query.where(columns[name] == value)
    return query.group_by(*groups, *_kept(table, measure))


def _from_stays(filters: Filters, measure: Measure) -> Select[Any]:
    groups = [_stay_column(name, filters) for name in filters.by]
    query = select(*groups, *_told(STAY, measure), func.count()).where(STAY.c.end_day.is_not(None))
    return stays_in_period(query, filters).group_by(*groups, *_kept(STAY, measure))


def _kept(table: Table, measure: Measure) -> list[ColumnElement[Any]]:
    names = {"reason": ("reason",), "days": ("reason", "days"), "length": ("days",)}[measure]
    return [table.c[name] for name in names]


def _told(table: Table, measure: Measure) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return (
        literal("") if measure == "length" else table.c.reason,
        literal(0) if measure == "reason" else table.c.days,
    )


def _stay_column(name: str, filters: Filters) -> ColumnElement[Any]:
    return STAY.c[f"{filters.cohort}_month"] if name == "month" else STAY.c[name]


def stays_in_period(query: Select[Any], filters: Filters) -> Select[Any]:
    """Add the period and the filters to a query over stays."""
    day = STAY.c.start_day if filters.cohort == "admission" else STAY.c.end_day
    if filters.start:
        query = query.where(day >= filters.start.toordinal())
    if filters.end:
        query = query.where(day <= filters.end.toordinal())
    for name, value in filters.where.items():
        wanted: Any = value == "yes" if name == "dual_diagnosis" else value
        query = query.where(_stay_column(name, filters) == wanted)
    return query
