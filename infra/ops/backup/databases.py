"""A database as a backup sees it: its tables by name, read in one snapshot or filled in one transaction."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from infra.ops.backup.encryption import BackupError
from infra.settings import sqlite_path

# Versions are the release's own; sessions and jobs end with a restore; where a topic stands is told by the topic.
LEFT_OUT = frozenset({"schema_version", "web_session", "job", "relay", "relay_partition", "stream_partition"})
# Held by backups of older releases, and by nothing any more: open glass is read from the access log.
GONE = frozenset({"access_glass"})
EVENTS = "events"  # the log's own table, which the library calls otherwise on each database
POSITION = "notification_id"  # the position in the log: the rowid of SQLite
_NAME = re.compile("[a-z][a-z0-9_]*")
AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class TableOf:
    """A table and its columns."""

    name: str
    columns: tuple[str, ...]


class Snapshot(Protocol):
    """One moment of a database, or one transaction that fills it."""

    def tables(self) -> list[TableOf]:
        """The tables of the log, in order of name."""
        ...

    def count(self, table: str) -> int:
        """How many rows a table has."""
        ...

    def rows(self, table: TableOf) -> Iterator[Sequence[Any]]:
        """Every row."""
        ...

    def clear(self, table: str) -> None:
        """Remove every row."""
        ...

    def insert(self, table: TableOf, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows."""
        ...

    def settle(self, table: TableOf) -> None:
        """Let positions go on after the highest one."""
        ...


@contextmanager
def reading(url: str) -> Generator[Snapshot]:
    """Read at one moment, while others write."""
    path = sqlite_path(url)
    if path is None:
        from infra.ops.backup.postgres import reading_postgres  # its driver loads late

        with reading_postgres(url) as snapshot:
            yield snapshot
        return
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN")
        yield _SQLite(connection)


@contextmanager
def filling(url: str) -> Generator[Snapshot]:
    """Write in one transaction: all of it is there afterwards, or nothing."""
    path = sqlite_path(url)
    if path is None:
        from infra.ops.backup.postgres import filling_postgres

        with filling_postgres(url) as snapshot:
            yield snapshot
        return
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield _SQLite(connection)
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


class _SQLite:
    _EVENTS = "stored_events"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def tables(self) -> list[TableOf]:
        rows = self._connection.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name").fetchall()
        names = [name for (name,) in rows if not name.startswith("sqlite_") and name not in LEFT_OUT]
        return [TableOf(EVENTS if name == self._EVENTS else checked(name), self._columns(name)) for name in names]

    def count(self, table: str) -> int:
        return int(self._connection.execute(f"SELECT COUNT(*) FROM {self._name(table)}").fetchone()[0])

    def rows(self, table: TableOf) -> Iterator[Sequence[Any]]:
        order = " ORDER BY rowid" if POSITION in table.columns else ""
        columns = ", ".join(_own(column) for column in table.columns)
        yield from self._connection.execute(f"SELECT {columns} FROM {self._name(table.name)}{order}")

    def clear(self, table: str) -> None:
        self._connection.execute(f"DELETE FROM {self._name(table)}")

    def insert(self, table: TableOf, rows: Sequence[Sequence[Any]]) -> None:
        columns = ", ".join(_own(column) for column in table.columns)
        places = ", ".join("?" * len(table.columns))
        self._connection.executemany(f"INSERT INTO {self._name(table.name)} ({columns}) VALUES ({places})", rows)

    def settle(self, table: TableOf) -> None:
        """Nothing to do: the next rowid follows the highest one."""

    def _name(self, table: str) -> str:
        return self._EVENTS if table == EVENTS else checked(table)

    def _columns(self, name: str) -> tuple[str, ...]:
        rows = self._connection.execute(f"PRAGMA table_info({checked(name)})").fetchall()
        columns = tuple(checked(row[1]) for row in rows)
        return (POSITION, *columns) if name.endswith("_events") and POSITION not in columns else columns


def _own(column: str) -> str:
    return "rowid" if column == POSITION else column


def checked(name: str) -> str:
    """A name of a table or column, once it is sure that it is one of ours.

    Raises:
        BackupError: it is not.
    """
    if not _NAME.fullmatch(name):
        msg = f"a table or column has a name that is not ours: {name!r}"
        raise BackupError(msg)
    return name


def is_read_model(name: str) -> bool:
    """Read models that still stand in the log's schema: they are folded again."""
    derived = name in {"generation", "quarantine", "healed", "lease"} or name.startswith(("name_", "knowledge_"))
    return derived or bool(re.search(r"_g[0-9]+$", name))


def batches(rows: Iterable[Sequence[Any]], size: int = AT_ONCE) -> Iterator[list[Sequence[Any]]]:
    """The rows in runs of at most ``size``."""
    batch: list[Sequence[Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch
