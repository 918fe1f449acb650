"""Rows as a table for people, JSON or CSV for programs."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

Rows = Sequence[Mapping[str, Any]]


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    json = "json"
    csv = "csv"


def show(rows: Rows, form: Format, title: str = "", columns: Sequence[str] | None = None) -> None:
    """Print rows; ``columns`` keeps the header of an empty CSV."""
    if form is Format.json:
        sys.stdout.write(orjson.dumps(list(map(dict, rows)), option=orjson.OPT_INDENT_2).decode() + "\n")
    elif form is Format.csv:
        write_csv(rows, sys.stdout, columns)
    else:
        _table(rows, title)


def write_csv(rows: Rows, target: Any, columns: Sequence[str] | None = None) -> None:
    """Rows as CSV with a header; yes/no is ``true``/``false``, nothing is an empty cell."""
    names = list(columns or (rows[0].keys() if rows else ()))
    writer = csv.writer(target, lineterminator="\n")
    if names:
        writer.writerow(names)
    for row in rows:
        writer.writerow([cell(row.get(name)) for name in names])


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


def _table(rows: Rows, title: str) -> None:
    console = Console(highlight=False)
    if not rows:
        console.print(f"{title + ': ' if title else ''}nothing to show yet.", markup=False)
        return
    table = Table(title=title or None)
    for name in rows[0]:
        numeric = isinstance(rows[0][name], int | float) and not isinstance(rows[0][name], bool)
        table.add_column(name.replace("_", " "), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*[_shown(value) for value in row.values()])
    console.print(table, markup=False)


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, list):
        return "; ".join(str(item.get("reason", item)) if isinstance(item, dict) else str(item) for item in value)
    return cell(value)
