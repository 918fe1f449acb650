"""Open a log from a database URL, through the library's infrastructure factory."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, cast

from eventsourcing.persistence import InfrastructureFactory, InterfaceError, OperationalError
from eventsourcing.sqlite import SQLiteFactory
from eventsourcing.utils import Environment

from domain.days import Calendar
from infra.eventstore.conninfo import DatabaseUrlError, connection_parameters, is_postgres
from infra.eventstore.keyring import Keyring
from infra.eventstore.log import Clock, EventLog, utc_now
from infra.eventstore.rows import LogRecorder
from infra.eventstore.sqlite import SQLiteLogRecorder
from infra.runtime.private_files import make_private, make_private_folder
from infra.settings import sqlite_path

if TYPE_CHECKING:
    from eventsourcing.postgres import PostgresFactory

    from infra.eventstore.postgres import PostgresLogRecorder

_LOCK_SECONDS = "30"
_CARE = "carejourney"

# What a log raises when its database is away, locked or full: nothing was written, trying again may help.
UNAVAILABLE: tuple[type[Exception], ...] = (
    sqlite3.OperationalError,
    OperationalError,
    InterfaceError,
)


def open_log(url: str, master_key: bytes | Keyring, calendar: Calendar, clock: Clock = utc_now) -> EventLog:
    """Open the log at ``sqlite:///path`` or ``postgresql://…``, creating its tables if they are missing.

    Raises:
        DatabaseUrlError: the URL is of another kind.
        MasterKeyError: the database was written with another master key.
    """
    recorder = open_recorder(url)
    try:
        ring = Keyring(master_key) if isinstance(master_key, bytes) else master_key
        return EventLog(recorder, ring, calendar, clock)
    except BaseException:
        recorder.close()
        raise


def open_recorder(url: str, name: str = _CARE) -> LogRecorder:
    """The recorder of one events table: each ``name`` is a log of its own, also in one database.

    Raises:
        DatabaseUrlError: the URL is of another kind.
    """
    environment = Environment(name=name, env=_settings(url))
    factory = InfrastructureFactory[object].construct(environment)  # type: ignore[type-var]
    if is_postgres(url):
        from infra.eventstore.postgres import reach

        reach(cast("PostgresFactory", factory).datastore, connection_parameters(url, lock_timeout=f"{_LOCK_SECONDS}s"))
        recorder = cast("PostgresLogRecorder", factory.application_recorder())
    else:
        table = "stored_events" if name == _CARE else f"{name}_events"
        recorder = SQLiteLogRecorder(cast("SQLiteFactory", factory).datastore, table)
    try:
        recorder.create_table()
    except BaseException:
        recorder.close()
        raise
    return recorder


def _settings(url: str) -> dict[str, str]:
    """What the library reads; the address of a PostgreSQL server is given to its datastore afterwards."""
    path = sqlite_path(url)
    if path is not None:
        make_private_folder(path.parent)
        make_private(path)
        return {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": str(path),
            "SQLITE_LOCK_TIMEOUT": _LOCK_SECONDS,
        }
    if is_postgres(url):
        return {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "APPLICATION_RECORDER_TOPIC": "infra.eventstore.postgres:PostgresLogRecorder",  # its driver loads late
            **dict.fromkeys(("POSTGRES_DBNAME", "POSTGRES_HOST", "POSTGRES_USER", "POSTGRES_PASSWORD"), ""),
            "POSTGRES_IDLE_IN_TRANSACTION_SESSION_TIMEOUT": "10",
            "CREATE_TABLE": "no",  # by version, below
        }
    msg = f"not a database URL that is known here: {url.split(':', 1)[0]}:…; use sqlite:///FILE or postgresql://…"
    raise DatabaseUrlError(msg)
