"""A PostgreSQL database as a backup sees it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from infra.eventstore.conninfo import connection_parameters
from infra.ops.backup.databases import AT_ONCE, EVENTS, LEFT_OUT, POSITION, Snapshot, TableOf, checked, is_read_model


@contextmanager
def reading_postgres(url: str) -> Generator[Snapshot]:
    """Read at one moment, while others write."""
    with psycopg.connect(**connection_parameters(url)) as connection:  # type: ignore[arg-type]
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield _Postgres(connection)


@contextmanager
def filling_postgres(url: str) -> Generator[Snapshot]:
    """Write in one transaction: all of it is there afterwards, or nothing."""
    with psycopg.connect(**connection_parameters(url)) as connection:  # type: ignore[arg-type]
        yield _Postgres(connection)


class _Postgres:
    _EVENTS = "carejourney_events"

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def tables(self) -> list[TableOf]:
        rows = self._connection.execute(
            "SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_class c "
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
            "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY 1 ORDER BY 1"
        ).fetchall()
        return [
            TableOf(EVENTS if name == self._EVENTS else checked(name), tuple(map(checked, columns)))
            for name, columns in rows
            if name not in LEFT_OUT and not is_read_model(name)
        ]

    def count(self, table: str) -> int:
        row = self._connection.execute(SQL("SELECT COUNT(*) FROM {}").format(self._public(table))).fetchone()
        return int(row[0]) if row else 0

    def rows(self, table: TableOf) -> Iterator[Sequence[Any]]:
        order = SQL(" ORDER BY {}").format(Identifier(POSITION)) if POSITION in table.columns else SQL("")
        query = SQL("SELECT {} FROM {}{}").format(_names(table), self._public(table.name), order)
        with self._connection.cursor(f"backup_{table.name}") as cursor:
            cursor.itersize = AT_ONCE
            yield from cursor.execute(query)

    def clear(self, table: str) -> None:
        self._connection.execute(SQL("DELETE FROM {}").format(self._public(table)))

    def insert(self, table: TableOf, rows: Sequence[Sequence[Any]]) -> None:
        target = SQL("COPY {} ({}) FROM STDIN").format(self._public(table.name), _names(table))
        with self._connection.cursor() as cursor, cursor.copy(target) as copy:
            for row in rows:
                copy.write_row(row)

    def settle(self, table: TableOf) -> None:
        if POSITION in table.columns:
            name = f"public.{self._name(table.name)}"
            query = SQL("SELECT setval(pg_get_serial_sequence(%s, %s), MAX({})) FROM {}").format(
                Identifier(POSITION), self._public(table.name)
            )
            self._connection.execute(query, (name, POSITION))

    def _name(self, table: str) -> str:
        return self._EVENTS if table == EVENTS else checked(table)

    def _public(self, table: str) -> Identifier:
        return Identifier("public", self._name(table))


def _names(table: TableOf) -> Composed:
    return SQL(", ").join(Identifier(column) for column in table.columns)
