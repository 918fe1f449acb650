"""Headline numbers: each is a number of a report, asked month by month.

A month of discharges or admissions is whole; one of retention or follow-up is the latest that every stay in it has
been observed for: nobody's 90 days, or 30 days with the grace of the interview, are still to come.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from infra.readmodels.context import HasReads
from infra.reporting.kinds import ALL, ReportParams, Rows
from infra.reporting.reports import REPORTS
from projections.census.queries import average_daily_census
from projections.prevalence.fold import GRACE_DAYS
from projections.statistics import wilson

MONTHS = 12
RETAINED_DAYS = 90
FOLLOWED_DAYS = 30
Name = Literal["census", "admissions", "discharges", "completion", "retention", "abstinent", "reached"]


@dataclass(frozen=True, slots=True)
class Point:
    """A number of one month, from its first day: ``value`` is a count or a share, None where nothing is below the line.

    ``above`` and ``below`` the line are counts of stays or clients, the bounds those of a 95 % interval; None where the
    number has none.
    """

    month: date
    value: float | None
    above: int | None = None
    below: int | None = None
    low: float | None = None
    high: float | None = None

    @property
    def last_day(self) -> date:
        """The last day of the month."""
        return _after(self.month) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Headline:
    """A number with its twelve months; ``now`` is that of today where it is one of today, else the last month's.

    ``before`` is what it is compared with: the month before, or for a number of today the last whole month.
    """

    name: Name
    report: str
    points: tuple[Point, ...]
    now: Point
    before: Point
    is_of_today: bool = False

    @property
    def params(self) -> ReportParams:
        """What the report is asked for ``now``."""
        if self.is_of_today:
            return ReportParams(by=(ALL,))
        return ReportParams(by=(ALL,), start=self.now.month, end=self.now.last_day)


def headlines(services: HasReads) -> list[Headline]:
    """The headline numbers, from one consistent read; none where nobody was in care in these months."""
    today = services.today()
    with services.reads.reading() as connection:
        census = _census(services, connection, today)
        if not census:
            return []
        return [
            *census,
            _completion(services, connection, today),
            _retention(services, connection, today),
            *_followed(services, connection, today),
        ]


def whole_months(today: date, days: int = 0) -> list[date]:
    """The first days of the last twelve months that were over, with so many days since, before ``today``."""
    month = _first(today - timedelta(days=days))
    months: list[date] = []
    for _ in range(MONTHS):
        month = _first(month - timedelta(days=1))
        months.append(month)
    return months[::-1]


def _census(services: HasReads, connection: Connection, today: date) -> list[Headline]:
    months = whole_months(today)
    rows = REPORTS["census"].answer(services, connection, ReportParams(by=(ALL,), start=months[0], end=today))
    if not any(row[name] for row in rows for name in ("census", "admissions", "discharges")):
        return []
    monthly = average_daily_census([{**row, "month": row["day"][:7]} for row in rows], ("month",))
    counted = _by_month(monthly)

    def line(column: str) -> tuple[Point, ...]:
        return tuple(Point(month, counted[_named(month)][column]) for month in months)

    census, admissions, discharges = line("average_daily_census"), line("admissions"), line("discharges")
    return [
        Headline("census", "census", census, Point(_first(today), rows[-1]["census"]), census[-1], is_of_today=True),
        Headline("admissions", "census", admissions, admissions[-1], admissions[-2]),
        Headline("discharges", "census", discharges, discharges[-1], discharges[-2]),
    ]


def _completion(services: HasReads, connection: Connection, today: date) -> Headline:
    months = whole_months(today)
    by_month = _monthly(services, connection, "completion", months)
    columns = ("completion_rate", "numerator", "denominator", "ci_low", "ci_high")
    return _line("completion", "completion", [_point(month, by_month, columns) for month in months])


def _retention(services: HasReads, connection: Connection, today: date) -> Headline:
    months = whole_months(today, RETAINED_DAYS)
    by_month = _monthly(services, connection, "retention", months)
    share = f"retained_{RETAINED_DAYS}"
    columns = (share, "", "stays", f"{share}_low", f"{share}_high")
    return _line("retention", "retention", [_point(month, by_month, columns) for month in months])


def _followed(services: HasReads, connection: Connection, today: date) -> list[Headline]:
    months = whole_months(today, FOLLOWED_DAYS + GRACE_DAYS)
    by_month = _monthly(services, connection, "prevalence", months)
    columns = ("share", "numerator", "denominator", "ci_low", "ci_high")
    points = [_point(month, by_month, columns) for month in months]
    reached = [_reached(month, by_month.get(_named(month))) for month in months]
    return [_line("abstinent", "prevalence", points), _line("reached", "prevalence", reached)]


def _reached(month: date, row: dict[str, Any] | None) -> Point:
    """Those of whom something is known, over all who left: two counts of the report."""
    if row is None:
        return Point(month, None)
    rate, low, high = wilson(row["reached"], row["denominator"])
    return Point(month, rate, row["reached"], row["denominator"], low, high)


def _monthly(services: HasReads, connection: Connection, report: str, months: list[date]) -> dict[str, dict[str, Any]]:
    """The report's row of each month (``YYYY-MM``); of the milestones that of 30 days."""
    params = ReportParams(by=("month",), start=months[0], end=_after(months[-1]) - timedelta(days=1))
    rows: Rows = REPORTS[report].answer(services, connection, params)
    return _by_month(row for row in rows if row.get("milestone", FOLLOWED_DAYS) == FOLLOWED_DAYS)


def _by_month(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["month"]: row for row in rows}


def _point(month: date, by_month: dict[str, dict[str, Any]], columns: tuple[str, ...]) -> Point:
    row = by_month.get(_named(month), {})
    value, above, below, low, high = (row.get(column) for column in columns)
    return Point(month, value, above, below, low, high)


def _line(name: Name, report: str, points: list[Point]) -> Headline:
    return Headline(name, report, tuple(points), points[-1], points[-2])


def _named(month: date) -> str:
    return f"{month:%Y-%m}"


def _first(day: date) -> date:
    return day.replace(day=1)


def _after(month: date) -> date:
    return _first(month + timedelta(days=31))
