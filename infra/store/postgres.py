"""The log on PostgreSQL: the library's recorder with a write transaction of ours."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

import psycopg
from eventsourcing.postgres import PostgresApplicationRecorder
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composed, Identifier

from infra.store.rows import SIDE_TABLES, LogRow, SequenceTakenError, Writing

_CREATING = 7214090  # the advisory lock of whoever creates tables
_COPY_FROM = 50  # events in one append from which COPY is quicker than an insert


class PostgresLogRecorder(PostgresApplicationRecorder):
    """The library's PostgreSQL recorder, with side tables written in the events' transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add our tables to those that the library creates."""
        super().__init__(*args, **kwargs)
        for statement in SIDE_TABLES:
            self.sql_create_statements.append(SQL(statement.format(id="BYTEA", blob="BYTEA")))  # type: ignore[arg-type]

    def create_table(self) -> None:
        """Create what is missing; processes that start together take turns, since creation is not atomic."""
        with self.datastore.get_connection() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_CREATING,))
            super().create_table()

    @contextmanager
    def writing(self) -> Generator[Writing]:
        """A write transaction that takes the events table's EXCLUSIVE lock at once: readers go on."""
        with self.datastore.get_connection() as connection, connection.transaction():
            with connection.cursor() as locking:
                self._lock_table(locking)
                self._notify_channel(locking)
            with connection.cursor(row_factory=tuple_row) as cursor:
                yield _PostgresWriting(self, cursor)

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a read outside of a write transaction."""
        with self.datastore.get_connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            cursor.execute(_dialect(sql), params)
            return cursor.fetchall()

    def page(self, after: int, limit: int) -> list[LogRow]:
        """The rows after a position."""
        rows = self.query(self._select(" WHERE notification_id>? ORDER BY notification_id LIMIT ?"), (after, limit))
        return [_row(row) for row in rows]

    def touched(self, after: int, limit: int) -> list[tuple[int, str, int]]:
        """Which clients have rows after a position."""
        sql = (
            f"SELECT notification_id, originator_id, originator_version FROM {self.table} "
            "WHERE notification_id>? ORDER BY notification_id LIMIT ?"
        )
        return [(row[0], row[1].hex, row[2]) for row in self.query(sql, (after, limit))]

    def clients_since(self, after: int) -> int:
        """How many clients have rows after a position."""
        sql = f"SELECT COUNT(DISTINCT originator_id) FROM {self.table} WHERE notification_id>?"
        return int(self.query(sql, (after,))[0][0])

    def streams(self, client_ids: Sequence[str]) -> list[LogRow]:
        """Whole streams, client by client."""
        sql = self._select(" WHERE originator_id = ANY(?) ORDER BY originator_id, originator_version")
        return [_row(row) for row in self.query(sql, ([UUID(hex=client_id) for client_id in client_ids],))]

    def head(self) -> int:
        """The last committed position."""
        return self.max_notification_id() or 0

    def close(self) -> None:
        """Close every connection."""
        self.datastore.close()

    @property
    def table(self) -> str:
        """The events table, qualified."""
        return f'"{self.datastore.schema}"."{self.events_table_name}"'

    def _select(self, rest: str) -> str:
        columns = "notification_id, originator_id, originator_version, topic, state"
        return f"SELECT {columns} FROM {self.table}{rest}"

    def copy_in(self, cursor: psycopg.Cursor[Any], rows: Sequence[tuple[str, int, str, bytes]]) -> list[int]:
        """Bulk insert by COPY; under the lock the positions are the last ones of the sequence."""
        target: Composed = SQL("COPY {}.{} (originator_id, originator_version, topic, state) FROM STDIN").format(
            Identifier(self.datastore.schema), Identifier(self.events_table_name)
        )
        with cursor.copy(target) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(self.max_notification_id_statement)
        last = int(cast("tuple[int]", cursor.fetchone())[0])
        return list(range(last - len(rows) + 1, last + 1))


class _PostgresWriting:
    def __init__(self, recorder: PostgresLogRecorder, cursor: psycopg.Cursor[Any]) -> None:
        self._recorder = recorder
        self._cursor = cursor
        self.events_table = recorder.table
        self.position_column = "notification_id"

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        self._cursor.execute(_dialect(sql), params)
        return self._cursor.fetchall() if self._cursor.description else []

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._cursor.executemany(_dialect(sql), list(rows))

    def insert(self, rows: Sequence[tuple[str, int, str, bytes]]) -> list[int]:
        try:
            if len(rows) >= _COPY_FROM:
                return self._recorder.copy_in(self._cursor, rows)
            # the composite type is made at run time: the library cannot say what it is
            make = cast("Callable[[UUID, int, str, bytes], Any]", self._recorder.construct_pg_stored_event)
            composites = [
                make(UUID(hex=client_id), sequence, topic, state) for client_id, sequence, topic, state in rows
            ]
            self._cursor.execute(cast("Any", self._recorder.insert_events_statement), (composites,))
            return [int(row[0]) for row in self._cursor.fetchall()]
        except psycopg.errors.UniqueViolation as error:
            raise SequenceTakenError from error


def _dialect(sql: str) -> Any:
    return sql.replace("?", "%s")


def _row(row: tuple[Any, ...]) -> LogRow:
    return LogRow(row[0], row[1].hex, row[2], row[3], bytes(row[4]))
