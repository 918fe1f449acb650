"""Clear what deleted rows leave behind in database files: free pages, write-ahead logs, dead tuples."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from infra.settings import sqlite_path

if TYPE_CHECKING:
    import psycopg

PATIENCE_SECONDS = 10.0
# What keeps deleted rows in a table: a transaction of any database of the server that is older than %s (a new snapshot
# begins with the oldest of them), a snapshot of this one or of a standby, a slot.
_LOOKS_BACK = """
    SELECT 1 WHERE pg_snapshot_xmin(pg_current_snapshot()) < %(now)s::xid8
    UNION ALL SELECT 1 FROM pg_stat_activity WHERE pid<>pg_backend_pid() AND age(backend_xmin) > age(%(now)s::xid8::xid)
        AND (datname=current_database() OR datname IS NULL)
    UNION ALL SELECT 1 FROM pg_replication_slots WHERE age(xmin) > age(%(now)s::xid8::xid)
    LIMIT 1"""
_OURS = "SELECT oid::regclass::text, pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid=to_regclass(%s)"


def scrub(url: str, tables: Sequence[str], patience: float = PATIENCE_SECONDS) -> bool:
    """Write a database's tables anew, so that nothing deleted is in its files; False if others held it too long.

    SQLite: the whole file (VACUUM), and the write-ahead log cut to nothing. PostgreSQL: ``tables``, those that held
    keys or names (VACUUM FULL): the server drops the old files.
    """
    path = sqlite_path(url)
    if path is None:
        return _scrub_postgres(url, tables, patience)
    if not path.exists():
        return True
    with closing(sqlite3.connect(path, timeout=patience, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("VACUUM")
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:
            return False
    return not busy


def _scrub_postgres(url: str, tables: Sequence[str], patience: float) -> bool:
    import psycopg  # loads when it is needed

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT set_config('lock_timeout', %s, false)", (f"{int(patience * 1000)}ms",))
        if not _none_looks_back(connection, patience):
            return False
        try:
            for table in tables:
                row = connection.execute(_OURS, (table,)).fetchone()
                if row is None:
                    continue
                if not row[1]:  # the server would only warn, and leave the table as it is
                    return False
                connection.execute(f"VACUUM (FULL) {row[0]}".encode())
        except (psycopg.errors.LockNotAvailable, psycopg.errors.InsufficientPrivilege):
            return False
    return True


def _none_looks_back(connection: psycopg.Connection[Any], patience: float) -> bool:
    """Wait until nobody needs what was there before now: for their sake VACUUM would keep what was deleted."""
    row = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchone()
    assert row is not None
    deadline = time.monotonic() + patience
    while connection.execute(_LOOKS_BACK, {"now": row[0]}).fetchone():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
