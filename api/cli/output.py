"""Rows as a table for people, JSON or CSV for programs."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Any, cast

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.tabular import Columns, Rows, cell, write_csv


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    json = "json"
    csv = "csv"


def show(rows: Rows, form: Format, columns: Columns, title: str = "") -> None:
    """Print rows; ``columns`` are those of the CSV, with or without rows."""
    if form is Format.json:
        sys.stdout.write(orjson.dumps(list(map(dict, rows)), option=orjson.OPT_INDENT_2).decode() + "\n")
    elif form is Format.csv:
        write_csv(rows, sys.stdout, columns)
    else:
        show_table(rows, title)


def show_table(rows: Rows, title: str = "") -> None:
    """Print rows for people, in the columns that they have."""
    console = Console(highlight=False)
    if not rows:
        console.print(f"{title + ': ' if title else ''}nothing to show yet.", markup=False)
        return
    table = Table(title=Text(title) if title else None)  # a chart number is no markup
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
        return "; ".join(_item(item) for item in cast("list[Any]", value))
    return cell(value)


def _item(item: Any) -> str:
    return str(cast("dict[str, Any]", item).get("reason", "")) if isinstance(item, dict) else str(item)
