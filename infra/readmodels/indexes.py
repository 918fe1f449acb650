"""Indexes of a generation: made at once when it is filled, which writes each page of them once.

Beside rows that come page by page, each client's place in each index is another leaf, written again for every page.
"""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Connection, Index, Table
from sqlalchemy.schema import CreateIndex, CreateTable

from infra.readmodels.generations import DIALECTS, Generation


def make_tables(connection: Connection, generation: Generation) -> None:
    """Its tables, empty; one that is being built gets its indexes once it is filled."""
    for table in generation.own_tables():
        first, *indexes = _statements(table, connection.dialect.name)
        for statement in (first,) if generation.state == "building" else (first, *indexes):
            connection.exec_driver_sql(statement)


def make_indexes(connection: Connection, generation: Generation) -> None:
    """The indexes that it has not got yet."""
    for table in generation.own_tables():
        for index in _indexes(table):
            index.create(connection, checkfirst=True)


def _indexes(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))


@lru_cache(maxsize=500)
def _statements(table: Table, dialect: str) -> tuple[str, ...]:
    """What makes a table, and then its indexes: a process that opens many stores writes it once."""
    made = [CreateTable(table), *map(CreateIndex, _indexes(table))]
    return tuple(str(each.compile(dialect=DIALECTS[dialect]())) for each in made)
