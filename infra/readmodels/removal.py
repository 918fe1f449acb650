"""Removal of generations: their tables, whichever release made them, and the views over them."""

from __future__ import annotations

import re

from sqlalchemy import Connection, inspect

from infra.readmodels.generations import GENERATION, QUARANTINE


def drop(connection: Connection, generation: int) -> None:
    """Remove a generation and its tables."""
    empty(connection, generation)
    connection.execute(GENERATION.delete().where(GENERATION.c.id == generation))


def empty(connection: Connection, generation: int) -> None:
    """Remove the tables of a generation and who is stopped in it; its row stays."""
    ending = f"_g{generation:d}"
    for table in inspect(connection).get_table_names():
        if not table.endswith(ending):
            continue
        if connection.dialect.name == "sqlite":
            _drop_view_over(connection, table, table.removesuffix(ending))
            connection.exec_driver_sql(f"DROP TABLE {table}")
        else:  # a view over it is of a release that had a table which the live one has not
            connection.exec_driver_sql(f"DROP TABLE {table} CASCADE")
    connection.execute(QUARANTINE.delete().where(QUARANTINE.c.generation == generation))


def _drop_view_over(connection: Connection, table: str, view: str) -> None:
    """SQLite leaves a view behind that reads a table which is gone."""
    query = "SELECT sql FROM sqlite_master WHERE type='view' AND name=?"
    for (sql,) in connection.exec_driver_sql(query, (view,)).all():
        if re.search(rf"\b{table}\b", sql):
            connection.exec_driver_sql(f"DROP VIEW {view}")
