"""A report as of a knowledge time, for those who see clients and for those who see none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from infra.asof.store import Progress
from infra.differences.groups import Numbers, by_group
from infra.reports import ReportParams, Rows, run_report
from infra.services import Services
from projections.filters import FilterError
from projections.suppression import SMALLEST_SHOWN


def report_at(
    services: Services,
    name: str,
    params: ReportParams,
    at: datetime,
    progress: Progress | None = None,
    until: int | None = None,
) -> Rows:
    """The report as it was answered at ``at`` (aware); a moment to come is now.

    With ``until``, from the log up to that position; that is for those who see clients. Whoever sees none asks as of
    the beginning of a month, and sees of it what is the same by now or has changed by more than a small group:
    neighbouring answers would else differ by what one client's entry did to them.

    Raises:
        FilterError: no such report, or something that it cannot answer; a moment within a month for such a role.
    """
    if params.suppress:
        _check_month(services, at)
        until = None  # two answers from one month's beginning would else differ by a few entries
    with services.past.at(at, name, progress, until) as then:
        rows = run_report(name, then, params)
    return without_small_changes(rows, run_report(name, services, params)) if params.suppress else rows


def without_small_changes(rows: Rows, others: Rows) -> Rows:
    """The rows, those without numbers that differ from the others' row of the same group by a small group's work."""
    there = by_group(others)
    return [_hidden(row) if _is_small(*_both(row, there)) else row for row in rows]


def _both(row: dict[str, Any], there: dict[Any, Numbers]) -> tuple[Numbers, Numbers]:
    [(group, numbers)] = by_group([row]).items()
    return numbers, there.get(group, {})


def _is_small(one: Numbers, other: Numbers) -> bool:
    """Whether something differs, and not by eleven or more wherever a count differs."""
    shown = [name for name in one if isinstance(one[name], int | float) and isinstance(other.get(name), int | float)]
    differing = [name for name in shown if one[name] != other[name] and not isinstance(one[name], bool)]
    counts = [abs(one[name] - other[name]) for name in differing if isinstance(one[name], int)]
    return bool(differing) and min(counts, default=0) < SMALLEST_SHOWN


def _hidden(row: dict[str, Any]) -> dict[str, Any]:
    [(group, _)] = by_group([row]).items()
    named = dict(group)
    return {name: value if name in named else None for name, value in row.items()} | {"suppressed": True}


def _check_month(services: Services, at: datetime) -> None:
    """Refuse a moment that is not the beginning of a month, in the facility's time zone or in UTC."""
    for zone in (services.zone, UTC):
        here = min(at, services.now()).astimezone(zone)
        if (here.day, here.hour, here.minute, here.second, here.microsecond) == (1, 0, 0, 0, 0):
            return
    msg = "this role asks as of the beginning of a month, as 2026-02-01T00:00:00Z"
    raise FilterError(msg)
