"""Raw driver cursor within a transaction: cheap statements for pages of one entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Table
from sqlalchemy.dialects import postgresql

_POSTGRES = postgresql.dialect()
_COPY_FROM = 50  # rows from which COPY is quicker than an insert


class Raw:
    """Statements with ``?`` as placeholders on SQLite and PostgreSQL.

    On PostgreSQL what is written waits for ``flush``, and queries that are asked together travel together: a batch
    of a few entries takes a handful of round trips, however many read models there are.
    """

    def __init__(self, connection: Connection) -> None:
        """Use the connection of a transaction that has begun."""
        self.is_sqlite = connection.dialect.name == "sqlite"
        self._connection: Any = connection.connection
        self._cursor: Any = self._connection.cursor()
        self._waiting: list[tuple[str, Sequence[Sequence[Any]]]] = []

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query."""
        return self._cursor.execute(self._dialect(sql), params).fetchall()

    def all_rows(self, queries: Sequence[tuple[str, Sequence[Any]]]) -> list[list[tuple[Any, ...]]]:
        """Run several queries, none of which needs the answer of another."""
        if self.is_sqlite or len(queries) < 2:
            return [self.rows(sql, params) for sql, params in queries]
        with self._connection.driver_connection.pipeline():
            cursors = [self._connection.cursor() for _ in queries]
            for cursor, (sql, params) in zip(cursors, queries, strict=True):
                cursor.execute(self._dialect(sql), params)
            return [cursor.fetchall() for cursor in cursors]

    def run(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Run a statement now; gives how many rows it was about."""
        self._cursor.execute(self._dialect(sql), params)
        return int(self._cursor.rowcount)

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each row, by the next ``flush`` at the latest."""
        if self.is_sqlite:
            self._cursor.executemany(sql, rows)
        else:
            self._waiting.append((self._dialect(sql), rows))

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows: by COPY where there is one, and many of them."""
        if not rows:
            return
        names = ",".join(columns)
        if self.is_sqlite or len(rows) < _COPY_FROM:
            self.many(f"INSERT INTO {table} ({names}) VALUES ({','.join('?' * len(columns))})", rows)
            return
        self.flush()
        with self._cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def add_up(self, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Add the rows' ``n`` to those with the same key, or insert them; on PostgreSQL as one statement."""
        keys = ",".join(column.name for column in table.primary_key)
        into = f"INSERT INTO {table.name} ({','.join(names)})"
        adding = f"ON CONFLICT ({keys}) DO UPDATE SET n={table.name}.n + excluded.n"
        if self.is_sqlite:
            self.many(f"{into} VALUES ({','.join('?' * len(names))}) {adding}", rows)
        else:
            given = ",".join(f"?::{plain_type(table.columns[name])}[]" for name in names)
            columns = [list(values) for values in zip(*rows, strict=True)]
            self.many(f"{into} SELECT * FROM unnest({given}) {adding}", [columns])

    def move_on(self, table: str, rows: Sequence[tuple[int, str]]) -> None:
        """Set the sequences of clients: (sequence, client id)."""
        if self.is_sqlite:
            self.many(f"UPDATE {table} SET sequence=? WHERE client_id=?", rows)
        else:
            given = "unnest(?::int[], ?::text[]) AS moved(sequence, client_id)"
            where = f"{table}.client_id=moved.client_id"
            columns = [list(values) for values in zip(*rows, strict=True)]
            self.many(f"UPDATE {table} SET sequence=moved.sequence FROM {given} WHERE {where}", [columns])

    def flush(self) -> None:
        """Write what waits, in its order."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        with self._connection.driver_connection.pipeline():
            for sql, rows in waiting:
                self._cursor.executemany(sql, rows)

    def among(self, column: str) -> str:
        """The condition that a column is one of a list, which ``listed`` makes a single parameter of."""
        return f"{column} IN (SELECT value FROM json_each(?))" if self.is_sqlite else f"{column}=ANY(?)"

    def listed(self, values: Sequence[str]) -> Any:
        """A list as the parameter of ``among``."""
        return orjson.dumps(list(values)).decode() if self.is_sqlite else list(values)

    def _dialect(self, sql: str) -> str:
        return sql if self.is_sqlite else sql.replace("?", "%s")


def plain_type(column: Column[Any]) -> str:
    """A column's type without its length: a cast to a length would cut what is too long instead of refusing it."""
    return str(column.type.compile(_POSTGRES)).partition("(")[0]
