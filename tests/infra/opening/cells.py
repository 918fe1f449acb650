"""Every count in every row of a report, named as a cell that can be opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from infra.opening.catalogue import opening_of
from infra.opening.cell import Cell
from infra.opening.sides import NUMBERS
from infra.reports import REPORTS, ReportParams, run_report
from infra.services import Services
from projections.filters import FilterError

Counted = tuple[Cell, int]


def cells_of(services: Services, report: str, params: ReportParams) -> Iterator[Counted]:
    """(cell, the number shown) of every count of every row."""
    compared = report == "comparison" or bool(params.compare)
    numbers = NUMBERS if compared else opening_of(report, params).numbers
    for row in run_report(report, services, params):
        at = named(report, params, row)
        for number in numbers:
            if isinstance(row.get(number), int):
                yield Cell(report, params, number, at), row[number]


def named(report: str, params: ReportParams, row: dict[str, Any]) -> dict[str, str]:
    """What names a row: its groups, and the names that the table adds to them."""
    if report == "comparison" or params.compare:
        return {"measure": str(row["measure"])}
    keys = opening_of(report, params).keys
    asked = REPORTS[report].grouped(params).by
    groups = [name for name in dict.fromkeys((*asked, "level", "last_level")) if name in row]
    return {name: str(row[name]) for name in dict.fromkeys((*groups, *keys)) if name in row}


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
