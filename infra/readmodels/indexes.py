"""Indexes of a generation: made at once when it is filled, which writes each page of them once.

Beside rows that come page by page, each client's place in each index is another leaf, written again for every page.
"""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy.schema import CreateTable

from infra.readmodels.generations import Generation


def make_tables(connection: Connection, generation: Generation) -> None:
    """Its tables, empty; one that is being built gets its indexes once it is filled."""
    for table in generation.own_tables():
        connection.execute(CreateTable(table))
    if generation.state != "building":
        make_indexes(connection, generation)


def make_indexes(connection: Connection, generation: Generation) -> None:
    """The indexes that it has not got yet."""
    for table in generation.own_tables():
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            index.create(connection, checkfirst=True)
