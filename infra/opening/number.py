"""A number as a role sees it that sees no clients: from the rows of the report that it may see, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from infra.asof.reports import report_at
from infra.opening.catalogue import numbers_of
from infra.opening.cell import Cell
from infra.opening.meaning import whole_of
from infra.reports import Rows, run_report
from infra.services import Services
from projections.filters import FilterError


@dataclass(frozen=True, slots=True)
class Value:
    """A number and the one that it is a part of; None is one that this role may not see, or that is of none."""

    number: int | None
    whole: int | None


def safe_value(services: Services, cell: Cell, as_of: datetime | None = None) -> Value:
    """The value of a number now, or as of the beginning of a month; ``cell`` asks for what is safe to show.

    Raises:
        FilterError: the number cannot be opened, or the row is not named; the message says what can be.
    """
    whole = whole_of(services, cell)
    numbers = numbers_of(cell.report, cell.params)
    if cell.number not in numbers:
        msg = f"this number cannot be opened: open {', '.join(numbers)}"
        raise FilterError(msg)
    name, params = cell.report, cell.params
    row = _row(cell, report_at(services, name, params, as_of) if as_of else run_report(name, services, params))
    return Value(row.get(cell.number), row.get(whole) if whole else None)


def _row(cell: Cell, rows: Rows) -> dict[str, int | None]:
    """The one row that a cell names.

    Raises:
        FilterError: there is none, or there are several.
    """
    found = [row for row in rows if all(str(row.get(name)) == value for name, value in cell.at.items())]
    if len(found) != 1:
        msg = "say which row, by all that names it in the report, as at=level=residential"
        raise FilterError(msg)
    return found[0]
