"""Rows as CSV: one way for the command line, the API and the pages."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

Rows = Sequence[Mapping[str, Any]]


def write_csv(rows: Rows, target: Any, columns: Sequence[str] | None = None) -> None:
    """Rows as CSV with a header; yes/no is ``true``/``false``, nothing is an empty cell."""
    names = list(columns or (rows[0].keys() if rows else ()))
    writer = csv.writer(target, lineterminator="\n")
    if names:
        writer.writerow(names)
    for row in rows:
        writer.writerow([cell(row.get(name)) for name in names])


def as_csv(rows: Rows, columns: Sequence[str] | None = None) -> str:
    """Rows as the text of a CSV file."""
    target = io.StringIO()
    write_csv(rows, target, columns)
    return target.getvalue()


def cell(value: Any) -> str:
    """One value as text for CSV; text that a spreadsheet would run as a formula is quoted."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}" if value[:1] in {"=", "+", "@", "\t", "\r"} and not _is_pattern(value) else value
    if isinstance(value, int | float):
        return str(value)
    return orjson.dumps(value).decode()


def _is_pattern(value: str) -> bool:
    """Whether a value is a weekly pattern: those may begin with a plus."""
    return set(value) <= set("+-*o")
