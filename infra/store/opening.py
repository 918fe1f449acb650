"""Open a log from a database URL, through the library's infrastructure factory."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from eventsourcing.persistence import InfrastructureFactory, InterfaceError, OperationalError
from eventsourcing.sqlite import SQLiteFactory
from eventsourcing.utils import Environment, get_topic

from infra.store.keyring import Keyring
from infra.store.log import Clock, EventLog, utc_now
from infra.store.rows import LogRecorder
from infra.store.sqlite import SQLiteLogRecorder

_LOCK_SECONDS = "30"

# What a log raises when its database is away, locked or full: nothing was written, trying again may help.
UNAVAILABLE: tuple[type[Exception], ...] = (
    sqlite3.OperationalError,
    OperationalError,
    InterfaceError,
)


class DatabaseUrlError(ValueError):
    """A database URL of a kind that is not known."""


def sqlite_path(url: str) -> Path | None:
    """The file of a ``sqlite:///`` URL, or None for another kind of URL."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def open_log(url: str, master_key: bytes | Keyring, clock: Clock = utc_now) -> EventLog:
    """Open the log at ``sqlite:///path`` or ``postgresql://…``, creating its tables if they are missing.

    Raises:
        DatabaseUrlError: the URL is of another kind.
        MasterKeyError: the database was written with another master key.
    """
    recorder = open_recorder(url)
    try:
        return EventLog(recorder, Keyring(master_key) if isinstance(master_key, bytes) else master_key, clock)
    except BaseException:
        recorder.close()
        raise


def open_recorder(url: str, name: str = "carejourney") -> LogRecorder:
    """The recorder of one events table: each ``name`` is a log of its own, also in one database.

    Raises:
        DatabaseUrlError: the URL is of another kind.
    """
    factory = InfrastructureFactory[object].construct(_environment(url, name))  # type: ignore[type-var]
    if name == "carejourney" or sqlite_path(url) is None:
        return cast("LogRecorder", factory.application_recorder())
    # the library's factory knows one events table a file
    recorder = SQLiteLogRecorder(cast("SQLiteFactory", factory).datastore, f"{name}_events")
    recorder.create_table()
    return recorder


def _environment(url: str, name: str) -> Environment:
    path = sqlite_path(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        env = {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "APPLICATION_RECORDER_TOPIC": get_topic(SQLiteLogRecorder),
            "SQLITE_DBNAME": str(path),
            "SQLITE_LOCK_TIMEOUT": _LOCK_SECONDS,
        }
    elif url.startswith(("postgresql://", "postgres://")):
        parts = urlsplit(url)
        env = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "APPLICATION_RECORDER_TOPIC": "infra.store.postgres:PostgresLogRecorder",  # its driver loads when needed
            "POSTGRES_DBNAME": parts.path.lstrip("/"),
            "POSTGRES_HOST": parts.hostname or "127.0.0.1",
            "POSTGRES_PORT": str(parts.port or 5432),
            "POSTGRES_USER": unquote(parts.username or ""),
            "POSTGRES_PASSWORD": unquote(parts.password or ""),
            "POSTGRES_LOCK_TIMEOUT": _LOCK_SECONDS,
            "POSTGRES_IDLE_IN_TRANSACTION_SESSION_TIMEOUT": "60",
        }
    else:
        msg = f"not a database URL that is known here: {url.split(':', 1)[0]}:…; use sqlite:///FILE or postgresql://…"
        raise DatabaseUrlError(msg)
    return Environment(name=name, env=env)
