"""Every count in every row of a report, named as a cell that can be opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra.bootstrap import Services
from infra.drilldown.catalogue import drilldown_of, named, numbers_of
from infra.drilldown.cell import Cell
from infra.drilldown.members import Opened, listing_for, page_of
from infra.drilldown.number import Listed, Listing, read_number
from infra.identity.people import Principal
from infra.reporting.reports import REPORTS, ReportParams, run_report
from projections.base import Row
from projections.drilldown.cases import START, CaseCursor, Totals, totals_of
from projections.filters import FilterError

Counted = tuple[Cell, int]


def cells_of(services: Services, report: str, params: ReportParams) -> Iterator[Counted]:
    """(cell, the number shown) of every count of every row."""
    numbers = numbers_of(report, params)
    for row in run_report(report, services, params):
        at = named(report, params, row)
        for number in numbers:
            if isinstance(row.get(number), int):
                yield Cell(report, params, number, at), row[number]


@dataclass(frozen=True)
class All:
    """Every case of a number, and what they add up to."""

    totals: Totals
    listed: Listed

    @property
    def number(self) -> int:
        return self.totals.number

    @property
    def rows(self) -> Sequence[Row]:
        return self.listed.page.rows


def open_number(services: Services, cell: Cell) -> All:
    """What a number counts now, which is what its cases add up to."""
    found = read_number(services, cell, listing=Listing(limit=10**6))
    assert found.listed is not None
    rows = found.listed.page.rows
    assert found.totals == totals_of((row[0], row[1]) for row in rows)
    return All(found.totals, found.listed)


def members(services: Services, who: Principal, cell: Cell, after: CaseCursor = START, limit: int = 50) -> Opened:
    """A page of who is in a number now."""
    found = read_number(services, cell, listing=listing_for(services, who, after, limit))
    page = page_of(services, services, who, cell, found)
    assert page is not None
    return page


def tables() -> list[tuple[str, str]]:
    """Every report and table with numbers in it."""
    shown = [(name, show) for name, report in REPORTS.items() for show in ("", *report.shows)]
    return [(name, show) for name, show in shown if not REPORTS[name].of_clients]


def opens(report: str, show: str) -> bool:
    """Whether anything of a table can be opened."""
    try:
        return report == "comparison" or bool(drilldown_of(report, ReportParams(show=show)).numbers)
    except FilterError:
        return False
