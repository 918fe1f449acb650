"""Completion by group, as rows of plain values."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Connection, Select, func, select

from domain.levels import LEVELS
from domain.vocabulary import REASONS
from projections.base import fetch
from projections.columns import ReportRow, names
from projections.completion.columns import EPISODE_COLUMNS
from projections.completion.definition import DENOMINATORS, Denominator
from projections.filters import STAY_DIMENSIONS, Filters
from projections.statistics import quantile, wilson
from projections.stays.queries import ended_stays
from projections.stays.tables import EPISODE

COMPLETED = DENOMINATORS["completed"]
EPISODE_GROUPS = names(EPISODE_COLUMNS)
QUARTILES = {"days_q1": 0.25, "days_median": 0.5, "days_q3": 0.75}


def completion(connection: Connection, filters: Filters, denominator: Denominator = COMPLETED) -> list[ReportRow]:
    """Ended stays by group: discharges, one count per reason, the rate with its 95 % interval.

    The rate and its bounds are shares (0–1), or None where nothing is below the line.

    Raises:
        FilterError: a group or filter that stays do not have.
    """
    filters = filters.checked(STAY_DIMENSIONS)
    groups: dict[tuple[str, ...], Counter[str]] = {}
    for group, reason, _, n in ended_stays(connection, filters):
        groups.setdefault(group, Counter())[reason] += n
    ordered = sorted(groups.items(), key=lambda item: _order(filters.by, item[0]))
    return [_row(filters.by, group, reasons, denominator) for group, reasons in ordered]


def lengths_of_stay(connection: Connection, filters: Filters) -> list[ReportRow]:
    """Length of stay by group and reason: stays, quartiles in days; the reason "all" holds every ended stay."""
    filters = filters.checked(STAY_DIMENSIONS)
    groups: dict[tuple[str, ...], dict[str, Counter[int]]] = {}
    for group, reason, days, n in ended_stays(connection, filters, "days"):
        reasons = groups.setdefault(group, {})
        reasons.setdefault(reason, Counter())[days] += n
        reasons.setdefault("all", Counter())[days] += n
    rows: list[ReportRow] = []
    for group, reasons in sorted(groups.items(), key=lambda item: _order(filters.by, item[0])):
        for reason in (*REASONS, "all"):
            histogram = reasons.get(reason)
            if histogram:
                quartiles = {name: quantile(histogram, share) for name, share in QUARTILES.items()}
                named = dict(zip(filters.by, group, strict=True))
                rows.append({**named, "reason": reason, "discharges": histogram.total(), **quartiles})
    return rows


def episodes(connection: Connection, filters: Filters, denominator: Denominator = COMPLETED) -> list[ReportRow]:
    """Whole episodes by how their last stay ended, with the same columns as ``completion``.

    Raises:
        FilterError: episodes have no such group or filter.
    """
    filters = filters.checked(EPISODE_GROUPS)
    groups = [EPISODE.c[name] for name in filters.by]
    query = select(*groups, EPISODE.c.reason, func.count()).where(EPISODE.c.end_day.is_not(None))
    query = episodes_in_period(query, filters)
    counts: dict[tuple[str, ...], Counter[str]] = {}
    for row in fetch(connection, query.group_by(*groups, EPISODE.c.reason)):
        counts.setdefault(tuple(row[:-2]), Counter())[row[-2]] += row[-1]
    ordered = sorted(counts.items(), key=lambda item: _order(filters.by, item[0]))
    return [_row(filters.by, group, reasons, denominator) for group, reasons in ordered]


def episodes_in_period(query: Select[Any], filters: Filters) -> Select[Any]:
    """Add the period and the filters to a query over episodes."""
    day = EPISODE.c.start_day if filters.cohort == "admission" else EPISODE.c.end_day
    if filters.start:
        query = query.where(day >= filters.start.toordinal())
    if filters.end:
        query = query.where(day <= filters.end.toordinal())
    for name, value in filters.where.items():
        query = query.where(EPISODE.c[name] == value)
    return query


def _row(by: tuple[str, ...], group: tuple[str, ...], reasons: Counter[str], denominator: Denominator) -> ReportRow:
    above, below = denominator.of(reasons)
    rate, low, high = wilson(above, below)
    counts = {reason: reasons.get(reason, 0) for reason in REASONS}
    return {
        **dict(zip(by, group, strict=True)),
        "discharges": reasons.total(),
        **counts,
        "completion_rate": rate,
        "ci_low": low,
        "ci_high": high,
        "numerator": above,
        "denominator": below,
    }


def _order(by: tuple[str, ...], group: tuple[str, ...]) -> tuple[Any, ...]:
    """Levels in the order of the continuum, everything else by its name."""
    return tuple(
        (LEVELS.index(value) if name.endswith("level") and value in LEVELS else 99, value)
        for name, value in zip(by, group, strict=True)
    )
