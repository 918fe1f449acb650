"""Many rows in one statement.

A statement for each row is sent by the driver as a pipeline: one that is paused within it counts as active, and no
limit of the server ends it. A single statement ends with its answer. It is the quicker one as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table

from infra.readmodels.raw import plain_type


def insert_rows(connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows that have every column of a table, in its order."""
    if not rows:
        return
    into = f"INSERT INTO {table.name} ({','.join(table.columns.keys())})"
    if connection.dialect.name == "sqlite":
        places = ",".join("?" * len(table.columns))
        connection.exec_driver_sql(f"{into} VALUES ({places})", [tuple(row) for row in rows])
    else:
        connection.exec_driver_sql(f"{into} SELECT * FROM {_unnested(table)}", _columns(rows))


def remove_rows(connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Remove the rows that are equal to these in every column."""
    columns = table.columns.keys()
    if connection.dialect.name == "sqlite":
        same = " AND ".join(f"{name}=?" for name in columns)
        connection.exec_driver_sql(f"DELETE FROM {table.name} WHERE {same}", [tuple(row) for row in rows])
    else:
        these = f"SELECT * FROM {_unnested(table)}"
        connection.exec_driver_sql(f"DELETE FROM {table.name} WHERE ({','.join(columns)}) IN ({these})", _columns(rows))


def _unnested(table: Table) -> str:
    return f"unnest({','.join(f'%s::{plain_type(column)}[]' for column in table.columns)})"


def _columns(rows: Sequence[Sequence[Any]]) -> tuple[list[Any], ...]:
    return tuple(list(values) for values in zip(*rows, strict=True))
