"""Whoever waits for a lock of the read database on PostgreSQL ends a holder that is paused or cut off.

The server's limit for idle transactions does not begin where its client stopped in the midst of what it sends: such a
session counts as active for ever. So a lock is waited for two seconds at a time, and between two tries whoever waits
looks who has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import DBAPIError, OperationalError

from infra.readmodels.timeouts import is_lock_refused, patience

ADVISORY = "l.locktype = 'advisory' AND l.classid = 0 AND l.objid::bigint = ANY(:held)"
# of a table, or of rows of it: whoever writes there has the table, and whoever reads has it in another mode
TABLE = """l.locktype = 'relation' AND l.mode <> 'AccessShareLock'
    AND l.relation = ANY(CAST(:held AS text[])::regclass[])"""

_SILENT_SECONDS = 6
_SILENT = """SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_locks l USING (pid)
    WHERE {which} AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND a.pid <> pg_backend_pid() AND a.wait_event = 'ClientRead'
    AND a.state_change < clock_timestamp() - make_interval(secs => :seconds)"""


def take(connection: Connection, lock: TextClause, between: Callable[[], None]) -> None:
    """Take a lock at the beginning of a transaction, however long that takes; look ``between`` two tries.

    Raises:
        OperationalError: the database is away.
    """
    while True:
        try:
            connection.execute(text(f"SELECT {patience('2s')}"))
            connection.execute(lock)
            connection.execute(text(f"SELECT {patience('0')}"))
            return
        except OperationalError as error:
            if not is_lock_refused(error):
                raise
        connection.rollback()
        between()


def take_from_silent(connection: Connection, lock: TextClause, which: str, held: Sequence[object]) -> None:
    """Take a lock whose holder asks something all the time: one that has not for six seconds is ended.

    ``which`` tells its locks, ``ADVISORY`` or ``TABLE``, and ``held`` says of what.
    """
    take(connection, lock, lambda: end_silent(connection, which, held))


def end_silent(connection: Connection, which: str, held: Sequence[object], seconds: int = _SILENT_SECONDS) -> None:
    """End the sessions that hold such locks and have waited for their client for so long."""
    connection.exec_driver_sql("SET LOCAL ROLE NONE")  # the login's own right: a role that it took has less
    try:
        ended = connection.execute(text(_SILENT.format(which=which)), {"held": list(held), "seconds": seconds}).all()
    except DBAPIError:  # a session of another login: the server's limit has to do
        ended = []
    connection.rollback()
    if ended:
        structlog.get_logger("turns").warning("a process was paused with a lock: another goes on")
