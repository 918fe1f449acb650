"""Catalogue of cells: which numbers of which table can be drilled into, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.drilldown.comparison_cells import NUMBERS
from infra.reporting.kinds import ReportParams
from infra.reporting.reports import REPORTS, TIME_TO_EVENT
from projections.comparison import kind_of, of_group
from projections.drilldown import patterns, people, service, stays, tallies, times
from projections.drilldown.model import DrillDown
from projections.filters import FilterError
from projections.time_to_event.definition import days_of_curve

# By report and table; the weeks of the abstinence page are a table of that page alone.
WEEKS = "weeks"
DRILLDOWNS: dict[tuple[str, str], DrillDown] = {
    ("status", ""): people.STATES,
    ("census", ""): stays.CENSUS,
    ("census", "average"): stays.AVERAGE,
    ("completion", ""): stays.COMPLETION,
    ("completion", "lengths"): stays.LENGTHS,
    ("retention", ""): stays.RETENTION,
    ("retention", "curve"): stays.CURVE,
    ("retention", "compare"): stays.COMPARED,
    (TIME_TO_EVENT, "curve"): times.CURVE,
    (TIME_TO_EVENT, "compare"): times.COMPARED,
    ("abstinence", ""): patterns.ABSTINENCE,
    ("abstinence", WEEKS): patterns.WEEKS,
    ("flow", ""): tallies.MATRIX,
    ("flow", "steps"): tallies.STEP,
    ("flow", "ends"): tallies.ENDS,
    ("flow", "entries"): tallies.ENTRIES,
    ("attendance", ""): service.ATTENDANCE,
    ("attendance", "sessions"): service.BY_KIND,
    ("attendance", "bounds"): service.BOUNDS,
    ("quality", ""): tallies.QUALITY_RATES,
    ("prevalence", ""): tallies.PREVALENCES,
    ("followback", ""): tallies.FOLLOWED,
    ("agreement", ""): tallies.PAIRS,
    ("outcomes", ""): tallies.SCORES,
}


def drilldown_of(report: str, params: ReportParams) -> DrillDown:
    """How the numbers of a table are opened.

    Raises:
        FilterError: no such report or table, or one whose rows are clients already.
    """
    if report not in REPORTS:
        msg = f"no report {report!r}: choose from {', '.join(REPORTS)}"
        raise FilterError(msg)
    if REPORTS[report].lists_clients(params):
        msg = "these rows are clients already: there is no number to open"
        raise FilterError(msg)
    if report == "completion" and params.unit == "episode":
        return stays.EPISODES
    if report == TIME_TO_EVENT and not params.show:
        return times.opening_at(tuple(days_of_curve(params.days)))
    drill = DRILLDOWNS.get((report, params.show))
    if drill is None:
        known = ", ".join(show for name, show in DRILLDOWNS if name == report and show) or "nothing else"
        msg = f"{report} has no table {params.show!r} to open: choose from {known}, or leave it out"
        raise FilterError(msg)
    return drill


def numbers_of(report: str, params: ReportParams) -> tuple[str, ...]:
    """The numbers of a table that can be opened.

    Raises:
        FilterError: as ``drilldown_of``.
    """
    return NUMBERS if is_compared(report, params) else drilldown_of(report, params).numbers


def is_compared(report: str, params: ReportParams) -> bool:
    """Whether rows are of two sides, each number one of another report's; time to event has rows of its own."""
    return report == "comparison" or (bool(params.compare) and report != TIME_TO_EVENT)


def named(report: str, params: ReportParams, row: Mapping[str, Any]) -> dict[str, str]:
    """What names a row of a report: its groups, and the names that the table adds to them.

    Raises:
        FilterError: as ``drilldown_of``.
    """
    if is_compared(report, params):
        return {"measure": str(row["measure"])}
    keys = drilldown_of(report, params).keys
    if params.compare:
        keys = (*keys, kind_of(of_group(params.compare, params.groups)))
    groups = (*REPORTS[report].grouped(params).by, "level", "last_level")
    return {name: str(row[name]) for name in dict.fromkeys((*groups, *keys)) if name in row}
