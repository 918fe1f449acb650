"""A table of a publication as it is kept and shown: plain values; a withheld number is null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from projections.disclosure.system import Cell
from projections.publications.periods import days_in
from projections.publications.tables import Table
from projections.statistics import wilson


def table_content(table: Table, shown: Mapping[Cell, float]) -> dict[str, Any]:
    """A table with its rows: ``period``, ``group``, counts, shares with their bounds."""
    spec = table.spec
    rows: list[dict[str, Any]] = []
    for period, group, values in table.rows():
        numbers: dict[str, float | None] = {}
        for number in table.numbers:
            value = shown.get(table.cell(number, period, values))
            per_day = number.name in spec.per_day and value is not None
            numbers[number.name] = round(value / days_in(period.months), 2) if per_day and value is not None else value
        row: dict[str, Any] = {"period": period.name, "group": group, **numbers}
        for share in spec.shares:
            row |= _share(share.name, numbers[share.above], numbers[share.below])
        rows.append(row)
    cells: list[float | None] = [row[number.name] for row in rows for number in table.numbers]
    return {
        "name": table.name,
        "report": table.report,
        "title": spec.title,
        "definition": spec.definition,
        "source": spec.source,
        "by": table.margin,
        "period": table.kind,
        "columns": [number.name for number in table.numbers],
        "shares": [share.name for share in spec.shares],
        "of": {share.name: [share.above, share.below] for share in spec.shares},
        "left_out": [period.name for period in table.left_out],
        "groups": {group: list(values) for group, values in table.layout.groups},
        "numbers": len(cells),
        "shown": sum(value is not None for value in cells),
        "rows": rows,
    }


def _share(name: str, above: float | None, below: float | None) -> dict[str, float | None]:
    """A share with its 95 % interval, where both its numbers are shown."""
    share = low = high = None
    if above is not None and below is not None:
        share, low, high = wilson(int(above), int(below))
    return {name: share, f"{name}_low": low, f"{name}_high": high}
