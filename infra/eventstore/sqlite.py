"""SQLite recorder: the library's, with a write transaction of ours (WAL, synchronous=FULL)."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, cast
from weakref import WeakSet

from eventsourcing.persistence import ConnectionUnavailableError, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteConnection, SQLiteCursor, SQLiteDatastore

from infra.eventstore.group_commit import GroupCommit, Member
from infra.eventstore.hash_links import entry_hash, linked
from infra.eventstore.keyring import PROVIDERS
from infra.eventstore.rows import ROWS_AT_ONCE, LogRow, Question, Result, SequenceTakenError, Writing
from infra.migrations.model import Component
from infra.migrations.runner import bring_up, is_outstanding
from infra.migrations.steps import log_component

# FULL: an acknowledged event survives power loss. The rest is for imports: room for the indexes, fewer checkpoints.
_PRAGMAS = ("PRAGMA synchronous=FULL", "PRAGMA cache_size=-65536", "PRAGMA wal_autocheckpoint=8000")
_COLUMNS = "rowid, originator_id, originator_version, topic, state"
# What LogRow._make does, without a call into Python for each row: this is the read of every replay.
_row: Callable[[tuple[Any, ...]], LogRow] = partial(tuple.__new__, LogRow)
_AT_ONCE = 500
_END = "SELECT originator_id, originator_version, topic, state FROM {0} WHERE originator_id=? ORDER BY 2 DESC LIMIT 1"
_ENDS = (
    "WITH wanted(client) AS (VALUES {1}) SELECT originator_id, originator_version, topic, state "
    "FROM wanted CROSS JOIN {0} ON originator_id=client "
    "AND originator_version=(SELECT MAX(originator_version) FROM {0} WHERE originator_id=client)"
)


class SQLiteLogRecorder(SQLiteApplicationRecorder):
    """The library's SQLite recorder, with side tables written in the events' transaction."""

    code_key = b""

    def __init__(self, datastore: SQLiteDatastore, events_table_name: str = "stored_events") -> None:
        """Record in a datastore's table."""
        super().__init__(datastore, events_table_name)
        self._writers = threading.Lock()
        self._prepared: WeakSet[SQLiteConnection] = WeakSet()
        self._commits: GroupCommit[Callable[[Writing], Any], Any] = GroupCommit(self._write)

    def create_table(self) -> None:
        """The library's table and ours, brought to the version of this release; one process at a time."""
        self.migrate(log_component(self.events_table_name, self.create_table_statements))

    def migrate(self, component: Component) -> None:
        """Bring tables beside the log to the version of this release."""
        if is_outstanding(self.query, "sqlite", component):
            with self.writing() as tx:
                bring_up(tx.rows, "sqlite", component)

    @contextmanager
    def writing(self) -> Generator[Writing]:
        """A write transaction that takes the database's write lock at once."""
        with self._turn(), self.datastore.get_connection(commit=True) as connection:
            cursor = self._prepare(connection)
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield _SQLiteWriting(self, cursor)
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def commit(self, work: Callable[[Writing], Result]) -> Result:
        """Do work in one transaction with that of other threads, and give its result once all of it is durable."""
        return self._commits.run(work)

    def _write(self, joined: Callable[[], Sequence[Member[Callable[[Writing], Any], Any]]]) -> None:
        """The works of a group, each under a savepoint of its own where there are several."""
        with self.writing() as tx:
            group = joined()
            assert isinstance(tx, _SQLiteWriting)
            for member in group:
                if len(group) == 1:
                    member.result = member.wanted(tx)
                else:
                    tx.apart(member)

    def _prepare(self, connection: SQLiteConnection) -> SQLiteCursor:
        """A cursor to write with."""
        cursor = connection.cursor()
        if connection not in self._prepared:
            for pragma in _PRAGMAS:
                cursor.execute(pragma)
            self._prepared.add(connection)
        return cursor

    @contextmanager
    def _turn(self) -> Generator[None]:
        """Wait to be the one writer of this process: here, since in the library's pool readers would wait as well."""
        if not self._writers.acquire(timeout=self.datastore.pool.pool_timeout):
            msg = "timed out waiting for another writer"
            raise ConnectionUnavailableError(msg)
        try:
            yield
        finally:
            self._writers.release()

    def _insert_events(self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int]:
        return self.insert_rows(
            c, [(_hex(e.originator_id), e.originator_version, e.topic, e.state) for e in stored_events]
        )

    def insert_rows(self, c: SQLiteCursor, rows: Sequence[tuple[str, int, str, bytes]]) -> list[int]:
        """Insert in one call: rowids rise by one, since nobody else writes within a write transaction."""
        if not rows:
            return []
        c.executemany(self.insert_events_statement, rows)
        c.execute("SELECT last_insert_rowid()")
        last = c.fetchone()[0]
        return list(range(last - len(rows) + 1, last + 1))

    def retrying(self, work: Callable[[], Result]) -> Result:
        """Do the work: no connection is lost to a file."""
        return work()

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a read outside of a write transaction."""
        with self.datastore.get_connection(commit=False) as connection:
            cursor = connection.cursor()
            with cursor as raw:
                raw.row_factory = None
                return raw.execute(sql, params).fetchall()

    def batches(self, sql: str, params: Sequence[Any] = ()) -> Iterator[list[tuple[Any, ...]]]:
        """Run a read, so many rows at a time."""
        with self.datastore.get_connection(commit=False) as connection, connection.cursor() as raw:
            raw.row_factory = None
            raw.execute(sql, params)
            while rows := raw.fetchmany(ROWS_AT_ONCE):
                yield rows

    def page(self, after: int, limit: int) -> list[LogRow]:
        """The rows after a position."""
        sql = f"SELECT {_COLUMNS} FROM {self.events_table_name} WHERE rowid>? ORDER BY rowid LIMIT ?"
        return list(map(_row, self.query(sql, (after, limit))))

    def at(self, positions: Sequence[int]) -> list[LogRow]:
        """The rows at these positions."""
        wanted = sorted(positions)
        rows: list[LogRow] = []
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            places = ",".join("?" * len(part))
            sql = f"SELECT {_COLUMNS} FROM {self.events_table_name} WHERE rowid IN ({places}) ORDER BY rowid"
            rows += map(_row, self.query(sql, part))
        return rows

    def touched(self, after: int, limit: int) -> list[tuple[int, str, int]]:
        """Which clients have rows after a position."""
        columns = "rowid, originator_id, originator_version"
        sql = f"SELECT {columns} FROM {self.events_table_name} WHERE rowid>? ORDER BY rowid LIMIT ?"
        return cast("list[tuple[int, str, int]]", self.query(sql, (after, limit)))  # no copy: it may be long

    def clients_since(self, after: int) -> int:
        """How many clients have rows after a position."""
        sql = (
            f"SELECT COUNT(DISTINCT originator_id) FROM {self.events_table_name} "
            f"WHERE rowid>? AND substr(originator_id, 13, 1)<>'{PROVIDERS}'"
        )
        return int(self.query(sql, (after,))[0][0])

    def streams(self, client_ids: Sequence[str], until: int | None = None) -> list[LogRow]:
        """Streams, client by client."""
        places = ",".join("?" * len(client_ids))
        upto, more = ("", ()) if until is None else (" AND rowid<=?", (until,))
        sql = (
            f"SELECT {_COLUMNS} FROM {self.events_table_name} WHERE originator_id IN ({places}){upto} "
            "ORDER BY originator_id, originator_version"
        )
        return list(map(_row, self.query(sql, (*client_ids, *more))))

    def head(self) -> int:
        """The last committed position."""
        return int(self.query(self.select_max_notification_id_statement)[0][0] or 0)

    def keep(self, megabytes: int) -> None:
        """So much of the writer's, which the library lends to readers: they would fill it with what they read once."""
        with self._turn(), self.datastore.get_connection(commit=True) as connection:
            cursor = self._prepare(connection)
            cursor.execute(f"PRAGMA cache_size=-{1024 * megabytes}")
            cursor.execute("PRAGMA shrink_memory")

    def close(self) -> None:
        """Close every connection."""
        self.datastore.close()


class _SQLiteWriting:
    def __init__(self, recorder: SQLiteLogRecorder, cursor: SQLiteCursor) -> None:
        self._recorder = recorder
        self._cursor = cursor
        with_tuples = cursor.__enter__()
        with_tuples.row_factory = None
        self.events_table = recorder.events_table_name
        self.position_column = "rowid"
        self._ends: dict[str, tuple[int, bytes]] = {}

    def apart(self, member: Member[Callable[[Writing], Any], Any]) -> None:
        """Do one's work so that its error undoes nothing else.

        Raises:
            Exception: the work's own, where the database gave up the transaction by it, as on a full disk.
        """
        self._cursor.execute("SAVEPOINT member")
        try:
            member.result = member.wanted(_SQLiteWriting(self._recorder, self._cursor))
        except Exception as error:
            if not self._cursor.sqlite_cursor.connection.in_transaction:
                raise
            self._cursor.execute("ROLLBACK TO member")
            member.error = error
        self._cursor.execute("RELEASE member")

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        self._cursor.execute(sql, params)
        return self._cursor.fetchall()

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._cursor.executemany(sql, rows)

    def ahead(self, questions: Iterable[Question], client_ids: Sequence[str], entries: int) -> None:
        """Nothing travels to a file."""

    def last(self, client_ids: Sequence[str]) -> dict[str, int]:
        for start in range(0, len(client_ids), _AT_ONCE):
            part = client_ids[start : start + _AT_ONCE]
            sql = _ENDS if len(part) > 1 else _END  # for one it is four times as quick
            places = ",".join(["(?)"] * len(part))
            for client_id, sequence, topic, state in self.rows(sql.format(self.events_table, places), part):
                self._ends[client_id] = sequence, entry_hash(client_id, sequence, topic, state)
        return {client_id: self._ends[client_id][0] for client_id in client_ids if client_id in self._ends}

    def insert(self, rows: Sequence[tuple[str, int, str, bytes]]) -> list[int]:
        self.last([client_id for client_id in dict.fromkeys(row[0] for row in rows) if client_id not in self._ends])
        try:
            return self._recorder.insert_rows(self._cursor, linked(rows, self._ends, self._recorder.code_key))
        except sqlite3.IntegrityError as error:
            raise SequenceTakenError from error


def _hex(originator_id: Any) -> str:
    return originator_id if isinstance(originator_id, str) else originator_id.hex
