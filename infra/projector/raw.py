"""The driver's own cursor within a transaction: a page of one entry is mostly statements, and they must cost little."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

_COPY_FROM = 50  # rows from which COPY is quicker than an insert


class Raw:
    """Statements with ``?`` as placeholders on SQLite and PostgreSQL."""

    def __init__(self, connection: Connection) -> None:
        """Use the connection of a transaction that has begun."""
        self.is_sqlite = connection.dialect.name == "sqlite"
        self._cursor: Any = connection.connection.cursor()

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query."""
        return self._cursor.execute(self._dialect(sql), params).fetchall()

    def run(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Run a statement; gives how many rows it was about."""
        self._cursor.execute(self._dialect(sql), params)
        return int(self._cursor.rowcount)

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each row."""
        self._cursor.executemany(self._dialect(sql), rows)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows: by COPY where there is one, and many of them."""
        if not rows:
            return
        names = ",".join(columns)
        if self.is_sqlite or len(rows) < _COPY_FROM:
            self.many(f"INSERT INTO {table} ({names}) VALUES ({','.join('?' * len(columns))})", rows)
            return
        with self._cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def among(self, column: str) -> str:
        """The condition that a column is one of a list, which ``listed`` makes a single parameter of."""
        return f"{column} IN (SELECT value FROM json_each(?))" if self.is_sqlite else f"{column}=ANY(?)"

    def listed(self, values: Sequence[str]) -> Any:
        """A list as the parameter of ``among``."""
        return orjson.dumps(list(values)).decode() if self.is_sqlite else list(values)

    def _dialect(self, sql: str) -> str:
        return sql if self.is_sqlite else sql.replace("?", "%s")
