"""How retention and lengths of stay hide small groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from infra.hiding import Figures, Hiding, Mask, hidden
from infra.report_kinds import ReportParams, Rows
from infra.services import Services
from projections.completion import queries as completion
from projections.filters import Filters
from projections.retention import queries as retention
from projections.safe_groups import Figure

Row = Mapping[str, Any]
_POINT = ("retained_{}", "retained_{}_low", "retained_{}_high")


def _retention(services: Services, connection: Connection, params: ReportParams) -> Figures:
    """Stays by whether they ended; for each milestone, the ends in every span that another milestone would give."""
    found: Figures = {}
    for group, counts in retention.durations(connection, params.filters(()), services.today()):
        ends = {day: sum(n for (days, event), n in counts.items() if event and days <= day) for day in (0, *_DAYS)}
        ended = sum(n for (_, event), n in counts.items() if event)
        stays = (counts.total(),)
        own = found.setdefault(group, {})
        own["ended"] = Figure(stays, (ended, counts.total() - ended))
        for day in _DAYS:
            spans = [ends[day], *(ends[day] - ends[earlier] for earlier in _DAYS if earlier < day)]
            own[str(day)] = Figure(stays, (*spans, ended - ends[day], counts.total() - ended))
    return found


_DAYS = retention.MILESTONES


def _milestones(_: Row) -> Iterable[Mask]:
    yield Mask("ended", ("stays", "median_days"), ("ended",))
    for day in _DAYS:
        yield Mask(str(day), (), tuple(name.format(day) for name in _POINT))


RETENTION = Hiding(_retention, _milestones, lambda _: "stays", tuple(f"at_risk_{day}" for day in _DAYS))


def retention_rows(services: Services, connection: Connection, params: ReportParams) -> Rows:
    """Retention as it may be shown, in whole percents: finer ones, with the bands, would tell how many were at risk.

    The curve has the milestones that are shown; the test between two groups is shown where both are.
    """
    filters = params.filters(("level",))
    plain = replace(params, by=filters.by or ("all",))
    rows = hidden(RETENTION, services, connection, plain, retention.retention(connection, filters, services.today()))
    rows = [
        {name: round(n, 2) if name.startswith("retained") and n is not None else n for name, n in row.items()}
        for row in rows
    ]
    if params.show == "curve":
        return [point for row in rows if row["stays"] is not None for point in _curve(filters, row)]
    if params.show == "compare":
        return _tests(filters, rows, retention.compare(connection, filters, services.today()))
    return rows


def _curve(filters: Filters, row: Row) -> Iterable[dict[str, Any]]:
    named = {name: row[name] for name in filters.by}
    unknown = {"at_risk": None, "ended": None}
    yield {**named, "day": 0, **unknown, "retained": 1.0, "low": 1.0, "high": 1.0, "suppressed": True}
    for day in _DAYS:
        retained, low, high = (row[name.format(day)] for name in _POINT)
        if retained is not None:
            point = {"retained": retained, "low": low, "high": high}
            yield {**named, "day": day, **unknown, **point, "suppressed": True}


def _tests(filters: Filters, rows: Rows, tests: Rows) -> Rows:
    shown = {" · ".join(str(row[name]) for name in filters.by): row for row in rows}
    found: Rows = []
    for test in tests:
        sides = [shown.get(test[side]) for side in ("first", "second")]
        few = any(side is None or side["stays"] is None or side["ended"] is None for side in sides)
        unknown = dict.fromkeys(("stays", "statistic", "p_value")) if few else {}
        if None not in sides:
            found.append({**test, **unknown, "suppressed": few})
    return found


def _lengths(_: Services, connection: Connection, params: ReportParams) -> Figures:
    by = params.filters(()).by
    return {
        tuple(str(row[name]) for name in by): {"stays": Figure((row["discharges"],))}
        for row in completion.lengths_of_stay(connection, params.filters(()))
        if row["reason"] == "all"
    }


LENGTHS = Hiding(
    _lengths, lambda _: [Mask("stays", ("days_q1", "days_median", "days_q3"))], never=("discharges",)
)  # quartiles of all ended stays: those by reason, and counts, would give hidden reasons away
