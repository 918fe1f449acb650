"""Every count in every row of a report, named as a cell that can be opened."""

from __future__ import annotations

from collections.abc import Iterator

from infra.bootstrap import Services
from infra.drilldown.catalogue import named, numbers_of, opening_of
from infra.drilldown.cell import Cell
from infra.drilldown.members import START, Opened, Place, page_of
from infra.drilldown.number import read_number
from infra.identity.people import Principal
from infra.reporting.reports import REPORTS, ReportParams, run_report
from projections.filters import FilterError
from projections.opening.model import Cases

Counted = tuple[Cell, int]


def cells_of(services: Services, report: str, params: ReportParams) -> Iterator[Counted]:
    """(cell, the number shown) of every count of every row."""
    numbers = numbers_of(report, params)
    for row in run_report(report, services, params):
        at = named(report, params, row)
        for number in numbers:
            if isinstance(row.get(number), int):
                yield Cell(report, params, number, at), row[number]


def open_number(services: Services, cell: Cell) -> Cases:
    """What a number counts now."""
    return read_number(services, cell).cases


def members(services: Services, who: Principal, cell: Cell, after: Place = START, limit: int = 50) -> Opened:
    """A page of who is in a number now."""
    return page_of(services, services, who, cell, open_number(services, cell), after, limit)


def tables() -> list[tuple[str, str]]:
    """Every report and table with numbers in it."""
    shown = [(name, show) for name, report in REPORTS.items() for show in ("", *report.shows)]
    return [(name, show) for name, show in shown if not REPORTS[name].of_clients]


def opens(report: str, show: str) -> bool:
    """Whether anything of a table can be opened."""
    try:
        return report == "comparison" or bool(opening_of(report, ReportParams(show=show)).numbers)
    except FilterError:
        return False
