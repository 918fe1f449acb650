"""Every count in every row of a report, named as a cell that can be opened."""

from __future__ import annotations

from collections.abc import Iterator

from infra.opening.catalogue import named, numbers_of, opening_of
from infra.opening.cell import Cell
from infra.reports import REPORTS, ReportParams, run_report
from infra.services import Services
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


def tables() -> list[tuple[str, str]]:
    """Every report and table with numbers in it."""
    shown = [(name, show) for name, report in REPORTS.items() for show in ("", *report.shows)]
    return [(name, show) for name, show in shown if name != "worklist"]


def opens(report: str, show: str) -> bool:
    """Whether anything of a table can be opened."""
    try:
        return report == "comparison" or bool(opening_of(report, ReportParams(show=show)).numbers)
    except FilterError:
        return False
