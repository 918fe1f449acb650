"""Rows as a table for people, JSON or CSV for programs."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Any, cast

import orjson
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from api.tabular import Columns, Rows, cell, write_csv


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    json = "json"
    csv = "csv"


def counted(count: int, singular: str, many: str) -> str:
    """A number of things, as *1 head* and *2 heads*."""
    return f"{count:,} {singular if count == 1 else many}"


def show(rows: Rows, form: Format, columns: Columns, title: str = "") -> None:
    """Print rows; ``columns`` are those of the CSV, with or without rows."""
    if form is Format.json:
        sys.stdout.write(orjson.dumps(list(map(dict, rows)), option=orjson.OPT_INDENT_2).decode() + "\n")
    elif form is Format.csv:
        write_csv(rows, sys.stdout, columns)
    else:
        show_table(rows, title)


def show_table(rows: Rows, title: str = "") -> None:
    """Print rows for people, in the columns that they have; where these are too many for the terminal, in fewer.

    What is empty in all rows is left out, and what is the same in all of them is said once, below. If the rest is still
    too wide, each row is a list of its values.
    """
    console = Console(highlight=False)
    if not rows:
        console.print(f"{title + ': ' if title else ''}nothing to show yet.", markup=False)
        return
    table, same = _table(rows, list(rows[0]), title), ""
    if not _fits(console, table):
        filled = [name for name in rows[0] if any(_shown(row[name]) for row in rows)]
        differing = [name for name in filled if len({_shown(row[name]) for row in rows}) > 1]
        table = _table(rows, differing, title)
        same = ", ".join(f"{_named(name)} {_shown(rows[0][name])}" for name in filled if name not in differing)
        if not differing or not _fits(console, table):
            table, same = _listed(rows, filled, title), ""
    console.print(table, markup=False)
    if same:
        console.print(f"In all: {same}", markup=False)


def _table(rows: Rows, names: list[str], title: str) -> Table:
    table = Table(title=Text(title) if title else None)  # a chart number is no markup
    for name in names:
        numeric = isinstance(rows[0][name], int | float) and not isinstance(rows[0][name], bool)
        table.add_column(_named(name), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*[_shown(row[name]) for name in names])
    return table


def _listed(rows: Rows, names: list[str], title: str) -> Table:
    """Rows one below the other, a value a line."""
    table = Table("", "", title=Text(title) if title else None, show_header=False, min_width=len(title))
    for row in rows:
        for name in names:
            table.add_row(_named(name), _shown(row[name]), end_section=name == names[-1])
    return table


def _fits(console: Console, table: Table) -> bool:
    """Whether the longest word of each column has room in the terminal."""
    return Measurement.get(console, console.options.update(max_width=10_000), table).minimum <= console.width


def _named(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, list):
        return "; ".join(_item(item) for item in cast("list[Any]", value))
    return cell(value)


def _item(item: Any) -> str:
    return str(cast("dict[str, Any]", item).get("reason", "")) if isinstance(item, dict) else str(item)
