"""Suppression of small cells: counts of 1–10 people are hidden, and enough others that none can be recovered.

Source: the CMS cell-size suppression policy (no cell of 1–10 is shown and none can be derived; 0 is shown).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

SMALLEST_SHOWN = 11
Row = dict[str, Any]
SUPPRESSED = "suppressed"


def small(n: int | None) -> bool:
    """Whether a count of people may not be shown."""
    return n is not None and 0 < n < SMALLEST_SHOWN


def hide_counts(
    rows: Sequence[Mapping[str, Any]], parts: Sequence[str], total: str, derived: Sequence[str]
) -> list[Row]:
    """Hide small counts in a table of groups by parts.

    ``parts`` are columns that add up to ``total``; the rows add up to what a coarser grouping shows. Whenever
    exactly one cell of a row (its parts and total) or of a column is hidden, the smallest other one is hidden
    too, until no hidden cell follows from the shown ones by subtraction. ``derived`` columns go with their row.
    """
    columns = [*parts, total]
    hidden = [{name for name in columns if small(row[name])} for row in rows]
    changed = True
    while changed:
        changed = _complement_rows(rows, columns, hidden) or _complement_columns(rows, columns, hidden)
    return [_masked(row, names, derived) for row, names in zip(rows, hidden, strict=True)]


def hide_estimates(rows: Sequence[Mapping[str, Any]], above: str, below: str, derived: Sequence[str]) -> list[Row]:
    """Hide every estimate whose numerator, its complement or its denominator is small.

    A group hidden alone could be had by subtracting the others from the whole: then the next smallest goes too.
    """
    hidden = [_estimate_is_small(row, above, below) for row in rows]
    if sum(hidden) == 1 and len(rows) > 1:
        open_rows = [index for index, is_hidden in enumerate(hidden) if not is_hidden]
        hidden[min(open_rows, key=lambda index: rows[index][below])] = True
    names = {above, below, *derived}
    return [_masked(row, names if is_hidden else set(), derived) for row, is_hidden in zip(rows, hidden, strict=True)]


def _estimate_is_small(row: Mapping[str, Any], above: str, below: str) -> bool:
    total, numerator = row[below], row[above]
    if small(total):
        return True
    return numerator is not None and (small(numerator) or small(total - numerator))


def _complement_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], hidden: list[set[str]]) -> bool:
    changed = False
    for row, names in zip(rows, hidden, strict=True):
        if len(names) == 1:
            others = [name for name in columns if name not in names and row[name]]
            if others:
                names.add(min(others, key=lambda name: row[name]))
                changed = True
    return changed


def _complement_columns(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], hidden: list[set[str]]) -> bool:
    changed = False
    for name in columns:
        inside = [index for index, names in enumerate(hidden) if name in names]
        if len(inside) == 1:
            others = [index for index, row in enumerate(rows) if index not in inside and row[name]]
            if others:
                hidden[min(others, key=_by_value(rows, name))].add(name)
                changed = True
    return changed


def _by_value(rows: Sequence[Mapping[str, Any]], name: str) -> Callable[[int], int]:
    return lambda index: rows[index][name]


def _masked(row: Mapping[str, Any], names: set[str], derived: Sequence[str]) -> Row:
    gone = {*names, *derived} if names else set[str]()
    masked: Row = {name: None if name in gone else value for name, value in row.items()}
    masked[SUPPRESSED] = bool(names)
    return masked
