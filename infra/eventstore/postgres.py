"""PostgreSQL recorder: the library's, with a write transaction of ours."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, cast
from uuid import UUID

import psycopg
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composed, Identifier

from infra.eventstore.hash_links import entry_hash, linked
from infra.eventstore.keyring import PROVIDERS
from infra.eventstore.reconnect import again_while_lost
from infra.eventstore.rows import ROWS_AT_ONCE, LogRow, MayNotWriteError, Question, Result, SequenceTakenError, Writing
from infra.migrations.model import Component
from infra.migrations.runner import bring_up, is_outstanding, not_allowed
from infra.migrations.steps import log_component

_CREATING = 7214090  # the advisory lock of whoever creates tables
_COPY_FROM = 50  # events in one append from which COPY is quicker than an insert
_LAST = (
    "SELECT client, originator_version, topic, state FROM unnest(?::uuid[]) AS wanted(client) CROSS JOIN LATERAL ("
    "SELECT originator_version, topic, state FROM {0} WHERE originator_id=client "
    "ORDER BY originator_version DESC LIMIT 1) AS ending"
)
# the answer to it is not waited for: the checks under the lock leave it no reason to fail
_INSERT = (
    "INSERT INTO {0} (originator_id, originator_version, topic, state, notification_id) "
    "SELECT * FROM unnest(?::uuid[], ?::bigint[], ?::text[], ?::bytea[], ?::bigint[])"
)
# A standby by now: the next connection looks for the server that takes writes. Or this process was paused for too long.
_ENDED = psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.IdleInTransactionSessionTimeout
_WAIT_SECONDS = 3.0  # for a connection, while the database is away or all of them are taken


def _away(error: psycopg.errors.InsufficientPrivilege) -> psycopg.OperationalError | None:
    """The same as *away for now*, where the server may not open its own files, as on a disk that is read-only.

    The server says both in one code; a right that is missing is always said by ``aclchk.c``.
    """
    return None if error.diag.source_file == "aclchk.c" else psycopg.OperationalError(str(error))


def reach(datastore: PostgresDatastore, parameters: dict[str, str]) -> None:
    """Have a datastore of the library's connect as a URL says, and look for the server again soon after a loss."""
    pool = datastore.pool
    assert isinstance(pool.kwargs, dict)
    pool.kwargs = {"row_factory": pool.kwargs["row_factory"], **parameters}
    pool.timeout = _WAIT_SECONDS
    pool.reconnect_timeout = _WAIT_SECONDS  # then the next caller asks again, instead of ever longer pauses


class PostgresLogRecorder(PostgresApplicationRecorder):
    """The library's PostgreSQL recorder, with side tables written in the events' transaction."""

    code_key = b""

    def create_table(self) -> None:
        """Bring the tables to the version of this release; processes that start together take turns.

        Raises:
            MigrationError: steps are missing and this login may not take them, or the database is of a newer release.
        """
        library = [statement.as_string() for statement in self.sql_create_statements]
        self.migrate(log_component(self.events_table_name, self._given_once(library), self.datastore.schema))
        self.datastore.register_type_adapters()

    def migrate(self, component: Component) -> None:
        """Bring tables beside the log to the version of this release.

        Raises:
            MigrationError: this login may not, or the database is of a newer release.
        """
        if is_outstanding(self.query, "postgresql", component):
            with self.datastore.get_connection() as connection, connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_CREATING,))
                tx = _PostgresWriting(self, connection, ExitStack())
                try:
                    bring_up(tx.rows, "postgresql", component)
                except psycopg.errors.InsufficientPrivilege:
                    raise not_allowed(component) from None

    def _given_once(self, library: Sequence[str]) -> list[str]:
        """The library's statements, but for its function, which inserts without the lock and is never called."""
        kind = f"{self.datastore.schema}.{self.stored_event_type_name}"
        there = f"IF to_regtype('{kind}') IS NULL THEN {{}}; END IF;"  # there is no IF NOT EXISTS for types
        return [
            f"DO $body$ BEGIN {there.format(sql)} END $body$" if "CREATE TYPE" in sql else sql
            for sql in library
            if "CREATE OR REPLACE FUNCTION" not in sql
        ]

    @contextmanager
    def writing(self) -> Generator[Writing]:
        """A write transaction that takes the events table's EXCLUSIVE lock at once: readers go on.

        Statements travel together where the answer of one does not decide on the next (pipeline mode). A writer that is
        paused within it is ended by the server's limit, or by those who wait: see ``infra.migrations.turns``.
        """
        begin = f'SELECT "{self.datastore.schema}"."{self.events_table_name}_begin_writing"()'
        with self.datastore.get_connection() as connection:
            try:
                with ExitStack() as pipeline:
                    tx = _PostgresWriting(self, connection, pipeline, pipeline.enter_context(connection.pipeline()))
                    connection.execute("BEGIN")
                    connection.execute(cast("Any", begin), prepare=True)
                    yield tx
                    connection.execute("COMMIT")
            except _ENDED as error:
                connection.close()
                raise psycopg.OperationalError(str(error)) from error
            except psycopg.errors.InsufficientPrivilege as error:
                connection.rollback()
                raise (_away(error) or MayNotWriteError(str(error))) from error
            except psycopg.OperationalError:
                self.datastore.pool.check()  # the others are lost as well, as a rule
                raise
            except BaseException:
                connection.rollback()
                raise

    def commit(self, work: Callable[[Writing], Result]) -> Result:
        """Do work in a transaction of its own: of several the questions could not travel together."""
        with self.writing() as tx:
            return work(tx)

    def retrying(self, work: Callable[[], Result]) -> Result:
        """Do work that may be done twice without harm, again while connections are being lost.

        Raises:
            Exception: the work's own; the last loss, when the server stays away.
        """
        return again_while_lost(work, self.datastore.pool.check)

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a read outside of a write transaction."""
        return self.retrying(lambda: self._query(sql, params))

    def _query(self, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self.datastore.get_connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            try:
                cursor.execute(_dialect(sql), params)
            except psycopg.errors.InsufficientPrivilege as error:
                raise (_away(error) or error) from None
            return cursor.fetchall()

    def batches(self, sql: str, params: Sequence[Any] = ()) -> Iterator[list[tuple[Any, ...]]]:
        """Run a read by a cursor of the server, so many rows at a time; a lost connection ends it."""
        with (
            self.datastore.get_connection() as connection,
            connection.transaction(),
            connection.cursor("batches", row_factory=tuple_row) as cursor,
        ):
            cursor.execute(_dialect(sql), params)
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield rows

    def page(self, after: int, limit: int) -> list[LogRow]:
        """The rows after a position."""
        rows = self.query(self._select(" WHERE notification_id>? ORDER BY notification_id LIMIT ?"), (after, limit))
        return [_row(row) for row in rows]

    def at(self, positions: Sequence[int]) -> list[LogRow]:
        """The rows at these positions."""
        rows = self.query(self._select(" WHERE notification_id = ANY(?) ORDER BY notification_id"), (list(positions),))
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
        sql = (
            f"SELECT COUNT(DISTINCT originator_id) FROM {self.table} "
            f"WHERE notification_id>? AND substr(originator_id::text, 15, 1)<>'{PROVIDERS}'"
        )
        return int(self.query(sql, (after,))[0][0])

    def streams(self, client_ids: Sequence[str], until: int | None = None) -> list[LogRow]:
        """Streams, client by client."""
        upto, more = ("", ()) if until is None else (" AND notification_id<=?", (until,))
        sql = self._select(f" WHERE originator_id = ANY(?){upto} ORDER BY originator_id, originator_version")
        return [_row(row) for row in self.query(sql, ([UUID(hex=client_id) for client_id in client_ids], *more))]

    def head(self) -> int:
        """The last committed position."""
        return int(self.query(self.max_notification_id_statement.as_string())[0][0] or 0)

    def keep(self, megabytes: int) -> None:
        """The server keeps what it needs."""

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

    @property
    def draw(self) -> str:
        """Draws so many positions."""
        sequence = f'"{self.datastore.schema}"."{self.events_table_name}_notification_id_seq"'
        return f"SELECT nextval('{sequence}') FROM generate_series(1, ?)"


class _PostgresWriting:
    """Each statement has a cursor of its own: in a pipeline, what is not asked for its rows is not waited for.

    What is waited for is waited for with a Sync: without one the server takes the session for active, and its limit
    for those that are idle within a transaction never begins.
    """

    def __init__(
        self,
        recorder: PostgresLogRecorder,
        connection: psycopg.Connection[Any],
        leaving: ExitStack,
        pipeline: psycopg.Pipeline | None = None,
    ) -> None:
        self._recorder = recorder
        self._connection = connection
        self._leaving, self._pipeline = leaving, pipeline
        self.events_table = recorder.table
        self.position_column = "notification_id"
        self._ends: dict[str, tuple[int, bytes]] = {}
        self._asked: dict[tuple[str, str], psycopg.Cursor[Any]] = {}
        self._drawn: psycopg.Cursor[Any] | None = None
        self._synced = False

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        cursor = self._asked.pop((sql, str(params)), None)
        if cursor is None:
            cursor = self._ask(sql, params)
        return self._answer(cursor) if _gives_rows(sql) else []

    def ahead(self, questions: Iterable[Question], client_ids: Sequence[str], entries: int) -> None:
        # under the lock nobody else draws positions: those drawn now are the next ones
        self._drawn = self._ask(self._recorder.draw, (entries,))
        last = _LAST.format(self.events_table), ([UUID(hex=client_id) for client_id in client_ids],)
        for sql, params in (*questions, last):
            self._asked[sql, str(params)] = self._ask(sql, params)

    def _answer(self, cursor: psycopg.Cursor[Any]) -> list[tuple[Any, ...]]:
        if self._pipeline is not None and not self._synced:
            self._pipeline.sync()
            self._synced = True
        return cursor.fetchall()

    def _ask(self, sql: str, params: Sequence[Any]) -> psycopg.Cursor[Any]:
        cursor = self._cursor()
        cursor.execute(_dialect(sql), params or None)
        self._synced = False
        return cursor

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        cursor = self._cursor()
        given = list(rows)
        if len(given) == 1:
            cursor.execute(_dialect(sql), given[0] or None)
        else:
            cursor.executemany(_dialect(sql), given)

    def last(self, client_ids: Sequence[str]) -> dict[str, int]:
        wanted = [UUID(hex=client_id) for client_id in client_ids]
        for client, sequence, topic, state in self.rows(_LAST.format(self.events_table), (wanted,)) if wanted else ():
            self._ends[client.hex] = sequence, entry_hash(client.hex, sequence, topic, bytes(state))
        return {client_id: self._ends[client_id][0] for client_id in client_ids if client_id in self._ends}

    def insert(self, rows: Sequence[tuple[str, int, str, bytes]]) -> list[int]:
        self.last([client_id for client_id in dict.fromkeys(row[0] for row in rows) if client_id not in self._ends])
        rows = linked(rows, self._ends, self._recorder.code_key)
        drawn = [row[0] for row in self._answer(self._drawn)] if self._drawn else []
        self._drawn = None
        cursor = self._cursor()
        try:
            if len(rows) >= _COPY_FROM:
                self._leaving.close()  # COPY and a pipeline exclude each other
                self._pipeline = None
                return self._recorder.copy_in(cursor, rows)
            if len(drawn) < len(rows):
                drawn = [row[0] for row in self._answer(self._ask(self._recorder.draw, (len(rows),)))]
            positions = drawn[: len(rows)]
            given = [(UUID(hex=row[0]), *row[1:], position) for row, position in zip(rows, positions, strict=True)]
            columns = [list(values) for values in zip(*given, strict=True)]
            cursor.execute(_dialect(_INSERT.format(self.events_table)), columns, prepare=True)
            return positions
        except psycopg.errors.UniqueViolation as error:
            raise SequenceTakenError from error

    def _cursor(self) -> psycopg.Cursor[Any]:
        return self._connection.cursor(row_factory=tuple_row)


def _dialect(sql: str) -> Any:
    return sql.replace("?", "%s")


def _gives_rows(sql: str) -> bool:
    return sql.startswith(("SELECT", "WITH")) or (not sql.startswith("CREATE") and " RETURNING " in sql)


def _row(row: tuple[Any, ...]) -> LogRow:
    return LogRow(row[0], row[1].hex, row[2], row[3], bytes(row[4]))
