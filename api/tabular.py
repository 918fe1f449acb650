"""Rows as CSV: one way for the command line, the API and the pages."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import orjson

from infra.interop.exporters.texts import csv_text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Rows = Sequence[Mapping[str, Any]]
Columns = tuple[str, ...]


def write_csv(rows: Rows, target: Any, columns: Columns) -> None:
    """Rows below a header of ``columns``, which stands without rows too; nothing is an empty cell.

    Raises:
        ValueError: a row has something that is in no column, which the file would lack.
    """
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(columns)
    known = set(columns)
    for row in rows:
        if not row.keys() <= known:
            msg = f"no column for {', '.join(row.keys() - known)}"
            raise ValueError(msg)
        writer.writerow([cell(row.get(name)) for name in columns])


def as_csv(rows: Rows, columns: Columns) -> str:
    """Rows as the text of a CSV file."""
    target = io.StringIO()
    write_csv(rows, target, columns)
    return target.getvalue()


def field_names(kind: type[DataclassInstance]) -> Columns:
    """The columns of rows that are dataclasses of a kind."""
    return tuple(field.name for field in fields(kind))


def cell(value: Any) -> str:
    """One value as text for CSV, yes/no as ``true`` and ``false``; what a spreadsheet would run is quoted."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if _is_pattern(value) else csv_text(value)
    if isinstance(value, int | float):
        return str(value)
    return orjson.dumps(value).decode()


def _is_pattern(value: str) -> bool:
    """Whether a value is a weekly pattern: those may begin with a plus."""
    return set(value) <= set("+-*o")
