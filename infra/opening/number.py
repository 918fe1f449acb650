"""A number by itself: its value and what it is a part of, for whoever may see the report that it stands in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from infra.opening.catalogue import numbers_of
from infra.opening.cell import Cell
from infra.opening.meaning import whole_of
from infra.opening.members import open_number
from infra.reports import Rows, run_report
from infra.services import Services
from projections.filters import FilterError


@dataclass(frozen=True, slots=True)
class Value:
    """A number and the one that it is a part of; None is one that this role may not see, or that is of none."""

    number: int | None
    whole: int | None


def value_of(services: Services, cell: Cell, rows: Rows | None = None) -> Value:
    """The value of a number. ``rows`` are those that a role sees who sees no clients: it reads nothing else.

    Raises:
        FilterError: the number cannot be opened, or the row is not named; the message says what can be.
    """
    whole = whole_of(services, cell)
    if not cell.params.suppress:
        number = open_number(services, cell).number
        return Value(number, open_number(services, replace(cell, number=whole)).number if whole else None)
    numbers = numbers_of(cell.report, cell.params)
    if cell.number not in numbers:
        msg = f"this number cannot be opened: open {', '.join(numbers)}"
        raise FilterError(msg)
    row = _row(cell, run_report(cell.report, services, cell.params) if rows is None else rows)
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
